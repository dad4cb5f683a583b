// SPDX-License-Identifier: Apache-2.0
#include "formats/wasm_rewrite.h"

#include "formats/byte_cursor.h"
#include "formats/leb_writer.h"
#include "formats/wasm_entries.h"
#include "formats/wasm_module.h"
#include "formats/wasm_operators.h"
#include "formats/wasm_types.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

namespace sgperf::formats {
namespace {

using enum WasmSection::Id;

// The order in which sections stand, which is not that of their numbers.
constexpr std::array order{id_type,   id_import, id_function, id_table,      id_memory, id_tag, id_global,
                           id_export, id_start,  id_element,  id_data_count, id_code,   id_data};

size_t rank(uint8_t id) {
  return static_cast<size_t>(std::find(order.begin(), order.end(), id) - order.begin());
}

struct BenchImport {
  size_t begin = 0, end = 0; // the entry
  uint32_t index = 0, type = 0;
  bool is_end = false; // bench.end
};

void put_name(std::string &out, std::string_view name) {
  put_uleb(out, name.size());
  out += name;
}

class Rewriter {
public:
  Rewriter(std::string_view bytes, const WasmMark &start, const WasmMark &end)
      : bytes_(bytes), start_(start), end_(end) {}

  bool run() {
    return sections() && imports() && types() && functions() && memory() && exports() && references() && code() &&
           write();
  }

  RewrittenModule out;
  std::string error;

private:
  bool fail(std::string text) {
    error = std::move(text);
    return false;
  }
  bool damaged(const char *what) { return fail(fmt::format("the module's {} is damaged", what)); }

  // ---- reading ----

  bool sections() {
    ByteCursor c(bytes_, 8);
    size_t last = 0;
    while (!c.done()) {
      const WasmSection one = wasm_section(c);
      if (c.bad()) return fail("the module is cut: a section goes on beyond the end of the file");
      if (one.id >= id_end) return fail(fmt::format("expected sections up to number 13, found {}", one.id));
      if (one.id != id_custom) {
        if (rank(one.id) < last || by_id_[one.id]) return fail("sections that are repeated or not in order");
        last = rank(one.id);
        by_id_[one.id] = one;
      } else if (!custom(one))
        return false;
      sections_.push_back(one);
    }
    return true;
  }

  bool custom(const WasmSection &one) {
    ByteCursor c = at(one);
    const std::string_view name = wasm_name(c);
    if (name == "linking" || name.starts_with("reloc."))
      return fail("expected a linked module, found an object file for the linker (it has a section `" +
                  std::string(name) + "`); instrument what wasm-ld makes of it");
    if (name == CodeOffsets::section_name)
      return fail("expected a module as its compiler made it, found one that sgperf instrument has made already");
    return true;
  }

  ByteCursor at(const WasmSection &one) const { return ByteCursor(bytes_.substr(0, one.end), one.payload); }
  const std::optional<WasmSection> &find(uint8_t id) const { return by_id_[id]; }

  bool imports() {
    const auto &section = find(id_import);
    if (section) {
      ByteCursor c = at(*section);
      for (uint64_t count = c.uleb(32); count > 0 && !c.bad(); --count)
        if (!import(c)) return false;
      if (c.bad() || !c.done()) return damaged("import section");
    }
    if (bench_.empty())
      return fail("expected a module that imports the marks bench.start or bench.end, found none of them: there is "
                  "nothing to replace");
    return true;
  }

  bool import(ByteCursor &c) {
    BenchImport one;
    one.begin = c.at();
    const std::string_view module = wasm_name(c), name = wasm_name(c);
    const WasmImportType what = wasm_import_type(c);
    const bool mark = module == "bench" && what.kind == 0 && (name == "start" || name == "end");
    if (module == "bench" && !mark && !c.bad())
      return fail(
          fmt::format("expected of module `bench` the functions start and end alone, found an import of `{}`", name));
    if (!what.known) return c.bad() || fail(fmt::format("an import of the unknown kind {}", what.kind));
    if (what.kind == 0) {
      one.type = what.type;
      one.index = imported_++;
    }
    if (what.kind == 2) memories_.push_back(what.limits);
    wasi_ |= module == "wasi_snapshot_preview1";
    one.end = c.at();
    one.is_end = name == "end";
    if (mark) bench_.push_back(one);
    return true;
  }

  bool types() {
    const auto &section = find(id_type);
    if (!section) return damaged("import section (there are no types)");
    ByteCursor c = at(*section);
    const uint64_t count = c.uleb(32);
    std::vector<bool> empty; // takes and gives nothing
    for (; types_ < count && !c.bad(); ++types_) {
      if (const uint8_t form = c.u8(); form != 0x60 && !c.bad())
        return fail(fmt::format("expected types of functions alone, found one of the form {:#04x} (garbage collection "
                                "is not supported)",
                                form));
      uint64_t values = 0;
      for (int side = 0; side < 2; ++side)
        for (uint64_t n = c.uleb(32); n > 0 && !c.bad(); --n, ++values) wasm_value_type(c);
      empty.push_back(values == 0);
    }
    if (c.bad() || !c.done()) return damaged("type section");
    for (const BenchImport &one : bench_)
      if (one.type >= empty.size() || !empty[one.type])
        return fail(fmt::format("expected bench.{} without parameters and results, found another type",
                                one.is_end ? "end" : "start"));
    return true;
  }

  bool functions() {
    const auto &section = find(id_function);
    uint64_t declared = 0;
    if (section) {
      ByteCursor c = at(*section);
      declared = c.uleb(32);
      for (uint64_t i = 0; i < declared && !c.bad(); ++i) c.uleb(32);
      if (c.bad() || !c.done()) return damaged("function section");
    }
    declared_ = static_cast<uint32_t>(declared);
    // In the order of the imports, start in front; both marks once, however often they are imported.
    for (const bool is_end : {false, true}) {
      const auto it = std::find_if(bench_.begin(), bench_.end(), [&](const auto &one) { return one.is_end == is_end; });
      if (it == bench_.end()) {
        out.notes.push_back(fmt::format("the module imports no bench.{}: a region without {} is no region",
                                        is_end ? "end" : "start", is_end ? "an end" : "a beginning"));
        continue;
      }
      for (const BenchImport &one : bench_)
        if (one.is_end == is_end) moved_[one.index] = imported_ + declared_ + static_cast<uint32_t>(added_.size());
      added_.push_back(*it);
    }
    return true;
  }

  bool memory() {
    if (const auto &section = find(id_memory)) {
      ByteCursor c = at(*section);
      for (uint64_t count = c.uleb(32); count > 0 && !c.bad(); --count) memories_.push_back(wasm_limits(c));
      if (c.bad() || !c.done()) return damaged("memory section");
    }
    if (memories_.empty()) {
      add_memory_ = true;
      return true;
    }
    const WasmLimits &first = memories_[0];
    if (first.flags & 4)
      return fail("expected a memory of 32 bits, found one of 64: WASI preview 1 has no calls for it");
    if (first.flags & 8) return fail("expected a memory in pages of 64 KiB, found one with another size of page");
    if (first.minimum == 0)
      return fail(
          "expected a memory that begins with a page or more, found an empty one: a mark needs a few bytes of it");
    if (first.flags & 2)
      out.notes.push_back("the memory is shared: during a mark bytes 16 to 103 of it are not what other threads wrote "
                          "there (linkers place nothing there)");
    return true;
  }

  bool exports() {
    std::optional<uint32_t> index;
    if (const auto &section = find(id_export)) {
      ByteCursor c = at(*section);
      for (uint64_t count = c.uleb(32); count > 0 && !c.bad(); --count) {
        const std::string_view name = wasm_name(c);
        const uint8_t kind = c.u8();
        if (kind == 0) {
          read_function_reference(c, exported_);
          if (name != "memory") continue;
        } else if (const auto value = static_cast<uint32_t>(c.uleb(32)); name != "memory" || c.bad())
          continue;
        else if (kind == 2) {
          index = value;
          continue;
        }
        return fail("expected the export `memory` to be a memory, which WASI takes it for, found something else");
      }
      if (c.bad() || !c.done()) return damaged("export section");
    }
    export_memory_ = !index;
    if (index.value_or(0) != 0 || (!index && memories_.size() > 1))
      return fail("expected the first memory to be exported as `memory`, found several memories and another or none");
    if (!wasi_)
      out.notes.push_back("the module imported nothing of WASI; it does now, and its host must supply "
                          "wasi_snapshot_preview1");
    return true;
  }

  // Functions named outside of code.
  bool references() { return tables() && globals() && started() && elements(); }

  // After a reader of formats/wasm_entries.h that said in `error` what it does not know.
  bool unknown() {
    return fail(
        "expected instructions that sgperf instrument knows, found " + error +
        "; tell the compiler to leave that feature out, or supply the imports bench.start and bench.end instead");
  }

  bool tables() {
    const auto &section = find(id_table);
    if (!section) return true;
    ByteCursor c = at(*section);
    for (uint64_t count = c.uleb(32); count > 0 && !c.bad(); --count)
      if (WasmTable table; !read_wasm_table(c, table, in_tables_, error)) return unknown();
    return (!c.bad() && c.done()) || damaged("table section");
  }

  bool globals() {
    const auto &section = find(id_global);
    if (!section) return true;
    ByteCursor c = at(*section);
    for (uint64_t count = c.uleb(32); count > 0 && !c.bad(); --count)
      if (WasmGlobal global; !read_wasm_global(c, global, in_globals_, error)) return unknown();
    return (!c.bad() && c.done()) || damaged("global section");
  }

  bool started() {
    const auto &section = find(id_start);
    if (!section) return true;
    ByteCursor c = at(*section);
    read_function_reference(c, in_start_);
    return (!c.bad() && c.done()) || damaged("start section");
  }

  bool elements() {
    const auto &section = find(id_element);
    if (!section) return true;
    ByteCursor c = at(*section);
    for (uint64_t count = c.uleb(32); count > 0 && !c.bad(); --count)
      if (WasmSegment segment; !read_wasm_elements(c, segment, in_elements_, error)) return unknown();
    return (!c.bad() && c.done()) || damaged("element section");
  }

  // ---- code ----

  uint32_t target(uint32_t index) const {
    const auto it = moved_.find(index);
    return it == moved_.end() ? index : it->second;
  }

  // Bytes `from` to `to` of the module, with the references among them that name a mark replaced.  `copied` is told
  // where in the output each run of bytes begins and where it was.
  template <typename Copied>
  std::string patched(size_t from, size_t to, const std::vector<WasmFunctionReference> &refs, Copied copied) {
    std::string text;
    copied(size_t{0}, from);
    for (const WasmFunctionReference &ref : refs) {
      if (ref.offset < from || ref.offset >= to || !moved_.contains(ref.index)) continue;
      text += bytes_.substr(from, ref.offset - from);
      put_uleb(text, target(ref.index), ref.size);
      from = ref.offset + ref.size;
      copied(text.size(), from);
      ++out.calls;
    }
    return text += bytes_.substr(from, to - from);
  }
  std::string patched(size_t from, size_t to, const std::vector<WasmFunctionReference> &refs) {
    return patched(from, to, refs, [](size_t, size_t) {});
  }

  bool code() {
    const auto &section = find(id_code);
    const size_t start = section ? section->payload : 0;
    if (section) {
      ByteCursor c = at(*section);
      const uint64_t count = c.uleb(32);
      if (!c.bad() && count != declared_) return damaged("code section (more functions than bodies, or fewer)");
      put_uleb(code_, count + added_.size(), c.at() - start);
      for (uint64_t i = 0; i < count && !c.bad(); ++i)
        if (!body(c, start)) return false;
      if (c.bad() || !c.done()) return damaged("code section");
    } else if (declared_)
      return damaged("code section (it is missing)");
    else
      put_uleb(code_, added_.size());
    out.offsets.add(code_.size(), std::nullopt);
    for (const BenchImport &one : added_) {
      const std::string text = mark_body(mark(one), one.index);
      put_uleb(code_, text.size());
      code_ += text;
    }
    return true;
  }

  bool body(ByteCursor &c, size_t start) {
    const size_t before = c.at();
    const uint64_t size = c.uleb(32);
    const size_t begin = c.at();
    c.skip(size);
    if (c.bad()) return damaged("code section");
    ByteCursor inner(bytes_.substr(0, c.at()), begin);
    skip_wasm_locals(inner);
    std::vector<WasmFunctionReference> refs;
    if (inner.bad()) return damaged("code section (the locals of a function)");
    if (!read_wasm_expression(inner, refs, error)) return unknown();
    if (!inner.done()) return damaged("code section (a function goes on behind its end)");
    std::vector<std::pair<size_t, size_t>> runs;
    const std::string text =
        patched(begin, c.at(), refs, [&](size_t now, size_t from) { runs.emplace_back(now, from); });
    out.offsets.add(code_.size(), before - start);
    put_uleb(code_, text.size(), begin - before);
    for (const auto &[now, from] : runs) out.offsets.add(code_.size() + now, from - start);
    code_ += text;
    return true;
  }

  const WasmMark &mark(const BenchImport &one) const { return one.is_end ? end_ : start_; }

  // ---- writing ----

  void put(uint8_t id, std::string_view payload) {
    out.bytes.push_back(static_cast<char>(id));
    put_uleb(out.bytes, payload.size());
    out.bytes += payload;
  }

  // A section's vector with entries behind it; of its own entries, those that name a mark name the function.
  std::string longer(uint8_t id, const std::vector<WasmFunctionReference> &refs, uint64_t added,
                     std::string_view tail) {
    std::string text;
    if (const auto &section = find(id)) {
      ByteCursor c = at(*section);
      const uint64_t count = c.uleb(32);
      put_uleb(text, count + added, c.at() - section->payload);
      text += patched(c.at(), section->end, refs);
    } else
      put_uleb(text, added);
    return text += tail;
  }

  std::string import_section() {
    const WasmSection &section = *find(id_import);
    std::string text;
    size_t from = section.payload;
    for (const BenchImport &one : bench_) {
      text += bytes_.substr(from, one.begin - from);
      put_name(text, "wasi_snapshot_preview1");
      put_name(text, wasi_name(mark(one).call));
      text.push_back(0);
      put_uleb(text, types_); // the one that is added
      from = one.end;
    }
    return text += bytes_.substr(from, section.end - from);
  }

  std::string functions_tail() const {
    std::string text;
    for (const BenchImport &one : added_) put_uleb(text, one.type);
    return text;
  }

  // The section as it is to be; nullopt: there is none.
  std::optional<std::string> section(uint8_t id) {
    switch (id) {
    case id_type:
      return longer(id, {}, 1, std::string_view("\x60\4\x7f\x7f\x7f\x7f\1\x7f", 8));
    case id_import:
      return import_section();
    case id_function:
      return longer(id, {}, added_.size(), functions_tail());
    case id_memory:
      if (add_memory_) return longer(id, {}, 1, std::string_view("\0\1", 2));
      break;
    case id_export:
      if (export_memory_) return longer(id, exported_, 1, std::string_view("\6memory\2\0", 9));
      return patched_section(id, exported_);
    case id_table:
      return patched_section(id, in_tables_);
    case id_global:
      return patched_section(id, in_globals_);
    case id_start:
      return patched_section(id, in_start_);
    case id_element:
      return patched_section(id, in_elements_);
    case id_code:
      return code_;
    default:
      break;
    }
    return patched_section(id, {});
  }
  std::optional<std::string> patched_section(uint8_t id, const std::vector<WasmFunctionReference> &refs) {
    const auto &one = find(id);
    return one ? std::optional(patched(one->payload, one->end, refs)) : std::nullopt;
  }

  bool write() {
    out.bytes = bytes_.substr(0, 8);
    size_t next = 0; // of `order`
    const auto up_to = [&](size_t end) {
      for (; next < end; ++next)
        if (const auto text = section(order[next])) put(order[next], *text);
    };
    // Custom sections stay between the sections that they stood between; what the module lacked at its end comes before
    // those that trail, since names are to follow code.
    const auto last = std::find_if(sections_.rbegin(), sections_.rend(), [](const auto &one) { return one.id; });
    for (auto one = sections_.begin(); one != sections_.end(); ++one)
      if (one->id == id_custom)
        put_custom(*one);
      else
        up_to(one + 1 == last.base() ? order.size() : rank(one->id) + 1);
    std::string text;
    put_name(text, CodeOffsets::section_name);
    put(id_custom, text + out.offsets.section());
    text.clear();
    put_name(text, marks_section);
    put(id_custom, text + wasi_name(start_.call));
    return true;
  }

  void put_custom(const WasmSection &one) {
    ByteCursor c = at(one);
    const std::string_view name = wasm_name(c);
    if (name == "name")
      if (const auto text = names(c)) return put(id_custom, *text);
    const bool in_place = out.offsets.all_in_place();
    if (name.starts_with("metadata.code.") && !in_place) {
      out.notes.push_back(fmt::format("the section {} is left out: code has moved, and its hints with it", name));
      return;
    }
    if (name == "sourceMappingURL" && !in_place)
      out.notes.push_back("code has moved: the module's source map is right for the original only");
    out.bytes += bytes_.substr(one.header, one.end - one.header);
  }

  // The section with the names of the marks where they are now.  nullopt: it cannot be read, or has no functions.
  std::optional<std::string> names(ByteCursor c) const {
    std::string text;
    put_name(text, "name");
    bool found = false;
    while (!c.done()) {
      const size_t begin = c.at();
      const uint8_t id = c.u8();
      const std::string_view content = c.take(c.uleb(32));
      if (c.bad()) return std::nullopt;
      if (id != 1) {
        text += bytes_.substr(begin, c.at() - begin);
        continue;
      }
      const auto changed = function_names(content);
      if (!changed || found) return std::nullopt;
      found = true;
      text.push_back(1);
      put_name(text, *changed);
    }
    return found ? std::optional(text) : std::nullopt;
  }

  std::optional<std::string> function_names(std::string_view content) const {
    ByteCursor c(content);
    std::map<uint32_t, std::string> names;
    for (uint64_t count = c.uleb(32); count > 0 && !c.bad(); --count) {
      const auto index = static_cast<uint32_t>(c.uleb(32));
      names[index] = wasm_name(c);
    }
    if (c.bad() || !c.done()) return std::nullopt;
    for (const BenchImport &one : added_) names[target(one.index)] = one.is_end ? "bench.end" : "bench.start";
    for (const BenchImport &one : bench_)
      names[one.index] = std::string("wasi_snapshot_preview1.") + wasi_name(mark(one).call);
    std::string text;
    put_uleb(text, names.size());
    for (const auto &[index, name] : names) put_uleb(text, index), put_name(text, name);
    return text;
  }

  std::string_view bytes_;
  const WasmMark &start_, &end_;
  std::vector<WasmSection> sections_;
  std::array<std::optional<WasmSection>, id_end> by_id_;
  std::vector<BenchImport> bench_, added_;
  std::map<uint32_t, uint32_t> moved_; // import of a mark -> its function
  uint32_t imported_ = 0, declared_ = 0;
  uint64_t types_ = 0;
  bool wasi_ = false, add_memory_ = false, export_memory_ = false;
  std::vector<WasmLimits> memories_;
  std::vector<WasmFunctionReference> exported_, in_tables_, in_globals_, in_start_, in_elements_;
  std::string code_;
};

} // namespace

std::optional<RewrittenModule> replace_bench_imports(std::string_view bytes, const WasmMark &start, const WasmMark &end,
                                                     std::string &error) {
  if (!parse_wasm_module(bytes, error)) return std::nullopt;
  Rewriter rewriter(bytes, start, end);
  if (rewriter.run()) return std::move(rewriter.out);
  error = rewriter.error;
  return std::nullopt;
}

} // namespace sgperf::formats
