// SPDX-License-Identifier: Apache-2.0
#include "formats/wasm_contents.h"

#include "formats/wasm_entries.h"

#include <fmt/format.h>

#include <algorithm>

namespace sgperf::formats {
namespace {

using enum WasmSection::Id;

// What types, limits and segments tell; instructions are asked afterwards.
struct Seen {
  bool several_results = false, aggregates = false, external = false, mutable_globals = false, computed = false,
       data_count = false, vector_values = false;
};

class Reader {
public:
  Reader(std::string_view bytes, WasmContents &out) : bytes_(bytes), out_(out) {}

  void run() {
    for (ByteCursor all(bytes_, 8); !all.done();) {
      const WasmSection one = wasm_section(all);
      if (all.bad()) {
        out_.damage.push_back("a section goes on beyond the end of the file");
        break;
      }
      section(one);
    }
    features();
  }

private:
  void section(const WasmSection &one) {
    WasmContents::Section shown;
    shown.size = one.end - one.payload;
    ByteCursor c(bytes_.substr(0, one.end), one.payload);
    if (one.id == id_custom) {
      shown.custom = true;
      shown.name = wasm_name(c);
      out_.sections.push_back(shown);
      if (shown.name == "target_features") target_features(c);
      if (shown.name == "producers") producers(c);
      return;
    }
    shown.name = wasm_section_name(one.id);
    if (one.id < id_end && one.id != id_start) shown.entries = c.uleb(32);
    out_.sections.push_back(shown);
    std::string unknown;
    if (!entries(one.id, shown.entries, c, unknown))
      out_.damage.push_back(
          fmt::format("section {}: {} is not known; the rest of it is not read", shown.name, unknown));
    else if (c.bad())
      out_.damage.push_back(fmt::format("section {} is damaged", shown.name));
  }

  // False: `unknown` is what stopped it.
  bool entries(uint8_t id, uint64_t count, ByteCursor &c, std::string &unknown) {
    if (id == id_start) out_.has_start = true;
    if (id == id_data_count) seen_.data_count = true;
    if (id == id_function) out_.functions += count;
    if (id == id_type) out_.types += count;
    for (uint64_t i = 0, before = UINT64_MAX; i < count && !c.bad() && c.at() != before; ++i) {
      before = c.at(); // entries of which nothing is read here end it: a count may be four billion
      if (!entry(id, c, unknown)) return false;
    }
    return true;
  }

  bool entry(uint8_t id, ByteCursor &c, std::string &unknown) {
    switch (id) {
    case id_type:
      return types(c, unknown);
    case id_import:
      return import(c, unknown);
    case id_table: {
      WasmTable table;
      if (!read_wasm_table(c, table, references_, unknown)) return false;
      ++out_.tables;
      seen_.external |= table.type != 0x70;
      out_.all_tables.push_back(table.limits);
      return true;
    }
    case id_memory:
      ++out_.memories;
      out_.all_memories.push_back(wasm_limits(c));
      return true;
    case id_global: {
      WasmGlobal global;
      if (!read_wasm_global(c, global, references_, unknown)) return false;
      ++out_.globals;
      mutable_.push_back(global.is_mutable);
      value(global.type);
      seen_.computed |= global.computed;
      return true;
    }
    case id_element: {
      WasmSegment segment;
      if (!read_wasm_elements(c, segment, references_, unknown)) return false;
      ++out_.element_segments;
      out_.elements += segment.size;
      out_.passive_segments += segment.mode == WasmSegment::passive;
      seen_.computed |= segment.computed;
      return true;
    }
    case id_data: {
      WasmSegment segment;
      if (!read_wasm_data(c, segment, unknown)) return false;
      ++out_.data_segments;
      out_.data_bytes += c.bad() ? 0 : segment.size;
      out_.passive_segments += segment.mode == WasmSegment::passive;
      seen_.computed |= segment.computed;
      return true;
    }
    case id_tag:
      ++out_.tags;
      return c.u8(), c.uleb(32), true;
    case id_code:
      return body(c);
    default:
      return true; // exports are the module reader's; function and data-count have nothing to tell
    }
  }

  void value(uint8_t type) {
    seen_.vector_values |= type == 0x7b;
    seen_.external |= type == 0x6f;
  }

  // A vector of value types.
  uint64_t values(ByteCursor &c) {
    const uint64_t count = c.uleb(32);
    for (uint64_t n = count; n > 0 && !c.bad(); --n) value(static_cast<uint8_t>(wasm_value_type(c)));
    return count;
  }

  bool types(ByteCursor &c, std::string &unknown) {
    uint8_t form = c.u8();
    uint64_t group = 1;
    if (form == 0x4e) { // types that name each other
      seen_.aggregates = true;
      group = c.uleb(32);
      if (group) form = c.u8();
    }
    for (; group > 0 && !c.bad(); --group, form = group ? c.u8() : form) {
      if (form == 0x50 || form == 0x4f) { // with a supertype
        seen_.aggregates = true;
        for (uint64_t n = c.uleb(32); n > 0 && !c.bad(); --n) c.uleb(32);
        form = c.u8();
      }
      if (form == 0x60) {
        values(c);
        seen_.several_results |= values(c) > 1;
      } else if (form == 0x5f || form == 0x5e) {
        seen_.aggregates = true;
        for (uint64_t n = form == 0x5f ? c.uleb(32) : 1; n > 0 && !c.bad(); --n) wasm_value_type(c), c.u8();
      } else if (!c.bad()) {
        unknown = fmt::format("a type of the form {:#04x}", form);
        return false;
      }
    }
    return true;
  }

  bool import(ByteCursor &c, std::string &unknown) {
    WasmContents::Import one;
    one.module = wasm_name(c);
    one.name = wasm_name(c);
    const WasmImportType what = wasm_import_type(c);
    if (!what.known && !c.bad()) {
      unknown = fmt::format("an import of the kind {}", what.kind);
      return false;
    }
    if (c.bad()) return true;
    one.kind = what.kind;
    if (what.kind == 1) out_.all_tables.push_back(what.limits);
    if (what.kind == 2) out_.all_memories.push_back(what.limits);
    if (what.kind == 3) mutable_.push_back(what.is_mutable), seen_.mutable_globals |= what.is_mutable;
    out_.imports.push_back(std::move(one));
    return true;
  }

  bool body(ByteCursor &c) {
    const std::string_view text = c.take(c.uleb(32));
    if (c.bad()) return true;
    ByteCursor inner(text);
    const uint64_t locals = skip_wasm_locals(inner);
    WasmOperatorCounts counts = out_.operators;
    std::string why;
    references_.clear();
    if (!inner.bad() && read_wasm_expression(inner, references_, why, &counts) && inner.done()) {
      out_.operators = counts;
      out_.locals += locals;
      return true;
    }
    if (out_.unknown_functions++ == 0) out_.unknown = why.empty() ? "a body that is damaged" : why;
    return true;
  }

  // "+simd128": a sign and a name.
  void target_features(ByteCursor c) {
    for (uint64_t n = c.uleb(32); n > 0 && !c.bad(); --n) {
      std::string one(1, static_cast<char>(c.u8()));
      one += wasm_name(c);
      if (!c.bad()) out_.declared.push_back(one);
    }
  }

  void producers(ByteCursor c) {
    for (uint64_t n = c.uleb(32); n > 0 && !c.bad(); --n) {
      const std::string field(wasm_name(c));
      for (uint64_t m = c.uleb(32); m > 0 && !c.bad(); --m) {
        const std::string name(wasm_name(c)), version(wasm_name(c));
        if (!c.bad()) out_.producers.push_back(field + ": " + name + (version.empty() ? "" : " " + version));
      }
    }
  }

  void features() {
    const WasmOperatorCounts &o = out_.operators;
    const auto any = [](const auto &numbers, size_t from, size_t to) {
      return std::any_of(numbers.begin() + static_cast<ptrdiff_t>(from),
                         numbers.begin() + static_cast<ptrdiff_t>(to) + 1, [](uint64_t n) { return n > 0; });
    };
    const auto limits = [](const std::vector<WasmLimits> &all, uint8_t flag) {
      return std::any_of(all.begin(), all.end(), [flag](const WasmLimits &one) { return one.flags & flag; });
    };
    for (const WasmExport &one : out_.module.exports)
      if (one.kind == 3 && one.index < mutable_.size()) seen_.mutable_globals |= mutable_[one.index];
    const auto add = [&](const char *name, bool used) {
      if (used) out_.features.push_back(name);
    };
    add("mutable-globals", seen_.mutable_globals);
    add("sign-ext", any(o.plain, 0xc0, 0xc4));
    add("nontrapping-fptoint", any(o.misc, 0, 7));
    add("multivalue", seen_.several_results || o.typed_blocks > 0);
    add("bulk-memory", any(o.misc, 8, 14) || out_.passive_segments > 0 || seen_.data_count);
    add("reference-types", seen_.external || out_.all_tables.size() > 1 || any(o.misc, 15, 17) ||
                               any(o.plain, 0x25, 0x26) || any(o.plain, 0xd0, 0xd2) || o.plain[0x1c] > 0);
    add("simd128", seen_.vector_values || any(o.vector, 0, 0xff));
    add("relaxed-simd", any(o.vector, 0x100, o.vector.size() - 1));
    add("atomics", any(o.atomic, 0, o.atomic.size() - 1) || limits(out_.all_memories, 2));
    add("tail-call", any(o.plain, 0x12, 0x13) || o.plain[0x15] > 0);
    add("exception-handling", out_.tags > 0 || o.plain[0x08] > 0 || o.plain[0x1f] > 0 || o.plain[0x0a] > 0);
    add("exception-handling (legacy)", any(o.plain, 0x06, 0x07) || o.plain[0x09] > 0 || any(o.plain, 0x18, 0x19));
    add("multimemory", out_.all_memories.size() > 1);
    add("memory64", limits(out_.all_memories, 4) || limits(out_.all_tables, 4));
    add("extended-const", seen_.computed);
    add("function-references", any(o.plain, 0x14, 0x15) || any(o.plain, 0xd4, 0xd6));
    add("gc", seen_.aggregates || any(o.aggregate, 0, o.aggregate.size() - 1) || o.plain[0xd3] > 0);
    add("wide-arithmetic", any(o.misc, 19, 22));
    add("custom-page-sizes", limits(out_.all_memories, 8));
  }

  std::string_view bytes_;
  WasmContents &out_;
  Seen seen_;
  std::vector<bool> mutable_;                     // by index of the global
  std::vector<WasmFunctionReference> references_; // read and not wanted
};

} // namespace

uint64_t WasmContents::debug_bytes() const {
  uint64_t bytes = 0;
  for (const WasmCustomSection &one : module.custom)
    if (one.name.starts_with(".debug_")) bytes += one.size;
  return bytes;
}

std::vector<uint32_t> WasmContents::largest(size_t count) const {
  std::vector<uint32_t> order(module.bodies.size());
  for (uint32_t i = 0; i < order.size(); ++i) order[i] = i;
  count = std::min(count, order.size());
  std::partial_sort(order.begin(), order.begin() + static_cast<ptrdiff_t>(count), order.end(),
                    [this](uint32_t a, uint32_t b) {
                      return std::pair(module.bodies[b].size, a) < std::pair(module.bodies[a].size, b);
                    });
  order.resize(count);
  for (uint32_t &index : order) index += static_cast<uint32_t>(module.imported_functions.size());
  return order;
}

std::optional<WasmContents> read_wasm_contents(std::string_view bytes, std::string &error) {
  auto module = parse_wasm_module(bytes, error);
  if (!module) return std::nullopt;
  std::optional<WasmContents> out(std::in_place);
  out->module = std::move(*module);
  Reader(bytes, *out).run();
  return out;
}

std::string wasm_section_name(uint8_t id) {
  static constexpr const char *names[] = {"custom", "type",  "import",  "function", "table", "memory",     "global",
                                          "export", "start", "element", "code",     "data",  "data-count", "tag"};
  static_assert(std::size(names) == id_end);
  return id < id_end ? names[id] : fmt::format("unknown ({})", id);
}

const char *import_kind(uint8_t kind) {
  static constexpr const char *names[] = {"function", "table", "memory", "global", "tag"};
  return kind < std::size(names) ? names[kind] : "?";
}

} // namespace sgperf::formats
