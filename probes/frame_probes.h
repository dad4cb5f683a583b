// SPDX-License-Identifier: Apache-2.0
// Uprobes on __register_frame and __deregister_frame, in the libraries that the target's own mappings name.
#pragma once

#include <string>
#include <vector>

struct bpf_program;
struct bpf_link;

namespace sgperf::probes {

class FrameProbes {
public:
  FrameProbes() = default;
  ~FrameProbes() { release(); }
  FrameProbes(const FrameProbes &) = delete;
  FrameProbes &operator=(const FrameProbes &) = delete;

  void use(bpf_program *on_register, bpf_program *on_deregister) {
    register_ = on_register;
    deregister_ = on_deregister;
  }
  // In every process that maps this file.  8 to 13 ms.  False: `error` says why.
  bool attach(const std::string &library, std::string &error);
  // Detaching takes the kernel 0.1 s each, which nobody waits for: a child of init holds the links until this process
  // has given them up.
  void release();

private:
  bpf_program *register_ = nullptr, *deregister_ = nullptr;
  std::vector<bpf_link *> links_;
};

} // namespace sgperf::probes
