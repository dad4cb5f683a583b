// SPDX-License-Identifier: Apache-2.0
// The ELF header and section table of a code image: what finding and parsing share.
#pragma once

#include <elf.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sgperf::formats {

// nullptr: may be the header of an image (64 bits, little-endian, sections but no segments: a library has segments).
// Else what it is not.  `length`: e_shoff + e_shnum * e_shentsize.
const char *check_image_header(const Elf64_Ehdr &header, uint64_t &length);

// Index of the section with that name, 0 if there is none.  `names` is the content of section e_shstrndx.
size_t find_section(const std::vector<Elf64_Shdr> &sections, std::string_view names, std::string_view wanted);

// The text at `offset` up to its NUL, or to the end.
std::string_view text_at(std::string_view strings, uint64_t offset);

} // namespace sgperf::formats
