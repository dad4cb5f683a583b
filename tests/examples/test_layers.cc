// SPDX-License-Identifier: Apache-2.0
// examples/layers: one path through a guest, three Rust crates and a C library, in one table.
#include "examples/built_example.h"
#include "libsgperf/fixture.h"

#include <nlohmann/json.hpp>

#include <sys/stat.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <memory>
#include <set>
#include <sstream>

namespace fs = std::filesystem;
using json = nlohmann::json;

namespace sgperf::test {
namespace {

const std::string root = "host::run";
// From the outside to the inside: each is called by the one before it, once a system call.
const std::vector<std::string> path{"host::syscall", "dispatch::make_syscall", "table::close", "kernel::close"};

class Layers : public Libsgperf {
protected:
  static void SetUpTestSuite() {
    tree_ = tree();
    built_ = std::make_unique<BuiltExample>("layers");
  }
  static void TearDownTestSuite() { built_.reset(); }
  void SetUp() override {
    Libsgperf::SetUp();
    options_.env.push_back("RUST_BACKTRACE=0");
    if (!built_->skip().empty()) GTEST_SKIP() << built_->skip();
    ASSERT_EQ(built_->error(), "");
  }

  Result layers(const std::vector<std::string> &arguments, const std::vector<std::string> &env = {}) {
    std::vector<std::string> argv{built_->path("layers")};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    Options options = options_;
    options.env.insert(options.env.end(), env.begin(), env.end());
    return run(argv, options);
  }
  // Measured; expects that it prints `out`, that it ends well, and says nothing else.
  Session measured(const std::vector<std::string> &arguments, const std::string &out,
                   std::vector<std::string> env = {}) {
    env.push_back("LD_PRELOAD=" + library());
    const Result result = layers(arguments, env);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(result.err, "");
    EXPECT_EQ(result.out, out);
    return session();
  }
  Result sgperf(std::vector<std::string> arguments, const fs::path &cwd) {
    arguments.insert(arguments.begin(), build_dir() / "cli/command/sgperf");
    Options options = options_;
    options.cwd = cwd;
    return run(arguments, options);
  }
  // Rows of the report: scopes, counters and gauges.
  json rows(const std::string &of, const fs::path &cwd = "/") {
    const Result result = sgperf({"report", of, "--format", "json"}, cwd);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    const json root = json::parse(result.out, nullptr, false);
    if (!root.is_object() || !root.contains("scopes")) {
      ADD_FAILURE() << "expected a report with scopes, found: " << result.out;
      return json::array();
    }
    return root["scopes"];
  }
  // What lies in the folders that a build copies.
  static std::set<fs::path> tree() {
    std::set<fs::path> out;
    for (const char *room : {"examples/layers", "bindings/rust"})
      for (const auto &entry : fs::recursive_directory_iterator(source_dir() / room)) out.insert(entry.path());
    return out;
  }

  static std::unique_ptr<BuiltExample> built_;
  static std::set<fs::path> tree_; // before the build
};
std::unique_ptr<BuiltExample> Layers::built_;
std::set<fs::path> Layers::tree_;

bool is_scope(const Session &session, uint32_t site) {
  return (session.sites[site].flags & SGPERF_SITE_KIND) == SGPERF_SITE_SCOPE;
}

// Everything that is measured happens inside the root, so that on each thread the self times add up to its total, to
// the last timer unit.
void expect_self_times_add_up(const Session &session) {
  ASSERT_TRUE(session.site(root));
  for (const Block &block : session.blocks) {
    uint64_t self = 0;
    for (const auto &[site, sums] : block.slots)
      if (is_scope(session, site)) self += sums.self;
    const auto at = block.slots.find(*session.site(root));
    ASSERT_NE(at, block.slots.end()) << "thread " << block.owner.name << " has no " << root;
    EXPECT_GT(self, 0u) << block.owner.name;
    EXPECT_EQ(self, at->second.total) << block.owner.name;
    EXPECT_EQ(block.site, 0u) << "a scope of thread " << block.owner.name << " is still open";
  }
}

void expect_counts(const Session &session, const std::map<std::string, uint64_t> &counts) {
  for (const auto &[name, count] : counts) EXPECT_EQ(session.sums(name).count, count) << name;
  EXPECT_EQ(session.header.dropped.sites, 0u);
  EXPECT_EQ(session.header.dropped.threads, 0u);
  EXPECT_EQ(session.header.dropped.foreign, 0u);
}

std::string said(int guest, uint64_t calls, const std::string &last) {
  return "guest " + std::to_string(guest) + ": " + std::to_string(calls) + " system calls, the last returned " + last +
         "\n";
}

std::vector<std::string> lines(const std::string &text) {
  std::istringstream in(text);
  std::vector<std::string> out;
  for (std::string line; std::getline(in, line);) out.push_back(line);
  return out;
}

// First words of the rows of the report's table of scopes, by the module whose heading they stand under.
std::map<std::string, std::vector<std::string>> scope_table(const std::string &text) {
  std::map<std::string, std::vector<std::string>> out;
  bool inside = false;
  std::string module;
  for (const std::string &line : lines(text)) {
    if (line.starts_with("  module::scope")) {
      EXPECT_FALSE(inside || !out.empty()) << "a second table:\n" << text;
      inside = true;
    } else if (line.starts_with("  share =")) {
      inside = false;
    } else if (inside) {
      std::istringstream words(line);
      std::string first;
      words >> first;
      if (line.starts_with("    "))
        out[module].push_back(first);
      else
        module = first;
    }
  }
  return out;
}

TEST_F(Layers, AMillionCallsAreOneTable) {
  const Session session = measured({"1000000"}, said(1, 1000000, "-9"));
  expect_counts(session, {{root, 1}, {"table::misses", 1000000}, {"table::open", 1}, {"dispatch::unknown", 0}});
  uint64_t outer = session.sums(root).total;
  for (const std::string &name : path) {
    const Sums sums = session.sums(name);
    EXPECT_EQ(sums.count, 1000000u) << name;
    EXPECT_LE(sums.total, outer) << name << " took longer than what it was called by";
    EXPECT_GT(sums.self, 0u) << name;
    EXPECT_GT(sums.min, 0u) << name;
    outer = sums.total;
  }
  EXPECT_EQ(session.sums("table::misses").total, 1000000u);
  EXPECT_EQ(session.sums("table::open").max, 3u);
  expect_self_times_add_up(session);

  // What a user reads: converted and rounded, hence the tolerance of 1 %.
  double self = 0, share = 0, total = 0;
  std::map<std::string, uint64_t> calls;
  for (const json &row : rows(session.path)) {
    calls[row["name"]] = row["calls"];
    if (row["kind"] != "scope") continue;
    self += row["self"].get<double>();
    share += row["share"].get<double>();
    if (row["name"] == root) total = row["total"];
  }
  for (const std::string &name : path) EXPECT_EQ(calls[name], 1000000u) << name;
  EXPECT_NEAR(self, total, 0.01 * total);
  EXPECT_NEAR(share, 1, 1e-6);
  const Result text = sgperf({"report", session.path}, "/");
  const std::map<std::string, std::vector<std::string>> expected{{"host", {"host::run", "host::syscall"}},
                                                                 {"dispatch", {"dispatch::make_syscall"}},
                                                                 {"table", {"table::close"}},
                                                                 {"kernel", {"kernel::close"}}};
  EXPECT_EQ(scope_table(text.out), expected) << text.out;
}

TEST_F(Layers, AreSilentWithoutSgperf) {
  const Result result = layers({"1000", "2"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.err, "");
  EXPECT_EQ(result.out, said(1, 1000, "-9") + said(2, 1000, "-9"));
  EXPECT_TRUE(session_files(dir()).empty());
  // Neither module asks the loader for the runtime; both look for it by themselves.
  for (const char *file : {"layers", "libkernel.so"}) {
    const std::string bytes = read_file(built_->path(file));
    EXPECT_EQ(bytes.find("libsgperf.so"), std::string::npos) << file;
    EXPECT_NE(bytes.find("sgperf_runtime_v1"), std::string::npos) << file;
  }
}

TEST_F(Layers, EachThreadAddsUp) {
  constexpr unsigned threads = 4, calls = 50000;
  std::string out;
  for (unsigned i = 1; i <= threads; ++i) out += said(int(i), calls, "-9");
  const Session session = measured({std::to_string(calls), std::to_string(threads)}, out);
  std::map<std::string, uint64_t> counts{{root, threads}, {"table::misses", threads * calls}, {"table::open", threads}};
  for (const std::string &name : path) counts[name] = threads * calls;
  expect_counts(session, counts);
  expect_self_times_add_up(session);
  uint32_t users = 0; // a block is used again when its thread has ended
  for (const Block &block : session.blocks) {
    users += block.owner.generation;
    EXPECT_TRUE(std::string(block.owner.name).starts_with("guest ")) << block.owner.name;
    const uint64_t guests = block.slots.at(*session.site(root)).count;
    EXPECT_EQ(guests, block.owner.generation);
    for (const std::string &name : path) EXPECT_EQ(block.slots.at(*session.site(name)).count, guests * calls) << name;
  }
  EXPECT_EQ(users, threads);
}

TEST_F(Layers, AddUpByTheClockToo) {
  const Session session = measured({"20000"}, said(1, 20000, "-9"), {"SGPERF_TIMER=clock"});
  for (const std::string &name : path) EXPECT_EQ(session.sums(name).count, 20000u) << name;
  expect_self_times_add_up(session);
}

TEST_F(Layers, EachModuleIsSwitchedByItsName) {
  const Session session =
      measured({"20000"}, said(1, 20000, "-9"), {"SGPERF_SITES=" + root + ",kernel::*,table::misses"});
  expect_counts(session, {{root, 1},
                          {"host::syscall", 0},
                          {"dispatch::make_syscall", 0},
                          {"table::close", 0},
                          {"kernel::close", 20000},
                          {"table::misses", 20000},
                          {"table::open", 0}});
  // C's scopes are children of Rust's: one thread has one stack of scopes, whatever module they are in.
  EXPECT_EQ(session.sums(root).self, session.sums(root).total - session.sums("kernel::close").total);
}

TEST_F(Layers, AnEarlyReturnIsCounted) {
  const Session session = measured({"20001", "1", "99"}, said(1, 20001, "-38"));
  expect_counts(session, {{root, 1},
                          {"host::syscall", 20001},
                          {"dispatch::make_syscall", 20001},
                          {"dispatch::unknown", 20001},
                          {"table::close", 0}});
  expect_self_times_add_up(session);
}

TEST_F(Layers, EarlyReturnsBetweenOtherCallsAreCounted) {
  // No such system call, and close, in turn.
  const Session session = measured({"20001", "1", "99", "3"}, said(1, 20001, "-38"));
  expect_counts(session, {{root, 1},
                          {"host::syscall", 20001},
                          {"dispatch::make_syscall", 20001},
                          {"dispatch::unknown", 10001},
                          {"table::close", 10000},
                          {"table::misses", 10000},
                          {"kernel::close", 10000}});
  expect_self_times_add_up(session);
}

TEST_F(Layers, APanicUnwindsThroughScopes) {
  // close, and a system call whose handler panics, in turn.
  const Result result = layers({"3000", "2", "3", "511"}, {"LD_PRELOAD=" + library()});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  std::string out;
  for (int guest : {1, 2}) {
    std::string line = said(guest, 3000, "-14");
    line.insert(line.size() - 1, "; 1500 handlers panicked");
    out += line;
  }
  EXPECT_EQ(result.out, out);
  const size_t first = result.err.find("panicked at");
  EXPECT_NE(first, std::string::npos) << result.err;
  EXPECT_EQ(result.err.find("panicked at", first + 1), std::string::npos) << result.err;
  const Session session = this->session();
  expect_counts(session, {{root, 2},
                          {"host::syscall", 6000},
                          {"dispatch::make_syscall", 6000},
                          {"table::kernel_fd", 3000},
                          {"table::close", 3000},
                          {"table::misses", 3000},
                          {"kernel::close", 3000}});
  expect_self_times_add_up(session);
}

TEST_F(Layers, ADescriptorOfTheGuestIsClosed) {
  const Session session = measured({"1", "1", "3", "3", "2"}, said(1, 1, "0"));
  expect_counts(session, {{"table::close", 1}, {"table::misses", 0}, {"kernel::close", 1}});
}

TEST_F(Layers, IsolatedStandsBesideAllOn) {
  TempDir folder;
  const Result result = sgperf({"record", "-q", "--isolate", "--", built_->path("layers"), "100000"}, folder.path());
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.err, "");
  std::string out;
  for (size_t i = 0; i <= path.size() + 1; ++i) out += said(1, 100000, "-9"); // all on, then each alone
  EXPECT_EQ(result.out, out);

  std::map<std::string, json> scopes;
  for (const json &row : rows("sgperf.data", folder.path()))
    if (row["kind"] == "scope") scopes[row["name"]] = row;
  ASSERT_EQ(scopes.size(), path.size() + 1);
  for (const auto &[name, row] : scopes) {
    ASSERT_TRUE(row.contains("isolated")) << name;
    EXPECT_EQ(row["isolated"]["calls"], row["calls"]) << name;
    EXPECT_EQ(row["calls"], name == root ? 1 : 100000) << name;
    EXPECT_GT(row["isolated"]["average"], 0) << name;
  }
  // Alone means alone: nothing else was counted in those runs, so all of its time is its own.
  std::set<std::string> alone;
  for (const auto &run : fs::directory_iterator(folder.path() / "sgperf.data/isolated")) {
    const auto sessions = session_files(run.path());
    ASSERT_EQ(sessions.size(), 1u) << run.path();
    for (const json &row : rows(sessions[0])) {
      if (row["calls"] == 0) continue;
      EXPECT_TRUE(alone.insert(row["name"]).second) << row;
      EXPECT_EQ(row["self"], row["total"]) << row;
    }
  }
  EXPECT_EQ(alone, [] {
    std::set<std::string> all(path.begin(), path.end());
    all.insert(root);
    return all;
  }());

  // In the text: the same table, with two columns more.
  const Result text = sgperf({"report", "sgperf.data"}, folder.path());
  EXPECT_EQ(scope_table(text.out).size(), 4u) << text.out;
  size_t beside = 0;
  for (const std::string &line : lines(text.out)) {
    std::istringstream in(line);
    std::vector<std::string> words{std::istream_iterator<std::string>(in), {}};
    if (line.starts_with("  module::scope")) {
      EXPECT_TRUE(words.size() > 2 && words[words.size() - 2] == "alone" && words.back() == "cost") << line;
    }
    if (words.empty() || !scopes.contains(words[0])) continue;
    ++beside;
    // Name, calls, five times, share, alone and cost: each of them is a number and its unit, none is "-".
    EXPECT_EQ(words.size(), 1 + 1 + 5 * 2 + 2 + 2 * 2u) << line;
  }
  EXPECT_EQ(beside, scopes.size()) << text.out;
  EXPECT_NE(text.out.find("Whole run with all sites on"), std::string::npos) << text.out;
  EXPECT_NE(text.out.find("(median of 5)"), std::string::npos) << text.out;
}

TEST_F(Layers, RefusesWrongUse) {
  for (const std::vector<std::string> &arguments :
       {std::vector<std::string>{"many"}, {"-1"}, {"1", "0"}, {"1", "1", "1", "1", "1", "1"}, {"2147483648"}}) {
    const Result result = layers(arguments);
    EXPECT_EQ(result.exit_code, 2) << arguments[0];
    EXPECT_EQ(result.out, "");
    EXPECT_NE(result.err.find("expected "), std::string::npos) << result.err;
    EXPECT_NE(result.err.find("usage: layers [CALLS"), std::string::npos) << result.err;
  }
}

// ---- build.sh ----

TEST_F(Layers, ASecondBuildOnlyChecks) {
  const auto identity = [&] {
    std::map<std::string, std::pair<ino_t, long>> out;
    for (const auto &entry : fs::directory_iterator(built_->folder())) {
      struct stat status {};
      EXPECT_EQ(stat(entry.path().c_str(), &status), 0);
      out[entry.path().filename()] = {status.st_ino, status.st_mtim.tv_nsec};
    }
    return out;
  };
  const auto before = identity();
  EXPECT_EQ(before.size(), 4u); // three results and the stamp: nothing half done
  double fastest = 1e9;
  for (int i = 0; i < 5; ++i) {
    const Result result = build_example("layers", built_->folder());
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(result.out + result.err, "");
    fastest = std::min(fastest, result.seconds);
  }
  EXPECT_LT(fastest, 0.2);
  EXPECT_EQ(identity(), before);
}

TEST_F(Layers, ABuildIsTakenFromTheCacheWithoutCargo) {
  TempDir folder;
  const Result result = build_example("layers", folder.path() / "new", {"CARGO=/nonexistent"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  for (const char *file : {"layers", "libkernel.so", "guest.wasm"})
    EXPECT_TRUE(read_file(folder.path() / "new" / file) == read_file(built_->path(file))) << file;
}

TEST_F(Layers, ABuildSaysWhatIsMissing) {
  TempDir folder;
  const Result result = build_example("layers", folder.path() / "out",
                                      {"CARGO=/nonexistent", "SGPERF_CACHE=" + (folder.path() / "cache").string()});
  EXPECT_EQ(result.exit_code, 4);
  EXPECT_NE(result.err.find("expected the program cargo"), std::string::npos) << result.err;
  EXPECT_NE(result.err.find("apt install"), std::string::npos) << result.err;
  EXPECT_TRUE(fs::is_empty(folder.path() / "out"));
  EXPECT_EQ(run({"/bin/sh", build_script("layers")}).exit_code, 2);
}

TEST_F(Layers, ABuildLeavesTheTreeAlone) {
  EXPECT_FALSE(tree_.empty());
  EXPECT_EQ(tree(), tree_);
}

} // namespace
} // namespace sgperf::test
