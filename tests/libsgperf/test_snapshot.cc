// SPDX-License-Identifier: Apache-2.0
#include "libsgperf/fixture.h"

namespace sgperf::test {
namespace {

class Snapshot : public Libsgperf {
protected:
  // "first snap::busy kind 0 threads 2 count 20 .." -> field
  uint64_t field(const std::string &title, const std::string &name, const std::string &what) const {
    const std::string start = title + " " + name + " ";
    const auto at = ("\n" + result_.out).find("\n" + start);
    if (at == std::string::npos) {
      ADD_FAILURE() << "no row " << start << " in:\n" << result_.out;
      return 0;
    }
    const std::string line = result_.out.substr(at, result_.out.find('\n', at) - at);
    return number_after(line, what);
  }
  Result result_;
};

TEST_F(Snapshot, AProgramReadsItsOwnTableAndResetsByDifference) {
  for (const char *timer : {"tsc", "clock"}) {
    SCOPED_TRACE(timer);
    options_.env.push_back(std::string("SGPERF_TIMER=") + timer);
    result_ = run_ok("snapshots");
    EXPECT_EQ(number_after(result_.out, "version"), number_after(result_.out, "header"));
    EXPECT_EQ(number_after(result_.out, "feature_session"), 1u);
    EXPECT_EQ(number_after(result_.out, "feature_unknown"), 0u);
    EXPECT_EQ(number_after(result_.out, "need"), number_after(result_.out, "rows"));
    EXPECT_EQ(number_after(result_.out, "one"), number_after(result_.out, "rows")) << "says how many there are";

    EXPECT_EQ(field("first", "snap::busy", "count"), 20u);
    EXPECT_EQ(field("first", "snap::busy", "threads"), 2u);
    const auto total = static_cast<double>(field("first", "snap::busy", "total"));
    EXPECT_GE(total, 20e6 * 0.99) << "nanoseconds, whatever the timer";
    EXPECT_LE(total, 2e9);
    const auto min = static_cast<double>(field("first", "snap::busy", "min"));
    EXPECT_GE(min, 1e6 * 0.99);
    EXPECT_LE(min, static_cast<double>(field("first", "snap::busy", "max")));
    EXPECT_EQ(field("first", "snap::busy", "self"), field("first", "snap::busy", "total"));
    EXPECT_EQ(field("first", "snap::bytes", "count"), 2u);
    EXPECT_EQ(field("first", "snap::bytes", "total"), 2468u) << "a counter keeps its unit";
    EXPECT_EQ(field("first", "snap::bytes", "kind"), 1u);
    EXPECT_EQ(result_.out.find("first snap::later"), std::string::npos);

    EXPECT_EQ(field("since", "snap::busy", "count"), 10u);
    const auto since = static_cast<double>(field("since", "snap::busy", "total"));
    EXPECT_GE(since, 10e6 * 0.99);
    EXPECT_LE(since, 1e9);
    EXPECT_EQ(field("since", "snap::bytes", "total"), 1234u);
    EXPECT_EQ(field("since", "snap::later", "count"), 1u);
    EXPECT_EQ(number_after(result_.out, "flush"), 0u);
    EXPECT_EQ(number_after(result_.out, "detach"), 0u);

    const Session session = this->session();
    EXPECT_EQ(session.sums("snap::busy").count, 30u) << "a snapshot sets nothing back";
    EXPECT_EQ(session.sums("snap::later").count, 1u) << "after detach nothing is counted";
    EXPECT_TRUE(session.header.flags & SGPERF_SESSION_FLAG_DETACHED);
    std::filesystem::remove(session.path);
  }
}

} // namespace
} // namespace sgperf::test
