// SPDX-License-Identifier: Apache-2.0
#include "probes/frame_probes.h"

#include <bpf/libbpf.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>

namespace sgperf::probes {
namespace {

bpf_link *attach_to(bpf_program *program, const std::string &library, const char *function) {
  LIBBPF_OPTS(bpf_uprobe_opts, options);
  options.func_name = function;
  return bpf_program__attach_uprobe_opts(program, -1, library.c_str(), 0, &options);
}

// Only these stay open, by number.
void close_others(std::vector<int> keep) {
  std::sort(keep.begin(), keep.end());
  unsigned from = 0;
  for (const int fd : keep) {
    const auto number = static_cast<unsigned>(fd);
    if (number > from) syscall(SYS_close_range, from, number - 1, 0);
    from = number + 1;
  }
  syscall(SYS_close_range, from, UINT_MAX, 0);
}

} // namespace

bool FrameProbes::attach(const std::string &library, std::string &error) {
  const std::pair<bpf_program *, const char *> both[] = {{register_, "__register_frame"},
                                                         {deregister_, "__deregister_frame"}};
  for (const auto &[program, function] : both) {
    bpf_link *link = program ? attach_to(program, library, function) : nullptr;
    if (!link) {
      error = library + ": no uprobe on " + function + ": " + std::strerror(errno);
      return false;
    }
    links_.push_back(link);
  }
  return true;
}

void FrameProbes::release() {
  if (links_.empty()) return;
  int pipe_ends[2];
  const bool piped = pipe2(pipe_ends, O_CLOEXEC) == 0;
  const pid_t child = piped ? fork() : -1;
  if (child == 0) {
    // Twice, so that nobody has to wait for it; and without anything of ours: whoever reads our output waits for its
    // end.
    if (fork() != 0) _exit(0);
    setsid();
    std::vector<int> keep{pipe_ends[0]};
    for (bpf_link *link : links_) keep.push_back(bpf_link__fd(link));
    close_others(keep);
    char nothing;
    while (read(pipe_ends[0], &nothing, 1) < 0 && errno == EINTR) {
    }
    _exit(0);
  }
  if (child > 0) waitpid(child, nullptr, 0);
  for (bpf_link *link : links_) bpf_link__destroy(link);
  links_.clear();
  if (piped) {
    close(pipe_ends[0]);
    close(pipe_ends[1]);
  }
}

} // namespace sgperf::probes
