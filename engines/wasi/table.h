// SPDX-License-Identifier: Apache-2.0
// The second layer: which host descriptor a guest descriptor is, and what may be done with it.
#pragma once

#include "engines/wasi/abi.h"

#include <cstdint>
#include <string>
#include <vector>

namespace sgperf::wasi {

struct Descriptor {
  int host = -1; // -1 = free
  uint8_t type = filetype::unknown;
  bool typed = false; // `type` was asked for: path_open leaves it open, it would cost a system call
  bool preopen = false;
  uint64_t base = 0, inheriting = 0; // rights
  std::string guest_name;            // of a preopen
};

class Table {
public:
  Table() = default;
  ~Table(); // closes everything
  Table(const Table &) = delete;
  Table &operator=(const Table &) = delete;

  // nullptr: not open.  Valid until the next insert or remove.
  Descriptor *lookup(uint32_t fd);
  // badf, or notcapable when one of `rights` is missing.
  Errno lookup(uint32_t fd, uint64_t rights, Descriptor *&out);
  // At the lowest free number.  Takes the host descriptor over, also when it fails.
  Errno insert(Descriptor &&descriptor, uint32_t &fd);
  // Forgets it and gives the host descriptor to the caller; -1 = not open.
  int remove(uint32_t fd);
  // `fd` becomes `to`; what `to` was is given to the caller to close.
  Errno move(uint32_t fd, uint32_t to, int &replaced);

private:
  std::vector<Descriptor> slots_;
  uint32_t lowest_free_ = 0; // no free number is below it
};

// Asks the kernel once, and narrows the rights to what the type can mean.
Errno settle_type(Descriptor &descriptor);

} // namespace sgperf::wasi
