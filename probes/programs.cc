// SPDX-License-Identifier: Apache-2.0
#include "probes/programs.h"

#include "probes/kernel_btf.h"
#include "probes/skeleton.h"

#include <bpf/bpf.h>
#include <sys/mman.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <utility>

namespace sgperf::probes {
namespace {

struct Program {
  const char *name;
  Part part;
};
constexpr Program programs[] = {
    {"sgperf_fork", Part::tree},          {"sgperf_exec", Part::tree},           {"sgperf_exit", Part::tree},
    {"sgperf_sys_enter", Part::syscalls}, {"sgperf_sys_exit", Part::syscalls},   {"sgperf_switch", Part::syscalls},
    {"sgperf_fault_user", Part::faults},  {"sgperf_fault_kernel", Part::faults}, {"sgperf_sample", Part::samples},
    {"sgperf_hit", Part::breakpoints},    {"sgperf_register", Part::frames},     {"sgperf_deregister", Part::frames},
};

Part part_of(const std::string &program) {
  for (const Program &one : programs)
    if (program == one.name) return one.part;
  return Part::all;
}

// libbpf tells its warnings to one function of the process; what it says of a failure is a part of ours.
class Messages {
public:
  Messages() {
    text().clear();
    before_ = libbpf_set_print(keep);
  }
  ~Messages() { libbpf_set_print(before_); }
  static std::string &text() {
    static thread_local std::string text;
    return text;
  }

private:
  static int keep(libbpf_print_level level, const char *format, va_list arguments) {
    if (level != LIBBPF_WARN || text().size() > 65536) return 0;
    char line[1024];
    vsnprintf(line, sizeof line, format, arguments);
    text() += line;
    return 0;
  }
  libbpf_print_fn_t before_;
};

// "prog 'sgperf_sample': ..": whose program libbpf could not load.
std::string failed_program(const std::string &messages) {
  const size_t at = messages.find("prog '");
  if (at == std::string::npos) return "";
  const size_t end = messages.find('\'', at + 6);
  return messages.substr(at + 6, end - at - 6);
}

// The verifier's last words before its statistics; libbpf's first line if there are none.
std::string reason(const std::string &messages) {
  std::string first, last;
  size_t begin = 0;
  while (begin < messages.size()) {
    const size_t end = std::min(messages.find('\n', begin), messages.size());
    const std::string line = messages.substr(begin, end - begin);
    begin = end + 1;
    if (line.starts_with("libbpf:")) {
      if (first.empty()) first = line.substr(8);
    } else if (!line.empty() && !line.starts_with("processed ") && !line.starts_with(";")) {
      last = line;
    }
  }
  return last.empty() ? first : last;
}

Refusal refusal(Part part, const std::string &program, int error, const std::string &messages) {
  Refusal out;
  out.part = part == Part::all || part == Part::tree ? Part::all : part;
  out.what = std::string(to_text(part)) + ": the kernel refused the program" +
             (program.empty() ? std::string("s") : " " + program) + ": " + std::strerror(-error);
  out.found = reason(messages);
  switch (-error) {
  case EPERM:
    out.cause = Cause::privilege;
    out.remedy = "this process has the capabilities, so a seccomp filter or a security module forbids bpf(2): allow it "
                 "there";
    break;
  case ENOMEM:
  case EMFILE:
    out.cause = Cause::resources;
    out.remedy = "more memory for this control group, a smaller ring buffer, or a higher `ulimit -n`";
    break;
  default:
    out.cause = Cause::kernel;
    out.remedy = "Linux 6.1 or later, with CONFIG_BPF_EVENTS and CONFIG_FTRACE_SYSCALLS";
  }
  return out;
}

bool kernel_is_at_least(int major, int minor) {
  utsname name{};
  int found_major = 0, found_minor = 0;
  if (uname(&name) != 0 || std::sscanf(name.release, "%d.%d", &found_major, &found_minor) != 2) return false;
  return found_major > major || (found_major == major && found_minor >= minor);
}

size_t ring_size(size_t wanted) {
  size_t size = static_cast<size_t>(getpagesize());
  while (size < wanted && size < (size_t{1} << 30)) size *= 2;
  return size;
}

} // namespace

Programs::~Programs() {
  detach();
  if (skeleton_) sgperf_probes_bpf__destroy(skeleton_);
}

int Programs::sample_program() const {
  return bpf_program__fd(skeleton_->progs.sgperf_sample);
}

int Programs::hit_program() const {
  return bpf_program__fd(skeleton_->progs.sgperf_hit);
}

std::optional<Refusal> Programs::load_once(const Options &options) {
  Messages messages;
  KernelTypes kernel;
  std::string error;
  if (!kernel.open(error))
    return Refusal{Part::all, Cause::no_btf, "eBPF: the kernel's types cannot be read", error,
                   "a kernel with CONFIG_DEBUG_INFO_BTF"};
  const int types = memfd_create("sgperf-btf", MFD_CLOEXEC);
  const std::string path = "/proc/self/fd/" + std::to_string(types);
  LIBBPF_OPTS(bpf_object_open_opts, open_options);
  open_options.btf_custom_path = path.c_str();
  skeleton_ = types < 0 ? nullptr : sgperf_probes_bpf__open_opts(&open_options);
  if (!skeleton_) {
    const int problem = errno;
    if (types >= 0) close(types);
    return refusal(Part::all, "", -problem, Messages::text());
  }
  const std::vector<char> needed = needed_types(kernel.bytes(), bpf_object__btf(skeleton_->obj), error);
  const bool written =
      !needed.empty() && write(types, needed.data(), needed.size()) == static_cast<ssize_t>(needed.size());

  for (const Program &program : programs)
    bpf_program__set_autoload(bpf_object__find_program_by_name(skeleton_->obj, program.name),
                              program.part == Part::tree || parts_.contains(program.part));
  const bool sums = parts_.contains(Part::syscalls) || parts_.contains(Part::faults);
  bpf_map__set_max_entries(skeleton_->maps.ring, static_cast<uint32_t>(ring_size(options.ring_bytes)));
  bpf_map__set_autocreate(skeleton_->maps.lent, lend_);
  skeleton_->rodata->may_lend = lend_;
  row_limit_ = sums ? std::clamp<uint32_t>(options.row_limit, 2, SGPERF_ROWS_MAX) : 2;
  first_rows_ = sums ? std::max<uint32_t>(std::min(options.row_reserve, row_limit_), SGPERF_ROWS_AT_START) : 1;
  bpf_map__set_max_entries(skeleton_->maps.row_index, row_limit_);
  bpf_map__set_max_entries(skeleton_->maps.row_more, row_limit_);
  bpf_map__set_max_entries(skeleton_->maps.row_free, row_limit_);
  bpf_map__set_max_entries(skeleton_->maps.row_first, first_rows_);
  skeleton_->rodata->row_first_count = first_rows_;
  skeleton_->rodata->syscall_sample_rate = options.syscall_sample_rate;
  skeleton_->rodata->sample_stacks = options.stacks;
  skeleton_->rodata->sample_kernel_stacks = options.kernel;
  skeleton_->rodata->sample_chains = options.broken_chains;
  skeleton_->bss->control.generation = 1;
  skeleton_->bss->control.wake_bytes = static_cast<uint32_t>(ring_size(options.ring_bytes) / 4);

  const int result = written ? sgperf_probes_bpf__load(skeleton_) : -EIO;
  close(types);
  if (result == 0) return std::nullopt;
  if (!written)
    return Refusal{Part::all, Cause::no_btf, "eBPF: the kernel's types cannot be used",
                   error.empty() ? "no memory for a part of them" : error, "a kernel with CONFIG_DEBUG_INFO_BTF"};
  const std::string program = failed_program(Messages::text());
  return refusal(part_of(program), program, result, Messages::text());
}

std::optional<Refusal> Programs::attach() {
  Messages messages;
  for (const Program &program : programs) {
    if (program.part == Part::samples || program.part == Part::breakpoints || program.part == Part::frames)
      continue; // to perf events, of others
    if (program.part != Part::tree && !parts_.contains(program.part)) continue;
    bpf_link *link = bpf_program__attach(bpf_object__find_program_by_name(skeleton_->obj, program.name));
    if (!link) return refusal(program.part, program.name, -errno, Messages::text());
    links_.push_back(link);
  }
  return std::nullopt;
}

bool Programs::load(std::set<Part> parts, const Options &options, std::vector<Refusal> &refusals) {
  parts_ = std::move(parts);
  lend_ = options.lend_pages && kernel_is_at_least(6, 13);
  for (;;) {
    std::optional<Refusal> problem = load_once(options);
    if (!problem) problem = attach();
    if (!problem) return true;
    detach();
    if (skeleton_) sgperf_probes_bpf__destroy(skeleton_);
    skeleton_ = nullptr;
    if (problem->cause == Cause::kernel && std::exchange(lend_, false)) continue; // an older kernel
    refusals.push_back(*problem);
    if (!parts_.erase(problem->part)) return false;
  }
}

void Programs::detach() {
  for (bpf_link *link : links_) bpf_link__destroy(link);
  links_.clear();
}

} // namespace sgperf::probes
