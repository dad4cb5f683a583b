// SPDX-License-Identifier: Apache-2.0
// What the loader takes and gives back, and what it says where it may not.
#include "probes/observed.h"
#include "probes/program_symbols.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <set>

using namespace sgperf;
using namespace sgperf::test;

namespace {

probes::Options everything() {
  probes::Options options;
  options.syscalls = options.samples = options.faults = true;
  return options;
}

// Within two seconds.
bool all_gone(const KernelObjects &objects) {
  for (int i = 0; i < 200 && still_there(objects) > 0; i++) usleep(10000);
  return still_there(objects) == 0;
}

// Of all parts: nine programs, their links but the sample program's, whose link is the perf event, and the maps.
void expect_all(const KernelObjects &objects) {
  EXPECT_GE(objects.programs.size(), 9u);
  EXPECT_GE(objects.links.size(), 8u);
  EXPECT_GE(objects.maps.size(), 10u);
  EXPECT_EQ(still_there(objects), objects.size());
}

} // namespace

// Names and addresses are those of the kernel's own table.
TEST(Loader, ProgramsHaveNames) {
  SKIP_WITHOUT_PROBES();
  probes::Probes probes;
  std::string error;
  ASSERT_TRUE(probes.start(everything(), error)) << error;
  std::set<std::pair<uint64_t, std::string>> places;
  std::ifstream file("/proc/kallsyms");
  for (std::string line; std::getline(file, line);) {
    if (!line.ends_with("[bpf]")) continue;
    const size_t name = line.find(' ', line.find(' ') + 1) + 1;
    places.emplace(std::strtoull(line.c_str(), nullptr, 16), line.substr(name, line.find('\t') - name));
  }
  if (places.empty() || places.begin()->first == 0) GTEST_SKIP() << "/proc/kallsyms shows no addresses of programs";
  size_t ours = 0, found = 0;
  const auto symbols = probes::program_symbols();
  for (const probes::ProgramSymbol &symbol : symbols) {
    if (symbol.name.find("_sgperf_") == std::string::npos) continue;
    ++ours; // functions of those programs have other names
    EXPECT_GT(symbol.length, 16u) << symbol.name;
    EXPECT_LT(symbol.length, 1u << 20) << symbol.name;
    found += places.contains({symbol.address, symbol.name});
  }
  // One function of a program whose name does not tell whose it is.
  EXPECT_TRUE(std::any_of(symbols.begin(), symbols.end(), [&](const auto &one) {
    return one.name.ends_with("_current_tag") && places.contains({one.address, one.name});
  }));
  EXPECT_GE(ours, 9u);
  EXPECT_GE(found, 9u) << "those of other processes may come and go meanwhile";
  EXPECT_TRUE(std::any_of(symbols.begin(), symbols.end(), [](const auto &one) {
    return one.name.ends_with("_sgperf_sys_enter");
  })) << "whole names, not their first 15 letters";
}

TEST(Loader, GivesEverythingBack) {
  SKIP_WITHOUT_PROBES();
  const std::vector<int> fds = open_fds();
  KernelObjects first;
  for (int round = 0; round < 3; round++) {
    probes::Probes probes;
    std::string error;
    ASSERT_TRUE(probes.start(everything(), error)) << error;
    EXPECT_TRUE(probes.missing().empty()) << probes.missing().front().text();
    if (round == 0) {
      first = objects_of(getpid());
      expect_all(first);
    }
    EXPECT_GE(probes.descriptor(), 0);
    ASSERT_TRUE(probes.add(getpid(), probes::When::now, error)) << error;
    Recorder events;
    probes.poll(events, std::chrono::milliseconds(5));
    if (round == 1) probes.stop();
    if (round == 2) {
      EXPECT_TRUE(probes.start(everything(), error)) << "a second start begins anew";
    }
  }
  EXPECT_EQ(open_fds(), fds);
  EXPECT_TRUE(all_gone(first));
  EXPECT_EQ(objects_of(getpid()).size(), 0u);
}

TEST(Loader, NothingIsLeftAfterKill) {
  SKIP_WITHOUT_PROBES();
  int ready[2];
  ASSERT_EQ(pipe2(ready, O_CLOEXEC), 0);
  const pid_t pid = fork();
  if (pid == 0) {
    probes::Probes probes;
    std::string error;
    if (!probes.start(everything(), error) || !probes.add(getpid(), probes::When::now, error)) _exit(1);
    if (write(ready[1], "x", 1) != 1) _exit(1);
    for (;;) getppid();
  }
  close(ready[1]);
  char byte;
  ASSERT_EQ(read(ready[0], &byte, 1), 1);
  close(ready[0]);
  const KernelObjects objects = objects_of(pid);
  expect_all(objects);
  kill(pid, SIGKILL);
  waitpid(pid, nullptr, 0);
  EXPECT_TRUE(all_gone(objects)) << still_there(objects) << " of " << objects.size() << " are left";
}

TEST(Loader, SaysWhatAnUnprivilegedProcessLacks) {
  const Result result = run_function([] {
    if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0)) return 3;
    const auto missing = probes::preflight();
    for (const auto &one : missing) {
      printf("%s\n", one.text().c_str());
      if (one.cause == probes::Cause::privilege || one.cause == probes::Cause::not_built) {
        probes::Probes probes;
        std::string error;
        if (probes.start({}, error)) return 4;
        if (error.empty() || probes.missing().empty() || probes.has(probes::Part::tree)) return 5;
        if (probes.descriptor() != -1) return 6;
        printf("error: %s\n", error.c_str());
        return 0;
      }
    }
    return 7;
  });
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  EXPECT_NE(result.out.find("CAP_BPF and CAP_PERFMON"), std::string::npos) << result.out;
  EXPECT_NE(result.out.find("get it:"), std::string::npos) << result.out;
}

TEST(Loader, EventThatIsNotThere) {
  SKIP_WITHOUT_PROBES();
  probes::Options options;
  options.samples = options.syscalls = true;
  options.event = "coffees";
  probes::Probes probes;
  std::string error;
  ASSERT_TRUE(probes.start(options, error)) << error; // the rest works
  EXPECT_TRUE(probes.has(probes::Part::syscalls));
  EXPECT_FALSE(probes.has(probes::Part::samples));
  ASSERT_EQ(probes.missing().size(), 1u);
  EXPECT_EQ(probes.missing()[0].cause, probes::Cause::no_event);
  EXPECT_NE(probes.missing()[0].text().find("coffees"), std::string::npos);
}

TEST(Loader, ProcessThatIsNotThere) {
  SKIP_WITHOUT_PROBES();
  probes::Probes probes;
  std::string error;
  EXPECT_FALSE(probes.add(1, probes::When::now, error));
  ASSERT_TRUE(probes.start({}, error)) << error;
  error.clear();
  EXPECT_FALSE(probes.add(4194300, probes::When::now, error));
  EXPECT_NE(error.find("4194300"), std::string::npos) << error;
}
