// SPDX-License-Identifier: Apache-2.0
// System calls that are marks become regions; all others are what they were.
#include <algorithm>

#include "libsgperf/fixture.h"

namespace sgperf::test {
namespace {

class Marks : public Libsgperf {
protected:
  Result marks(bool preload) {
    Options options = options_;
    if (preload) options.env.push_back("LD_PRELOAD=" + library());
    return run({(build_dir() / "tests/preload/marks").string()}, options);
  }
};

TEST_F(Marks, AreRegionsAndNothingElseIs) {
  const Result plain = marks(false), live = marks(true);
  ASSERT_EQ(plain.exit_code, 0) << plain.err;
  ASSERT_EQ(live.exit_code, 0) << live.err;
  EXPECT_EQ(live.err, "");
  EXPECT_NE(plain.out.find("no descriptor: -1 -1\n"), std::string::npos) << plain.out;
  EXPECT_NE(live.out.find("no descriptor: 0 0\n"), std::string::npos) << "a mark is kept from the kernel";
  const auto rest = [](const std::string &text) { return text.substr(text.find('\n')); };
  EXPECT_EQ(rest(live.out), rest(plain.out));
  for (const char *line : {"xdata: 1\n", "other numbers: 0 0\n", "two buffers: 0\n", "refused: -1 1\n",
                           "bad sleep: 1 7\n", "sleep: 0 1\n"})
    EXPECT_NE(live.out.find(line), std::string::npos) << line << live.out;
  const Session session = this->session();
  const auto regions = session.phases_named("bench");
  EXPECT_EQ(regions.size(), 1u + 3u + 4u + 2u);
  EXPECT_EQ(session.phases.size(), regions.size());
  std::set<uint32_t> threads;
  for (const auto &region : regions) {
    EXPECT_EQ(region.kind, 1u);
    EXPECT_EQ(region.ready, 2u) << "ended by its own mark";
    EXPECT_GE(region.t1, region.t0);
    threads.insert(region.tid);
  }
  EXPECT_EQ(threads.size(), 2u);
  EXPECT_EQ(session.header.dropped.phases, 0u);
}

} // namespace
} // namespace sgperf::test
