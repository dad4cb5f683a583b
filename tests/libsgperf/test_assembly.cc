// SPDX-License-Identifier: Apache-2.0
// The live path makes no call and takes no lock: in the code that gcc and clang generate (objdump), and in what the
// processor executes (single steps), for executables and for shared objects that are loaded later.
#include <errno.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>

#include <cstring>

#include "libsgperf/fixture.h"

namespace sgperf::test {
namespace {

struct Build {
  const char *name;
  std::string file;              // with the instrumented functions
  std::vector<std::string> argv; // runs them
};

std::vector<Build> builds() {
  return {
      {"gcc executable", program("stepped-gcc"), {program("stepped-gcc")}},
      {"clang executable", program("stepped-clang"), {program("stepped-clang")}},
      {"gcc shared object", program("libstepped-gcc.so"), {program("stepped-dl"), program("libstepped-gcc.so")}},
      {"clang shared object", program("libstepped-clang.so"), {program("stepped-dl"), program("libstepped-clang.so")}}};
}

class Assembly : public Libsgperf {
protected:
  void SetUp() override {
    Libsgperf::SetUp();
#if !defined(__x86_64__)
    GTEST_SKIP() << "written for x86-64";
#endif
  }
};

TEST_F(Assembly, GeneratedCode) {
  for (const Build &build : builds()) {
    for (const char *function : {"stepped_scope", "stepped_counter"}) {
      SCOPED_TRACE(std::string(build.name) + ", " + function);
      const Result text =
          run({"objdump", "-dr", "--no-show-raw-insn", std::string("--disassemble=") + function, build.file}, options_);
      ASSERT_EQ(text.exit_code, 0) << text.err;
      ASSERT_NE(text.out.find(std::string("<") + function + ">:"), std::string::npos);
      EXPECT_EQ(text.out.find("__tls_get_addr"), std::string::npos) << text.out;
      EXPECT_EQ(text.out.find("lock "), std::string::npos) << text.out;
      EXPECT_NE(text.out.find("%fs:"), std::string::npos)
          << "no thread-local access: is this the instrumented function?\n"
          << text.out;
      if (!strcmp(function, "stepped_scope")) {
        EXPECT_NE(text.out.find("rdtsc"), std::string::npos) << text.out;
      }
    }
    // Nor anywhere else in the file: a function that was not inlined would hide it.
    const Result whole = run({"objdump", "-d", "--no-show-raw-insn", build.file}, options_);
    EXPECT_EQ(whole.out.find("__tls_get_addr"), std::string::npos) << build.name;
  }
}

// What one call executes, instruction by instruction.
struct Trace {
  size_t instructions = 0, rdtsc = 0;
  std::vector<std::string> calls, locks, syscalls, outside;
};

std::string hex(const unsigned char *bytes, size_t n) {
  std::string out;
  char text[4];
  for (size_t i = 0; i < n; ++i) {
    snprintf(text, sizeof text, "%02x ", bytes[i]);
    out += text;
  }
  return out;
}

// Prefixes, then the opcode: enough to know calls, LOCK, xchg with memory (which locks without a prefix), rdtsc,
// syscall.
void classify(const unsigned char *code, Trace &trace) {
  const std::string text = hex(code, 12);
  size_t i = 0;
  bool lock = false;
  for (;; ++i) {
    const unsigned char byte = code[i];
    if (byte == 0xf0)
      lock = true;
    else if (byte != 0x66 && byte != 0x67 && byte != 0xf2 && byte != 0xf3 && byte != 0x2e && byte != 0x36 &&
             byte != 0x3e && byte != 0x26 && byte != 0x64 && byte != 0x65 && (byte & 0xf0) != 0x40)
      break;
    if (i == 8) break;
  }
  ++trace.instructions;
  const unsigned char op = code[i], next = code[i + 1];
  if (lock || ((op == 0x86 || op == 0x87) && next < 0xc0)) trace.locks.push_back(text);
  if (op == 0xe8 || op == 0x9a || (op == 0xff && (((next >> 3) & 7) == 2 || ((next >> 3) & 7) == 3)))
    trace.calls.push_back(text);
  if (op == 0x0f && next == 0x31) ++trace.rdtsc;
  if ((op == 0x0f && (next == 0x05 || next == 0x34)) || op == 0xcd) trace.syscalls.push_back(text);
}

// Runs the child to `address` and steps through the function that begins there until it returns.
Trace step_through(pid_t pid, uint64_t address) {
  Trace trace;
  const auto fail = [&](const char *what) {
    ADD_FAILURE() << what << ": " << strerror(errno);
    return trace;
  };
  // A breakpoint at the entry: int3 over the first byte.
  errno = 0;
  const long original = ptrace(PTRACE_PEEKTEXT, pid, address, nullptr);
  if (original == -1 && errno) return fail("PEEKTEXT");
  if (ptrace(PTRACE_POKETEXT, pid, address, (original & ~0xffl) | 0xcc) != 0) return fail("POKETEXT");
  if (ptrace(PTRACE_CONT, pid, nullptr, nullptr) != 0) return fail("CONT");
  int status = 0;
  if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status) || WSTOPSIG(status) != SIGTRAP)
    return fail("the breakpoint was not reached");
  if (ptrace(PTRACE_POKETEXT, pid, address, original) != 0) return fail("POKETEXT");
  user_regs_struct registers{};
  ptrace(PTRACE_GETREGS, pid, nullptr, &registers);
  registers.rip = address;
  ptrace(PTRACE_SETREGS, pid, nullptr, &registers);
  const uint64_t stack = registers.rsp; // the return address is here; above it the function has returned
  while (trace.instructions < 2000) {
    unsigned char code[16] = {};
    iovec local{code, sizeof code}, remote{reinterpret_cast<void *>(registers.rip), sizeof code};
    if (process_vm_readv(pid, &local, 1, &remote, 1, 0) < 8) return fail("process_vm_readv");
    classify(code, trace);
    if (ptrace(PTRACE_SINGLESTEP, pid, nullptr, nullptr) != 0) return fail("SINGLESTEP");
    if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status)) return fail("ended while stepping");
    ptrace(PTRACE_GETREGS, pid, nullptr, &registers);
    if (registers.rsp > stack) return trace;
  }
  ADD_FAILURE() << "the function did not return within 2000 instructions";
  return trace;
}

TEST_F(Assembly, ExecutedInstructions) {
  SKIP_WHEN_SANITIZED("the functions of this test are built without sanitizers; the other builds run it");
  for (const Build &build : builds()) {
    SCOPED_TRACE(build.name);
    int out[2];
    ASSERT_EQ(pipe(out), 0);
    const pid_t pid = fork();
    if (pid == 0) {
      ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
      dup2(out[1], 1);
      close(out[0]);
      close(out[1]);
      setenv("LD_PRELOAD", library().c_str(), 1);
      setenv("SGPERF_DIR", dir().c_str(), 1);
      setenv("SGPERF_TIMER", "tsc", 1);
      std::vector<char *> argv;
      for (const std::string &argument : build.argv) argv.push_back(const_cast<char *>(argument.c_str()));
      argv.push_back(nullptr);
      execv(argv[0], argv.data());
      _exit(127);
    }
    close(out[1]);
    int status = 0;
    // exec, then the program's own SIGSTOP
    bool stopped = waitpid(pid, &status, 0) == pid && WIFSTOPPED(status) && WSTOPSIG(status) == SIGTRAP;
    if (stopped) {
      ptrace(PTRACE_SETOPTIONS, pid, nullptr, PTRACE_O_EXITKILL);
      ptrace(PTRACE_CONT, pid, nullptr, nullptr);
      stopped = waitpid(pid, &status, 0) == pid && WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP;
    }
    if (!stopped) {
      close(out[0]);
      if (WIFEXITED(status) && WEXITSTATUS(status) == 127) GTEST_FAIL() << "cannot run " << build.argv[0];
      GTEST_SKIP() << "ptrace is not possible here, status " << status;
    }
    char text[128] = {};
    EXPECT_GT(read(out[0], text, sizeof text - 1), 0);
    close(out[0]);
    unsigned long scope = 0, counter = 0;
    EXPECT_EQ(sscanf(text, "%lx %lx", &scope, &counter), 2) << text;
    const Trace in_scope = step_through(pid, scope), in_counter = step_through(pid, counter);
    ptrace(PTRACE_CONT, pid, nullptr, nullptr);
    EXPECT_EQ(waitpid(pid, &status, 0), pid);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;

    EXPECT_EQ(in_scope.rdtsc, 2u) << "the scope was not live";
    EXPECT_LE(in_scope.instructions, 80u);
    EXPECT_EQ(in_counter.rdtsc, 0u);
    for (const Trace *trace : {&in_scope, &in_counter}) {
      EXPECT_GT(trace->instructions, 5u);
      EXPECT_EQ(trace->calls, std::vector<std::string>{});
      EXPECT_EQ(trace->locks, std::vector<std::string>{});
      EXPECT_EQ(trace->syscalls, std::vector<std::string>{});
    }
    const Session session = this->session();
    EXPECT_EQ(session.sums("stepped::scope").count, 101u) << "live: the stepped call was counted";
    EXPECT_EQ(session.sums("stepped::counter").total, 505u);
    std::filesystem::remove(session.path);
  }
}

} // namespace
} // namespace sgperf::test
