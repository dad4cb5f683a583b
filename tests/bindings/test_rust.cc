// SPDX-License-Identifier: Apache-2.0
// The Rust crate: programs of ours, built by each Rust compiler, measured by the library and read by the tests' reader.
#include "libsgperf/fixture.h"

#include <sgperf/sgperf.h>

#include <cstddef>
#include <map>
#include <numeric>
#include <sstream>

namespace fs = std::filesystem;

namespace sgperf::test {
namespace {

// Debian's compiler and a rustup one.  A build that found only one of them skips the other with a word.
struct Compiler {
  const char *name, *rustc, *missing;
};
std::ostream &operator<<(std::ostream &out, const Compiler &compiler) {
  return out << compiler.name;
}
constexpr Compiler compilers[] = {
#ifdef RUST_RUSTC
    {"rust", RUST_RUSTC, nullptr},
#else
    {"rust", nullptr, "no /usr/bin/rustc when this build was configured (packages rustc-web and cargo-web)"},
#endif
#ifdef RUSTUP_RUSTC
    {"rustup", RUSTUP_RUSTC, nullptr},
#else
    {"rustup", nullptr, "no rustup toolchain in PATH when this build was configured"},
#endif
};

class Rust : public Libsgperf, public testing::WithParamInterface<Compiler> {
protected:
  void SetUp() override {
    Libsgperf::SetUp();
    if (GetParam().missing) GTEST_SKIP() << GetParam().missing;
  }
  static std::string file(const std::string &name) {
    return build_dir() / "tests/bindings" / (name + "-" + GetParam().name);
  }
  Result run_rust(const std::string &name, const std::vector<std::string> &arguments = {}, bool preload = true) {
    std::vector<std::string> argv{file(name)};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    Options options = options_;
    if (preload) options.env.push_back("LD_PRELOAD=" + library());
    for (const std::string &entry : extra_env_) options.env.push_back(entry);
    return run(argv, options);
  }
  // Measured; expects exit code 0 and nothing on stderr.
  Result live(const std::string &name, const std::vector<std::string> &arguments = {}) {
    const Result result = run_rust(name, arguments);
    EXPECT_EQ(result.exit_code, 0) << name << ", signal " << result.signal << "\n" << result.out << result.err;
    EXPECT_EQ(result.err, "") << name;
    return result;
  }
  // Unmeasured: the same, and no session.
  Result off(const std::string &name, const std::vector<std::string> &arguments = {}) {
    const Result result = run_rust(name, arguments, false);
    EXPECT_EQ(result.exit_code, 0) << name << ", signal " << result.signal << "\n" << result.out << result.err;
    EXPECT_EQ(result.err, "") << name;
    EXPECT_TRUE(session_files(dir()).empty()) << name << " left a session";
    return result;
  }
  // rustc on a snippet that uses the crate; the text of its errors.
  Result compile(const std::string &source) const {
    TempDir dir;
    write_file(dir.path() / "snippet.rs", source);
    Options options = options_;
    options.cwd = dir.path();
    const std::string crate =
        "sgperf=" + (build_dir() / "bindings" / ("libsgperf-" + std::string(GetParam().name) + ".rlib")).string();
    return run({GetParam().rustc, "--edition", "2021", "--crate-type", "lib", "--emit", "metadata", "-o",
                "snippet.rmeta", "--extern", crate, "snippet.rs"},
               options);
  }
  // What `leaves` does, whatever the crate's variant.
  void expect_leaves(const Session &session) const {
    const std::map<std::string, uint64_t> counts = {
        {"leaves::return", 1000},     {"leaves::question_mark", 1000}, {"leaves::outer_loop", 1001},
        {"leaves::inner_loop", 3001}, {"leaves::panic_outer", 1000},   {"leaves::panic_inner", 1000},
        {"leaves::destructor", 1000}, {"leaves::measured", 1000},      {"leaves::prepared", 1000},
        {"leaves::framed", 1250},     {"leaves::fenced", 1000},        {"leaves::hist", 1000},
        {"leaves::generic", 2000},    {"leaves::rounds", 1000},        {"leaves::bytes", 1000},
        {"leaves::largest", 1000},    {"leaves::lasting", 1},          {"leaves::main", 1},
    };
    uint64_t self = 0;
    for (const auto &[name, count] : counts) {
      EXPECT_TRUE(session.site(name)) << name;
      const Sums sums = session.sums(name);
      EXPECT_EQ(sums.count, count) << name;
      if (name != "leaves::rounds" && name != "leaves::bytes" && name != "leaves::largest") {
        self += sums.self;
        EXPECT_LE(sums.self, sums.total) << name;
        EXPECT_LE(sums.min, sums.max) << name;
      }
    }
    EXPECT_EQ(self, session.sums("leaves::main").total) << "self times add up to the root's total, to the tick";
    EXPECT_EQ(session.sums("leaves::bytes").total, 999u * 1000 / 2);
    EXPECT_EQ(session.sums("leaves::largest").max, 999u);
    EXPECT_EQ(session.sums("leaves::hist").bucket_sum(), 1000u);
    // A scope and a phase last until their block ends: the sleep is inside.
    EXPECT_GE(session.ns(session.sums("leaves::lasting").min), 20e6 * 0.98);
    const auto phases = session.phases_named("lasting");
    ASSERT_EQ(phases.size(), 1u);
    EXPECT_EQ(session.header.dropped.foreign, 0u);
    for (const Block &block : session.blocks) EXPECT_EQ(block.site, 0u) << "a region tag outlived its scope";
  }

  std::vector<std::string> extra_env_;
};

INSTANTIATE_TEST_SUITE_P(Compilers, Rust, testing::ValuesIn(compilers),
                         [](const auto &info) { return std::string(info.param.name); });

// ---- the layouts -----------------------------------------------------------------------------------------------

TEST_P(Rust, LayoutIsThatOfTheHeader) {
  std::map<std::string, size_t> rust;
  std::istringstream in(off("layout").out);
  for (std::string line; std::getline(in, line);) {
    const auto at = line.rfind(' ');
    ASSERT_NE(at, std::string::npos) << line;
    rust[line.substr(0, at)] = std::stoul(line.substr(at + 1));
  }
  std::map<std::string, size_t> c;
#define FIELD(type, field) c[#type "." #field] = offsetof(struct type, field)
#define SIZE(type) c["sizeof " #type] = sizeof(struct type)
#define FIELD_T(type, field) c[#type "." #field] = offsetof(type, field)
#define SIZE_T(type) c["sizeof " #type] = sizeof(type)
#define CONSTANT(name) c[#name] = name
  SIZE_T(sgperf_slot);
  FIELD_T(sgperf_slot, count);
  FIELD_T(sgperf_slot, total);
  FIELD_T(sgperf_slot, self);
  FIELD_T(sgperf_slot, min_inv);
  FIELD_T(sgperf_slot, max);
  FIELD_T(sgperf_slot, hist);
  FIELD_T(sgperf_slot, rsv);
  SIZE_T(sgperf_block);
  FIELD_T(sgperf_block, phase);
  FIELD_T(sgperf_block, site);
  FIELD_T(sgperf_block, owner);
  FIELD_T(sgperf_block, timer);
  FIELD_T(sgperf_block, child);
  FIELD_T(sgperf_block, slots);
  SIZE_T(sgperf_site);
  FIELD_T(sgperf_site, struct_size);
  FIELD_T(sgperf_site, slot);
  FIELD_T(sgperf_site, name);
  FIELD_T(sgperf_site, file);
  FIELD_T(sgperf_site, line);
  FIELD_T(sgperf_site, flags);
  SIZE_T(sgperf_frame);
  FIELD_T(sgperf_frame, t0);
  FIELD_T(sgperf_frame, saved_child);
  FIELD_T(sgperf_frame, block);
  FIELD_T(sgperf_frame, slot);
  FIELD_T(sgperf_frame, saved_site);
  SIZE(sgperf_jit_opts);
  FIELD(sgperf_jit_opts, sz);
  FIELD(sgperf_jit_opts, name);
  FIELD(sgperf_jit_opts, addr);
  FIELD(sgperf_jit_opts, size);
  FIELD(sgperf_jit_opts, code);
  FIELD(sgperf_jit_opts, flags);
  SIZE_T(sgperf_row);
  FIELD_T(sgperf_row, name);
  FIELD_T(sgperf_row, kind);
  FIELD_T(sgperf_row, threads);
  FIELD_T(sgperf_row, count);
  FIELD_T(sgperf_row, total);
  FIELD_T(sgperf_row, self);
  FIELD_T(sgperf_row, min);
  FIELD_T(sgperf_row, max);
  SIZE(sgperf_ops);
  FIELD(sgperf_ops, struct_size);
  FIELD(sgperf_ops, version);
  FIELD(sgperf_ops, attach_thread);
  FIELD(sgperf_ops, register_site);
  FIELD(sgperf_ops, end_foreign);
  FIELD(sgperf_ops, clock_ns);
  FIELD(sgperf_ops, site_intern);
  FIELD(sgperf_ops, enable);
  FIELD(sgperf_ops, phase_begin);
  FIELD(sgperf_ops, phase_end);
  FIELD(sgperf_ops, bench_start);
  FIELD(sgperf_ops, bench_end);
  FIELD(sgperf_ops, jit_register);
  FIELD(sgperf_ops, jit_unregister);
  FIELD(sgperf_ops, thread_name);
  FIELD(sgperf_ops, snapshot);
  FIELD(sgperf_ops, feature);
  FIELD(sgperf_ops, flush);
  FIELD(sgperf_ops, detach);
  CONSTANT(SGPERF_SITE_SCOPE);
  CONSTANT(SGPERF_SITE_COUNTER);
  CONSTANT(SGPERF_SITE_GAUGE);
  CONSTANT(SGPERF_SITE_PHASE);
  CONSTANT(SGPERF_SITE_KIND);
  CONSTANT(SGPERF_SITE_HIST);
  CONSTANT(SGPERF_SITE_FENCED);
  CONSTANT(SGPERF_JIT_NO_BYTES);
  CONSTANT(SGPERF_VERSION);
  EXPECT_EQ(rust, c) << "bindings/rust/src/abi.rs (left) and include/sgperf/sgperf.h (right) differ";
  // A member that was added to the table in C is missed in Rust by no name: the sizes differ.
}

// ---- scopes ----------------------------------------------------------------------------------------------------

TEST_P(Rust, EveryWayToLeaveAScopeIsCounted) {
  const Result plain = off("leaves");
  EXPECT_EQ(live("leaves").out, plain.out);
  expect_leaves(session());
}

// Compiled without optimisation, for size, with link-time optimisation; with the runtime linked; by the exported twins.
TEST_P(Rust, SoItIsInOtherBuilds) {
  for (const char *name : {"leaves-debug", "leaves-size", "leaves-lto", "leaves-linked", "leaves-twins"}) {
    SCOPED_TRACE(name);
    const bool linked = std::string(name) == "leaves-linked";
    if (!linked) off(name);
    const Result result = run_rust(name, {}, !linked);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    const Session session = this->session();
    expect_leaves(session);
    fs::remove(session.path);
  }
}

TEST_P(Rust, SoItIsByTheClock) {
  extra_env_ = {"SGPERF_TIMER=clock"};
  live("leaves");
  expect_leaves(session());
}

TEST_P(Rust, StaticProgramRunsUnmeasured) {
  EXPECT_EQ(off("leaves-static").out, off("leaves").out);
  live("leaves-static"); // no loader, no preload
  EXPECT_TRUE(session_files(dir()).empty());
}

TEST_P(Rust, DisabledFeatureLeavesNothing) {
  live("leaves-disable");
  EXPECT_TRUE(session().sites.empty() || !session().site("leaves::main"));
  const Result text = run({"objdump", "-d", "--no-show-raw-insn", file("leaves-disable")}, options_);
  EXPECT_EQ(text.out.find("rdtsc"), std::string::npos);
  const Result strings = run({"grep", "-c", "leaves::panic_outer", file("leaves-disable")}, options_);
  EXPECT_EQ(strings.out, "0\n") << "the name of a site is still in the program";
  fs::remove(session().path);
  live("calls-disable", {"off"});
}

TEST_P(Rust, AbortLosesOnlyWhatIsOpen) {
  const Result result = run_rust("aborts");
  EXPECT_EQ(result.signal, SIGABRT) << result.err;
  const Session session = this->session();
  EXPECT_EQ(session.sums("aborts::step").count, 1000u);
  EXPECT_EQ(session.sums("aborts::main").count, 0u);
  EXPECT_EQ(session.header.state, unsigned{SGPERF_SESSION_LIVE}) << "nobody was there to end it";
}

TEST_P(Rust, ThreadsLoseNothing) {
  for (const char *name : {"threads", "threads-twins"}) {
    SCOPED_TRACE(name);
    live(name, {"8", "20000"});
    const Session session = this->session();
    EXPECT_EQ(session.sums("threads::outer").count, 160000u);
    EXPECT_EQ(session.sums("threads::inner").count, 160000u);
    EXPECT_EQ(session.sums("threads::sum").total, 8u * (20000ull * 19999 / 2));
    EXPECT_EQ(session.sums("threads::highest").max, 7u);
    EXPECT_LE(session.sums("threads::inner").total, session.sums("threads::outer").total);
    EXPECT_EQ(session.header.dropped.threads, 0u);
    fs::remove(session.path);
  }
}

// Each poll on another thread: 3 threads, 30 tasks of 5 polls.
TEST_P(Rust, TasksThatMoveBetweenThreads) {
  for (const char *name : {"tasks", "tasks-twins"}) {
    SCOPED_TRACE(name);
    live(name, {"30", "5"});
    const Session session = this->session();
    EXPECT_EQ(session.sums("tasks::polled").count, 150u);
    EXPECT_EQ(session.sums("tasks::step").count, 60u);
    EXPECT_EQ(session.sums("tasks::whole").count, 30u);
    EXPECT_EQ(session.header.dropped.foreign, 30u) << "5 polls on a ring of 3: begun on one, ended on another";
    size_t polling = 0;
    for (const Block &block : session.blocks) polling += block.slots.contains(*session.site("tasks::polled"));
    EXPECT_EQ(polling, 3u);
    for (const Block &block : session.blocks) {
      const auto polled = block.slots.find(*session.site("tasks::polled"));
      if (polled != block.slots.end()) {
        EXPECT_EQ(polled->second.count, 50u);
      }
    }
    fs::remove(session.path);
  }
}

TEST_P(Rust, TimeStampCounterForbiddenInTheMiddle) {
  EXPECT_EQ(live("forbids_tsc").out, "still here\n");
  const Session session = this->session();
  EXPECT_EQ(session.sums("forbids_tsc::before").count, 10u);
  EXPECT_EQ(session.sums("forbids_tsc::across").count, 1u);
  EXPECT_EQ(session.sums("forbids_tsc::after").count, 10u);
}

TEST_P(Rust, SelectionReachesRustSites) {
  extra_env_ = {"SGPERF_SITES=leaves::m*,!leaves::main"};
  live("leaves");
  const Session session = this->session();
  EXPECT_EQ(session.sums("leaves::measured").count, 1000u);
  EXPECT_EQ(session.sums("leaves::main").count, 0u);
  EXPECT_EQ(session.sums("leaves::return").count, 0u);
}

// ---- calls into the runtime ------------------------------------------------------------------------------------

TEST_P(Rust, CallsWithAndWithoutARuntime) {
  for (const char *name : {"calls", "calls-twins"}) {
    SCOPED_TRACE(name);
    EXPECT_EQ(off(name, {"off"}).out, "off\n");
    EXPECT_EQ(live(name, {"live"}).out, "live\n");
    const Session session = this->session();
    EXPECT_EQ(session.sums("calls::dynamic").count, 10u) << "none after detach";
    EXPECT_EQ(session.sums("calls::dynamic_bytes").total, 42u);
    EXPECT_EQ(session.sums("calls::switched").count, 2u)
        << "those that began live: the first, and the last, which ends "
           "after detach; those that began off are not";
    EXPECT_EQ(session.phases_named("compile").size(), 1u);
    EXPECT_EQ(session.phases_named("inner").size(), 1u);
    EXPECT_EQ(session.phases_named("execute").size(), 2u);
    const auto codes = code_files(dir());
    ASSERT_EQ(codes.size(), 1u);
    const auto records = read_code(codes[0]);
    ASSERT_EQ(records.size(), 4u) << "two loads, two unloads";
    EXPECT_EQ(records[0].name, "calls!nops [test]");
    EXPECT_EQ(records[0].bytes, "\x90\x90\xc3");
    EXPECT_EQ(records[2].name.size() % 2, 0u) << "cut within a character";
    EXPECT_GT(records[2].name.size(), 100u);
    std::string names;
    for (const Block &block : session.blocks) names += block.owner.name;
    EXPECT_EQ(names, "calls main");
    fs::remove(session.path);
    fs::remove(codes[0]);
  }
}

// ---- modules ---------------------------------------------------------------------------------------------------

TEST_P(Rust, CdylibThatIsLoadedLater) {
  const std::string plugin = build_dir() / "tests/bindings" / ("libplugin-" + std::string(GetParam().name) + ".so");
  const Result plain = off("loads", {plugin, "10000"});
  EXPECT_EQ(live("loads", {plugin, "10000"}).out, plain.out);
  const Session session = this->session();
  EXPECT_EQ(session.sums("loads::call").count, 20000u);
  EXPECT_EQ(session.sums("plugin::step").count, 20000u);
  EXPECT_EQ(session.sums("plugin::sum").total, 2 * (10000u * 9999u / 2));
  EXPECT_LE(session.sums("plugin::step").total, session.sums("loads::call").total) << "children of the other module's";
  EXPECT_EQ(session.sums("loads::call").self + session.sums("plugin::step").total, session.sums("loads::call").total);
}

TEST_P(Rust, CAndRustInOneModuleShareTheThreadWord) {
  const Result plain = off("mixed");
  EXPECT_EQ(live("mixed").out, plain.out);
  const Session session = this->session();
  for (const char *name : {"mixed::c", "mixed::rust", "mixed::back"})
    EXPECT_EQ(session.sums(name).count, 1000u) << name;
  EXPECT_EQ(session.sums("mixed::c").self + session.sums("mixed::rust").self + session.sums("mixed::back").self,
            session.sums("mixed::c").total);
  const Result symbols = run({"sh", "-c", "readelf -sW " + file("mixed") + " | grep -c 'TLS.*sgperf_i_tls'"}, options_);
  EXPECT_EQ(symbols.out, "1\n");
}

TEST_P(Rust, DylibAndWhatWasInlinedFromIt) {
  const Result plain = off("sharing");
  EXPECT_EQ(live("sharing").out, plain.out);
  const Session session = this->session();
  for (const char *name : {"sharing::step", "shared::generic", "shared::plain"})
    EXPECT_EQ(session.sums(name).count, 1000u) << name;
}

TEST_P(Rust, NeedsNeitherStdNorAllocator) {
  EXPECT_EQ(off("bare").out, "bare\n");
  EXPECT_EQ(live("bare").out, "bare\n");
  const Session session = this->session();
  EXPECT_EQ(session.sums("bare::step").count, 100u);
  EXPECT_EQ(session.sums("bare::sum").total, 4950u);
  EXPECT_EQ(session.phases_named("bare").size(), 1u);
}

// ---- the code --------------------------------------------------------------------------------------------------

// The step of a cdylib, as generated: no call on the live path (calls stand behind the return), no __tls_get_addr, no
// lock.
TEST_P(Rust, GeneratedCodeIsInline) {
  const std::string plugin = build_dir() / "tests/bindings" / ("libplugin-" + std::string(GetParam().name) + ".so");
  const Result text = run({"objdump", "-d", "--no-show-raw-insn", "--disassemble=plugin_step", plugin}, options_);
  ASSERT_EQ(text.exit_code, 0) << text.err;
  const auto begin = text.out.find("<plugin_step>:");
  ASSERT_NE(begin, std::string::npos) << text.out;
  const std::string live_path = text.out.substr(begin, text.out.find("ret", begin) - begin);
  EXPECT_EQ(text.out.find("__tls_get_addr"), std::string::npos) << text.out;
  EXPECT_EQ(text.out.find("lock "), std::string::npos) << text.out;
  EXPECT_NE(live_path.find("%fs:"), std::string::npos) << text.out;
  size_t counters = 0;
  for (size_t at = 0; (at = live_path.find("rdtsc", at)) != std::string::npos; ++at) ++counters;
  EXPECT_EQ(counters, 2u) << "the end of the scope is not inline:\n" << text.out;
}

// ---- what does not compile ---------------------------------------------------------------------------------------

TEST_P(Rust, TheTrapsOfGuardsDoNotCompile) {
  const std::string spawn = "pub fn spawn<F: core::future::Future + Send>(_: F) {}\n";
  const struct {
    const char *what;
    std::string good, bad; // differ in the trap alone
    const char *error;
  } cases[] = {
      {"dropped at once", "pub fn f() { sgperf::scope!(\"a::b\"); }",
       "pub fn f() { let _ = sgperf::scope!(\"a::b\"); }", "expected expression"},
      {"returned by a closure", "pub fn f() { (|| { sgperf::scope!(\"a::b\"); })() }",
       "pub fn f() { let _ = || sgperf::scope!(\"a::b\"); }", "expected expression"},
      {"the only thing in a match arm", "pub fn f(x: bool) { match x { _ => { sgperf::scope!(\"a::b\"); } } }",
       "pub fn f(x: bool) { match x { _ => sgperf::scope!(\"a::b\"), } }", "expected expression"},
      {"a phase dropped at once", "pub fn f() { sgperf::phase!(\"b\"); }",
       "pub fn f() { let _ = sgperf::phase!(\"b\"); }", "expected expression"},
      {"named and dropped by hand", "pub fn f() { sgperf::scope!(\"a::b\"); }",
       "pub fn f() { sgperf::scope!(\"a::b\"); drop(_sgperf_scope); }", "_sgperf_scope"},
      {"held over an await of a task that moves",
       spawn + "pub fn f() { spawn(sgperf::instrument!(\"a::b\", async { core::future::ready(()).await })) }",
       spawn + "pub fn f() { spawn(async { sgperf::scope!(\"a::b\"); core::future::ready(()).await }) }",
       "cannot be sent between threads"},
      {"a name with a NUL", "pub fn f() { sgperf::scope!(\"a::b\"); }", "pub fn f() { sgperf::scope!(\"a::\\0b\"); }",
       "must not contain NUL"},
      {"a name that is no literal", "pub fn f() { sgperf::scope!(\"a::b\"); }",
       "pub fn f(name: &str) { sgperf::scope!(name); }", "mismatched types"},
      {"a site that does not last",
       "static S: sgperf::Site = sgperf::site!(\"a::b\"); pub fn f() { S.measure(|| ()); }",
       "pub fn f() { let s: sgperf::Site = sgperf::site!(\"a::b\"); s.measure(|| ()); }", "does not live long enough"},
  };
  for (const auto &one : cases) {
    const Result good = compile(one.good);
    EXPECT_EQ(good.exit_code, 0) << one.what << "\n" << good.err;
    const Result bad = compile(one.bad);
    EXPECT_NE(bad.exit_code, 0) << one.what << " compiles";
    EXPECT_NE(bad.err.find(one.error), std::string::npos) << one.what << "\n" << bad.err;
  }
}

// ---- as cargo sees it --------------------------------------------------------------------------------------------

TEST_P(Rust, CargoTestsItsDocumentation) {
  const fs::path cargo = fs::path(GetParam().rustc).parent_path() / "cargo";
  if (!fs::exists(cargo)) GTEST_SKIP() << "no cargo beside " << GetParam().rustc;
  TempDir copy; // Cargo.lock and target/ stay out of the tree
  fs::copy(source_dir() / "bindings/rust", copy.path() / "rust", fs::copy_options::recursive);
  Options options = options_;
  options.cwd = copy.path() / "rust";
  options.timeout_s = 200;
  options.env.push_back("PATH=" + cargo.parent_path().string() + ":/usr/bin:/bin");
  options.env.push_back("RUSTC=" + std::string(GetParam().rustc));
  options.env.push_back("CARGO_HOME=" + (copy.path() / "home").string());
  for (const char *variable : {"CARGO_TARGET_DIR", "RUSTFLAGS", "RUSTUP_TOOLCHAIN"}) options.env.emplace_back(variable);
  options.env.push_back("RUSTDOCFLAGS=-D warnings");
  const Result tests = run({cargo, "test", "--offline"}, options);
  EXPECT_EQ(tests.exit_code, 0) << tests.out << tests.err;
  EXPECT_NE(tests.out.find("test result: ok."), std::string::npos) << tests.out;
  const Result doc = run({cargo, "doc", "--offline", "--no-deps"}, options);
  EXPECT_EQ(doc.exit_code, 0) << doc.err;
  const Result package = run({cargo, "package", "--offline", "--allow-dirty", "--list"}, options);
  EXPECT_NE(package.out.find("src/hot_inline.rs"), std::string::npos) << package.out << package.err;
  for (const char *line : {"[dependencies]", "[build-dependencies]"})
    EXPECT_EQ(read_file(source_dir() / "bindings/rust/Cargo.toml").find(line), std::string::npos) << "no dependencies";
}

} // namespace
} // namespace sgperf::test
