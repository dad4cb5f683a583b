// SPDX-License-Identifier: Apache-2.0
#include "formats/jitdump_writer.h"

#include <unordered_map>

namespace sgperf::formats {
namespace {

enum : uint32_t { id_load, id_move, id_debug_info, id_close, id_unwinding };

template <typename Number> void put(std::string &out, Number value) {
  out.append(reinterpret_cast<const char *>(&value), sizeof value);
}

void put_prefix(std::string &out, uint32_t id, uint64_t size, uint64_t time) {
  put(out, id);
  put(out, static_cast<uint32_t>(size));
  put(out, time);
}

uint64_t padded(uint64_t size) {
  return (size + 7) & ~uint64_t{7};
}

std::string_view to_nul(std::string_view text) {
  return text.substr(0, text.find('\0'));
}

} // namespace

JitdumpWriter::JitdumpWriter(std::string &out, const JitdumpHeader &header) : out_(out) {
  put(out_, uint32_t{0x4A695444});
  put(out_, uint32_t{1});
  put(out_, uint32_t{40});
  put(out_, header.elf_machine);
  put(out_, uint32_t{0});
  put(out_, header.pid);
  put(out_, header.time);
  put(out_, header.flags & 1);
}

std::optional<uint64_t> JitdumpWriter::load(const JitdumpFunction &function) {
  const std::string_view name = to_nul(function.name);
  const auto file = [&](const JitLine &line) {
    return line.file < function.files.size() ? to_nul(function.files[line.file]) : std::string_view();
  };
  uint64_t lines_size = 16 + 16;
  for (const JitLine &line : function.lines) lines_size += 16 + file(line).size() + 1;
  uint64_t unwinding_size = 0;
  if (function.unwinding)
    unwinding_size = function.unwinding->eh_frame.size() + function.unwinding->eh_frame_hdr.size();
  const uint64_t load_size = 56 + name.size() + 1 + function.size;
  for (const uint64_t size : {lines_size, unwinding_size, load_size, function.size})
    if (size > UINT32_MAX - 64) return std::nullopt;
  const std::string_view code = function.code.substr(0, static_cast<size_t>(function.size));
  if (function.size - code.size() > most_unknown_code) return std::nullopt;

  if (!function.lines.empty()) {
    put_prefix(out_, id_debug_info, padded(lines_size), function.time);
    put(out_, function.address);
    put(out_, static_cast<uint64_t>(function.lines.size()));
    for (const JitLine &line : function.lines) {
      put(out_, line.address);
      put(out_, line.line);
      put(out_, line.column);
      out_.append(file(line)).push_back('\0');
    }
    out_.append(padded(lines_size) - lines_size, '\0');
  }
  if (unwinding_size) {
    put_prefix(out_, id_unwinding, padded(16 + 24 + unwinding_size), function.time);
    put(out_, unwinding_size);
    put(out_, static_cast<uint64_t>(function.unwinding->eh_frame_hdr.size()));
    put(out_, function.unwinding->mapped_size);
    out_.append(function.unwinding->eh_frame).append(function.unwinding->eh_frame_hdr);
    out_.append(padded(unwinding_size) - unwinding_size, '\0');
  }
  put_prefix(out_, id_load, load_size, function.time);
  put(out_, function.pid);
  put(out_, function.tid);
  put(out_, function.address); // vma: where it is mapped
  put(out_, function.address);
  put(out_, function.size);
  put(out_, next_index_);
  out_.append(name).push_back('\0');
  out_.append(code).append(static_cast<size_t>(function.size) - code.size(), '\0');
  return next_index_++;
}

void JitdumpWriter::move(uint32_t pid, uint32_t tid, uint64_t time, uint64_t old_address, uint64_t new_address,
                         uint64_t size, uint64_t index) {
  put_prefix(out_, id_move, 64, time);
  put(out_, pid);
  put(out_, tid);
  put(out_, new_address); // vma
  put(out_, old_address);
  put(out_, new_address);
  put(out_, size);
  put(out_, index);
}

void JitdumpWriter::close(uint64_t time) {
  put_prefix(out_, id_close, 16, time);
}

std::string to_jitdump(const Jitdump &dump) {
  std::string out;
  JitdumpWriter writer(out, dump.header);
  std::unordered_map<uint64_t, uint64_t> index_at; // of the code that is there now
  for (const JitdumpEvent &event : dump.events) {
    switch (event.kind) {
    case JitdumpKind::load: {
      const auto index = writer.load({event.pid, event.tid, event.time, event.address, event.size, event.name,
                                      event.code, dump.lines_of(event), dump.files,
                                      event.unwinding ? &dump.unwindings[event.unwinding] : nullptr});
      if (index) index_at[event.address] = *index;
      break;
    }
    case JitdumpKind::move: {
      const auto at = index_at.find(event.old_address);
      if (at == index_at.end()) break;
      const uint64_t index = at->second;
      writer.move(event.pid, event.tid, event.time, event.old_address, event.address, event.size, index);
      index_at.erase(at);
      index_at[event.address] = index;
      break;
    }
    case JitdumpKind::close:
      writer.close(event.time);
      break;
    }
  }
  return out;
}

} // namespace sgperf::formats
