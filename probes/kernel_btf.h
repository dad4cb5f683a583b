// SPDX-License-Identifier: Apache-2.0
// The part of the kernel's own description of its types (BTF) that a program's relocations need.
//
// Given all of it, libbpf reads and searches 150 000 types for each of ours: 30 to 45 ms of a start.  One pass over the
// bytes that keeps the few structs a program names, and of them the members it names, takes 2 to 3.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

struct btf;

namespace sgperf::probes {

// `kernel`: the bytes of /sys/kernel/btf/vmlinux.  Keeps each struct of `program` that the kernel has too, with the
// members that both have (anonymous ones are looked through).  Result: bytes of a BTF, empty with `error` set when
// `kernel` is not one.  Never reads beyond `kernel`.
std::vector<char> needed_types(std::span<const char> kernel, const btf *program, std::string &error);

// The bytes of /sys/kernel/btf/vmlinux.
class KernelTypes {
public:
  KernelTypes() = default;
  ~KernelTypes();
  KernelTypes(const KernelTypes &) = delete;
  KernelTypes &operator=(const KernelTypes &) = delete;
  bool open(std::string &error);
  std::span<const char> bytes() const { return bytes_; }

private:
  void *mapping_ = nullptr;
  size_t mapped_ = 0;
  std::vector<char> copy_;
  std::span<const char> bytes_;
};

} // namespace sgperf::probes
