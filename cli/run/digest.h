// SPDX-License-Identifier: Apache-2.0
// What names the bytes of a file.
#pragma once

#include <filesystem>
#include <string>

namespace sgperf::run {

std::string sha256_hex(const std::string &bytes);
std::string sha256_file(const std::filesystem::path &path); // "" when it cannot be read
// GNU build id of an ELF file; "" when it has none or is no ELF file.  Never fails on damaged input.
std::string gnu_build_id(const std::filesystem::path &path);
// Build id, else "sha256:<hex>".
std::string file_identity(const std::filesystem::path &path);

} // namespace sgperf::run
