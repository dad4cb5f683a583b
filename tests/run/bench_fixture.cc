// SPDX-License-Identifier: Apache-2.0
#include "run/bench_fixture.h"

#include <dirent.h>

#include <sstream>

namespace sgperf::test {
namespace fs = std::filesystem;

std::string sgperf_path() {
  return build_dir() / "cli/command/sgperf";
}
std::string fixture_plugin() {
  return build_dir() / "tests/run/libsgperf-engine-fixture.so";
}
std::string module_path(const std::string &name) {
  return build_dir() / "tests/run" / (name + ".wasm");
}

Bench::Bench() : recording_(dir_.path() / "recording") {
  fs::create_directory(dir_.path() / "tmp");
}

Result Bench::run_bench(std::vector<std::string> arguments, Options options) {
  // In front: the arguments may end with words for the guest.
  std::vector<std::string> argv = {sgperf_path(), "bench", "-o", recording_, "--raw"};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  options.env.push_back("TMPDIR=" + (dir_.path() / "tmp").string());
  options.env.push_back("SGPERF_TEST_RUN=" + dir_.path().string()); // found again in /proc/PID/environ
  options.cwd = options.cwd.empty() ? dir_.path() : options.cwd;
  return run(argv, options);
}

Result Bench::bench(const std::string &flags, const std::vector<std::string> &more, Options options) {
  std::vector<std::string> arguments = {"-e",
                                        fixture_plugin() + (flags.empty() ? "" : ",flag=" + flags) + ",name=fixture",
                                        module_path("plain"),
                                        "--processes",
                                        "2",
                                        "--iterations",
                                        "2",
                                        "--seed",
                                        "7"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return run_bench(arguments, options);
}

std::vector<record::Sample> Bench::samples() const {
  std::vector<record::Sample> out;
  std::stringstream in(read_file(recording_ / "samples.jsonl"));
  for (std::string line; std::getline(in, line);) {
    const auto sample = record::sample_from_line(line);
    EXPECT_TRUE(sample) << "not a sample: " << line;
    if (sample) out.push_back(*sample);
  }
  return out;
}

std::vector<record::Sample> Bench::failed() const {
  std::vector<record::Sample> out;
  for (const record::Sample &sample : samples())
    if (sample.status != record::Status::ok) out.push_back(sample);
  return out;
}

record::Meta Bench::meta() const {
  std::string error;
  const auto meta = record::read_meta(recording_, error);
  EXPECT_TRUE(meta) << error;
  return meta.value_or(record::Meta{});
}

bool Bench::has_warning(const std::string &id) const {
  for (const record::Warning &warning : meta().warnings)
    if (warning.id == id) return true;
  return false;
}

void Bench::expect_no_leftovers() const {
  EXPECT_TRUE(fs::is_empty(dir_.path() / "tmp")) << "files left in the temporary folder";
  const std::string mark = "SGPERF_TEST_RUN=" + dir_.path().string();
  for (const auto &entry : fs::directory_iterator("/proc")) {
    const std::string pid = entry.path().filename();
    if (pid.find_first_not_of("0123456789") != std::string::npos) continue;
    EXPECT_EQ(read_file(entry.path() / "environ").find(mark), std::string::npos) << "process " << pid << " is left";
  }
}

} // namespace sgperf::test
