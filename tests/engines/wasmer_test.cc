// SPDX-License-Identifier: Apache-2.0
// What only the Wasmer adapter has: three compilers, two WASIs, versions.
#include "header_check.h"

#include <gtest/gtest.h>

#include <set>

namespace sgperf::test {
namespace {

class Wasmer : public testing::Test {
protected:
  void SetUp() override {
    if (std::string why = cannot_run("wasmer"); !why.empty()) GTEST_SKIP() << why;
    std::filesystem::create_directory(folder_.path() / "guest");
    std::filesystem::create_directory(folder_.path() / "work");
  }
  Events steps(std::vector<std::string> words) {
    words.insert(words.begin(), {"tier=singlepass", "work=" + path("work")}); // the fastest to compile
    return drive(plugin("wasmer"), words);
  }
  std::string path(const char *name) const { return (folder_.path() / name).string(); }
  TempDir folder_;
};

TEST_F(Wasmer, TiersMakeOtherCode) {
  std::set<std::string> artefacts;
  size_t tiers = 0;
  for (const char *tier : {"cranelift", "singlepass", "llvm"}) {
    if (std::string why = cannot_run("wasmer", tier); !why.empty()) {
      std::puts(why.c_str());
      continue;
    }
    tiers++;
    const std::string file = path(tier);
    Events events = steps({std::string("tier=") + tier, "create", "describe", "compile:" + guest("guest.wasm").string(),
                           "serialize:" + file, "module"});
    EXPECT_EQ(events.process.exit_code, 0) << events.all();
    EXPECT_TRUE(events.has("lazy 0")) << events.all();
    EXPECT_EQ(events.after("info ").find("BUSL") != std::string::npos, tier == std::string("llvm")) << events.all();
    artefacts.insert(read_file(file));
  }
  EXPECT_EQ(artefacts.size(), tiers);
}

TEST_F(Wasmer, ArtefactsOfAnotherEngineAreRefused) {
  write_file(path("artefact"), std::string("\177ELF") + std::string(5000, '\0'));
  Events events = steps({"create", "?deserialize:" + path("artefact")});
  EXPECT_TRUE(events.has("step deserialize invalid")) << events.all();
}

TEST_F(Wasmer, ItsOwnWasiIsTakenWhereTheGuestMayWrite) {
  const auto wasi = [&](std::vector<std::string> words) {
    words.insert(words.end(), {"create", "describe"});
    const std::string info = steps(words).after("info ");
    return info.find("|own|") != std::string::npos           ? "own"
           : info.find("|sgperf shim|") != std::string::npos ? "shim"
                                                             : "neither";
  };
  EXPECT_STREQ(wasi({}), "own");
  EXPECT_STREQ(wasi({"dir=" + path("guest"), "writable=1"}), "own");
  EXPECT_STREQ(wasi({"dir=" + path("guest")}), "shim");
  EXPECT_STREQ(wasi({"dir=" + path("guest"), "flags=wasi=own"}), "own");
  EXPECT_STREQ(wasi({"flags=wasi=shim"}), "shim");
}

TEST_F(Wasmer, ItsOwnWasiWritesToACopyOfWhatIsReadOnly) {
  write_file(folder_.path() / "guest/input.txt", "from the file\n");
  Events events = steps({"dir=" + path("guest"), "flags=wasi=own", "arg=prog", "arg=files", "stdout=" + path("out"),
                         "create", "compile:" + guest("guest.wasm").string(), "instantiate", "execute", "free_instance",
                         "free_module", "free"});
  EXPECT_EQ(events.process.exit_code, 0) << events.all();
  EXPECT_NE(events.after("log1 ").find("a copy of"), std::string::npos) << events.all();
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "guest/output.txt"));
  EXPECT_TRUE(std::filesystem::is_empty(folder_.path() / "work"));
}

TEST_F(Wasmer, ItsOwnWasiReadsStdinAnewInEveryInstance) {
  write_file(folder_.path() / "in", "a line of stdin\n");
  std::vector<std::string> words = {"stdin=" + path("in"), "stdout=" + path("out"), "arg=prog", "create",
                                    "compile:" + guest("guest.wasm").string()};
  for (int i = 0; i < 3; i++) {
    words.insert(words.end(), {"instantiate", "execute", "free_instance"});
    Events events = steps(words);
    EXPECT_EQ(events.process.exit_code, 0) << events.all();
    EXPECT_NE(read_file(folder_.path() / "out").find("a line of stdin"), std::string::npos) << i;
  }
}

TEST_F(Wasmer, CalledFunctionsWriteToTheGuestsFiles) {
  Events events = steps({"stdout=" + path("out"), "stderr=" + path("err"), "arg=prog", "create",
                         "compile:" + guest("guest.wasm").string(), "instantiate", "invoke:_start"});
  EXPECT_EQ(events.process.exit_code, 0) << events.all();
  EXPECT_NE(read_file(folder_.path() / "out").find("hello from"), std::string::npos);
  EXPECT_EQ(events.process.out.find("hello from"), std::string::npos);
}

TEST_F(Wasmer, ItsOwnWasiNeedsAMemory) {
  // (module (import "wasi_snapshot_preview1" "proc_exit" (func (param i32))))
  write_file(folder_.path() / "exit.wasm",
             std::string("\0asm\1\0\0\0\1\5\1\x60\1\x7f\0\2\x24\1\x16wasi_snapshot_preview1\x09proc_exit\0\0", 53));
  const std::string compile = "compile:" + path("exit.wasm");
  Events own = steps({"create", compile, "instantiate"});
  EXPECT_TRUE(own.has("step instantiate error")) << own.all();
  EXPECT_NE(own.after("log0 ").find("no memory named 'memory'"), std::string::npos) << own.all();
  EXPECT_TRUE(steps({"flags=wasi=shim", "create", compile, "instantiate"}).has("step instantiate ok"));
}

TEST_F(Wasmer, Flags) {
  // (module (func (result v128) v128.const 0))
  std::string simd("\0asm\1\0\0\0\1\5\1\x60\0\1\x7b\3\2\1\0\x0a\x16\1\x14\0\xfd\x0c", 26);
  simd += std::string(16, '\0') + "\x0b";
  write_file(folder_.path() / "simd.wasm", simd);
  const std::string compile = "?compile:" + path("simd.wasm");
  EXPECT_TRUE(steps({"tier=cranelift", "flags=canonicalize-nans=y", "create", compile}).has("step compile ok"));
  Events off = steps({"tier=cranelift", "flags=-W simd=n,relaxed-simd=n", "create", compile});
  EXPECT_TRUE(off.has("step compile invalid")) << off.all();
  EXPECT_NE(off.after("log0 ").find("SIMD"), std::string::npos) << off.all(); // Wasmer says why
  for (const char *flags : {"-W", "-W simd=perhaps", "wasi=none", "canonicalize-nans", "-W gc", "--llvm"}) {
    Events refused = steps({std::string("flags=") + flags, "create"});
    EXPECT_TRUE(refused.has("step create flags")) << refused.all();
    EXPECT_NE(refused.after("log0 ").find("wasi=own|shim"), std::string::npos) << flags;
  }
}

TEST(WasmerLibrary, OthersAreRefused) {
  TempDir folder;
  const auto create = [&](const std::string &library) {
    return drive(plugin("wasmer"), {"work=" + folder.path().string(), "lib=" + guest(library).string(), "create"});
  };
  Events other = create("libodd_wasm_c_api.so");
  EXPECT_TRUE(other.has("step create version-refused")) << other.all();
  EXPECT_NE(other.after("log0 ").find("expected the C API of Wasmer 7.4"), std::string::npos) << other.all();
  Events old = create("libwasmer_6.so");
  EXPECT_TRUE(old.has("step create version-refused")) << old.all();
  EXPECT_NE(old.after("log0 ").find("expected Wasmer 7.4, found 6.1.0"), std::string::npos) << old.all();
  Events bare = create("libwasmer_7_4.so");
  EXPECT_TRUE(bare.has("step create unsupported")) << bare.all();
  EXPECT_NE(bare.after("log0 ").find("without the compiler cranelift"), std::string::npos) << bare.all();
}

TEST(WasmerLibrary, WithoutItTheCommandThatGetsItIsNamed) {
  TempDir folder;
  Options options;
  options.env = {"SGPERF_CACHE=" + folder.path().string()};
  for (const auto &[tier, name] : std::map<std::string, std::string>{
           {"cranelift", "install wasmer`"}, {"singlepass", "install wasmer`"}, {"llvm", "install wasmer-llvm`"}}) {
    Events events = drive(plugin("wasmer"), {"tier=" + tier, "work=" + folder.path().string(), "create"}, options);
    EXPECT_TRUE(events.has("step create not-found")) << events.all();
    EXPECT_NE(events.after("log0 ").find(name), std::string::npos) << events.all();
  }
}

TEST(WasmerLibrary, DeclarationsAgreeWithItsHeader) {
  int compared = 0;
  for (const char *include : {"wasmer-7.4.2/include", "wasmer-llvm-7.4.2/include"}) {
    if (!std::filesystem::exists(installed_engines() / include / "wasmer.h")) continue;
    compared++;
    EXPECT_EQ(disagreement(installed_engines() / include, "wasmer.h", "wasmer/wasmer_api.h",
                           "sgperf::wasmer::WasmerApi", {"SGPERF_WASMER_REQUIRED", "SGPERF_WASMER_WASI"},
                           "static_assert(CRANELIFT == sgperf::wasmer::backend_cranelift && LLVM == "
                           "sgperf::wasmer::backend_llvm && SINGLEPASS == sgperf::wasmer::backend_singlepass);\n"),
              "")
        << include;
  }
  if (!compared) GTEST_SKIP() << "Wasmer's header is not installed (`sgperf engines install wasmer`)";
}

} // namespace
} // namespace sgperf::test
