// SPDX-License-Identifier: Apache-2.0
#include "run/bench_plan.h"
#include "run/digest.h"
#include "run/engine_spec.h"
#include "run/wasm_signature.h"
#include "support/process.h"

#include <gtest/gtest.h>

namespace sgperf::run {
namespace {

TEST(EngineSpec, Parts) {
  EngineSpec spec;
  std::string error;
  ASSERT_TRUE(parse_engine("wasmtime:winch,flag=-O,flag=opt-level=2,lib=/x/y.so,name=mine", spec, error)) << error;
  EXPECT_EQ(spec.engine, "wasmtime");
  EXPECT_EQ(spec.tier, "winch");
  EXPECT_EQ(spec.flags, "-O opt-level=2");
  EXPECT_EQ(spec.library, "/x/y.so");
  EXPECT_EQ(spec.name, "mine");
  ASSERT_TRUE(parse_engine("./none.so:fast", spec, error));
  EXPECT_EQ(spec.tier, "fast");
  EXPECT_NE(spec.missing.find("no such file"), std::string::npos);
  ASSERT_TRUE(parse_engine("native:./program", spec, error));
  EXPECT_FALSE(spec.program.empty());
  ASSERT_TRUE(parse_engine("native,iterations=50,processes=3,eager=1", spec, error)) << error;
  EXPECT_EQ(spec.iterations, 50u);
  EXPECT_EQ(spec.processes, 3u);
  EXPECT_TRUE(spec.eager);
  ASSERT_TRUE(parse_engine("wasmtime:*", spec, error)) << error;
  EXPECT_TRUE(spec.all_tiers());
  EXPECT_FALSE(spec.eager);
  for (const char *wrong : {"native,iterations=0", "native,processes=-1", "native,iterations=5x", "native,eager=yes"}) {
    EXPECT_FALSE(parse_engine(wrong, spec, error)) << wrong;
    EXPECT_NE(error.find("expected"), std::string::npos) << error;
  }
  EXPECT_FALSE(parse_engine("wasmtime,fast", spec, error));
  EXPECT_FALSE(parse_engine("wasmtime,speed=1", spec, error));
  EXPECT_FALSE(parse_engine("", spec, error));
}

TEST(EngineSpec, CommandsOfProcesses) {
  EngineSpec spec;
  std::string error;
  ASSERT_TRUE(
      parse_engine("process:/opt/wasmtime run -W a=y,b=n --dir {dir}:/ {},name=mine,flag=-O,flag=2", spec, error))
      << error;
  EXPECT_EQ(spec.engine, "process");
  EXPECT_EQ(spec.tier, "/opt/wasmtime run -W a=y,b=n --dir {dir}:/ {}");
  EXPECT_EQ(spec.name, "mine");
  EXPECT_EQ(spec.flags, "-O 2");
  EXPECT_FALSE(parse_engine("process:x {},name=mine,speed=1", spec, error));
  std::vector<EngineSpec> specs(3);
  const char *commands[] = {"process: /opt/x.so/wasmtime run {}", "process:wasmtime compile {}", "process:./x.so {}"};
  for (size_t i = 0; i < 3; ++i) ASSERT_TRUE(parse_engine(commands[i], specs[i], error)) << error;
  EXPECT_FALSE(specs[2].given_as_path);
  name_engines(specs, {"", "", ""});
  EXPECT_EQ(specs[0].id, "process:wasmtime");
  EXPECT_EQ(specs[1].id, "process:wasmtime#2");
  EXPECT_EQ(specs[2].id, "process:x.so");
}

TEST(EngineSpec, NamesAreUnique) {
  std::vector<EngineSpec> specs(5);
  for (auto &s : specs) s.engine = "e";
  specs[1].flags = "-x";
  specs[2].library = "/a/lib.so";
  specs[4].name = "own";
  name_engines(specs, {"t", "t", "t", "t", "t"});
  EXPECT_EQ(specs[0].id, "e:t");
  EXPECT_EQ(specs[1].id, "e:t[-x]");
  EXPECT_EQ(specs[2].id, "e:t[a/lib.so]");
  EXPECT_EQ(specs[3].id, "e:t#2");
  EXPECT_EQ(specs[4].id, "own");
}

TEST(Phases, Chains) {
  std::string error;
  const auto chains = [&](std::vector<std::string> asked, uint32_t caps, bool invoke) {
    std::string text;
    for (const ChainPlan &c : chains_for(expand_phases(asked, error), caps, invoke))
      text += std::string(text.empty() ? "" : " ") + to_text(c.chain) + (c.compile_once ? "(once)" : "");
    return text;
  };
  EXPECT_EQ(chains({}, SGPERF_ENGINE_CAP_SERIALIZE, false), "jit aot");
  EXPECT_EQ(chains({}, 0, false), "jit");
  EXPECT_EQ(chains({}, SGPERF_ENGINE_CAP_SERIALIZE | SGPERF_ENGINE_CAP_NATIVE, false), "jit");
  EXPECT_EQ(chains({"execution"}, SGPERF_ENGINE_CAP_SERIALIZE, false), "run");
  EXPECT_EQ(chains({"compile"}, SGPERF_ENGINE_CAP_SERIALIZE, false), "compile");
  EXPECT_EQ(chains({"aot-total"}, SGPERF_ENGINE_CAP_SERIALIZE, false), "aot");
  EXPECT_EQ(chains({"aot-total"}, 0, false), "");
  EXPECT_EQ(chains({}, SGPERF_ENGINE_CAP_ONLY_CALL, false), "run");
  EXPECT_EQ(chains({"execute"}, SGPERF_ENGINE_CAP_ONLY_CALL, false), "run"); // `call` is stored with it
  EXPECT_EQ(chains({"compile,instantiate"}, SGPERF_ENGINE_CAP_ONLY_CALL, false), "");
  EXPECT_EQ(chains({"execute"}, 0, true), "invoke(once)");
  EXPECT_EQ(chains({"jit,execute"}, 0, true), "invoke");
  EXPECT_TRUE(error.empty());
  expand_phases({"execute,lunch"}, error);
  EXPECT_NE(error.find("lunch"), std::string::npos);
}

TEST(Plan, SurvivesTheWire) {
  WorkerPlan plan;
  plan.task = "chain";
  plan.module = "/tmp/a \"b\"\n.wasm";
  plan.args = {"x", "\xff\xfe"}; // not UTF-8: replaced, never an exception
  plan.chain = Chain::aot;
  plan.inner = 12345;
  plan.eager = true;
  std::string error;
  const auto back = plan_from_json(to_json(plan), error);
  ASSERT_TRUE(back) << error;
  EXPECT_EQ(back->module, plan.module);
  EXPECT_EQ(back->chain, Chain::aot);
  EXPECT_EQ(back->inner, 12345u);
  EXPECT_TRUE(back->eager);
  EXPECT_FALSE(plan_from_json("{\"chain\":\"x\"}", error));
  EXPECT_FALSE(plan_from_json("{", error));
  EXPECT_FALSE(answer_from_line("{\"k\":\"iteration\",\"phases\":7}"));
  EXPECT_FALSE(answer_from_line("[1,2"));
}

TEST(Digest, KnownAnswers) {
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(sha256_hex(std::string(1000000, 'a')), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Digest, DamagedElfHasNoBuildId) {
  const test::TempDir dir;
  std::string elf = test::read_file("/proc/self/exe").substr(0, 8192);
  const auto file = dir.path() / "x";
  for (size_t cut : {0u, 3u, 17u, 64u, 100u, 700u}) {
    test::write_file(file, elf.substr(0, cut));
    EXPECT_EQ(gnu_build_id(file), "");
  }
  for (size_t at = 16; at < 1024; at += 3) { // must not crash, whatever it finds
    std::string bad = elf;
    bad[at] = static_cast<char>(0xff);
    test::write_file(file, bad);
    gnu_build_id(file);
  }
  EXPECT_EQ(file_identity(dir.path() / "missing"), "");
}

TEST(Signature, OfAnExport) {
  const std::string module = test::build_dir() / "tests/run/add.wasm";
  if (!std::filesystem::exists(module)) GTEST_SKIP() << "no wat2wasm when this was built";
  EXPECT_EQ(parameter_kinds(module, "add"), (std::vector<std::string>{"i32", "i64"}));
  EXPECT_TRUE(parameter_kinds(module, "none").empty());
  const test::TempDir dir;
  const std::string whole = test::read_file(module);
  for (size_t cut = 0; cut < whole.size(); ++cut) {
    test::write_file(dir.path() / "cut.wasm", whole.substr(0, cut));
    parameter_kinds(dir.path() / "cut.wasm", "add");
  }
}

} // namespace
} // namespace sgperf::run
