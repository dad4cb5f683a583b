// SPDX-License-Identifier: Apache-2.0
#include <errno.h>

#include "libsgperf/fixture.h"

namespace sgperf::test {
namespace {

class Phases : public Libsgperf {
protected:
  void SetUp() override {
    Libsgperf::SetUp();
    result_ = run_ok("phases");
    session_ = session();
  }
  long returned(const std::string &name) const { return value_of(result_.out, name); }
  sgperf_phase_record only(const std::string &name) const {
    const auto found = session_.phases_named(name);
    EXPECT_EQ(found.size(), 1u) << name;
    return found.empty() ? sgperf_phase_record{} : found[0];
  }
  Result result_;
  Session session_;
};

constexpr uint32_t begun = 1, ended = 2, aborted = 3;

TEST_F(Phases, Nest) {
  for (const char *call : {"outer", "inner", "inner_end", "outer_end"}) EXPECT_EQ(returned(call), 0) << call;
  const auto outer = only("outer"), inner = only("inner");
  EXPECT_EQ(outer.ready, ended);
  EXPECT_EQ(inner.ready, ended);
  EXPECT_EQ(outer.parent, 0u);
  ASSERT_GT(inner.parent, 0u);
  EXPECT_EQ(session_.phase_name(session_.phases.at(inner.parent - 1)), "outer");
  EXPECT_LE(outer.t0, inner.t0);
  EXPECT_LE(inner.t1, outer.t1);
  EXPECT_GE(session_.ns(inner.t1 - inner.t0), 3e6 * 0.99);
  EXPECT_GE(session_.ns(outer.t1 - outer.t0), 4e6 * 0.99);
  EXPECT_LE(session_.ns(inner.t1 - inner.t0), 3e9);
  EXPECT_EQ(outer.kind, 0u);
  EXPECT_EQ(outer.tid, static_cast<uint32_t>(result_.pid));
  EXPECT_EQ(outer.end_tid, outer.tid);
}

TEST_F(Phases, ResourceUsageIsOfTheSameMoments) {
  const auto outer = only("outer");
  if (under_seccomp_filter()) {
    EXPECT_EQ(outer.before.flags, 2u) << "says why it is not read";
    GTEST_SKIP() << "a seccomp filter is on: the library does not read it";
  }
  ASSERT_TRUE(outer.before.flags & 1u);
  ASSERT_TRUE(outer.after.flags & 1u);
  const uint64_t cpu = outer.after.user_ns + outer.after.system_ns - outer.before.user_ns - outer.before.system_ns;
  EXPECT_LE(static_cast<double>(cpu), session_.ns(outer.t1 - outer.t0) * 1.1 + 2e6)
      << "one busy thread cannot use more";
  EXPECT_GE(outer.after.minor_faults, outer.before.minor_faults);
  EXPECT_GE(outer.after.max_rss, uint64_t{100} << 10) << "in bytes, not KiB";
}

TEST_F(Phases, CookiesTellPhasesOfOneNameApart) {
  for (const char *call : {"cookie1", "cookie2", "cookie1_end", "cookie2_end"}) EXPECT_EQ(returned(call), 0) << call;
  EXPECT_EQ(returned("wrong_cookie"), -ENOENT);
  const auto both = session_.phases_named("cookie");
  ASSERT_EQ(both.size(), 2u);
  EXPECT_EQ(both[0].cookie, 1u);
  EXPECT_EQ(both[1].cookie, 2u);
  EXPECT_EQ(both[0].ready, ended);
  EXPECT_EQ(both[1].ready, ended);
  EXPECT_LE(both[1].t1, both[0].t1);
}

TEST_F(Phases, AnOuterEndClosesWhatIsOpenInsideAsAborted) {
  EXPECT_EQ(only("around").ready, ended);
  EXPECT_EQ(only("forgotten").ready, aborted);
  EXPECT_LE(only("forgotten").t1, only("around").t1);
}

TEST_F(Phases, AnotherThreadMayEndIt) {
  EXPECT_EQ(returned("moved"), 0);
  EXPECT_EQ(returned("other_end"), 0);
  const auto moved = only("moved");
  EXPECT_EQ(moved.ready, ended);
  EXPECT_NE(moved.tid, moved.end_tid);
  EXPECT_EQ(moved.cookie, 7u);
}

TEST_F(Phases, MistakesAreErrorsAndNothingElse) {
  EXPECT_EQ(returned("never_begun"), -ENOENT);
  EXPECT_EQ(returned("null"), -EINVAL);
  EXPECT_TRUE(session_.phases_named("never").empty());
  EXPECT_EQ(only("open_at_exit").ready, begun) << "nobody ended it: the record says so";
  EXPECT_EQ(session_.header.dropped.phases, 0u);
}

TEST_F(Phases, BenchMarks) {
  EXPECT_EQ(returned("end_without_start"), -ENOENT);
  EXPECT_EQ(returned("start"), 0);
  EXPECT_EQ(returned("double_start"), -EALREADY);
  EXPECT_EQ(returned("end"), 0);
  EXPECT_EQ(returned("double_end"), -ENOENT);
  EXPECT_EQ(returned("two_ids"), 0);
  EXPECT_EQ(returned("two_ids_end"), 0);
  std::vector<sgperf_phase_record> marks;
  for (const auto &phase : session_.phases)
    if (phase.ready && phase.kind == 1) marks.push_back(phase);
  ASSERT_EQ(marks.size(), 3u) << "one region for each start that was accepted";
  EXPECT_GE(session_.ns(marks[0].t1 - marks[0].t0), 1e6 * 0.99);
  for (const auto &mark : marks) EXPECT_EQ(mark.ready, ended);
}

TEST_F(Phases, ThePhaseOfTheProcessIsClearAfterwards) {
  // The last thing the program did was to begin a phase that nobody ended.
  ASSERT_LT(session_.header.phase_now, session_.sites.size());
  EXPECT_STREQ(session_.sites[session_.header.phase_now].name, "open_at_exit");
  EXPECT_EQ(session_.sites[session_.header.phase_now].flags & SGPERF_SITE_KIND, unsigned{SGPERF_SITE_PHASE});
}

} // namespace
} // namespace sgperf::test
