// SPDX-License-Identifier: Apache-2.0
// Files as adapters use them, artefacts above all: written whole, and mapped as a whole.
#pragma once

#include "adapter/elf_file.h"

#include <initializer_list>

namespace sgperf::engine {

// Creates the file and writes the parts one after the other.  False: errno says why.  An artefact in use is mapped:
// unlink it before, never write over it.
bool write_file(const char *path, std::initializer_list<Bytes> parts);

// Read only, until the end of life.
class MappedFile {
public:
  explicit MappedFile(const char *path);
  ~MappedFile();
  MappedFile(const MappedFile &) = delete;
  MappedFile &operator=(const MappedFile &) = delete;
  bool ok() const { return error_ == 0; }
  int error() const { return error_; } // an errno
  Bytes bytes() const { return bytes_; }

private:
  Bytes bytes_;
  int error_ = 0;
};

} // namespace sgperf::engine
