// SPDX-License-Identifier: Apache-2.0
#include "probes/refusal.h"

#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <fstream>

namespace sgperf::probes {
namespace {

// linux/capability.h of older headers lacks the last two.
constexpr int sys_admin = 21, perfmon = 38, bpf = 39;

bool capable(int which) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, 2> data{};
  if (syscall(SYS_capget, &header, data.data()) != 0) return false;
  return data[static_cast<size_t>(which / 32)].effective >> (which % 32) & 1;
}

std::string first_line(const char *path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

void look_at_privilege(std::vector<Refusal> &out) {
  const bool admin = capable(sys_admin), may_load = capable(bpf), may_read = capable(perfmon);
  if (admin || (may_load && may_read)) return;
  std::string found = "expected CAP_BPF and CAP_PERFMON, found ";
  found += may_load ? "CAP_BPF only" : may_read ? "CAP_PERFMON only" : "neither";
  const std::string level = first_line("/proc/sys/kernel/unprivileged_bpf_disabled");
  if (!level.empty() && level != "0") found += " (kernel.unprivileged_bpf_disabled is " + level + ")";
  out.push_back({Part::all, Cause::privilege, "eBPF: this process may not load programs into the kernel", found,
                 "run as root, or give the command both: setcap cap_bpf,cap_perfmon=ep sgperf; a container needs "
                 "--cap-add BPF --cap-add PERFMON"});
}

} // namespace

const char *to_text(Part part) {
  switch (part) {
  case Part::tree:
    return "process tree";
  case Part::syscalls:
    return "system calls";
  case Part::samples:
    return "CPU samples";
  case Part::breakpoints:
    return "breakpoints";
  case Part::frames:
    return "published code";
  case Part::faults:
    return "page faults";
  case Part::all:
    break;
  }
  return "eBPF";
}

std::string Refusal::text() const {
  std::string out = what;
  if (!found.empty()) out += "; " + found;
  if (!remedy.empty()) out += "; get it: " + remedy;
  return out;
}

std::vector<Refusal> preflight() {
  std::vector<Refusal> out;
#if !defined(SGPERF_HAVE_PROBES)
  out.push_back({Part::all, Cause::not_built, "eBPF: this sgperf was built without it", SGPERF_PROBES_ABSENT,
                 "install what is missing and build again"});
  return out;
#endif
#if !defined(__x86_64__)
  out.push_back({Part::all, Cause::architecture, "eBPF: the programs are for x86-64", "found another processor", ""});
#endif
  look_at_privilege(out);
  if (access("/sys/kernel/btf/vmlinux", R_OK) != 0)
    out.push_back(
        {Part::all, Cause::no_btf, "eBPF: the kernel does not describe its types",
         "expected a readable /sys/kernel/btf/vmlinux, found none",
         "a kernel with CONFIG_DEBUG_INFO_BTF (those of distributions have it); in a container, /sys mounted"});
  if (first_line("/sys/kernel/security/lockdown").find("[confidentiality]") != std::string::npos)
    out.push_back({Part::all, Cause::lockdown, "eBPF: the kernel is locked down",
                   "found lockdown=confidentiality, which forbids programs to read memory",
                   "boot with lockdown=integrity or none"});
  // The first pid namespace has this inode (PROC_PID_INIT_INO), whatever the kernel.
  std::array<char, 64> link{};
  const ssize_t length = readlink("/proc/self/ns/pid", link.data(), link.size() - 1);
  if (length > 0 && std::string(link.data()) != "pid:[4026531836]")
    out.push_back(
        {Part::all, Cause::pid_namespace, "eBPF: this process is in a pid namespace of its own",
         "expected the machine's, since programs in the kernel see its process ids; found " + std::string(link.data()),
         "run outside of the container, or with --pid=host"});
  return out;
}

} // namespace sgperf::probes
