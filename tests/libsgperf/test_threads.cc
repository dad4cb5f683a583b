// SPDX-License-Identifier: Apache-2.0
#include "libsgperf/fixture.h"

#include <set>

namespace sgperf::test {
namespace {

class Threads : public Libsgperf {};

TEST_F(Threads, ThreeHundredComeAndGoAndNothingIsLost) {
  run_ok("churn", {"300", "25", "200"});
  const Session session = this->session();
  EXPECT_EQ(session.header.dropped.threads, 0u);
  EXPECT_EQ(session.sums("churn::outer").count, 300u * 200u);
  EXPECT_EQ(session.sums("churn::inner").count, 300u * 200u);
  // As the layout says: ended threads' blocks stay, with the thread's state and the names that were given.
  uint64_t generations = 0;
  std::set<std::string> names;
  for (const Block &block : session.blocks) {
    generations += block.owner.generation;
    EXPECT_EQ(block.owner.state, unsigned{SGPERF_BLOCK_EXITED}) << "tid " << block.owner.tid;
    EXPECT_EQ(block.site, 0u) << "a region tag outlived its scope";
    EXPECT_EQ(block.owner.name[15], 0);
    names.insert(block.owner.name);
  }
  EXPECT_GE(generations, 300u);
  EXPECT_TRUE(names.contains("churn-200")) << "blocks of the first threads may have been used again, not these";
  EXPECT_TRUE(names.contains("churn-290"));
}

TEST_F(Threads, ManyMoreThreadsThanBlocks) {
  run_ok("churn", {"3000", "10", "10"});
  const Session session = this->session();
  EXPECT_EQ(session.header.dropped.threads, 0u) << "ten threads at a time: blocks of ended threads can be used again";
  EXPECT_EQ(session.sums("churn::outer").count, 30000u);
  EXPECT_EQ(session.sums("churn::inner").count, 30000u);
}

TEST_F(Threads, AScopeThatEndsOnAnotherThreadIsCountedOnce) {
  run_ok("foreign", {"20"});
  const Session session = this->session();
  const Sums moved = session.sums("foreign::moved");
  EXPECT_EQ(moved.count, 20u);
  EXPECT_EQ(session.header.dropped.foreign, 20u);
  // All were open for the 2 ms of the other thread, none for longer than the program ran.
  const double run_ns = static_cast<double>(session.header.end.monotonic_raw - session.header.start.monotonic_raw);
  EXPECT_GE(session.ns(moved.min), 2e6 * 0.98);
  EXPECT_LE(session.ns(moved.max), run_ns * 1.02);
  EXPECT_EQ(session.sums("foreign::own").count, 40u);
  EXPECT_LE(session.sums("foreign::own").max, moved.max);
  // Counted on the thread that ended it.
  size_t blocks = 0;
  for (const Block &block : session.blocks) blocks += block.slots.contains(*session.site("foreign::moved"));
  EXPECT_EQ(blocks, 1u);
}

} // namespace
} // namespace sgperf::test
