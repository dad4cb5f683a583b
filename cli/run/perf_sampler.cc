// SPDX-License-Identifier: Apache-2.0
#include "run/perf_sampler.h"

#include "probes/threads_of.h"
#include "run/perf_attr.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <set>
#include <sstream>

namespace sgperf::run {
namespace {

using formats::PerfEvent;

int perf_event_open(perf_event_attr &attr, pid_t pid, int cpu) {
  attr.size = sizeof attr;
  return static_cast<int>(syscall(SYS_perf_event_open, &attr, pid, cpu, -1, PERF_FLAG_FD_CLOEXEC));
}

AttrOptions attr_options(const SamplerOptions &options, bool kernel) {
  AttrOptions out;
  out.frequency = options.frequency;
  out.callchain = options.callchain;
  out.kernel = kernel;
  out.on_exec = !options.attach;
  out.wakeup_bytes = options.ring_pages * static_cast<size_t>(getpagesize()) / 2;
  return out;
}

std::vector<int> online_processors() {
  std::vector<int> out;
  std::ifstream file("/sys/devices/system/cpu/online");
  std::string text;
  std::getline(file, text);
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, ',');) {
    int first = 0, last = 0;
    const int n = std::sscanf(part.c_str(), "%d-%d", &first, &last);
    for (int cpu = first; n >= 1 && cpu <= (n == 2 ? last : first); ++cpu) out.push_back(cpu);
  }
  if (out.empty())
    for (int cpu = 0; cpu < sysconf(_SC_NPROCESSORS_ONLN); ++cpu) out.push_back(cpu);
  return out;
}

int paranoid() {
  std::ifstream file("/proc/sys/kernel/perf_event_paranoid");
  int level = 0;
  file >> level;
  return level;
}

std::string refusal(int problem) {
  const std::string what = std::string("CPU samples: perf_event_open was refused: ") + std::strerror(problem);
  switch (problem) {
  case EACCES:
  case EPERM:
    return what + "; expected kernel.perf_event_paranoid <= 2 or CAP_PERFMON, found " + std::to_string(paranoid()) +
           "; get it: sysctl kernel.perf_event_paranoid=2 (as root), or run as root; in a container, its seccomp "
           "profile must allow perf_event_open";
  case ENOSYS:
    return what + "; this kernel or a seccomp filter has no perf events";
  case EMFILE:
    return what + "; more descriptors are needed than `ulimit -n` allows: one a processor and thread";
  case ESRCH:
    return what + "; the process has ended";
  default:
    return what;
  }
}

} // namespace

struct PerfSampler::Ring {
  int fd = -1;
  char *at = nullptr; // one page of control, then the data
  size_t data = 0, page = 0;
  ~Ring() {
    if (at) munmap(at, data + page);
    if (fd >= 0) close(fd);
  }
};

// Which event, and whether with the kernel's part: tried on the target itself, since machines and rights differ.
bool PerfSampler::choose(pid_t pid, const SamplerOptions &options, formats::PerfEvent &event, std::string &why) {
  int problem = 0;
  for (const EventKind &kind : event_kinds()) {
    if (!options.event.empty() && options.event != kind.name) continue;
    for (const bool kernel : {true, false}) {
      event.attr = sampling_attr(kind, attr_options(options, kernel));
      const int fd = perf_event_open(event.attr, pid, -1);
      problem = errno;
      if (fd < 0) continue;
      close(fd);
      event.name = std::string(kind.name) + (kernel ? "" : ":u");
      if (!kernel)
        kernel_missing_ = "kernel: samples are of user space only (kernel.perf_event_paranoid is " +
                          std::to_string(paranoid()) + "); get it: run as root or with CAP_PERFMON";
      return true;
    }
    if (kind.type == PERF_TYPE_HARDWARE && options.event.empty() && (problem == ENOENT || problem == EOPNOTSUPP))
      event_note_ = "cycles: this machine counts no hardware events (as many virtual machines); cpu-clock is taken";
  }
  why = refusal(problem);
  return false;
}

std::unique_ptr<PerfSampler> PerfSampler::open(pid_t pid, const SamplerOptions &options, std::string &why) {
  std::unique_ptr<PerfSampler> sampler(new PerfSampler);
  PerfEvent event;
  if (!options.samples) {
    event.name = "dummy:u";
    event.attr = tracking_attr(attr_options(options, false));
  } else if (!sampler->choose(pid, options, event, why))
    return nullptr;
  sampler->pids_.insert(pid);
  const std::set<pid_t> tasks = options.attach ? probes::threads_of(pid) : std::set<pid_t>{pid};
  const size_t page = static_cast<size_t>(getpagesize());
  for (const int cpu : online_processors()) {
    int ring_fd = -1;
    for (const pid_t task : tasks) {
      const int fd = perf_event_open(event.attr, task, cpu);
      if (fd < 0) {
        if (errno == ESRCH || errno == ENODEV) continue; // the thread has ended, the processor is off
        why = refusal(errno);
        return nullptr;
      }
      uint64_t id = 0;
      if (ioctl(fd, PERF_EVENT_IOC_ID, &id) == 0) event.ids.push_back(id);
      if (ring_fd >= 0) {
        sampler->others_.push_back(fd);
        ioctl(fd, PERF_EVENT_IOC_SET_OUTPUT, ring_fd);
        continue;
      }
      ring_fd = fd;
      auto ring = std::make_unique<Ring>();
      ring->fd = fd;
      ring->page = page;
      // Less where the limit of locked memory says so; a small ring is drained more often.
      for (size_t pages = options.ring_pages; pages >= 4 && !ring->at; pages /= 2) {
        void *at = mmap(nullptr, (pages + 1) * page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (at == MAP_FAILED) continue;
        ring->at = static_cast<char *>(at);
        ring->data = pages * page;
      }
      if (!ring->at) {
        why = std::string("CPU samples: no memory for a ring buffer: ") + std::strerror(errno) +
              "; raise kernel.perf_event_mlock_kb or `ulimit -l`";
        return nullptr;
      }
      sampler->rings_.push_back(std::move(ring));
    }
  }
  if (sampler->rings_.empty()) {
    why = refusal(ESRCH);
    return nullptr;
  }
  sampler->event_ = std::move(event);
  if (options.attach) {
    for (const auto &ring : sampler->rings_) ioctl(ring->fd, PERF_EVENT_IOC_ENABLE, 0);
    for (const int fd : sampler->others_) ioctl(fd, PERF_EVENT_IOC_ENABLE, 0);
  }
  return sampler;
}

PerfSampler::~PerfSampler() {
  for (const int fd : others_) close(fd);
}

std::vector<int> PerfSampler::descriptors() const {
  std::vector<int> out;
  for (const auto &ring : rings_) out.push_back(ring->fd);
  return out;
}

void PerfSampler::stop() {
  for (const auto &ring : rings_) ioctl(ring->fd, PERF_EVENT_IOC_DISABLE, 0);
  for (const int fd : others_) ioctl(fd, PERF_EVENT_IOC_DISABLE, 0);
}

void PerfSampler::drain(formats::PerfDataWriter &writer) {
  for (const auto &ring : rings_) {
    auto *control = reinterpret_cast<perf_event_mmap_page *>(ring->at);
    const char *data = ring->at + ring->page;
    const uint64_t head = __atomic_load_n(&control->data_head, __ATOMIC_ACQUIRE);
    const uint64_t tail = control->data_tail;
    if (head == tail) continue;
    const size_t size = static_cast<size_t>(head - tail), from = static_cast<size_t>(tail % ring->data);
    const size_t first = std::min(size, ring->data - from);
    buffer_.assign(data + from, first);
    buffer_.append(data, size - first);
    __atomic_store_n(&control->data_tail, head, __ATOMIC_RELEASE);
    for (std::string_view rest = buffer_; const auto record = formats::perf_record_at(rest);) {
      if (record->type == PERF_RECORD_FORK) {
        if (const auto task = formats::decode_perf_task(*record, formats::PerfLayout(event_.attr)))
          pids_.insert(static_cast<pid_t>(task->pid));
      } else if (record->type == PERF_RECORD_LOST) {
        if (const auto lost = formats::decode_perf_lost(*record, formats::PerfLayout(event_.attr))) lost_ += lost->lost;
      }
      rest.remove_prefix(record->bytes.size());
    }
    writer.raw(buffer_);
  }
}

void write_running(formats::PerfDataWriter &writer, pid_t pid, uint64_t time) {
  const auto id = static_cast<uint32_t>(pid);
  const std::string folder = "/proc/" + std::to_string(pid);
  std::ifstream names(folder + "/comm");
  std::string name;
  std::getline(names, name);
  const auto at = [&](uint32_t tid) {
    formats::PerfSampleId who;
    who.pid = id;
    who.tid = tid;
    who.time = time;
    return who;
  };
  const formats::PerfSampleId who = at(id);
  writer.comm({id, id, name, true}, who);
  for (const pid_t tid : probes::threads_of(pid)) {
    if (tid == pid) continue;
    const auto thread = static_cast<uint32_t>(tid);
    writer.fork({id, id, thread, id, time}, who);
    std::ifstream file(folder + "/task/" + std::to_string(tid) + "/comm");
    std::getline(file, name);
    writer.comm({id, thread, name, false}, at(thread));
  }
  std::ifstream maps(folder + "/maps");
  for (std::string line; std::getline(maps, line);) {
    unsigned long begin = 0, end = 0, offset = 0, inode = 0;
    unsigned major = 0, minor = 0;
    char rights[8] = {};
    int name_at = 0;
    if (std::sscanf(line.c_str(), "%lx-%lx %7s %lx %x:%x %lu %n", &begin, &end, rights, &offset, &major, &minor, &inode,
                    &name_at) < 7)
      continue;
    if (rights[2] != 'x') continue;
    const std::string path =
        static_cast<size_t>(name_at) < line.size() ? line.substr(static_cast<size_t>(name_at)) : "//anon";
    formats::PerfMmap mapping;
    mapping.pid = mapping.tid = id;
    mapping.address = begin;
    mapping.length = end - begin;
    mapping.page_offset = offset;
    mapping.major = major;
    mapping.minor = minor;
    mapping.inode = inode;
    mapping.protection = PROT_READ | PROT_EXEC;
    mapping.flags = MAP_PRIVATE;
    mapping.path = path;
    writer.mmap(mapping, who);
  }
}

} // namespace sgperf::run
