// SPDX-License-Identifier: Apache-2.0
// The corpus of test_manners.cc: programs that must behave with the library as they do without.
#pragma once

#include <ostream>
#include <string>
#include <vector>

namespace sgperf::test {

// What the case's process becomes before its program is started.
enum class Setting {
  usual,
  other_user,      // uid 65534, no groups, no capability in any set, no_new_privs
  setuid_caller,   // uid 65534, for programs with the setuid bit
  read_only_root,  // everything but the session's folder and the working folder
  read_only_all,   // these too
  full_disk,       // the session's folder is a tmpfs of one page
  low_limits,      // RLIMIT_NOFILE 16, RLIMIT_FSIZE 512 KiB
  signals_blocked, // all signals blocked, SIGINT and SIGCHLD ignored
  no_descriptors   // 0, 1 and 2 are closed
};

// Whether a session must be there afterwards.  `any`: the program decides (a child only, or a limit).
// `refused`: the loader says that it cannot load the library, and goes on.
enum class Reached { yes, no, any, refused };

struct Case {
  std::string name; // letters, digits and _
  std::vector<std::string>
      argv; // argv[0]: from PATH, or "own:NAME" for one of programs/, "wasmtime" for the stock command
  std::string input = {};
  Setting setting = Setting::usual;
  Reached reached = Reached::yes;
  std::vector<std::string> env = {};
};

inline void PrintTo(const Case &one, std::ostream *out) {
  *out << one.name;
}

inline std::vector<Case> manners_cases() {
  using enum Setting;
  const std::string wat =
      "(module (import \"wasi_snapshot_preview1\" \"fd_write\" (func $w (param i32 i32 i32 i32) (result i32)))"
      "(memory (export \"memory\") 1) (data (i32.const 16) \"guest\\n\")"
      "(func (export \"_start\") (i32.store (i32.const 0) (i32.const 16)) (i32.store (i32.const 4) (i32.const 6))"
      "(drop (call $w (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))";
  const std::string trap = "(module (func (export \"_start\") (unreachable)))";
  return {
      // shells
      {"sh_pipeline", {"sh", "-c", "printf 'b\\na\\n' | sort | (read x; echo $x >file; cat file); exit 3"}},
      {"sh_substitution", {"sh", "-c", "x=$(echo $(echo in)); echo $x; (exit 4) || echo $?; set -- *; echo $#"}},
      {"sh_background", {"sh", "-c", "for i in 1 2 3; do sh -c \"exit $i\" & done; wait; echo done"}},
      {"sh_exec", {"sh", "-c", "exec sh -c 'exec cat'"}, "text\n"},
      {"sh_trap", {"sh", "-c", "trap 'echo trapped; exit 9' TERM; kill -TERM $$; sleep 5"}},
      {"sh_kills_itself", {"sh", "-c", "kill -9 $$"}},
      {"sh_missing_program", {"sh", "-c", "LC_ALL=C /nonexistent/program; echo $?; LC_ALL=C ./none"}},
      {"sh_closes_descriptors", {"sh", "-c", "exec 0<&- 2>&-; echo only one; ls /proc/self/fd | wc -l"}},
      {"sh_low_file_limit", {"sh", "-c", "ulimit -c 0; ulimit -f 0; sh -c 'echo x >file'; echo $?; ls -s"}},
      {"sh_low_descriptor_limit", {"sh", "-c", "ulimit -n 5; cat; ls"}, "x"},
      {"sh_lowest_descriptor_limit", {"sh", "-c", "ulimit -n 3; cat"}, "x", usual, Reached::refused},
      {"sh_low_memory_limit", {"sh", "-c", "ulimit -v 20000; echo x | cat; sort </dev/null; echo $?"}},
      {"sh_low_data_limit", {"sh", "-c", "ulimit -d 2000; echo x | cat; echo $?"}},
      {"sh_low_stack_limit", {"sh", "-c", "ulimit -s 256; cat; echo $?"}, "x"},
      {"sh_without_environment",
       {"sh", "-c", "env -i /bin/sh -c 'echo in; /usr/bin/env | grep -c -i -e sgperf -e preload'"}},
      {"bash_many_things",
       {"bash", "-c",
        "set -o pipefail; a=(1 2 3); echo ${a[@]}; false | true; echo $?; cat <(echo sub) <<<here; coproc cat; "
        "echo co >&${COPROC[1]}; read -u ${COPROC[0]} x; echo $x; diff <(echo a) <(echo b)"}},
      {"bash_job_control",
       {"bash", "-c",
        "set -m; sleep 0.05 & wait %1; echo $?; { sleep 5 & kill -TERM $!; wait $!; } 2>/dev/null; echo $?"}},
      // coreutils and friends
      {"true", {"true"}},
      {"false", {"false"}},
      {"cat_binary", {"cat"}, std::string("\0\xff\n\x80", 4)},
      {"ls", {"ls", "-la", "/usr/bin/env", "/nonexistent"}, "", usual, Reached::yes, {"LC_ALL=C"}},
      {"descriptors", {"ls", "/proc/self/fd"}},
      {"cp_and_links", {"sh", "-c", "echo a >a; cp -p a b; ln -s b c; ln a d; mv a e; ls -ld --time-style=+ *; rm c"}},
      {"sort_uniq", {"sh", "-c", "seq 1000 | sort -n -r | uniq -c | sha256sum"}},
      {"dd", {"sh", "-c", "dd if=/dev/zero of=zeros bs=4096 count=20 status=none; cksum zeros; truncate -s 1M sparse"}},
      {"head_breaks_the_pipe", {"bash", "-c", "yes | head -1; echo ${PIPESTATUS[@]}"}},
      {"timeout_kills", {"timeout", "-s", "TERM", "0.1", "sleep", "5"}},
      {"nohup", {"sh", "-c", "nohup sh -c 'kill -HUP $$; echo alive' 2>/dev/null"}},
      {"nice_stdbuf", {"nice", "-n", "1", "stdbuf", "-oL", "echo", "x"}},
      {"xargs_find",
       {"sh", "-c", "mkdir -p d/e; touch d/e/f d/g; find d -type f | sort | xargs -n 1 -P 2 basename | sort"}},
      {"tar_gzip",
       {"sh", "-c",
        "mkdir t; echo x >t/f; tar -C t -cf - --mtime=@0 --owner=0 --group=0 f | gzip -n | tee a.tgz | gzip -dc | tar "
        "-tf -"}},
      {"sed_awk", {"sh", "-c", "seq 9 | sed -n 's/^/n/;2,4p' | awk '{s = s $1} END {print s; exit 2}'"}},
      {"grep_none", {"grep", "-r", "nothing", "/dev/null"}},
      {"script_shebang", {"sh", "-c", "printf '#!/bin/sh\\necho script $0\\n' >s; chmod +x s; ./s; ./s | cat"}},
      {"make",
       {"sh", "-c", "cat >Makefile; make -s -j2 b"},
       "a:\n\t@sh -c 'exit 0'\nb: a\n\t@echo made; false\n",
       usual,
       Reached::yes,
       {"LC_ALL=C"}},
      {"perl",
       {"perl", "-e",
        "$0 = 'renamed'; my $p = fork; exit 3 unless $p; waitpid $p, 0; print $? >> 8, \"\\n\"; print `echo back`; "
        "local $SIG{ALRM} = sub { die \"alarm\\n\" }; alarm 1; select undef, undef, undef, 3"}},
      {"gcc", {"/usr/bin/gcc", "-x", "c", "-O0", "-S", "-o", "out.s", "-"}, "int main(void) { return 1; }\n"},
      {"git", {"git", "-c", "init.defaultBranch=m", "init", "-q", "r"}},
      {"tclsh", {"tclsh"}, "puts [exec echo tcl]; exit 4\n"},
      {"openssl", {"openssl", "dgst", "-sha256"}, "abc"},
      {"gdb", {"gdb", "-q", "-batch", "-nx", "-ex", "print 6*7"}},
      {"loader_as_program", {"/lib64/ld-linux-x86-64.so.2", "/bin/echo", "loaded"}},
      // interpreters and runtimes
      {"python",
       {"/usr/bin/python3", "-I", "-c",
        "import ctypes, json, ssl, threading; print(ctypes.CDLL(None).getppid() > 0); raise SystemExit(7)"}},
      {"python_multiprocessing",
       {"/usr/bin/python3", "-I", "-c",
        "import multiprocessing as m, os\n"
        "for how in 'fork', 'spawn', 'forkserver':\n"
        "  with m.get_context(how).Pool(2) as p: print(how, p.map(abs, [-1, 2, -3]))\n"}},
      {"python_signals",
       {"/usr/bin/python3", "-I", "-c",
        "import os, signal, subprocess, sys\n"
        "print([s for s in signal.valid_signals() if signal.getsignal(s) not in (signal.SIG_DFL, None)])\n"
        "print(signal.pthread_sigmask(signal.SIG_BLOCK, []))\n"
        "print(subprocess.run(['sh', '-c', 'kill -SEGV $$'], preexec_fn=os.setsid).returncode)\n"
        "sys.stdout.flush(); os.kill(os.getpid(), signal.SIGTERM)\n"}},
      {"python_exec",
       {"/usr/bin/python3", "-I", "-c", "import os; os.execvpe('sh', ['sh', '-c', 'echo $HI; exit 8'], {'HI': 'hi'})"}},
      {"python_uncaught", {"/usr/bin/python3", "-I", "-c", "import os; os.write(1, b'x'); os.abort()"}},
      {"node",
       {"node", "-e",
        "const w = new (require('worker_threads').Worker)('process.exit(3)', {eval: true}); w.on('exit', c => { "
        "console.log(c, require('child_process').execSync('echo child') + ''); process.exit(5) })"}},
      {"node_wasm",
       {"node", "-e",
        "const m = new "
        "WebAssembly.Module(Buffer.from('"
        "0061736d0100000001050160017f017f030201000707010361646400000a09010700200041016a0b', 'hex')); console.log(new "
        "WebAssembly.Instance(m).exports.add(41)); process.abort"}},
      {"java", {"java", "-Xshare:auto", "-XX:-UsePerfData", "-version"}},
      {"wasmtime", {"wasmtime", "run", "-W", "all-proposals=n", "guest.wat"}, wat},
      {"wasmtime_trap", {"wasmtime", "run", "guest.wat"}, trap},
      {"wasmtime_usage_error", {"wasmtime", "run", "missing.wasm"}},
      {"go_static", {"gofmt"}, "package  a\n", usual, Reached::no},
      // programs of ours, one trait each
      {"vfork", {"own:host_processes", "vfork"}},
      {"vfork_syscall", {"own:host_processes", "vfork-syscall"}},
      {"posix_spawn", {"own:host_processes", "spawn"}},
      {"clone", {"own:host_processes", "clone"}},
      {"fork_and_abort", {"own:host_processes", "fork"}},
      {"hundred_forks", {"own:host_processes", "forks"}},
      {"daemon", {"own:host_processes", "daemon"}},
      {"system_popen", {"own:host_processes", "shell"}},
      {"exec_without_environment", {"own:host_processes", "no-environment"}},
      {"exec_in_the_middle", {"own:host_processes", "exec"}},
      {"start_state", {"own:host_start", "", "x"}},
      {"start_low_limits", {"own:host_start"}, "", low_limits},
      {"start_no_descriptors", {"own:host_start"}, "", no_descriptors},
      {"start_static", {"own:host_start-static"}, "", usual, Reached::no},
      {"signal_state", {"own:host_signals", "state"}},
      {"signal_state_inherited", {"own:host_signals", "state"}, "", signals_blocked},
      {"own_segv_handler", {"own:host_signals", "segv"}},
      {"stack_overflow_caught", {"own:host_signals", "overflow"}},
      {"timer_signals", {"own:host_signals", "timers"}},
      {"crash", {"own:host_signals", "crash"}},
      {"abort", {"own:host_signals", "abort"}},
      {"exit_unflushed", {"own:host_signals", "_exit"}},
      {"exit_group", {"own:host_signals", "exit_group"}},
      {"kill_9", {"own:host_signals", "kill"}},
      {"quick_exit", {"own:host_signals", "quick_exit"}},
      {"file_limit_kills", {"own:host_signals", "file-limit"}},
      {"file_limit_ignored", {"own:host_signals", "file-limit-ignored"}},
      {"seccomp_strict", {"own:host_seccomp", "strict"}},
      {"seccomp_errno", {"own:host_seccomp", "errno"}},
      {"seccomp_errno_syscall", {"own:host_seccomp", "errno", "syscall"}},
      {"seccomp_errno_inline", {"own:host_seccomp", "errno", "inline"}},
      {"seccomp_kill", {"own:host_seccomp", "kill"}},
      {"seccomp_kill_syscall", {"own:host_seccomp", "kill", "syscall"}},
      {"seccomp_kill_forbidden", {"own:host_seccomp", "forbidden"}},
      {"own_allocator", {"own:host_memory"}},
      {"own_dlsym", {"own:host_dlsym"}},
      {"chroot_and_user", {"own:host_identity"}},
      {"threads", {"own:host_threads"}},
      // other compilers and systems
      {"asan_clang", {"own:host_threads-asan-clang"}},
      {"asan_gcc", {"own:host_threads-asan-gcc"}, "", usual, Reached::yes, {"ASAN_OPTIONS=verify_asan_link_order=0"}},
      {"tsan_clang", {"own:host_threads-tsan-clang"}},
      {"tsan_gcc", {"own:host_threads-tsan-gcc"}},
      {"static_pie", {"own:host_threads-static-pie"}, "", usual, Reached::no},
      {"musl", {"own:host_threads-musl"}, "", usual, Reached::no},
      {"musl_static", {"own:host_threads-musl-static"}, "", usual, Reached::no},
      {"bits_32", {"own:host_threads-32"}, "", usual, Reached::refused},
      // other users and places
      {"other_user", {"sh", "-c", "id -u; echo x >file; cat file; grep -i cap /proc/self/status"}, "", other_user},
      {"other_user_python",
       {"/usr/bin/python3", "-I", "-c", "import os; print(os.geteuid(), os.getgroups())"},
       "",
       other_user},
      {"setuid_program", {"/usr/bin/su", "--version"}, "", setuid_caller, Reached::no},
      {"read_only_root", {"sh", "-c", "touch /file 2>/dev/null; echo $?; echo x >file"}, "", read_only_root},
      {"read_only_all", {"sh", "-c", "touch file 2>/dev/null; echo $?"}, "", read_only_all, Reached::no},
      {"full_disk", {"sh", "-c", "echo x | cat"}, "", full_disk, Reached::any},
      {"low_limits_python",
       {"/usr/bin/python3", "-I", "-c",
        "open('f', 'w').write('x' * 1000); import os; print(len(os.listdir('/proc/self/fd')))"},
       "",
       low_limits},
  };
}

} // namespace sgperf::test
