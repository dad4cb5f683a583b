// SPDX-License-Identifier: Apache-2.0
// Programs that the library cannot be in are known before they run, and the user is told what can be had instead.
#include "run/preload_refusal.h"
#include "support/process.h"

#include <gtest/gtest.h>

#include <elf.h>
#include <linux/capability.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cstring>

namespace sgperf::run {
namespace {

namespace fs = std::filesystem;

// The head of an ELF file, and the segment that names its loader.
std::string elf(unsigned char bits, Elf64_Half machine, const std::string &loader) {
  Elf64_Ehdr header{};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = bits;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_type = ET_DYN;
  header.e_machine = machine;
  header.e_phoff = sizeof header;
  header.e_phentsize = sizeof(Elf64_Phdr);
  header.e_phnum = loader.empty() ? 0 : 1;
  Elf64_Phdr segment{};
  segment.p_type = PT_INTERP;
  segment.p_offset = sizeof header + sizeof segment;
  segment.p_filesz = loader.size() + 1;
  return std::string(reinterpret_cast<const char *>(&header), sizeof header) +
         std::string(reinterpret_cast<const char *>(&segment), sizeof segment) + loader + std::string(1, '\0');
}

class PreloadRefusal : public testing::Test {
protected:
  std::string make(const std::string &name, const std::string &content, mode_t mode = 0755) {
    const fs::path file = dir_.path() / name;
    test::write_file(file, content);
    chmod(file.c_str(), mode);
    return file;
  }
  // Says what was found, and offers what can be had without the library.
  static void expect_refused(const std::string &program, const std::string &found) {
    const std::string said = preload_refusal(program);
    EXPECT_NE(said.find(found), std::string::npos) << program << ": " << said;
    EXPECT_NE(said.find("eBPF"), std::string::npos) << said;
    EXPECT_NE(said.find("sgperf record --no-preload -- " + program), std::string::npos) << said;
  }
  static std::string compile(const std::vector<std::string> &command) {
    test::Options with;
    with.input = "int main(void) { return 0; }\n";
    std::vector<std::string> words = command;
    words.insert(words.end(), {"-x", "c", "-"});
    const auto result = test::run(words, with);
    return result.exit_code == 0 ? "" : "cannot be built here: " + result.err;
  }

  test::TempDir dir_;
#if defined(__x86_64__)
  static constexpr Elf64_Half own = EM_X86_64, other = EM_AARCH64;
  static constexpr const char *glibc = "/lib64/ld-linux-x86-64.so.2";
#else
  static constexpr Elf64_Half own = EM_AARCH64, other = EM_X86_64;
  static constexpr const char *glibc = "/lib/ld-linux-aarch64.so.1";
#endif
};

TEST_F(PreloadRefusal, DynamicProgramsAreNotRefused) {
  EXPECT_EQ(preload_refusal("/proc/self/exe"), "");
  EXPECT_EQ(preload_refusal("sh"), "");
  EXPECT_EQ(preload_refusal(make("program", elf(ELFCLASS64, own, glibc))), "");
  EXPECT_EQ(preload_refusal(make("nix", elf(ELFCLASS64, own, std::string("/nix/store/x-glibc-2.40") + glibc))), "");
  EXPECT_EQ(preload_refusal(make("script", "#!/bin/sh\ntrue\n")), "");
  // What cannot be judged is tried.
  EXPECT_EQ(preload_refusal("/no/such/program"), "");
  EXPECT_EQ(preload_refusal(dir_.path()), "");
  EXPECT_EQ(preload_refusal(make("empty", "")), "");
  EXPECT_EQ(preload_refusal(make("torn", elf(ELFCLASS64, own, glibc).substr(0, 70))), "");
  EXPECT_EQ(preload_refusal(make("loop", "#!" + (dir_.path() / "loop").string() + "\n")), "");
}

TEST_F(PreloadRefusal, Static) {
  expect_refused(make("program", elf(ELFCLASS64, own, "")), "found a static one");
  expect_refused(make("script", "#! " + (dir_.path() / "program").string() + " -x\n"),
                 "program: expected a dynamically");
}
TEST_F(PreloadRefusal, StaticAsTheLinkerMakesThem) {
  for (const char *flag : {"-static", "-static-pie"}) {
    const std::string file = dir_.path() / (std::string("program") + flag);
    if (const auto why = compile({"cc", flag, "-o", file}); !why.empty()) GTEST_SKIP() << why;
    expect_refused(file, "found a static one");
  }
}
TEST_F(PreloadRefusal, StaticAsGoMakesThem) {
  test::write_file(dir_.path() / "main.go", "package main\nfunc main() {}\n");
  test::Options with;
  with.cwd = dir_.path();
  with.env = {"CGO_ENABLED=0", "GOFLAGS=-mod=mod", "GO111MODULE=off", "GOTOOLCHAIN=local"};
  const auto built =
      test::run({"sh", "-c", "command -v go >/dev/null || exit 77; exec go build -o go-program main.go"}, with);
  if (built.exit_code != 0) GTEST_SKIP() << (built.exit_code == 77 ? "no go here" : built.err);
  expect_refused(dir_.path() / "go-program", "found a static one");
}
TEST_F(PreloadRefusal, OtherLibc) {
  expect_refused(make("musl", elf(ELFCLASS64, own, "/lib/ld-musl-x86_64.so.1")), "another libc (musl)");
  expect_refused(make("bionic", elf(ELFCLASS64, own, "/system/bin/linker64")), "(loader /system/bin/linker64)");
}
TEST_F(PreloadRefusal, OtherProcessor) {
  expect_refused(make("bits32", elf(ELFCLASS32, EM_386, "/lib/ld-linux.so.2")), "found a 32-bit one");
  expect_refused(make("other", elf(ELFCLASS64, other, "/lib/ld-linux.so.1")), "found one for another");
}
TEST_F(PreloadRefusal, RightsOfItsOwn) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root: makes setuid programs of another user";
  chmod(dir_.path().c_str(), 0755);
  const std::string program = elf(ELFCLASS64, own, glibc);
  const std::string by_user = make("by-user", program, 04755), by_group = make("by-group", program, 02755),
                    capable = make("capable", program), sudo = make("sudo", program, 04755);
  const vfs_cap_data capability{
      .magic_etc = VFS_CAP_REVISION_2 | VFS_CAP_FLAGS_EFFECTIVE,
      .data = {{.permitted = 1u << CAP_NET_RAW, .inheritable = 0}, {.permitted = 0, .inheritable = 0}}};
  const bool has = setxattr(capable.c_str(), "security.capability", &capability, sizeof capability, 0) == 0;
  // Root starts them as himself.
  EXPECT_EQ(preload_refusal(by_user) + preload_refusal(by_group) + preload_refusal(capable), "");
  const auto result = test::run_function([&] {
    if (setgid(65534) != 0 || setuid(65534) != 0) return 1;
    expect_refused(by_user, "found a setuid or setgid one");
    expect_refused(by_group, "found a setuid or setgid one");
    expect_refused(sudo, "put it in front of sgperf: sudo sgperf record");
    if (has) expect_refused(capable, "found one with capabilities of its own");
    return testing::Test::HasFailure() ? 2 : 0;
  });
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
}

} // namespace
} // namespace sgperf::run
