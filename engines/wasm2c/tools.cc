// SPDX-License-Identifier: Apache-2.0
#include "wasm2c/tools.h"

#include "adapter/find_program.h"
#include "sgperf/sgperf.h"
#include "wasm2c/runtime_source.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

namespace sgperf::wasm2c {

namespace {

namespace fs = std::filesystem;

std::string first_line(const std::string &text) {
  return text.substr(0, text.find('\n'));
}

uint64_t hash(uint64_t seed, const std::string &text) {
  for (unsigned char c : text) seed = (seed ^ c) * 0x100000001b3u;
  return (seed ^ 0xff) * 0x100000001b3u; // texts do not run into each other
}

// Changes when the compiler is replaced; cheaper than asking for its version in every process.
std::string identity(const std::string &path) {
  struct stat st;
  if (stat(path.c_str(), &st)) return path;
  return path + ":" + std::to_string(st.st_size) + ":" + std::to_string(st.st_mtim.tv_sec) + ":" +
         std::to_string(st.st_ino);
}

} // namespace

std::string read_text(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

int run_tool(const std::vector<std::string> &argv, const std::string &log) {
  SGPERF_SCOPE("wasm2c::run_tool");
  std::vector<char *> pointers;
  for (const std::string &arg : argv) pointers.push_back(const_cast<char *>(arg.c_str()));
  pointers.push_back(nullptr);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&files, 1, log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  posix_spawn_file_actions_adddup2(&files, 1, 2);
  // What is preloaded into the worker to observe it does not belong into its compilers.
  std::vector<char *> environment;
  for (char **entry = environ; *entry; entry++)
    if (std::strncmp(*entry, "LD_PRELOAD=", 11)) environment.push_back(*entry);
  environment.push_back(nullptr);
  pid_t child;
  int failure = posix_spawn(&child, argv[0].c_str(), &files, nullptr, pointers.data(), environment.data());
  posix_spawn_file_actions_destroy(&files);
  if (failure) return -1;
  int status = 0;
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR) return -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int find_tools(const engine::Host &host, const std::string &cc, Tools &out) {
  const char *own = host.config().library; // lib=PATH: somebody's own wasm2c
  out.wasm2c = engine::find_program(own ? own : "wasm2c");
  out.cc = engine::find_program(cc);
  if (out.wasm2c.empty())
    return host.error(SGPERF_ENGINE_NOT_FOUND,
                      "wasm2c is missing: expected %s; install the package wabt, or give lib=PATH of the program",
                      own ? own : "it in PATH");
  if (out.cc.empty())
    return host.error(SGPERF_ENGINE_NOT_FOUND,
                      "the C compiler '%s' is missing; install gcc, or name another with the flag cc=PROGRAM",
                      cc.c_str());

  std::string log = std::string(host.config().work_dir) + "/version.txt";
  int code = run_tool({out.wasm2c, "--version"}, log);
  out.version = first_line(read_text(log));
  if (code || out.version != known_version)
    return host.error(SGPERF_ENGINE_VERSION_REFUSED,
                      "%s is refused: expected wasm2c %s, found '%s'; the names in its output and the structs of "
                      "wasm-rt differ between versions",
                      out.wasm2c.c_str(), known_version, out.version.c_str());
  fs::path prefix = fs::path(out.wasm2c).parent_path().parent_path();
  for (fs::path folder : {prefix / "share/wabt/wasm2c", prefix / "src/wasm2c",
                          fs::path(out.wasm2c).parent_path() / "wasm2c", fs::path("/usr/share/wabt/wasm2c")})
    if (out.runtime_folder.empty() && fs::exists(folder / "wasm-rt-impl.c")) out.runtime_folder = folder;
  if (out.runtime_folder.empty())
    return host.error(SGPERF_ENGINE_NOT_FOUND, "wasm-rt-impl.c is missing: expected it in %s; install the package wabt",
                      (prefix / "share/wabt/wasm2c").c_str());
  return SGPERF_ENGINE_OK;
}

int runtime_object(const engine::Host &host, const Tools &tools, const std::vector<std::string> &switches,
                   std::string &path) {
  uint64_t key = hash(0xcbf29ce484222325u, aot_header);
  key = hash(key, runtime_source);
  key = hash(key, identity(tools.cc));
  for (const char *file : {"wasm-rt-impl.c", "wasm-rt-impl.h"})
    key = hash(key, identity(tools.runtime_folder + "/" + file));
  for (const std::string &option : switches) key = hash(key, option);
  char name[64];
  std::snprintf(name, sizeof name, "wasm-rt-%016llx.o", (unsigned long long)key);
  fs::path folder = fs::path(host.config().cache_dir) / "wasm2c";
  std::error_code error;
  fs::create_directories(folder, error);
  if (error || access(folder.c_str(), W_OK)) folder = host.config().work_dir; // a cache that cannot be written
  path = folder / name;
  if (!access(path.c_str(), R_OK)) return SGPERF_ENGINE_OK;

  fs::path work = host.config().work_dir;
  std::ofstream(work / "aot.h") << aot_header;
  std::ofstream(work / "runtime.c") << runtime_source;
  std::string fresh = path + "." + std::to_string(getpid()), log = work / "runtime.log";
  std::vector<std::string> argv = {tools.cc, "-c", "-w", "-fPIC", "-fvisibility=hidden"};
  argv.insert(argv.end(), switches.begin(), switches.end());
  for (const std::string &arg : {std::string("-I") + tools.runtime_folder, "-I" + work.string(),
                                 (work / "runtime.c").string(), std::string("-o"), fresh})
    argv.push_back(arg);
  if (run_tool(argv, log))
    return host.error(SGPERF_ENGINE_ERROR, "%s cannot compile wasm-rt-impl.c: %.2000s", tools.cc.c_str(),
                      read_text(log).c_str());
  fs::rename(fresh, path, error); // another worker may have made the same file: either is right
  if (error) return host.error(SGPERF_ENGINE_ERROR, "cannot write %s: %s", path.c_str(), error.message().c_str());
  return SGPERF_ENGINE_OK;
}

} // namespace sgperf::wasm2c
