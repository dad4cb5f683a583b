// SPDX-License-Identifier: Apache-2.0
#include "setup/measured.h"

#include "support/session.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace sgperf::test {
using nlohmann::json;

Measured measured(const Installed &installed, const std::filesystem::path &dir) {
  Measured found;
  const auto sessions = session_files(dir / "sessions");
  EXPECT_EQ(sessions.size(), 1u) << "expected the session of one process in " << dir / "sessions";
  if (sessions.empty()) return found;
  // By name: without one, the newest of all folders is meant, also of programs that are not ours.
  const Result report = installed.run(dir, {"sgperf", "report", "--format", "json", sessions.back().string()});
  EXPECT_EQ(report.exit_code, 0) << report.err;
  const json model = json::parse(report.out, nullptr, false);
  if (!model.is_object()) {
    ADD_FAILURE() << "expected one object, found: " << report.out.substr(0, 1000) << report.err;
    return found;
  }
  for (const auto &[what, count] : model.at("dropped").items())
    EXPECT_EQ(count, 0) << "dropped of " << what << ": the counts cannot be exact";
  for (const json &row : model.at("scopes")) {
    Counts counts{row.at("kind"), row.at("calls"), 0};
    if (counts.kind == "counter") counts.value = row.at("total");
    if (counts.kind == "gauge") counts.value = row.at("max");
    if (row.contains("histogram"))
      for (const json &bucket : row["histogram"]) counts.value += bucket.at("calls").get<uint64_t>();
    EXPECT_TRUE(found.emplace(row.at("name"), counts).second) << row.at("name") << " stands twice in the report";
  }
  for (const json &row : model.at("session_phases")) {
    const Counts counts{"phase", row.at("times"), row.at("open").get<uint64_t>() + row.at("aborted").get<uint64_t>()};
    EXPECT_TRUE(found.emplace(row.at("name"), counts).second) << row.at("name") << " stands twice in the report";
  }
  return found;
}

} // namespace sgperf::test
