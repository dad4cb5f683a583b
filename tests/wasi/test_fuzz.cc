// SPDX-License-Identifier: Apache-2.0
// Random calls with random and half-sensible arguments on random memory: never a crash, never a touch outside memory,
// never a way out of the folder.  The seed is fixed and printed; SGPERF_FUZZ_CALLS asks for more calls.
#include "wasi/guest.h"

#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <random>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

using namespace sgperf::test;
namespace fs = std::filesystem;

namespace {

constexpr uint64_t memory_size = 1 << 17;

// Linear memory between two pages that nobody may touch, where a sanitizer does not look.
class GuardedMemory {
public:
  GuardedMemory() {
    page_ = static_cast<size_t>(sysconf(_SC_PAGESIZE));
    all_ = mmap(nullptr, memory_size + 2 * page_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (all_ == MAP_FAILED || mprotect(data(), memory_size, PROT_READ | PROT_WRITE)) abort();
  }
  ~GuardedMemory() { munmap(all_, memory_size + 2 * page_); }
  uint8_t *data() const { return static_cast<uint8_t *>(all_) + page_; }

private:
  void *all_;
  size_t page_;
};

int play(const fs::path &box, uint32_t flags, uint64_t seed, long calls) {
  // What is random must not fill the disk, wait for ever, or end this process.
  rlimit limit{1 << 20, 1 << 20};
  setrlimit(RLIMIT_FSIZE, &limit);
  signal(SIGXFSZ, SIG_IGN);
  signal(SIGPIPE, SIG_IGN);
  struct sigaction wake {};
  wake.sa_handler = [](int) {}; // without SA_RESTART: whatever sleeps returns with intr
  sigaction(SIGALRM, &wake, nullptr);
  itimerval every{{0, 2000}, {0, 2000}};
  setitimer(ITIMER_REAL, &every, nullptr);

  std::string host = box.string();
  const char *args[] = {"fuzz", "x", nullptr};
  sgperf_wasi_preopen preopen{".", host.c_str(), 1, 0};
  sgperf_wasi_config config{};
  config.struct_size = sizeof config;
  config.args = args;
  config.env = args;
  config.preopens = &preopen;
  config.preopen_count = 1;
  config.flags = flags;
  config.exit = [](void *, uint32_t) { throw Exited{0}; };
  GuardedMemory memory;
  std::mt19937_64 random(seed);
  size_t count = 0;
  const sgperf_wasi_function *functions = sgperf_wasi_functions(&count);
  sgperf_wasi *wasi = nullptr;
  static const char *const words[] = {"a",  "b",         "sub", "sub/a",      "..",       "../secret",
                                      ".",  "link",      "out", "out/secret", "sub/../a", "/etc/passwd",
                                      "a/", "sub/up/..", "",    "x/y/z",      "/"};
  long succeeded = 0;
  for (long i = 0; i < calls; i++) {
    if (i % 500 == 0) { // a new guest: descriptors and folders do not pile up
      sgperf_wasi_free(wasi);
      if (sgperf_wasi_create(&config, &wasi, nullptr, 0)) return 20;
      for (uint64_t at = 0; at < memory_size; at += 8) {
        uint64_t value = random();
        if (random() % 2) value &= 0x00000fff0000ffff; // small numbers: pointers and sizes that are inside
        memcpy(memory.data() + at, &value, 8);
      }
    }
    const sgperf_wasi_function &function = functions[random() % count];
    uint64_t arguments[12];
    for (uint64_t &argument : arguments) {
      switch (random() % 6) {
      case 0:
        argument = random();
        break;
      case 1:
        argument = random() % 8;
        break; // descriptors, flags
      case 2:
        argument = random() % memory_size;
        break;
      case 3:
        argument = memory_size - random() % 64;
        break;
      case 4:
        argument = random() % 256;
        break;
      default:
        argument = uint64_t{1} << random() % 64;
        break;
      }
    }
    if (!strncmp(function.name, "path_", 5)) { // a path that may be there, in the right places
      const char *word = words[random() % std::size(words)];
      const char *second = words[random() % std::size(words)];
      memcpy(memory.data() + 64, word, strlen(word));
      memcpy(memory.data() + 128, second, strlen(second));
      if (random() % 4) {
        bool lookup = function.signature[3] == 'i' &&
                      strstr("path_open path_filestat_get path_filestat_set_times path_link", function.name);
        arguments[0] = 3;
        arguments[lookup ? 2 : 1] = 64;
        arguments[lookup ? 3 : 2] = strlen(word);
        if (!strcmp(function.name, "path_rename")) arguments[3] = 3, arguments[4] = 128, arguments[5] = strlen(second);
        if (!strcmp(function.name, "path_link")) arguments[4] = 3, arguments[5] = 128, arguments[6] = strlen(second);
        if (!strcmp(function.name, "path_symlink"))
          arguments[0] = 64, arguments[1] = strlen(word), arguments[2] = 3, arguments[3] = 128,
          arguments[4] = strlen(second);
        if (!strcmp(function.name, "path_open")) arguments[4] &= 15, arguments[7] &= 31, arguments[5] |= random();
      }
    }
    try {
      succeeded += function.call(wasi, memory.data(), memory_size, arguments) == 0;
    } catch (const Exited &) {
    }
  }
  sgperf_wasi_free(wasi);
  printf("%ld of %ld calls succeeded\n", succeeded, calls);
  fflush(stdout);
  return succeeded > calls / 100 ? 0 : 21; // else the arguments are too wild to reach anything
}

} // namespace

class Fuzz : public testing::TestWithParam<uint32_t> {};
INSTANTIATE_TEST_SUITE_P(Resolution, Fuzz, testing::Values(0u, SGPERF_WASI_NO_OPENAT2),
                         [](const auto &info) { return info.param ? std::string("Walk") : std::string("Openat2"); });

TEST_P(Fuzz, RandomCallsNeverCrashOrEscape) {
  TempDir dir;
  fs::create_directories(dir.path() / "box/sub");
  write_file(dir.path() / "secret", "secret");
  write_file(dir.path() / "box/a", "a");
  fs::create_symlink("a", dir.path() / "box/link");
  fs::create_symlink("..", dir.path() / "box/out");
  fs::create_symlink("..", dir.path() / "box/sub/up");
  const char *asked = getenv("SGPERF_FUZZ_CALLS");
  const long calls = asked ? atol(asked) : 100000;
  const uint64_t seed = 20261121;
  printf("seed %llu\n", static_cast<unsigned long long>(seed));
  Options options;
  options.timeout_s = asked ? 3600 : 120;
  Result result = run_function([&] { return play(dir.path() / "box", GetParam(), seed, calls); }, options);
  EXPECT_EQ(result.exit_code, 0) << "signal " << result.signal << (result.timed_out ? ", timed out" : "") << "\n"
                                 << result.out << result.err;
  EXPECT_EQ(read_file(dir.path() / "secret"), "secret");
  EXPECT_EQ(std::distance(fs::directory_iterator(dir.path()), fs::directory_iterator()), 2);
}

// Every single argument at every edge, one after the other, for every function.
TEST(Edges, EachArgumentAtItsLimits) {
  TempDir dir;
  write_file(dir.path() / "a", "a");
  Result result = run_function([&] {
    rlimit limit{1 << 16, 1 << 16};
    setrlimit(RLIMIT_FSIZE, &limit);
    signal(SIGXFSZ, SIG_IGN);
    struct sigaction wake {};
    wake.sa_handler = [](int) {};
    sigaction(SIGALRM, &wake, nullptr);
    itimerval every{{0, 1000}, {0, 1000}};
    setitimer(ITIMER_REAL, &every, nullptr);
    GuardedMemory memory;
    size_t count = 0;
    const sgperf_wasi_function *functions = sgperf_wasi_functions(&count);
    const uint64_t edges[] = {0,          1,          3,          memory_size - 8, memory_size - 1,  memory_size,
                              0x7fffffff, 0x80000000, 0xffffffff, ~uint64_t{0},    uint64_t{1} << 63};
    for (size_t f = 0; f < count; f++) {
      Guest guest({.preopens = {{dir.path().string(), true}}});
      size_t parameters = strchr(functions[f].signature, '>') - functions[f].signature;
      for (size_t varied = 0; varied < parameters; varied++)
        for (uint64_t value : edges)
          for (uint64_t others : {uint64_t{0}, uint64_t{3}, uint64_t{64}}) {
            uint64_t arguments[12];
            for (uint64_t &one : arguments) one = others;
            arguments[varied] = value;
            try {
              functions[f].call(guest.wasi, memory.data(), memory_size, arguments);
            } catch (const Exited &) {
            }
          }
    }
    return 0;
  });
  EXPECT_EQ(result.exit_code, 0) << "signal " << result.signal << "\n" << result.err;
}

// A module without memory.
TEST(Edges, NoMemoryAtAll) {
  Guest guest({});
  size_t count = 0;
  const sgperf_wasi_function *functions = sgperf_wasi_functions(&count);
  const uint64_t zeros[12] = {};
  for (size_t f = 0; f < count; f++) {
    try {
      functions[f].call(guest.wasi, nullptr, 0, zeros);
    } catch (const Exited &) {
    }
  }
}
