// SPDX-License-Identifier: Apache-2.0
#include "native/program.h"

#include "native/marks.h"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <fcntl.h>
#include <filesystem>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace sgperf::native {

namespace {

namespace fs = std::filesystem;

// Everything exec needs, made before fork: the child calls nothing but system calls.
struct Launch {
  std::vector<std::string> args, env;
  std::vector<char *> argv, envp;
  const char *directory = nullptr;
  int files[3] = {-1, -1, -1};

  ~Launch() {
    for (int fd : files)
      if (fd >= 0) close(fd);
  }
};

std::vector<char *> pointers(std::vector<std::string> &texts) {
  std::vector<char *> out;
  for (std::string &text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

int prepare(const engine::Host &host, const std::string &path, const std::string &session_folder, Launch &launch) {
  const sgperf_engine_config &config = host.config();
  for (const char *const *arg = config.args; arg && *arg; arg++) launch.args.push_back(*arg);
  if (launch.args.empty()) launch.args.push_back(path);
  // The worker's own environment, so that libraries are found, then the guest's, then ours.
  for (char **entry = environ; *entry; entry++)
    if (std::strncmp(*entry, "SGPERF_", 7) && std::strncmp(*entry, "LD_PRELOAD=", 11)) launch.env.push_back(*entry);
  for (const char *const *entry = config.env; entry && *entry; entry++) launch.env.push_back(*entry);
  std::string preload = runtime_library();
  if (preload.empty())
    return host.error(SGPERF_ENGINE_NOT_FOUND,
                      "libsgperf.so.1 was not found beside the native plug-in: a program's bench marks cannot be "
                      "read without it; install sgperf again");
  if (const char *others = std::getenv("LD_PRELOAD"); others && *others) preload += std::string(":") + others;
  launch.env.push_back("LD_PRELOAD=" + preload);
  launch.env.push_back("SGPERF_DIR=" + session_folder);
  launch.argv = pointers(launch.args);
  launch.envp = pointers(launch.env);
  launch.directory = config.preopen_dir;
  const char *paths[3] = {config.stdin_path, config.stdout_path, config.stderr_path};
  for (int i = 0; i < 3; i++) {
    const char *file = paths[i] ? paths[i] : "/dev/null";
    launch.files[i] = open(file, (i ? O_WRONLY | O_CREAT | O_TRUNC : O_RDONLY) | O_CLOEXEC, 0644);
    if (launch.files[i] < 0)
      return host.error(SGPERF_ENGINE_ERROR, "cannot open %s for descriptor %d of the program: %s", file, i,
                        strerror(errno));
  }
  return SGPERF_ENGINE_OK;
}

[[noreturn]] void start(const std::string &path, const Launch &launch, int report) {
  prctl(PR_SET_PDEATHSIG, SIGKILL); // the worker's time limit is the program's
  for (int i = 0; i < 3; i++) dup2(launch.files[i], i);
  if (!launch.directory || !chdir(launch.directory)) execve(path.c_str(), launch.argv.data(), launch.envp.data());
  int reason = errno;
  _exit(write(report, &reason, sizeof reason) == sizeof reason ? 127 : 126);
}

int finish(const engine::Host &host, const std::string &path, int status, int *exit_code) {
  if (WIFSIGNALED(status))
    return host.error(SGPERF_ENGINE_TRAP, "%s was ended by signal %d (%s)", path.c_str(), WTERMSIG(status),
                      strsignal(WTERMSIG(status)));
  int code = WEXITSTATUS(status);
  if (exit_code) *exit_code = code;
  return code ? host.error(SGPERF_ENGINE_EXIT, "%s left with code %d", path.c_str(), code) : SGPERF_ENGINE_OK;
}

void report_marks(const engine::Host &host, const std::string &session_folder) {
  std::vector<Mark> marks = read_marks(session_folder);
  if (marks.empty()) return;
  if (!host.config().region_at) {
    host.warn("the program's bench marks are lost: this host takes no times of other processes (region_at)");
    return;
  }
  for (const Mark &mark : marks) {
    if (mark.open) host.warn("SGPERF_BENCH_END missing: region closed at the program's end");
    host.config().region_at(host.config().host, SGPERF_REGION_EXECUTE, mark.begin_ns, mark.end_ns);
  }
}

} // namespace

std::string runtime_library() {
  Dl_info self;
  if (!dladdr(reinterpret_cast<void *>(&runtime_library), &self)) return {};
  fs::path folder = fs::absolute(self.dli_fname).parent_path();
  for (const char *way : {"../../libsgperf.so.1", "../../libsgperf/libsgperf.so.1"}) {
    std::error_code error;
    fs::path file = fs::canonical(folder / way, error);
    if (!error) return file;
  }
  return {};
}

int run_program(const engine::Host &host, const std::string &path, int *exit_code) {
  std::string session_folder = std::string(host.config().work_dir) + "/program-XXXXXX";
  if (!mkdtemp(session_folder.data()))
    return host.error(SGPERF_ENGINE_ERROR, "cannot create %s: %s", session_folder.c_str(), strerror(errno));
  std::string absolute = fs::absolute(path);
  Launch launch;
  int status = prepare(host, absolute, session_folder, launch);
  int report[2];
  if (!status && pipe2(report, O_CLOEXEC))
    status = host.error(SGPERF_ENGINE_ERROR, "cannot open a pipe: %s", strerror(errno));
  if (status) {
    fs::remove_all(session_folder);
    return status;
  }

  host.begin(SGPERF_REGION_CALL);
  pid_t child = fork();
  if (child == 0) start(absolute, launch, report[1]);
  close(report[1]);
  int failure = 0, ended = 0;
  bool failed = child < 0 || read(report[0], &failure, sizeof failure) > 0;
  close(report[0]);
  if (child > 0)
    while (waitpid(child, &ended, 0) < 0 && errno == EINTR) continue;
  if (failed) {
    status =
        host.error(SGPERF_ENGINE_ERROR, "cannot run %s: %s", absolute.c_str(), strerror(failure ? failure : errno));
  } else {
    if (WIFEXITED(ended) && WEXITSTATUS(ended) == 0) host.end(SGPERF_REGION_CALL);
    report_marks(host, session_folder);
    status = finish(host, absolute, ended, exit_code);
  }
  std::error_code ignored;
  fs::remove_all(session_folder, ignored);
  return status;
}

} // namespace sgperf::native
