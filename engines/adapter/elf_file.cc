// SPDX-License-Identifier: Apache-2.0
#include "adapter/elf_file.h"

#include "adapter/whole_file.h"

#include <cstring>
#include <elf.h>

namespace sgperf::engine {

namespace {

bool inside(uint64_t offset, uint64_t length, uint64_t size) {
  return offset <= size && length <= size - offset;
}

bool header(const uint8_t *image, size_t size, Elf64_Ehdr &out) {
  if (!image || size < sizeof out) return false;
  std::memcpy(&out, image, sizeof out);
  return !std::memcmp(out.e_ident, ELFMAG, SELFMAG) && out.e_ident[EI_CLASS] == ELFCLASS64;
}

} // namespace

Bytes elf_section(const uint8_t *image, size_t size, const char *name) {
  Elf64_Ehdr elf;
  if (!header(image, size, elf) || elf.e_shentsize != sizeof(Elf64_Shdr) || elf.e_shstrndx >= elf.e_shnum) return {};
  if (!inside(elf.e_shoff, uint64_t(elf.e_shnum) * sizeof(Elf64_Shdr), size)) return {};
  auto section = [&](unsigned index) {
    Elf64_Shdr out;
    std::memcpy(&out, image + elf.e_shoff + index * sizeof out, sizeof out);
    return out;
  };
  Elf64_Shdr names = section(elf.e_shstrndx);
  if (!inside(names.sh_offset, names.sh_size, size)) return {};
  size_t length = std::strlen(name) + 1;
  for (unsigned i = 0; i < elf.e_shnum; i++) {
    Elf64_Shdr at = section(i);
    if (!inside(at.sh_name, length, names.sh_size) || std::memcmp(image + names.sh_offset + at.sh_name, name, length))
      continue;
    if (at.sh_type == SHT_NOBITS || !inside(at.sh_offset, at.sh_size, size)) return {};
    return {image + at.sh_offset, size_t(at.sh_size)};
  }
  return {};
}

uint64_t elf_text_size(const std::string &path) {
  MappedFile file(path.c_str());
  return elf_section(file.bytes().data, file.bytes().size, ".text").size;
}

ElfKind elf_kind(const std::string &path) {
  MappedFile mapped(path.c_str());
  const Bytes file = mapped.bytes();
  Elf64_Ehdr elf;
  if (!header(file.data, file.size, elf)) return ElfKind::none;
  if (elf.e_type == ET_EXEC) return ElfKind::program;
  if (elf.e_type != ET_DYN) return ElfKind::none;
  if (elf.e_phentsize == sizeof(Elf64_Phdr) &&
      inside(elf.e_phoff, uint64_t(elf.e_phnum) * sizeof(Elf64_Phdr), file.size)) {
    for (unsigned i = 0; i < elf.e_phnum; i++) {
      Elf64_Phdr segment;
      std::memcpy(&segment, file.data + elf.e_phoff + i * sizeof segment, sizeof segment);
      if (segment.p_type == PT_INTERP) return ElfKind::program;
      if (segment.p_type != PT_DYNAMIC || !inside(segment.p_offset, segment.p_filesz, file.size)) continue;
      for (uint64_t at = 0; at + sizeof(Elf64_Dyn) <= segment.p_filesz; at += sizeof(Elf64_Dyn)) {
        Elf64_Dyn entry;
        std::memcpy(&entry, file.data + segment.p_offset + at, sizeof entry);
        if (entry.d_tag == DT_FLAGS_1 && (entry.d_un.d_val & DF_1_PIE)) return ElfKind::program; // static-pie
      }
    }
  }
  return ElfKind::object;
}

} // namespace sgperf::engine
