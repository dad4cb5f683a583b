// SPDX-License-Identifier: Apache-2.0
// Recordings made byte by byte -> the Profile.
#include "formats/code_image_builder.h"
#include "formats/jitdump_builder.h"
#include "merge/recording.h"
#include "record/mutation.h"
#include "record/region_tag.h"

#include <chrono>

namespace sgperf::test {
namespace {

using merge::Profile;
using Stack = std::vector<std::string>;
constexpr uint64_t user = static_cast<uint64_t>(PERF_CONTEXT_USER), kernel = static_cast<uint64_t>(PERF_CONTEXT_KERNEL);
constexpr uint32_t pid = 77; // as JitdumpBuilder has it

class SyntheticProfile : public ::testing::Test {
protected:
  const std::filesystem::path &folder() const { return dir_.path(); }
  void put(const std::string &name, const std::string &bytes) { write_file(folder() / name, bytes); }
  TempDir dir_;
};

TEST_F(SyntheticProfile, CodeByTimeFromAJitdump) {
  JitdumpBuilder dump;
  dump.header();
  dump.lines(95, 0x1000, {{0x1000, 10, 0, "a.c"}, {0x1008, 11, 0, "b.c"}});
  dump.load(100, 0x1000, "JS:first-1-liftoff", std::string(16, '\x90'), 1);
  dump.load(200, 0x1000, "JS:first-1-turbofan", std::string(32, '\xcc'), 2);
  dump.load(300, 0x2000, "Builtin:Abort", std::string(16, '\x90'), 3);
  put("jit-77.dump", dump.bytes);
  RecordingWriter recording(folder());
  recording.comm(pid, 1, "engine").map(pid, 2, 0x1000, 0x1000, "//anon");
  recording.sample(pid, 150, {user, 0x1009}).sample(pid, 160, {user, 0x1002}).sample(pid, 250, {user, 0x1009});
  recording.map(pid, 255, 0x1000, 0x1000, "//anon"); // protected once more: no new code
  recording.sample(pid, 260, {user, 0x1009}).sample(pid, 400, {user, 0x2000, 0x1001}).sample(pid, 410, {user, 0x1800});
  const Profile profile = recording.load();
  ASSERT_EQ(profile.samples.size(), 6u);
  EXPECT_EQ(stack_of(profile, profile.samples[0]), Stack{"wasm!first"});
  std::map<std::string, uint64_t> by_tier;
  for (const auto &one : profile.functions)
    if (one.name == "wasm!first") by_tier[one.tier] = one.self;
  EXPECT_EQ(by_tier, (std::map<std::string, uint64_t>{{"liftoff", 2}, {"turbofan", 2}}));
  EXPECT_EQ(stack_of(profile, profile.samples[4]), (Stack{"v8!Abort", "wasm!first"}))
      << "the return address is that of a call at the end of the function's first byte";
  EXPECT_EQ(function_named(profile, "v8!Abort")->side, merge::Side::runtime);
  EXPECT_EQ(function_named(profile, "wasm!first")->side, merge::Side::guest);
  EXPECT_EQ(profile.coverage.jit, 6u);
  EXPECT_EQ(profile.coverage.jit_unnamed, 1u);
  EXPECT_EQ(profile.coverage.jit_lines, 2u);
  ASSERT_EQ(profile.lines.size(), 2u);
  EXPECT_EQ(profile.lines[0].file, "b.c");
  EXPECT_EQ(profile.lines[0].line, 11u);
  EXPECT_EQ(profile.lines[1].line, 10u);
  EXPECT_EQ(stack_of(profile, profile.samples[5]), Stack{"[anonymous]"}) << "nobody has told of code there";
  EXPECT_EQ(profile.coverage.unnamed, 1u);
  EXPECT_EQ(profile.event, "cpu-clock");
  EXPECT_EQ(profile.frequency, 999u);
}

TEST_F(SyntheticProfile, RegisteredMovedAndUnloadedCode) {
  CodeFileWriter code(pid);
  code.add(SGPERF_CODE_FUNCTION, 100, 0x1000, 0x40, "app!_ZN3app4workEi [opt]")
      .add(SGPERF_CODE_UNLOAD, 200, 0x1000, 0, "");
  code.add(SGPERF_CODE_UNLOAD, 210, 0x9000, 0, "").add(77, 220, 0, 0, "");
  put("code-h-77-1.sgc", code.bytes());
  JitdumpBuilder dump;
  dump.header().load(100, 0x5000, "JS:moved-1-turbofan", std::string(16, '\x90'), 1).move(200, 0x5000, 0x6000, 16, 1);
  dump.move(300, 0x5000, 0x7000, 16, 1);
  put("jit-77.dump", dump.bytes);
  put("perf-77.map", "8000 10 wasm-function[5]\n8100 10\n");
  RecordingWriter recording(folder());
  recording.comm(pid, 1, "engine").map(pid, 2, 0x1000, 0x9000, "//anon");
  for (const uint64_t time : {150u, 250u}) recording.sample(pid, time, {user, 0x1004});
  for (const uint64_t time : {150u, 250u})
    recording.sample(pid, time + 1, {user, 0x5004}).sample(pid, time + 2, {user, 0x6004});
  recording.sample(pid, 400, {user, 0x8001}).sample(pid, 401, {user, 0x8101});
  const Profile profile = recording.load();
  const auto leaf = [&](uint64_t time) {
    for (const auto &sample : profile.samples)
      if (sample.time == time) return stack_of(profile, sample).at(0);
    return std::string("none");
  };
  EXPECT_EQ(leaf(150), "app!app::work");
  EXPECT_EQ(function_named(profile, "app!app::work")->tier, "opt");
  EXPECT_EQ(leaf(250), "[anonymous]");
  EXPECT_EQ(leaf(151), "wasm!moved");
  EXPECT_EQ(leaf(152), "wasm!moved") << "told of a little later";
  EXPECT_EQ(leaf(251), "[anonymous]");
  EXPECT_EQ(leaf(252), "wasm!moved");
  EXPECT_EQ(leaf(400), "wasm!wasm-function[5]");
  EXPECT_EQ(leaf(401), "[jit]");
  EXPECT_EQ(profile.coverage.jit_unnamed, 4u) << "two without a name, two that nobody told of";
  EXPECT_EQ(profile.coverage.odd.at("unloads of code that was not loaded"), 1u);
  EXPECT_EQ(profile.coverage.odd.at("records of code of a kind not known here"), 1u);
  EXPECT_EQ(profile.coverage.odd.at("jitdump: moves of code that was not loaded"), 1u);
}

TEST_F(SyntheticProfile, ImagesNamesWithoutAModule) {
  const std::string image = small_image().build();
  CodeFileWriter code(pid);
  code.add(SGPERF_CODE_IMAGE, 100, 0x10000, image.size(), "", image);
  code.add(SGPERF_CODE_IMAGE, 110, 0x50000, 10, "", "no image");
  code.add(SGPERF_CODE_UNLOAD, 200, 0x10000, 0, "");
  put("code-h-77-1.sgc", code.bytes());
  RecordingWriter recording(folder());
  recording.comm(pid, 1, "engine").map(pid, 2, 0x10000, 0x10000, "//anon");
  const uint64_t text = 0x11000; // .text is the first section of a page of its own
  recording.sample(pid, 150, {user, text + 3}).sample(pid, 151, {user, text + 70}).sample(pid, 152, {user, text + 100});
  recording.sample(pid, 250, {user, text + 3});
  const Profile profile = recording.load();
  ASSERT_EQ(profile.samples.size(), 4u);
  EXPECT_EQ(stack_of(profile, profile.samples[0]), Stack{"wasm!fib"});
  EXPECT_EQ(stack_of(profile, profile.samples[1]), Stack{"wasm!wasm-function[2]"});
  EXPECT_EQ(function_named(profile, "wasm!fib")->side, merge::Side::guest);
  EXPECT_EQ(profile.functions[profile.nodes[profile.samples[2].node].function].side, merge::Side::runtime)
      << "a trampoline";
  EXPECT_EQ(stack_of(profile, profile.samples[3]), Stack{"[anonymous]"});
  EXPECT_EQ(profile.coverage.odd.at("code images that are none"), 1u);
  ASSERT_FALSE(profile.missing.empty());
  EXPECT_NE(profile.missing[0].find("get it:"), std::string::npos) << profile.missing[0];
}

// An .eh_frame with absolute addresses, as Wasmer's Singlepass makes it: ranges {start, size}.
std::string frames_of(const std::vector<std::pair<uint64_t, uint64_t>> &ranges) {
  std::string out;
  const auto put = [&](auto value) { out.append(reinterpret_cast<const char *>(&value), sizeof value); };
  put(uint32_t{12});
  put(uint32_t{0});
  out.append("\x01\0\x01\x78\x10\0\0\0", 8); // version, no augmentation, alignments, return address, padding
  for (const auto &[start, size] : ranges) {
    put(uint32_t{20});
    put(static_cast<uint32_t>(out.size())); // back to the CIE
    put(start);
    put(size);
  }
  put(uint32_t{0});
  return out;
}

// Code that is known by its frames alone: names by the order, where the number of functions is that of one module.
TEST_F(SyntheticProfile, FunctionsInTheOrderOfTheirFrames) {
  // Two imports (e.f, e.g), three functions: 2 has a name by its export, 3 by the name section, 4 none.
  const std::string module("\0asm\1\0\0\0"
                           "\1\4\1\x60\0\0"
                           "\2\x0d\2\1e\1f\0\0\1e\1g\0\0"
                           "\3\4\3\0\0\0"
                           "\7\7\1\3run\0\2"
                           "\x0a\x0a\3\2\0\x0b\2\0\x0b\2\0\x0b"
                           "\0\x0e\4name\1\7\1\3\4work",
                           72);
  const auto leaf = [](const Profile &profile, uint64_t time) {
    for (const auto &sample : profile.samples)
      if (sample.time == time) return stack_of(profile, sample).at(0);
    return std::string("none");
  };
  const auto load = [&](const CodeFileWriter &code) {
    put("code-h-77-1.sgc", code.bytes());
    RecordingWriter recording(folder());
    recording.comm(pid, 1, "engine").map(pid, 2, 0x1000, 0x9000, "//anon");
    for (const uint64_t at : {1, 2, 3, 4, 5}) recording.sample(pid, 200 + at, {user, 0x1000 * at + 8});
    return recording.load();
  };
  const std::string name = "module-" + std::string(64, 'a') + "-guest.wasm";
  put(name, module);
  // All that the module defines in one record.
  CodeFileWriter one(pid);
  const std::string all = frames_of({{0x1000, 16}, {0x2000, 16}, {0x3000, 16}});
  one.add(SGPERF_CODE_FRAMES, 100, 0x90000, all.size(), "", all);
  Profile profile = load(one);
  EXPECT_EQ(leaf(profile, 201), "guest!run");
  EXPECT_EQ(leaf(profile, 202), "guest!work");
  EXPECT_EQ(leaf(profile, 203), "guest!wasm-function[4]");
  EXPECT_EQ(leaf(profile, 204), "[anonymous]");
  EXPECT_EQ(function_named(profile, "guest!run")->side, merge::Side::guest);
  // One a record, and the imports in front.
  CodeFileWriter each(pid);
  for (const uint64_t at : {1, 2, 3, 4, 5}) {
    const std::string own = frames_of({{0x1000 * at, 16}});
    each.add(SGPERF_CODE_FRAMES, 100 + at, 0x90000 + 0x100 * at, own.size(), "", own);
  }
  profile = load(each);
  EXPECT_EQ(leaf(profile, 201), "call of e.f");
  EXPECT_EQ(function_named(profile, "call of e.f")->side, merge::Side::runtime);
  EXPECT_EQ(leaf(profile, 203), "guest!run");
  EXPECT_EQ(leaf(profile, 205), "guest!wasm-function[4]");
  // A number that no module has, or that two have.
  CodeFileWriter other(pid);
  const std::string two = frames_of({{0x1000, 16}, {0x2000, 16}});
  other.add(SGPERF_CODE_FRAMES, 100, 0x90000, two.size(), "", two);
  profile = load(other);
  EXPECT_EQ(leaf(profile, 201), "jit[0]");
  EXPECT_EQ(leaf(profile, 202), "jit[1]");
  put("module-" + std::string(64, 'b') + "-twin.wasm", module);
  profile = load(one);
  EXPECT_EQ(leaf(profile, 203), "jit[2]");
  EXPECT_EQ(profile.coverage.jit_unnamed, 5u) << "with the two that nobody told of";
}

TEST_F(SyntheticProfile, CallersAreRepairedByTheBytesOfTheCode) {
  const std::string work("\x55\x48\x89\xe5\x90\x90\x5d\xc3", 8);
  CodeFileWriter code(pid);
  code.add(SGPERF_CODE_FUNCTION, 10, 0x1000, 8, "m!leaf", work)
      .add(SGPERF_CODE_FUNCTION, 10, 0x2000, 0x100, "m!caller");
  code.add(SGPERF_CODE_FUNCTION, 10, 0x3000, 0x100, "m!outer");
  put("code-h-77-1.sgc", code.bytes());
  RecordingWriter recording(folder());
  recording.comm(pid, 1, "engine");
  RecordingWriter::More more;
  more.stack = {0x2010, 0x2020, 0, 0, 0, 0, 0, 0};
  recording.sample(pid, 100, {user, 0x1000, 0x3010}, more);         // before the push
  recording.sample(pid, 101, {user, 0x1001, 0x3010}, more);         // pushed
  recording.sample(pid, 102, {user, 0x1004, 0x2010, 0x3010}, more); // the frame stands
  recording.sample(pid, 103, {user, 0x1007, 0x3010}, more);         // at the return
  more.kernel = true;                                               // a page fault in front of the push
  recording.sample(pid, 104, {kernel, 0xffffffff81000010, user, 0x1000, 0x3010}, more);
  more.kernel = false;
  more.stack = {0xdead0000, 0, 0, 0, 0, 0, 0, 0}; // nothing is there: no return address
  recording.sample(pid, 105, {user, 0x1000, 0x3010}, more);
  const Profile profile = recording.load();
  ASSERT_EQ(profile.samples.size(), 6u);
  for (size_t i = 0; i < 4; ++i)
    EXPECT_EQ(stack_of(profile, profile.samples[i]), (Stack{"m!leaf", "m!caller", "m!outer"})) << i;
  const Stack in_kernel = stack_of(profile, profile.samples[4]);
  ASSERT_EQ(in_kernel.size(), 4u);
  EXPECT_EQ(Stack(in_kernel.begin() + 1, in_kernel.end()), (Stack{"m!leaf", "m!caller", "m!outer"}));
  EXPECT_FALSE(profile.samples[4].user);
  EXPECT_EQ(stack_of(profile, profile.samples[5]), (Stack{"m!leaf", "m!outer"}));
  EXPECT_EQ(profile.coverage.repaired, 4u);
}

TEST_F(SyntheticProfile, RecursionCountsOnceAndTheTreeIsShared) {
  put("perf-77.map", "1000 100 fib\n2000 100 main\n");
  RecordingWriter recording(folder());
  recording.comm(pid, 1, "engine");
  recording.sample(pid, 10, {user, 0x1001, 0x1002, 0x1002, 0x2001}).sample(pid, 11, {user, 0x1001, 0x2001});
  recording.sample(pid, 12, {user, 0x2003});
  const Profile profile = recording.load();
  const auto *fib = function_named(profile, "fib"), *main = function_named(profile, "main");
  ASSERT_TRUE(fib && main);
  EXPECT_EQ(fib->self, 2u);
  EXPECT_EQ(fib->total, 2u);
  EXPECT_EQ(main->self, 1u);
  EXPECT_EQ(main->total, 3u);
  EXPECT_EQ(profile.nodes.size(), 5u) << "root, main, fib, fib, fib";
  uint64_t self = 0;
  for (const auto &node : profile.nodes) self += node.self;
  EXPECT_EQ(self, 3u);
}

TEST_F(SyntheticProfile, ProcessesOfATree) {
  RecordingWriter recording(folder());
  recording.comm(10, 1, "sh").fork(11, 10, 5).comm(11, 6, "worker").sample(11, 7, {user, 0x1000}).exit(11, 8);
  recording.fork(11, 10, 20).sample(11, 21, {user, 0x1000}).exit(11, 22); // the number again
  RecordingWriter::More in_kernel;
  in_kernel.kernel = true;
  recording.sample(UINT32_MAX, 23, {kernel, 0xffffffff81000010}, in_kernel);
  recording.exit(10, 30);
  const Profile profile = recording.load();
  ASSERT_EQ(profile.processes.size(), 3u);
  EXPECT_EQ(profile.processes[0].comm, "sh");
  EXPECT_EQ(profile.processes[0].started, 1u);
  EXPECT_EQ(profile.processes[0].ended, 30u);
  EXPECT_EQ(profile.processes[1].comm, "worker");
  EXPECT_EQ(profile.processes[1].parent, 10u);
  EXPECT_EQ(profile.processes[1].started, 5u);
  EXPECT_EQ(profile.processes[1].ended, 8u);
  EXPECT_EQ(profile.processes[1].samples, 1u);
  EXPECT_EQ(profile.processes[2].comm, "sh") << "forked, and nothing executed yet";
  EXPECT_EQ(profile.processes[2].samples, 2u) << "its own, and one of when it had no number any more";
  EXPECT_EQ(profile.samples[2].complete, true) << "no user's part: it has given up its memory";
  EXPECT_EQ(profile.samples[0].complete, false);
}

// The recording says which eBPF programs there were; the kernel's table has others by now, or none.
TEST_F(SyntheticProfile, ProgramsInTheKernel) {
  RecordingWriter recording(folder());
  RecordingWriter::More in_kernel;
  in_kernel.kernel = true;
  recording.program(0, 0xffffffffc0001000, 0x100, "bpf_prog_0123456789abcdef_first");
  recording.program(0, 0xffffffffc0001100, 0x80, "bpf_prog_0123456789abcdef_second");
  recording.program(9, 0xffffffffc0001000, 0x100, "bpf_prog_0123456789abcdef_first",
                    PERF_RECORD_KSYMBOL_FLAGS_UNREGISTER);
  recording.program(9, 0xffffffffc0001000, 0x40, "bpf_prog_fedcba9876543210_later");
  recording.comm(7, 1, "work");
  for (const uint64_t address : {0xffffffffc0001000, 0xffffffffc00010ff, 0xffffffffc0001100, 0xffffffffc0001180})
    recording.sample(7, 10, {kernel, address}, in_kernel);
  const Profile profile = recording.load();
  ASSERT_EQ(profile.samples.size(), 4u);
  const auto leaf = [&](size_t i) { return stack_of(profile, profile.samples[i]).at(0); };
  EXPECT_EQ(leaf(0), "bpf_prog_0123456789abcdef_first");
  EXPECT_EQ(leaf(1), "bpf_prog_0123456789abcdef_first");
  EXPECT_EQ(leaf(2), "bpf_prog_0123456789abcdef_second");
  EXPECT_EQ(leaf(3).find("bpf_prog_0"), std::string::npos) << "behind its end";
  const auto *first = function_named(profile, "bpf_prog_0123456789abcdef_first");
  ASSERT_TRUE(first);
  EXPECT_EQ(first->module, "[bpf]");
  EXPECT_EQ(first->side, merge::Side::kernel);
  EXPECT_TRUE(first->named);
}

TEST_F(SyntheticProfile, RegionTagsInTheRawPart) {
  // The session in tests/data: its sites and phases, under the pid of the recording's samples.
  const std::string session = read_file(source_dir() / "tests/data/ended/session-sample-1-1.sgp");
  put("session-sample-1-1.sgp", session);
  sgperf_session_header header;
  ASSERT_GE(session.size(), sizeof header);
  std::memcpy(&header, session.data(), sizeof header);
  std::map<std::string, uint32_t> sites;
  for (uint32_t i = 0; i < header.site_count; ++i) {
    sgperf_site_record site;
    ASSERT_LE(header.site_offset + (i + 1) * sizeof site, session.size());
    std::memcpy(&site, session.data() + header.site_offset + i * sizeof site, sizeof site);
    if (site.ready) sites[site.name] = i;
  }
  ASSERT_TRUE(sites.contains("threei::make_syscall"));
  RecordingWriter recording(folder(), PERF_SAMPLE_RAW);
  const auto tag = [](uint32_t phase, uint32_t site) {
    return record::encode_region_tag({phase, site, 0, std::string_view(), 0, 0}) +
           std::string(4, '\0'); // padded to eight
  };
  RecordingWriter::More more;
  more.raw = tag(0, sites["threei::make_syscall"]);
  const uint64_t later = header.start.monotonic + 1;
  recording.sample(header.pid, later, {user, 0x1000}, more);
  more.raw = tag(0, 0);
  recording.sample(header.pid, later + 1, {user, 0x1000}, more);
  const Profile profile = recording.load();
  ASSERT_EQ(profile.samples.size(), 2u);
  EXPECT_EQ(profile.scopes.at(profile.samples[0].scope), "threei::make_syscall");
  EXPECT_EQ(profile.scopes.at(profile.samples[1].scope), "");
}

// ---- size ----

double seconds_since(const std::chrono::steady_clock::time_point &before) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - before).count();
}

// 100 000 functions with lines, 2 000 samples: 0.1 s on an idle machine.  The bound only says that nothing is
// quadratic.
TEST_F(SyntheticProfile, ManyFunctions) {
  constexpr uint64_t functions = 100000, samples = 2000;
  JitdumpBuilder dump;
  dump.header();
  const std::string code(64, '\x90');
  for (uint64_t i = 0; i < functions; ++i) {
    const uint64_t address = 0x100000 + i * 64;
    dump.lines(1 + i, address, {{address, static_cast<uint32_t>(i + 1), 0, "big.c"}});
    dump.load(1 + i, address, "JS:f" + std::to_string(i) + "-" + std::to_string(i) + "-turbofan", code, i);
  }
  put("jit-77.dump", dump.bytes);
  RecordingWriter recording(folder());
  recording.comm(pid, 1, "engine").map(pid, 1, 0x100000, functions * 64, "//anon");
  for (uint64_t i = 0; i < samples; ++i)
    recording.sample(pid, 1'000'000 + i, {user, 0x100000 + (i * 7919 % functions) * 64 + 5, 0x100010});
  const auto before = std::chrono::steady_clock::now();
  const Profile profile = recording.load();
  const double taken = seconds_since(before);
  EXPECT_EQ(profile.coverage.jit_lines, samples);
  EXPECT_EQ(profile.coverage.unnamed, 0u);
  EXPECT_LT(taken, 10);
  RecordProperty("seconds", std::to_string(taken));
}

// ---- damage ----

class ProfileMutation : public Mutation {
protected:
  // What comes out is walked: an index out of bounds would be found here or by the address sanitizer.
  static bool walks(const Profile &profile) {
    uint64_t sum = 0;
    for (const auto &sample : profile.samples) {
      for (const auto &name : stack_of(profile, sample)) sum += name.size();
      sum += profile.phases.at(sample.phase).size() + profile.scopes.at(sample.scope).size();
      sum += profile.processes.at(sample.process).comm.size();
      if (sample.line != merge::no_index) sum += profile.lines.at(sample.line).line;
    }
    for (const auto &line : profile.lines) sum += profile.functions.at(line.function).name.size();
    return sum > 0;
  }
};

TEST_F(ProfileMutation, OfEachFileOfARecording) {
  TempDir dir;
  const std::string image = small_image().build();
  CodeFileWriter code(pid);
  code.add(SGPERF_CODE_IMAGE, 100, 0x10000, image.size(), "", image);
  code.add(SGPERF_CODE_FUNCTION, 100, 0x2000, 8, "m!leaf", std::string("\x55\x48\x89\xe5\x90\x90\x5d\xc3", 8));
  code.add(SGPERF_CODE_UNLOAD, 300, 0x2000, 0, "");
  JitdumpBuilder dump;
  dump.header()
      .lines(95, 0x1000, {{0x1000, 10, 0, "a.c"}})
      .load(100, 0x1000, "JS:a-1-liftoff", std::string(16, '\x90'), 1);
  dump.move(200, 0x1000, 0x1800, 16, 1);
  RecordingWriter recording(dir.path(), PERF_SAMPLE_RAW);
  recording.comm(pid, 1, "engine").map(pid, 2, 0x1000, 0x20000, "//anon").fork(78, pid, 3).comm(78, 4, "x");
  RecordingWriter::More more;
  more.stack = {0x1008, 0x1009, 0, 0, 0, 0, 0, 0};
  more.raw = std::string(36, '\1');
  for (const uint64_t time : {150u, 250u, 350u})
    for (const uint64_t ip : {0x1001u, 0x1801u, 0x2000u, 0x11003u})
      recording.sample(pid, time, {user, ip, 0x1002}, more);
  recording.exit(78, 400);
  const std::map<std::string, std::string> good{
      {"code-h-77-1.sgc", code.bytes()}, {"jit-77.dump", dump.bytes}, {"perf-77.map", "8000 10 a\n9000 20 b\n"}};
  for (const auto &[name, bytes] : good) write_file(dir.path() / name, bytes);
  ASSERT_TRUE(walks(recording.load()));
  const std::string data = read_file(dir.path() / "perf.data");
  std::map<std::string, std::string> all = good;
  all["perf.data"] = data;
  static std::filesystem::path folder, file; // readers are plain functions
  folder = dir.path();
  for (const auto &[name, bytes] : all) {
    file = dir.path() / name;
    const Reader read = [](const std::string &damaged) {
      write_file(file, damaged);
      std::string error;
      const auto model = merge::load(folder, error);
      return model && walks(model->profile);
    };
    torn(bytes, read, std::max<size_t>(1, bytes.size() / 60));
    flipped(bytes, read, 300, bytes.size());
    write_file(file, bytes);
  }
}

} // namespace
} // namespace sgperf::test
