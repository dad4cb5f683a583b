// SPDX-License-Identifier: Apache-2.0
// A Dockerfile whose image leaves modules in /benchmark, as Sightglass's workloads have them.
#include "run/suite_tools.h"

#include "run/output_check.h"
#include "run/worker_process.h"

#include <filesystem>
#include <set>
#include <sstream>

namespace sgperf::run {
namespace {

namespace fs = std::filesystem;

std::string trimmed(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) text.pop_back();
  const size_t last = text.find_last_of('\n');
  return last == std::string::npos ? text : text.substr(last + 1);
}

class Docker {
public:
  Docker(const SuiteRun &run, bool &stopped) : run_(run), stopped_(stopped) {}
  // In reverse order of what was made; also after an interruption, which must not stop the cleaning.
  ~Docker() {
    const int signal = interrupted.exchange(0);
    ChildOptions how;
    how.timeout_s = 120;
    if (!container_.empty()) run_child({program_, "rm", "-f", container_}, how);
    if (!image_.empty() && !known_) run_child({program_, "rmi", image_}, how);
    if (signal) interrupted = signal;
  }
  Docker(const Docker &) = delete;
  Docker &operator=(const Docker &) = delete;

  std::string build(const BuildRecipe &recipe) {
    ChildResult listed;
    std::string problem = call({"images", "--all", "--quiet", "--no-trunc"}, &listed);
    if (!problem.empty())
      return problem + "\nexpected a docker-compatible program whose daemon, if it has one, can be reached; " +
             program_ + " was run (DOCKER names another)";
    std::set<std::string> before;
    std::istringstream lines(listed.out);
    for (std::string line; std::getline(lines, line);) before.insert(line);
    const fs::path id_file = run_.out.string() + ".image";
    std::vector<std::string> command{"build", "--force-rm", "--iidfile", id_file};
    if (run_.fresh) command.push_back("--no-cache");
    command.insert(command.end(), {"-f", recipe.file, recipe.folder});
    problem = call(command);
    if (!problem.empty()) return problem;
    image_ = trimmed(read_whole(id_file));
    if (image_.empty()) return program_ + " build: expected the image's id in --iidfile, found nothing";
    // podman lists ids without the algorithm.
    known_ = before.count(image_) || before.count("sha256:" + image_);
    return "";
  }

  std::string create() {
    ChildResult result;
    // An image made from nothing may have no command; it is never started, so any name will do.
    const std::string problem = call({"create", image_, "/benchmark"}, &result);
    if (problem.empty()) container_ = trimmed(result.out);
    return problem;
  }

  std::string copy(const fs::path &to) {
    const std::string problem = call({"cp", container_ + ":/benchmark/.", to});
    if (problem.empty() || stopped_) return problem;
    // Older ones leave one file.
    const std::string other = call({"cp", container_ + ":/benchmark.wasm", to / "benchmark.wasm"});
    return other.empty() ? "" : "the image has neither a folder /benchmark nor /benchmark.wasm: " + problem;
  }

private:
  std::string call(std::vector<std::string> arguments, ChildResult *result = nullptr) {
    arguments.insert(arguments.begin(), program_);
    return run_tool(arguments, {}, run_, stopped_, result);
  }

  const SuiteRun &run_;
  bool &stopped_;
  const std::string program_ = tool("DOCKER", "docker");
  std::string image_, container_;
  bool known_ = false; // the image was there before: somebody else's
};

} // namespace

std::string run_dockerfile(const BuildRecipe &recipe, const SuiteRun &run, bool &interrupted) {
  Docker docker(run, interrupted);
  std::string problem = docker.build(recipe);
  if (problem.empty()) problem = docker.create();
  if (problem.empty()) problem = docker.copy(run.out);
  return problem;
}

} // namespace sgperf::run
