// SPDX-License-Identifier: Apache-2.0
// `sgperf suite build` of Dockerfiles by a real daemon: one of its own, with folders and a socket of its own, no
// network, and a base image made here from the machine's own shell and tools.  Debian's docker.io is taken from the
// system, or as `./dev test` has unpacked it in the cache (packaging/dev/docker.sh); if it is in neither, the tests are
// skipped.
#include "support/cache.h"
#include "support/process.h"

#include <nlohmann/json.hpp>

#include <gtest/gtest.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <iterator>
#include <set>
#include <sstream>
#include <thread>

namespace sgperf::test {
namespace {

namespace fs = std::filesystem;
using json = nlohmann::json;
using Words = std::vector<std::string>;

class Daemon {
public:
  Daemon() : folder_("/tmp") {
    const fs::path unpacked = cache_folder() / "docker/root";
    const char *path = getenv("PATH");
    const std::string before = path ? path : "/usr/bin:/bin";
    env_ = {"DOCKER_HOST=unix://" + socket(), "DOCKER_CONFIG=" + (folder_.path() / "config").string(), "DOCKER",
            "PATH=" + before + ":/usr/sbin:/sbin"};
    if (fs::exists(unpacked / "usr/sbin/dockerd")) {
      env_.back() = "PATH=" + (unpacked / "usr/sbin").string() + ":" + (unpacked / "usr/bin").string() + ":" + before +
                    ":/usr/sbin:/sbin";
      env_.push_back("LD_LIBRARY_PATH=" + (unpacked / "usr/lib/x86_64-linux-gnu").string() + ":" +
                     (unpacked / "lib/x86_64-linux-gnu").string());
    }
    if (geteuid() != 0) {
      why_ = "dockerd needs root";
      return;
    }
    for (const char *program : {"dockerd", "docker", "containerd", "runc"})
      if (call({"sh", "-c", std::string("command -v ") + program}).exit_code != 0) {
        why_ = std::string("needs ") + program + " (./dev test unpacks Debian's docker.io into the cache)";
        return;
      }
    start();
  }
  ~Daemon() {
    if (pid_ <= 0) return;
    kill(pid_, SIGTERM); // it ends its containerd
    for (int i = 0; i < 100 && waitpid(pid_, nullptr, WNOHANG) == 0; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    kill(-pid_, SIGKILL);
    waitpid(pid_, nullptr, WNOHANG);
    // Mounts of layers, if any are left, would keep the folder from being removed.
    run({"sh", "-c", "grep -o '" + folder_.path().string() + "[^ ]*' /proc/mounts | sort -r | xargs -r -n1 umount"});
  }
  const std::string &why() const { return why_; }
  const Words &env() const { return env_; }
  Result call(const Words &command, const std::string &input = "") const {
    Options options;
    options.env = env_;
    options.input = input;
    options.timeout_s = 120;
    return run(command, options);
  }

private:
  std::string socket() const { return folder_.path() / "docker.sock"; }

  void start() {
    const std::string log = folder_.path() / "log";
    pid_ = fork();
    if (pid_ == 0) {
      setpgid(0, 0);
      prctl(PR_SET_PDEATHSIG, SIGTERM);
      const int out = open(log.c_str(), O_WRONLY | O_CREAT, 0600), null = open("/dev/null", O_RDONLY);
      dup2(null, 0), dup2(out, 1), dup2(out, 2);
      for (const std::string &entry : env_)
        if (entry.find('=') != std::string::npos) putenv(strdup(entry.c_str()));
      const std::string data = folder_.path() / "data", exec = folder_.path() / "exec", file = folder_.path() / "pid",
                        host = "unix://" + socket();
      execlp("dockerd", "dockerd", "--iptables=false", "--ip6tables=false", "--bridge=none", "--data-root",
             data.c_str(), "--exec-root", exec.c_str(), "--pidfile", file.c_str(), "--host", host.c_str(), nullptr);
      _exit(127);
    }
    for (int i = 0; i < 300; ++i) {
      if (call({"docker", "version"}).exit_code == 0) return;
      if (waitpid(pid_, nullptr, WNOHANG) == pid_) {
        pid_ = -1;
        break;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    const std::string said = read_file(log);
    why_ = "dockerd does not come up here: " + said.substr(said.size() > 600 ? said.size() - 600 : 0);
  }

  TempDir folder_;
  Words env_;
  std::string why_;
  pid_t pid_ = -1;
};

class SuiteDocker : public ::testing::Test {
protected:
  static void SetUpTestSuite() {
    daemon_ = new Daemon;
    if (daemon_->why().empty()) base_image();
  }
  static void TearDownTestSuite() {
    delete daemon_;
    daemon_ = nullptr;
  }
  void SetUp() override {
    if (!daemon_->why().empty()) GTEST_SKIP() << daemon_->why();
    before_ = everything();
  }
  // Whatever happened, nothing is left but what was there.
  void TearDown() override {
    if (daemon_->why().empty()) {
      EXPECT_EQ(everything(), before_);
    }
  }

  // The shell, a few tools and the assembler of this machine, with the libraries that they need.
  static void base_image() {
    const TempDir folder;
    const std::string script = R"sh(set -e
for name in sh mkdir cp date wat2wasm; do
  program=$(command -v $name)
  mkdir -p root/bin
  cp -L "$program" root/bin/
  ldd "$program" | grep -o '/[^ ]*' | while read -r library; do
    mkdir -p "root$(dirname "$library")"
    cp -nL "$library" "root$library"
  done
done
mkdir -p root/tmp
tar -C root -c . | docker import - sgperf-test-base:1
)sh";
    write_file(folder.path() / "make.sh", script);
    Options options;
    options.env = daemon_->env();
    options.cwd = folder.path();
    const Result result = run({"sh", "make.sh"}, options);
    ASSERT_EQ(result.exit_code, 0) << result.out << result.err;
  }
  // Sorted: docker's own order is that of seconds, and images of one second come in any.
  static std::set<std::string> everything() {
    std::istringstream ids(daemon_->call({"docker", "images", "--all", "--quiet", "--no-trunc"}).out +
                           daemon_->call({"docker", "ps", "--all", "--quiet", "--no-trunc"}).out);
    return {std::istream_iterator<std::string>(ids), {}};
  }
  void file(const std::string &name, const std::string &text) {
    fs::create_directories((dir_.path() / name).parent_path());
    write_file(dir_.path() / name, text);
  }
  Result build(Words arguments, Words env = {}) {
    arguments.insert(arguments.begin(), {build_dir() / "cli/command/sgperf", "suite", "build"});
    Options options;
    options.env = daemon_->env();
    options.env.insert(options.env.end(), env.begin(), env.end());
    options.cwd = dir_.path();
    options.timeout_s = 120;
    return run(arguments, options);
  }

  TempDir dir_;
  std::set<std::string> before_;
  static Daemon *daemon_;
};
Daemon *SuiteDocker::daemon_ = nullptr;

constexpr const char *wat_source =
    R"((module (import "bench" "start" (func)) (import "bench" "end" (func)) (func (export "_start") call 0 call 1)))";
constexpr const char *dockerfile = R"(FROM sgperf-test-base:1
COPY source.wat /source.wat
RUN mkdir /benchmark && wat2wasm /source.wat -o /benchmark/one.wasm && cp /source.wat /benchmark/one.input
)";

TEST_F(SuiteDocker, WhatTheImageLeavesIsTaken) {
  file("w/source.wat", wat_source);
  file("w/Dockerfile", dockerfile);
  const Result result = build({"w"});
  ASSERT_EQ(result.exit_code, 0) << result.out << result.err;
  EXPECT_NE(result.out.find("Dockerfile"), std::string::npos);
  EXPECT_EQ(read_file(dir_.path() / "w/one.input"), wat_source);
  EXPECT_EQ(run({"wasm-validate", dir_.path() / "w/one.wasm"}).exit_code, 0);
}

TEST_F(SuiteDocker, OneFileAsOlderImagesHaveIt) {
  file("w/source.wat", wat_source);
  file("w/Dockerfile", "FROM sgperf-test-base:1\nCOPY source.wat /s\nRUN wat2wasm /s -o /benchmark.wasm\n");
  const Result result = build({"w", "-o", "out"});
  ASSERT_EQ(result.exit_code, 0) << result.out << result.err;
  EXPECT_TRUE(fs::exists(dir_.path() / "out/w/benchmark.wasm"));
}

TEST_F(SuiteDocker, TreesGoOnAfterAFailureAndNothingIsLeft) {
  file("tree/a-fails/Dockerfile", "FROM sgperf-test-base:1\nRUN echo one thing && wat2wasm /nothing.wat\n");
  file("tree/b-no-image/Dockerfile", "FROM sgperf-test-nothing:1\n");
  file("tree/c-empty/Dockerfile", "FROM sgperf-test-base:1\nRUN mkdir /other\n");
  file("tree/d-good/source.wat", wat_source);
  file("tree/d-good/Dockerfile", dockerfile);
  file("tree/e-scratch/source.wat", "(module)");
  file("tree/e-scratch/Dockerfile", "FROM sgperf-test-base:1 AS made\nCOPY source.wat /s\nRUN wat2wasm /s -o /m.wasm\n"
                                    "FROM scratch\nCOPY --from=made /m.wasm /benchmark/m.wasm\n");
  const Result result = build({"tree", "--json"});
  EXPECT_EQ(result.exit_code, 3);
  const json builds = json::parse(result.out)["builds"];
  ASSERT_EQ(builds.size(), 5u);
  EXPECT_NE(builds[0]["problem"].get<std::string>().find("/nothing.wat"), std::string::npos) << builds[0].dump();
  EXPECT_NE(builds[2]["problem"].get<std::string>().find("neither a folder /benchmark nor /benchmark.wasm"),
            std::string::npos)
      << builds[2].dump();
  EXPECT_FALSE(builds[1]["built"].get<bool>());
  EXPECT_TRUE(builds[3]["built"].get<bool>()) << builds[3].dump();
  EXPECT_TRUE(builds[4]["built"].get<bool>()) << "an image with no command: " << builds[4].dump();
  EXPECT_TRUE(fs::exists(dir_.path() / "tree/e-scratch/m.wasm"));
  // Layers of a failed build stay in the daemon's cache; they are not this command's images.
  daemon_->call({"docker", "image", "prune", "--force"});
}

TEST_F(SuiteDocker, CheckedBuildsTakeNothingFromTheCache) {
  file("tree/clock/Dockerfile", R"docker(FROM sgperf-test-base:1
RUN mkdir /benchmark && echo "(module (memory 1) (data (i32.const 0) \"$(date +%N)\"))" >/c.wat && \
    wat2wasm /c.wat -o /benchmark/clock.wasm
)docker");
  file("tree/same/source.wat", wat_source);
  file("tree/same/Dockerfile", dockerfile);
  const Result result = build({"--check", "tree"});
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_NE(result.out.find("clock.wasm: data: "), std::string::npos) << result.out << result.err;
  EXPECT_NE(result.out.find("not reproducible"), std::string::npos);
  EXPECT_EQ(result.out.find("one.wasm: "), std::string::npos) << result.out;
}

// An image that is somebody's own stays, though the build gives the same one.
TEST_F(SuiteDocker, ImagesThatWereThereStay) {
  file("w/source.wat", wat_source);
  file("w/Dockerfile", dockerfile);
  ASSERT_EQ(daemon_->call({"docker", "build", "-t", "sgperf-test-own:1", dir_.path() / "w"}).exit_code, 0);
  const auto with_own = everything();
  EXPECT_EQ(build({"w"}).exit_code, 0);
  EXPECT_EQ(everything(), with_own);
  daemon_->call({"docker", "rmi", "sgperf-test-own:1"});
}

TEST_F(SuiteDocker, AnotherProgramByItsName) {
  file("w/source.wat", wat_source);
  file("w/Dockerfile", dockerfile);
  // What is called podman elsewhere: any program that takes docker's words.
  file("pod", "#!/bin/sh\necho \"$1\" >>\"$(dirname \"$0\")/called\"\nexec docker \"$@\"\n");
  fs::permissions(dir_.path() / "pod", fs::perms::owner_all);
  EXPECT_EQ(build({"w"}, {"DOCKER=" + (dir_.path() / "pod").string()}).exit_code, 0);
  std::istringstream called(read_file(dir_.path() / "called"));
  Words words;
  for (std::string word; std::getline(called, word);) words.push_back(word);
  EXPECT_EQ(words, (Words{"images", "build", "create", "cp", "rm", "rmi"}));
  const Result nobody = build({"w"}, {"DOCKER_HOST=unix:///nowhere/docker.sock"});
  EXPECT_EQ(nobody.exit_code, 3);
  EXPECT_NE(nobody.err.find("whose daemon, if it has one, can be reached"), std::string::npos) << nobody.err;
}

} // namespace
} // namespace sgperf::test
