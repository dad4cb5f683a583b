// SPDX-License-Identifier: Apache-2.0
#include "run/kernel_map.h"

#include <elf.h>

#include <cstring>
#include <fstream>
#include <iterator>
#include <string>

namespace sgperf::run {
namespace {

// Documentation/arch/x86/x86_64/mm.rst: the kernel's text is below, its modules are above.
constexpr uint64_t modules_begin = 0xffffffffc0000000;

uint64_t text_address() {
  std::ifstream file("/proc/kallsyms");
  // By address, after the variables of each processor: 3 lines to 300.  The whole file takes 60 ms to make.
  std::string line;
  for (int i = 0; i < 5000 && std::getline(file, line); ++i)
    if (line.ends_with(" T _text") || line.ends_with(" t _text")) return std::strtoull(line.c_str(), nullptr, 16);
  return 0;
}

formats::PerfBuildIdBytes notes_build_id() {
  std::ifstream file("/sys/kernel/notes", std::ios::binary);
  const std::string notes{std::istreambuf_iterator<char>(file), {}};
  for (size_t at = 0; at + sizeof(Elf64_Nhdr) <= notes.size();) {
    Elf64_Nhdr note;
    std::memcpy(&note, notes.data() + at, sizeof note);
    const size_t name = at + sizeof note, content = name + ((size_t{note.n_namesz} + 3) & ~size_t{3});
    if (content > notes.size() || note.n_descsz > notes.size() - content) break;
    if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 && notes.compare(name, 3, "GNU") == 0 &&
        note.n_descsz <= 20)
      return {notes.begin() + static_cast<std::ptrdiff_t>(content),
              notes.begin() + static_cast<std::ptrdiff_t>(content + note.n_descsz)};
    at = content + ((size_t{note.n_descsz} + 3) & ~size_t{3});
  }
  return {};
}

} // namespace

std::optional<KernelMap> kernel_map() {
  KernelMap out;
  out.text = text_address();
  if (out.text == 0 || out.text >= modules_begin) return std::nullopt;
  out.length = modules_begin - out.text;
  out.build_id = notes_build_id();
  return out;
}

} // namespace sgperf::run
