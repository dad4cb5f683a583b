// SPDX-License-Identifier: Apache-2.0
// Modules that programs gave to engines, taken into a recording.
#include "run/digest.h"
#include "run/record_modules.h"
#include "support/process.h"

#include <gtest/gtest.h>

#include <set>

namespace sgperf::run {
namespace {

namespace fs = std::filesystem;
using test::write_file;

TEST(Modules, OfSessionsAreNamedByTheirBytes) {
  const test::TempDir folder;
  const std::string head("\0asm\1\0\0\0", 8);
  const std::string digest = "93a44bbb96c751218e4c00d479e4c14358122a389acca16205b1e4d0dc5f9476"; // of `head`
  write_file(folder.path() / ("module-" + digest + "-work.wasm"), head); // was among the arguments
  write_file(folder.path() / "module-host-1-1-0.wasm", head);
  write_file(folder.path() / "module-host-1-1-1.wasm", head + "x");
  write_file(folder.path() / "module-host-2-1-0.wasm", head + "x");
  write_file(folder.path() / "module-host-2-1-1.wasm", std::string(20, 0)); // killed while it was written
  std::string problems;
  name_modules(folder.path(), problems);
  EXPECT_EQ(problems, "");
  std::set<std::string> names;
  for (const auto &entry : fs::directory_iterator(folder.path())) names.insert(entry.path().filename());
  EXPECT_EQ(names,
            (std::set<std::string>{"module-" + digest + "-work.wasm", "module-" + sha256_hex(head + "x") + ".wasm"}));
  name_modules(folder.path(), problems);
  EXPECT_EQ(problems, "");
  EXPECT_TRUE(fs::exists(folder.path() / ("module-" + sha256_hex(head + "x") + ".wasm"))) << "again: nothing changes";
}

} // namespace
} // namespace sgperf::run
