// SPDX-License-Identifier: Apache-2.0
#include "setup/installed.h"

#include <cstdlib>

namespace sgperf::test {
namespace fs = std::filesystem;

const Installed &Installed::get() {
  static const Installed installed;
  return installed;
}

Installed::Installed() {
  static TempDir destdir;
  // DESTDIR, as packagers do it, and then used where it lies: an installation must not know where it stands.
  Options options;
  options.timeout_s = 120;
  const Result result = test::run(
      {"/usr/bin/meson", "install", "-C", build_dir(), "--no-rebuild", "--destdir", destdir.path().string()}, options);
  if (result.exit_code != 0) {
    error_ = "meson install failed (everything must have been built):\n" + result.out + result.err;
    return;
  }
  destdir_ = destdir.path();
  for (const auto &entry : fs::recursive_directory_iterator(destdir.path())) {
    if (entry.path().filename() == "sgperf" && entry.path().parent_path().filename() == "bin")
      prefix_ = entry.path().parent_path().parent_path();
    if (entry.path().filename() == "libsgperf.so.1") libdir_ = entry.path().parent_path();
  }
  if (prefix_.empty())
    error_ = "expected bin/sgperf in the installation, found none";
  else if (libdir_.empty())
    error_ = "expected libsgperf.so.1 in the installation, found none";
}

Result Installed::run(const fs::path &dir, const std::vector<std::string> &argv,
                      const std::vector<std::string> &extra) const {
  fs::create_directories(dir / "sessions");
  fs::permissions(dir / "sessions", fs::perms::owner_all);
  const char *path = std::getenv("PATH"), *home = std::getenv("HOME");
  std::vector<std::string> command = {"env",
                                      "-i",
                                      "PATH=" + (prefix_ / "bin").string() + ":" + (path ? path : "/usr/bin:/bin"),
                                      "HOME=" + std::string(home ? home : "/"),
                                      "LD_LIBRARY_PATH=" + libdir_.string(),
                                      "PKG_CONFIG_PATH=" + (libdir_ / "pkgconfig").string(),
                                      "PKG_CONFIG_SYSROOT_DIR=" + destdir_.string(),
                                      "CMAKE_PREFIX_PATH=" + prefix_.string(),
                                      "SGPERF_DIR=" + (dir / "sessions").string()};
  command.insert(command.end(), extra.begin(), extra.end());
  command.insert(command.end(), argv.begin(), argv.end());
  Options options;
  options.cwd = dir;
  options.timeout_s = 120;
  return test::run(command, options);
}

} // namespace sgperf::test
