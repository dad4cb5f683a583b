// SPDX-License-Identifier: Apache-2.0
// Programs that never heard of sgperf run as without it: each of the corpus runs plainly and preloaded, in the same
// folder, and how it ended, what it printed and what it left are compared.
#include <fcntl.h>
#include <grp.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <csignal>
#include <cstdlib>
#include <map>
#include <set>
#include <sstream>

#include "libsgperf/fixture.h"
#include "libsgperf/places.h"
#include "preload/manners_cases.h"
#include "support/cache.h"

namespace fs = std::filesystem;

namespace sgperf::test {
namespace {

constexpr uid_t nobody = 65534;

// Name -> kind, mode and content.
std::map<std::string, std::string> listing(const fs::path &dir) {
  std::map<std::string, std::string> files;
  for (const auto &entry : fs::recursive_directory_iterator(dir)) {
    struct stat status {};
    if (lstat(entry.path().c_str(), &status) != 0) continue;
    std::ostringstream what;
    what << std::oct << status.st_mode << std::dec << " of " << status.st_uid;
    if (S_ISREG(status.st_mode)) what << ", " << status.st_size << " bytes\n" << read_file(entry.path());
    if (S_ISLNK(status.st_mode)) what << " -> " << fs::read_symlink(entry.path());
    files[fs::relative(entry.path(), dir)] = what.str();
  }
  return files;
}

// Files of sgperf in the places where it could leave some, whoever's.
std::set<std::string> leftovers() {
  std::set<std::string> names;
  for (const char *place : {"/tmp", "/dev/shm", "/run", "/var/tmp"}) {
    std::error_code error;
    for (const auto &entry : fs::directory_iterator(place, error)) {
      const std::string name = entry.path().filename();
      if (name.starts_with("session-") || name.starts_with("code-") || name.starts_with("jit-"))
        names.insert(entry.path());
    }
  }
  return names;
}

void become(uid_t user) {
  if (setgroups(0, nullptr) != 0 || setresgid(user, user, user) != 0 || setresuid(user, user, user) != 0)
    child_failed("change of user");
}

void make_read_only(const std::vector<fs::path> &but) {
  if (unshare(CLONE_NEWNS) != 0) child_failed("unshare");
  if (mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) child_failed("mount private");
  for (const fs::path &path : but)
    if (mount(path.c_str(), path.c_str(), nullptr, MS_BIND, nullptr) != 0) child_failed("bind");
  for (const char *place : {"/", "/tmp", "/run", "/dev/shm", "/dev"}) {
    mount(place, place, nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY, nullptr); // no mount of its own: the root's
  }
  if (access("/", W_OK) == 0) child_failed("the root can still be written to");
}

// The loader's own word about a library that it cannot load, one line a program; none of ours could prevent it.
std::string without_refusal(const std::string &text) {
  std::istringstream in(text);
  std::string rest;
  size_t refusals = 0;
  for (std::string line; std::getline(in, line);)
    if (line.starts_with("ERROR: ld.so: object ") && line.ends_with("): ignored."))
      ++refusals;
    else
      rest += line + "\n";
  EXPECT_GT(refusals, 0u) << "the loader could load it after all";
  return rest;
}

class Manners : public testing::TestWithParam<Case> {
protected:
  // Reachable for other users, wherever the build is.
  static void SetUpTestSuite() {
    shared_ = new TempDir;
    chmod(shared_->path().c_str(), 0755);
    fs::copy_file(test::library(), shared_->path() / "libsgperf.so");
  }
  static void TearDownTestSuite() {
    delete shared_;
    shared_ = nullptr;
  }

  static std::string library() { return shared_->path() / "libsgperf.so"; }

  // Fills in the program; the reason to skip, or empty.
  static std::string find_program(std::string &name) {
    if (name == "wasmtime") {
      name = stock_wasmtime();
      return fs::exists(name) ? "" : name + " is missing (./dev test fetches it)";
    }
    if (name.starts_with("own:")) {
      name = build_dir() / "tests/preload/programs" / name.substr(4);
      return fs::exists(name) ? "" : "no compiler for it was found when this build was set up: " + name;
    }
    if (name.starts_with("/")) return fs::exists(name) ? "" : "not installed: " + name;
    std::istringstream path(getenv("PATH") ? getenv("PATH") : "/usr/bin:/bin");
    for (std::string dir; std::getline(path, dir, ':');)
      if (access((dir + "/" + name).c_str(), X_OK) == 0) return "";
    return "not installed: " + name;
  }

  Result run_case(const Case &one, const std::vector<std::string> &argv, bool preload, const fs::path &work,
                  const fs::path &sessions) {
    fs::remove_all(work);
    fs::create_directory(work);
    Options options;
    options.cwd = work;
    options.timeout_s = 40;
    options.env = {"SGPERF_DIR=" + sessions.string(), "SGPERF_JIT", "SGPERF_FORK", "SGPERF_SITES", "SGPERF_PARENT",
                   "HOME=" + home_.path().string(),   "TERM=dumb"};
    options.env.insert(options.env.end(), one.env.begin(), one.env.end());
    options.env.push_back(preload ? "LD_PRELOAD=" + library() : "LD_PRELOAD");
    if (argv[0] == stock_wasmtime())
      write_file(work / "guest.wat", one.input);
    else
      options.input = one.input;
    const bool other = one.setting == Setting::other_user || one.setting == Setting::setuid_caller;
    for (const fs::path &dir : {work, sessions}) {
      chmod(dir.c_str(), 0700);
      if (other && chown(dir.c_str(), nobody, nobody) != 0) ADD_FAILURE() << "chown " << dir;
    }
    options.in_child = [&one, work, sessions] { set_up(one.setting, work, sessions); };
    return run(argv, options);
  }

  static void set_up(Setting setting, const fs::path &work, const fs::path &sessions) {
    sigset_t all;
    switch (setting) {
    case Setting::usual:
      break;
    case Setting::other_user:
      for (int capability = 0; capability < 64; ++capability) prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
      become(nobody);
      if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) child_failed("no_new_privs");
      break;
    case Setting::setuid_caller:
      become(nobody);
      break;
    case Setting::read_only_root:
      make_read_only({sessions, work});
      break;
    case Setting::read_only_all:
      make_read_only({});
      break;
    case Setting::full_disk:
      mount_small_tmpfs(sessions, "4k");
      break;
    case Setting::low_limits: {
      const rlimit descriptors{16, 16}, size{512 << 10, 512 << 10};
      if (setrlimit(RLIMIT_NOFILE, &descriptors) != 0 || setrlimit(RLIMIT_FSIZE, &size) != 0) child_failed("setrlimit");
      break;
    }
    case Setting::signals_blocked:
      signal(SIGINT, SIG_IGN);
      signal(SIGCHLD, SIG_IGN);
      sigfillset(&all);
      sigprocmask(SIG_SETMASK, &all, nullptr);
      break;
    case Setting::no_descriptors:
      // What the program prints is lost, so into a file: it opens none itself.
      close(0);
      close(2);
      break;
    }
  }

  TempDir home_; // caches with times and numbers in them: not compared
  static TempDir *shared_;
};
TempDir *Manners::shared_ = nullptr;

TEST_P(Manners, SameWithAndWithout) {
  const Case &one = GetParam();
  SKIP_WHEN_SANITIZED("a preloaded library needs an unsanitized host");
  std::vector<std::string> argv = one.argv;
  if (const std::string missing = find_program(argv[0]); !missing.empty()) GTEST_SKIP() << missing;
  switch (one.setting) {
  case Setting::other_user:
  case Setting::setuid_caller:
    SKIP_WITHOUT_ROOT("changes the user");
    break;
  case Setting::read_only_root:
  case Setting::read_only_all:
  case Setting::full_disk:
    if (geteuid() != 0 || !may_mount()) GTEST_SKIP() << "needs root and mount namespaces";
    break;
  default:
    break;
  }
  if (one.name == "chroot_and_user") SKIP_WITHOUT_ROOT("chroot");

  const TempDir place, sessions("/dev/shm");
  chmod(place.path().c_str(), 0755);
  const fs::path work = place.path() / "work";
  const auto left_before = leftovers();
  const Result without = run_case(one, argv, false, work, sessions.path());
  const auto files_without = listing(work);
  ASSERT_FALSE(without.timed_out) << without.out << without.err;
  ASSERT_NE(without.exit_code, 125) << "the setting could not be made: " << without.err;
  const Result with = run_case(one, argv, true, work, sessions.path());
  const auto files_with = listing(work);

  EXPECT_FALSE(with.timed_out);
  EXPECT_EQ(with.exit_code, without.exit_code);
  EXPECT_EQ(with.signal, without.signal);
  EXPECT_EQ(with.out, without.out);
  EXPECT_EQ(one.reached == Reached::refused ? without_refusal(with.err) : with.err, without.err);
  EXPECT_EQ(files_with, files_without);
  EXPECT_EQ(leftovers(), left_before);

  const auto files = session_files(sessions.path());
  if (one.reached == Reached::yes || one.reached == Reached::no) {
    EXPECT_EQ(!files.empty(), one.reached == Reached::yes) << "where there must be a session, the library did run";
  }
  for (const auto &file : files) read_session(file); // throws when it is not whole
  for (const auto &entry : fs::directory_iterator(sessions.path())) {
    const std::string name = entry.path().filename();
    EXPECT_TRUE(name.starts_with("session-") || name.starts_with("code-")) << name;
  }
}

INSTANTIATE_TEST_SUITE_P(Corpus, Manners, testing::ValuesIn(manners_cases()),
                         [](const auto &info) { return info.param.name; });

} // namespace
} // namespace sgperf::test
