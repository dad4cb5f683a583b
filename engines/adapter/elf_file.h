// SPDX-License-Identifier: Apache-2.0
// As much of ELF as adapters need: one section of an image in memory or of a file, and how a file is to be run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace sgperf::engine {

struct Bytes {
  const uint8_t *data = nullptr;
  size_t size = 0;
};

// Empty if there is no such section or the image is no 64-bit ELF file; never reads beyond `size`.
Bytes elf_section(const uint8_t *image, size_t size, const char *name);

uint64_t elf_text_size(const std::string &path); // size of .text; 0 = not known

enum class ElfKind { none, object, program }; // `object` = for dlopen; `program` = has an interpreter, or is static
ElfKind elf_kind(const std::string &path);

} // namespace sgperf::engine
