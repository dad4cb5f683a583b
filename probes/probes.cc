// SPDX-License-Identifier: Apache-2.0
#include "probes/probes.h"

#include "probes/answer_knock.h"
#include "probes/breakpoints.h"
#include "probes/find_session.h"
#include "probes/frame_probes.h"
#include "probes/lend_pages.h"
#include "probes/programs.h"
#include "probes/row_table.h"
#include "probes/sample_events.h"
#include "probes/session_offsets.h"
#include "probes/skeleton.h"

#include "libsgperf/session_layout.h"

#include <bpf/bpf.h>
#include <signal.h>
#include <sys/epoll.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace sgperf::probes {

static_assert(offsetof(sgperf_session_header, phase_now) == SGPERF_HEADER_PHASE_NOW);
static_assert(offsetof(sgperf_session_header, tls_offset) == SGPERF_HEADER_TLS_OFFSET);
static_assert(SGPERF_KNOCK_REQUEST == SGPERF_KNOCK_REQUEST_NUMBER && sizeof(sgperf_knock) == SGPERF_KNOCK_BYTES);
static_assert(SGPERF_KNOCK_PUBLISHED == SGPERF_KNOCK_KIND_PUBLISHED && SGPERF_KNOCK_GONE == SGPERF_KNOCK_KIND_GONE);
static_assert(SGPERF_HIT_ENTRY == SGPERF_HIT_ROLE_ENTRY);
static_assert(sizeof(sgperf_event_sample) % 8 == 0);

using std::chrono::milliseconds;
using std::chrono::steady_clock;

struct Probes::State {
  Programs programs;
  RowTable rows; // after the programs, whose maps it uses
  SampleEvents events;
  Breakpoints breakpoints; // after the programs too
  FrameProbes frames;
  PageLender lender;
  std::vector<Refusal> missing;
  Options options;
  ring_buffer *ring = nullptr;
  bool running = false;

  Sink *sink = nullptr;
  size_t delivered = 0;
  // Processes whose session nothing in the kernel looks for: without the system calls' programs.
  struct Search {
    pid_t pid;
    steady_clock::time_point next;
    milliseconds wait;
  };
  std::vector<Search> searches;

  ~State() {
    events.close_all();
    if (ring) ring_buffer__free(ring);
  }
  sgperf_control &control() { return programs.skeleton()->bss->control; }
  bool counts_sums() const {
    return programs.parts().contains(Part::syscalls) || programs.parts().contains(Part::faults);
  }
  static int on_record(void *state, void *data, size_t size) {
    static_cast<State *>(state)->deliver(data, size);
    return 0;
  }
  void deliver(void *data, size_t size);
  void hear(const sgperf_event_knock &knock);
  bool set_breakpoints(pid_t pid, pid_t tid, const EntryPoints &points, std::string &error);
  bool give_phase(pid_t pid, uint32_t phase);
  void search_sessions();
  bool put_session(pid_t pid, const MappedSession &session);
  void set_in_tree(pid_t pid);
};

Probes::Probes() : state_(std::make_unique<State>()) {}
Probes::~Probes() = default;

bool Probes::start(const Options &options, std::string &error) {
  state_ = std::make_unique<State>();
  State &s = *state_;
  s.options = options;
  s.missing = preflight();
  if (!s.missing.empty()) {
    error = s.missing.front().text();
    return false;
  }
  std::set<Part> parts;
  if (options.syscalls) parts.insert(Part::syscalls);
  if ((options.syscalls || options.frames) && options.breakpoints) parts.insert(Part::breakpoints);
  if (options.frames) parts.insert(Part::frames);
  if (options.faults) parts.insert(Part::faults);
  if (options.samples) {
    std::string why;
    if (s.events.choose(options.event, options.frequency, options.period, options.kernel, why))
      parts.insert(Part::samples);
    else
      s.missing.push_back({Part::samples, Cause::no_event, "CPU samples: no event", why, ""});
  }
  if (!s.programs.load(parts, options, s.missing)) {
    error = s.missing.back().text();
    return false;
  }
  auto *maps = &s.programs.skeleton()->maps;
  if (s.counts_sums() &&
      !s.rows.open({bpf_map__fd(maps->row_first), bpf_map__fd(maps->row_more), bpf_map__fd(maps->row_free),
                    bpf_map__fd(maps->row_index), bpf_map__fd(maps->row_overflow)},
                   &s.control(), s.programs.row_limit(), s.programs.first_rows(), error)) {
    s.missing.push_back({Part::all, Cause::resources, error, "", ""});
    return false;
  }
  s.lender.use(bpf_map__fd(maps->lent));
  if (s.programs.parts().contains(Part::breakpoints))
    s.breakpoints.use(bpf_map__fd(maps->hit_roles), s.programs.hit_program());
  if (s.programs.parts().contains(Part::frames))
    s.frames.use(s.programs.skeleton()->progs.sgperf_register, s.programs.skeleton()->progs.sgperf_deregister);
  s.ring = ring_buffer__new(bpf_map__fd(maps->ring), State::on_record, state_.get(), nullptr);
  if (!s.ring) {
    error = std::string("ring buffer: ") + std::strerror(errno);
    s.missing.push_back({Part::all, Cause::resources, error, "", ""});
    return false;
  }
  s.running = true;
  return true;
}

const std::vector<Refusal> &Probes::missing() const {
  return state_->missing;
}

bool Probes::has(Part part) const {
  if (!state_->ring) return false;
  return part == Part::all || part == Part::tree || state_->programs.parts().contains(part);
}

const std::string &Probes::event() const {
  static const std::string none;
  return has(Part::samples) ? state_->events.name() : none;
}

const std::string &Probes::event_note() const {
  return state_->events.note();
}

void Probes::State::set_in_tree(pid_t pid) {
  auto *tree = programs.skeleton()->bss->tree;
  const auto tgid = static_cast<uint32_t>(pid);
  __atomic_fetch_or(&tree[(tgid >> 6) % std::size(programs.skeleton()->bss->tree)], uint64_t{1} << (tgid & 63),
                    __ATOMIC_RELEASE);
}

bool Probes::State::put_session(pid_t pid, const MappedSession &session) {
  const sgperf_process_session value{session.header, session.tls_offset};
  const auto tgid = static_cast<uint32_t>(pid);
  if (bpf_map_update_elem(bpf_map__fd(programs.skeleton()->maps.sessions), &tgid, &value, BPF_ANY) != 0) return false;
  __atomic_fetch_add(&control().generation, 1, __ATOMIC_RELEASE);
  return true;
}

bool Probes::add(pid_t pid, When when, std::string &error) {
  State &s = *state_;
  if (!s.running) {
    error = "the probes do not run";
    return false;
  }
  if (kill(pid, 0) != 0 && errno == ESRCH) {
    error = "there is no process " + std::to_string(pid);
    return false;
  }
  const auto tgid = static_cast<uint32_t>(pid);
  sgperf_process process{};
  process.flags = when == When::exec ? SGPERF_PROCESS_WAITING : SGPERF_PROCESS_FOUND;
  process.threads = when == When::exec ? 1 : 0;
  if (bpf_map_update_elem(bpf_map__fd(s.programs.skeleton()->maps.processes), &tgid, &process, BPF_ANY) != 0) {
    error = std::string("process ") + std::to_string(pid) + " found no room: " + std::strerror(errno);
    return false;
  }
  const bool samples = s.programs.parts().contains(Part::samples);
  if (when == When::exec) {
    __atomic_fetch_add(&s.control().waiting, 1, __ATOMIC_RELEASE);
    return !samples || s.events.add_waiting(pid, s.programs.sample_program(), error);
  }
  if (const auto session = find_session(pid)) s.put_session(pid, *session);
  s.set_in_tree(pid);
  return !samples || s.events.add_running(pid, s.programs.sample_program(), error);
}

bool Probes::set_session(pid_t pid, uint64_t header_address, int64_t tls_offset) {
  return state_->running && state_->put_session(pid, {header_address, tls_offset, ""});
}

bool Probes::State::give_phase(pid_t pid, uint32_t phase) {
  const auto tgid = static_cast<uint32_t>(pid);
  const uint32_t given = phase ? phase | SGPERF_PHASE_GIVEN : 0;
  if (bpf_map_update_elem(bpf_map__fd(programs.skeleton()->maps.given_phases), &tgid, &given, BPF_ANY) != 0)
    return false;
  __atomic_fetch_add(&control().generation, 1, __ATOMIC_RELEASE);
  return true;
}

bool Probes::set_phase(pid_t pid, uint32_t phase) {
  return state_->running && state_->give_phase(pid, phase);
}

// The process waits.  What is refused here, it tries by itself, and says why it is refused.
void Probes::State::hear(const sgperf_event_knock &knock) {
  const auto pid = static_cast<pid_t>(knock.header.pid);
  if (knock.kind == SGPERF_KNOCK_GONE) breakpoints.clear(pid);
  if (knock.kind != SGPERF_KNOCK_PUBLISHED) return;
  std::string ignored;
  const EntryPoints points{knock.entry, knock.normal_return, knock.unwind_return};
  const bool done = knock.entry && set_breakpoints(pid, static_cast<pid_t>(knock.header.tid), points, ignored);
  if (!done) give_phase(pid, 0);
  answer_knock(pid, knock.sequence, done ? SGPERF_ANSWER_ARMED : SGPERF_ANSWER_NONE);
}

bool Probes::watch_library(const std::string &path, std::string &error) {
  if (!state_->running || !has(Part::frames)) {
    error = "the programs for it are not loaded";
    return false;
  }
  return state_->frames.attach(path, error);
}

// The phase first: the entry's hit changes it.
bool Probes::State::set_breakpoints(pid_t pid, pid_t tid, const EntryPoints &points, std::string &error) {
  if (!running || !programs.parts().contains(Part::breakpoints)) {
    error = "the programs for it are not loaded";
    return false;
  }
  return give_phase(pid, SGPERF_GIVEN_INSTANTIATE) && breakpoints.set(pid, tid, points, error);
}

bool Probes::set_breakpoints(pid_t pid, pid_t tid, const EntryPoints &points, std::string &error) {
  return state_->set_breakpoints(pid, tid, points, error);
}

void Probes::clear_breakpoints(pid_t pid) {
  state_->breakpoints.clear(pid);
}

int Probes::descriptor() const {
  return state_->ring ? ring_buffer__epoll_fd(state_->ring) : -1;
}

void Probes::State::deliver(void *data, size_t size) {
  const auto *header = static_cast<const sgperf_event_header *>(data);
  if (size < sizeof *header) return;
  delivered++;
  switch (header->kind) {
  case SGPERF_EVENT_FORK:
    if (size >= sizeof(sgperf_event_fork)) sink->on_fork(*reinterpret_cast<const sgperf_event_fork *>(header));
    break;
  case SGPERF_EVENT_EXEC:
    if (size <= offsetof(sgperf_event_exec, path)) break;
    // In tests and short runs alike a session comes within the first milliseconds of a program, or never.
    if (!programs.parts().contains(Part::syscalls) && !programs.parts().empty())
      searches.push_back({static_cast<pid_t>(header->pid), steady_clock::now(), milliseconds(1)});
    lender.forget(header->pid);
    breakpoints.clear(static_cast<pid_t>(header->pid));
    sink->on_exec(*reinterpret_cast<const sgperf_event_exec *>(header));
    break;
  case SGPERF_EVENT_EXIT: {
    if (size < sizeof(sgperf_event_exit)) break;
    const auto &exit = *reinterpret_cast<const sgperf_event_exit *>(header);
    if (exit.rows) rows.take(exit.rows);
    if (exit.process) {
      lender.forget(header->pid);
      breakpoints.clear(static_cast<pid_t>(header->pid));
      std::erase_if(searches, [&](const Search &one) { return one.pid == static_cast<pid_t>(header->pid); });
    }
    sink->on_exit(exit);
    break;
  }
  case SGPERF_EVENT_SAMPLE:
    if (const auto sample = sample_record(data, size)) sink->on_sample(*sample);
    break;
  case SGPERF_EVENT_SYSCALL:
    if (const auto sample = sample_record(data, size)) sink->on_syscall(*sample);
    break;
  case SGPERF_EVENT_SESSION:
    if (size >= sizeof(sgperf_event_session)) sink->on_session(*reinterpret_cast<const sgperf_event_session *>(header));
    break;
  case SGPERF_EVENT_ASKS:
    if (size >= sizeof(sgperf_event_asks)) lender.lend(*reinterpret_cast<const sgperf_event_asks *>(header));
    break;
  case SGPERF_EVENT_KNOCK:
    if (size >= sizeof(sgperf_event_knock)) hear(*reinterpret_cast<const sgperf_event_knock *>(header));
    break;
  case SGPERF_EVENT_FRAMES:
    if (size < sizeof(sgperf_event_frames)) break;
    sink->on_frames(*reinterpret_cast<const sgperf_event_frames *>(header));
    __atomic_store_n(&control().frames_answered, reinterpret_cast<const sgperf_event_frames *>(header)->sequence,
                     __ATOMIC_RELEASE);
    break;
  case SGPERF_EVENT_HIT:
    if (size >= sizeof(sgperf_event_hit)) sink->on_hit(*reinterpret_cast<const sgperf_event_hit *>(header));
    break;
  default:
    break;
  }
}

void Probes::State::search_sessions() {
  const auto now = steady_clock::now();
  std::erase_if(searches, [&](Search &one) {
    if (one.next > now) return false;
    if (const auto session = find_session(one.pid)) {
      put_session(one.pid, *session);
      return true;
    }
    one.next = now + one.wait;
    one.wait *= 2;
    return one.wait > milliseconds(2000);
  });
}

size_t Probes::consume(Sink &sink) {
  State &s = *state_;
  if (!s.ring) return 0;
  s.sink = &sink;
  s.delivered = 0;
  ring_buffer__consume(s.ring);
  if (s.running && !s.searches.empty()) s.search_sessions();
  s.sink = nullptr;
  return s.delivered;
}

size_t Probes::poll(Sink &sink, milliseconds timeout) {
  State &s = *state_;
  if (!s.ring) return 0;
  const auto until = steady_clock::now() + timeout;
  for (;;) {
    auto next = until;
    for (const State::Search &one : s.searches) next = std::min(next, one.next);
    const auto wait = std::chrono::ceil<milliseconds>(next - steady_clock::now());
    epoll_event event{};
    epoll_wait(descriptor(), &event, 1, static_cast<int>(std::max<int64_t>(wait.count(), 0)));
    const size_t delivered = consume(sink);
    if (delivered || steady_clock::now() >= until) return delivered;
  }
}

void Probes::stop() {
  State &s = *state_;
  if (!s.running) return;
  __atomic_store_n(&s.control().stopped, 1, __ATOMIC_RELEASE);
  s.events.close_all();
  s.breakpoints.close_all();
  s.frames.release();
  s.programs.detach();
  s.running = false;
}

std::vector<SyscallSums> Probes::syscalls() {
  return has(Part::syscalls) ? state_->rows.syscalls() : std::vector<SyscallSums>();
}

std::vector<FaultSums> Probes::faults() {
  return has(Part::faults) ? state_->rows.faults() : std::vector<FaultSums>();
}

Drops Probes::drops() const {
  Drops out;
  if (!state_->ring) return out;
  const sgperf_drops &drops = state_->programs.skeleton()->bss->drops;
  out.events = drops.events;
  out.samples = drops.samples;
  out.row_calls = drops.row_calls;
  out.errnos = drops.errnos;
  out.tasks = drops.tasks;
  out.unmatched = drops.unmatched;
  out.processes = drops.processes;
  if (out.events || out.samples)
    out.advice = "ring buffer: " + std::to_string(out.samples) + " samples and " + std::to_string(out.events) +
                 " other events lost; a larger one helps: " +
                 std::to_string(std::max<size_t>(state_->options.ring_bytes * 4 >> 20, 1)) + " MiB";
  if (out.row_calls)
    out.advice += std::string(out.advice.empty() ? "" : "; ") + "table of sums: " + std::to_string(out.row_calls) +
                  " calls are in no place; more rows help: " + std::to_string(state_->options.row_limit * 4);
  return out;
}

size_t Probes::lent_threads() const {
  return state_->lender.threads();
}

} // namespace sgperf::probes
