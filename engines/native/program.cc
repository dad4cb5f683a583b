// SPDX-License-Identifier: Apache-2.0
#include "native/program.h"

#include "adapter/child.h"
#include "native/marks.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <filesystem>

namespace sgperf::native {

namespace {

namespace fs = std::filesystem;

// The worker's own environment, so that libraries are found, then the guest's, then ours.
int make_environment(const engine::Host &host, const std::string &session_folder, std::vector<std::string> &out) {
  std::string preload = runtime_library();
  if (preload.empty())
    return host.error(SGPERF_ENGINE_NOT_FOUND,
                      "libsgperf.so.1 was not found beside the native plug-in: a program's bench marks cannot be "
                      "read without it; install sgperf again");
  if (const char *others = std::getenv("LD_PRELOAD"); others && *others) preload += std::string(":") + others;
  out = engine::child_environment(host);
  out.push_back("LD_PRELOAD=" + preload);
  out.push_back("SGPERF_DIR=" + session_folder);
  return SGPERF_ENGINE_OK;
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
  const sgperf_engine_config &config = host.config();
  std::string absolute = fs::absolute(path);
  std::vector<std::string> arguments, environment;
  for (const char *const *arg = config.args; arg && *arg; arg++) arguments.push_back(*arg);
  if (arguments.empty()) arguments.push_back(absolute);
  int status = make_environment(host, session_folder, environment);
  engine::Child child(host, absolute, arguments, environment);
  if (!status) status = child.open();
  if (!status) {
    host.begin(SGPERF_REGION_CALL);
    status = child.run();
    if (!status) {
      if (child.succeeded()) host.end(SGPERF_REGION_CALL);
      report_marks(host, session_folder);
      status = child.finish(exit_code);
    }
  }
  std::error_code ignored;
  fs::remove_all(session_folder, ignored);
  return status;
}

} // namespace sgperf::native
