// SPDX-License-Identifier: Apache-2.0
#include "wasmi/version_text.h"

#include "adapter/elf_file.h"
#include "adapter/whole_file.h"

#include <string_view>

namespace sgperf::wasmi_engine {

std::string version_in_library(const std::string &path) {
  const engine::MappedFile file(path.c_str());
  const engine::Bytes texts = engine::elf_section(file.bytes().data, file.bytes().size, ".rodata");
  const std::string_view text(reinterpret_cast<const char *>(texts.data), texts.size);
  constexpr std::string_view crate = "/wasmi-";
  for (size_t at = text.find(crate); at != std::string_view::npos; at = text.find(crate, at + 1)) {
    const size_t begin = at + crate.size(), end = text.find_first_not_of("0123456789.", begin);
    if (end != std::string_view::npos && end > begin && end - begin < 32 && text.substr(end).starts_with("/src/"))
      return std::string(text.substr(begin, end - begin));
  }
  return {};
}

} // namespace sgperf::wasmi_engine
