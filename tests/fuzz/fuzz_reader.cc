// SPDX-License-Identifier: Apache-2.0
// libFuzzer's entry: the reader is chosen at compile time, -DREADER=read_as_session and so on.
#include "record/readers.h"

#include <cstddef>
#include <cstdint>

// Of a file whose section of names is damaged, libelf 0.188 forgets the names it has read at elf_strptr(): no more than
// the section, once a file.
extern "C" const char *__lsan_default_suppressions() {
  return "leak:libelf.so\n";
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  sgperf::test::READER(std::string(reinterpret_cast<const char *>(data), size));
  return 0;
}
