// SPDX-License-Identifier: Apache-2.0
// Whoever links the runtime gets it, although the header refers to nothing in it: with linkers that drop what is not
// needed, and where a build system sorts and merges what it links.
#include "compile/compilers.h"
#include "setup/installed.h"
#include "support/process.h"

#include <gtest/gtest.h>

namespace fs = std::filesystem;
using namespace sgperf::test;

namespace {

// gold and lld drop it.  GNU ld 2.40 keeps it by chance: a hook of the library (syscall@GLIBC_2.2.5) answers to a
// reference of the library itself, which this linker takes for a need.
struct Linker {
  std::string name, program, compiler;
};
void PrintTo(const Linker &linker, std::ostream *out) {
  *out << linker.name;
}

class Linking : public ::testing::TestWithParam<Linker> {
protected:
  void SetUp() override {
    ASSERT_EQ(Installed::get().error(), "");
    for (const std::string &needed : {GetParam().program, GetParam().compiler})
      if (!is_installed(needed)) GTEST_SKIP() << needed << " is not installed";
    write("one.c", "#include <sgperf/sgperf.h>\nint main(void) { SGPERF_SCOPE(\"one::main\"); return 0; }\n");
    write("two.c", "int two(void) { return 2; }\n");
  }
  void write(const std::string &name, const std::string &text) { write_file(dir_.path() / name, text); }

  // Fails the test when a command does.
  void sh(const std::string &command) {
    const Result result =
        Installed::get().run(dir_.path(), {"sh", "-ec", command},
                             {"CC=" + GetParam().compiler, "LDFLAGS=-Wl,--as-needed -fuse-ld=" + GetParam().name});
    ASSERT_EQ(result.exit_code, 0) << command << "\n" << result.out << result.err;
  }
  bool linked(const std::string &file) {
    const Result dynamic = run({"readelf", "-d", (dir_.path() / file).string()});
    EXPECT_EQ(dynamic.exit_code, 0) << dynamic.err;
    return dynamic.out.find("[libsgperf.so.1]") != std::string::npos;
  }

  TempDir dir_;
};
INSTANTIATE_TEST_SUITE_P(Each, Linking,
                         testing::Values(Linker{"bfd", "ld.bfd", "gcc"}, Linker{"gold", "ld.gold", "gcc"},
                                         Linker{"lld", "ld.lld-16", "clang-16"}),
                         [](const auto &info) { return info.param.name; });

} // namespace

TEST_P(Linking, PkgConfigKeepsTheLibrary) {
  sh("$CC one.c -o one $LDFLAGS $(pkg-config --cflags --libs sgperf)");
  EXPECT_TRUE(linked("one"));
  // Without what sgperf.pc says beyond the name; or this test could not fail.
  sh("$CC one.c -o plain $LDFLAGS $(pkg-config --cflags --libs-only-L sgperf) -lsgperf");
  // bfd drops nothing here, and gold takes a hidden version (__libc_start_main, preload/main_hook.c) for a definition.
  if (GetParam().name == "lld") {
    EXPECT_FALSE(linked("plain")) << "this linker drops nothing";
  }
}

// The library alone in front of the dependency, and another package with the same flags for a library of its own: of
// equal arguments CMake keeps one, and moves libraries behind the others.
TEST_P(Linking, CMakeKeepsTheLibrary) {
  if (!is_installed("cmake")) GTEST_SKIP() << "cmake is not installed";
  write("CMakeLists.txt", R"(cmake_minimum_required(VERSION 3.16)
project(linking C)
find_package(sgperf 1 CONFIG REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(sgperf_pc REQUIRED IMPORTED_TARGET sgperf)
add_library(two SHARED two.c)
target_link_libraries(two PUBLIC sgperf::sgperf)
add_library(other_two SHARED two.c)
add_library(other INTERFACE)
target_link_libraries(other INTERFACE -Wl,--push-state,--no-as-needed other_two -Wl,--pop-state)
foreach(links "alone;sgperf::sgperf" "before;other;sgperf::sgperf" "behind;sgperf::sgperf;other" "through;two"
    "by_pkg_config;PkgConfig::sgperf_pc" "both;PkgConfig::sgperf_pc;other;sgperf::sgperf")
  list(POP_FRONT links name)
  add_executable(${name} one.c)
  target_link_libraries(${name} PRIVATE ${links})
  target_include_directories(${name} PRIVATE $<TARGET_PROPERTY:sgperf::client,INTERFACE_INCLUDE_DIRECTORIES>)
endforeach()
)");
  sh("cmake -S . -B out && cmake --build out");
  for (const char *name : {"alone", "before", "behind", "through", "by_pkg_config", "both", "libtwo.so"})
    EXPECT_TRUE(linked(std::string("out/") + name)) << name;
}

// Meson asks for --as-needed by itself, resolves -l to paths and keeps the first of equal ones.
TEST_P(Linking, MesonKeepsTheLibrary) {
  write("meson.build", R"(project('linking', 'c')
cc = meson.get_compiler('c')
sgperf = dependency('sgperf')
two = shared_library('two', 'two.c', dependencies: sgperf)
executable('alone', 'one.c', dependencies: sgperf)
executable('twice', 'one.c', dependencies: [sgperf, dependency('threads'), dependency('sgperf')])
executable('through', 'one.c', link_with: two, dependencies: sgperf)
executable('behind', 'one.c', dependencies: [cc.find_library('sgperf', dirs: get_option('libdir')), sgperf])
)");
  sh("/usr/bin/meson setup out --libdir=" + Installed::get().libdir().string() + " && /usr/bin/meson compile -C out");
  for (const char *name : {"alone", "twice", "through", "behind", "libtwo.so"})
    EXPECT_TRUE(linked(std::string("out/") + name)) << name;
}
