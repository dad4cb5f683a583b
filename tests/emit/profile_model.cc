// SPDX-License-Identifier: Apache-2.0
#include "emit/profile_model.h"

#include <cerrno>
#include <set>

namespace sgperf::test {
namespace {

using namespace merge;

enum Function : uint32_t { main_, run_, fib, fib_baseline, step, strange, memcpy_, write_, compile_, unknown };

ProfileFunction function(const char *name, const char *module, Side side, const char *tier = "") {
  ProfileFunction out;
  out.name = name;
  out.module = module;
  out.side = side;
  out.tier = tier;
  out.jit = side == Side::guest;
  out.named = out.name[0] != '[';
  if (side == Side::runtime) out.path = "/opt/engine/bin/engine";
  return out;
}

// Builds the tree of stacks as it goes, and keeps every sum that the Model has.
class Builder {
public:
  explicit Builder(Profile &profile) : profile_(profile) {}

  struct Where {
    uint32_t process = 0, tid = 100, phase = 0, scope = 0;
    uint32_t line = no_index;
  };
  void add(uint64_t times, const std::vector<uint32_t> &stack, const Where &where) {
    uint32_t node = 0;
    for (const uint32_t one : stack) node = child(node, one);
    const ProfileFunction &leaf = profile_.functions[stack.back()];
    ProfileCoverage &coverage = profile_.coverage;
    for (uint64_t i = 0; i < times; ++i) {
      ProfileSample sample;
      sample.time = time_ += 1001001;
      sample.period = 1001001;
      sample.process = where.process;
      sample.tid = where.tid;
      sample.node = node;
      sample.line = where.line;
      sample.phase = where.phase;
      sample.scope = where.scope;
      sample.user = leaf.side != Side::kernel;
      sample.complete = stack.front() == main_;
      profile_.samples.push_back(sample);
    }
    profile_.nodes[node].self += times;
    profile_.functions[stack.back()].self += times;
    for (const uint32_t one : std::set<uint32_t>(stack.begin(), stack.end())) profile_.functions[one].total += times;
    profile_.processes[where.process].samples += times;
    if (where.line != no_index) profile_.lines[where.line].self += times;
    coverage.samples += times;
    coverage.unnamed += leaf.named ? 0 : times;
    coverage.complete += stack.front() == main_ ? times : 0;
    if (leaf.jit) {
      coverage.jit += times;
      coverage.jit_unnamed += leaf.named ? 0 : times;
      coverage.jit_lines += where.line != no_index ? times : 0;
    } else if (leaf.side != Side::kernel) {
      coverage.native += times;
      coverage.native_lines += where.line != no_index ? times : 0;
    }
  }

private:
  uint32_t child(uint32_t parent, uint32_t function) {
    for (uint32_t i = 1; i < profile_.nodes.size(); ++i)
      if (profile_.nodes[i].parent == parent && profile_.nodes[i].function == function) return i;
    profile_.nodes.push_back({parent, function, 0});
    return static_cast<uint32_t>(profile_.nodes.size() - 1);
  }

  Profile &profile_;
  uint64_t time_ = 5'000'000'000;
};

SyscallRow syscall(const char *name, const char *phase, const char *scope, uint64_t count, uint64_t total_ns,
                   uint64_t max_ns, uint64_t blocked_ns = 0) {
  SyscallRow out;
  out.name = name;
  out.phase = phase;
  out.scope = scope;
  out.count = count;
  out.total_ns = total_ns;
  out.max_ns = max_ns;
  out.blocked_ns = blocked_ns;
  out.histogram[10] = count;
  return out;
}

} // namespace

Model profile_model() {
  Model model;
  model.meta.kind = "record";
  model.has_meta = true;
  model.meta.command = {"sgperf", "record", "--", "engine", "app.wasm"};
  Profile &profile = model.profile;
  profile.recorded = true;
  profile.event = "cpu-clock";
  profile.frequency = 999;
  profile.phases = {"", "compile", "execute"};
  profile.scopes = {"", "wasi::fd_write"};
  profile.functions = {function("main", "engine", Side::runtime),
                       function("engine::run(Module&)", "engine", Side::runtime),
                       function("app!fib", "app", Side::guest, "turbofan"),
                       function("app!fib", "app", Side::guest, "liftoff"),
                       function("app!step; now", "app", Side::guest, "turbofan"),
                       function("[jit+0x7f0012]", "app", Side::guest),
                       function("memcpy", "libc.so.6", Side::libc),
                       function("ksys_write", "[kernel]", Side::kernel),
                       function("engine::compile()", "engine", Side::runtime),
                       function("[unknown+0x12]", "[unknown]", Side::unknown)};
  profile.lines = {{fib, "src/fib.c", 12, 0}, {fib, "src/fib.c", 9, 0}, {step, "src/step.rs", 40, 0}};
  ProfileProcess engine, helper;
  engine.pid = 100;
  engine.parent = 99;
  engine.comm = "engine";
  engine.command = {"engine", "app.wasm"};
  engine.started = 5'000'000'000;
  engine.ended = 5'260'000'000;
  engine.exit_seen = true;
  engine.exit_code = 3;
  engine.user_ns = 190'000'000;
  engine.system_ns = 12'000'000;
  engine.max_rss_kb = 20480;
  engine.minor_faults = 1234;
  engine.major_faults = 2;
  helper.pid = 101;
  helper.parent = 100;
  helper.comm = "helper";
  helper.started = 5'100'000'000;
  helper.ended = 5'150'000'000;
  helper.exit_seen = true;
  helper.signal = 9;
  profile.processes = {helper, engine}; // in no good order: the tree has to find it
  enum : uint32_t { of_helper, of_engine };

  Builder build(profile);
  build.add(90, {main_, run_, fib}, {of_engine, 100, 2, 0, 0});
  build.add(20, {main_, run_, fib, fib}, {of_engine, 100, 2, 0, 1});
  build.add(30, {main_, run_, fib_baseline}, {of_engine, 100, 2});
  build.add(10, {main_, run_, fib, step}, {of_engine, 100, 2, 0, 2});
  build.add(2, {main_, run_, strange}, {of_engine, 100, 2});
  build.add(8, {main_, run_, memcpy_}, {of_engine, 100, 2, 1});
  build.add(6, {main_, run_, memcpy_, write_}, {of_engine, 100, 2, 1});
  build.add(24, {compile_}, {of_engine, 102, 1}); // a thread of the compiler, its stack cut
  build.add(4, {main_, write_}, {of_helper, 101});
  build.add(6, {unknown}, {of_helper, 101});
  profile.coverage.lost = 3;
  profile.coverage.repaired = 17;
  profile.coverage.odd = {{"jitdump: truncated", 1}};

  profile.syscalls_recorded = profile.faults_recorded = true;
  SyscallRow write = syscall("write", "execute", "wasi::fd_write", 1000, 4'000'000, 90'000, 1'000'000);
  write.process = of_engine;
  write.bytes_out = 65536;
  SyscallRow again = syscall("write", "execute", "", 10, 100'000, 20'000);
  again.process = of_helper;
  again.bytes_out = 10;
  SyscallRow read = syscall("read", "execute", "", 5, 200'000, 150'000, 150'000);
  read.process = of_engine;
  read.bytes_in = 4096;
  read.errors = 3;
  read.errnos = {{EAGAIN, 1}, {EINTR, 2}};
  SyscallRow map = syscall("mmap", "compile", "", 7, 35'000, 9'000);
  map.process = of_engine;
  SyscallRow open = syscall("openat", "", "", 4, 20'000, 6'000);
  open.process = of_engine;
  open.errors = 2;
  open.errnos = {{ENOENT, 2}};
  profile.syscalls = {write, read, again, map, open};
  profile.syscalls_dropped = 1;
  profile.faults = {{of_engine, "execute", "", 700, 40}, {of_engine, "", "", 300, 20}, {of_helper, "", "", 100, 1}};
  profile.missing = {"events of the processor: this machine has no PMU (cycles: ENOENT); cpu-clock was used instead"};
  return model;
}

} // namespace sgperf::test
