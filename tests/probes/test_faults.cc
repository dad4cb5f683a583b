// SPDX-License-Identifier: Apache-2.0
#include "probes/observed.h"

using namespace sgperf;
using namespace sgperf::test;

TEST(Faults, ByScope) {
  SKIP_WITHOUT_PROBES();
  for (const bool with_syscalls : {true, false}) {
    TempDir folder;
    probes::Options options;
    options.faults = true;
    options.syscalls = with_syscalls;
    constexpr uint64_t pages = 500;
    const Observed run = observe({"touches", std::to_string(pages)}, options, folder.path());
    ASSERT_EQ(run.error, "");
    ASSERT_EQ(run.status, 0);
    const Session session = only_session(folder.path());
    probes::FaultSums write, read, all;
    for (const auto &row : run.faults) {
      all.user += row.user, all.kernel += row.kernel, all.major += row.major;
      if (row.place.site && row.place.site == session.site("touches::write"))
        write.user += row.user, write.kernel += row.kernel;
      if (row.place.site && row.place.site == session.site("touches::read"))
        read.user += row.user, read.kernel += row.kernel;
    }
    ASSERT_EQ(run.events.processes.size(), 1u);
    const auto &exit = run.events.processes[0];
    // Faults that the kernel counts are those that brought a page in; a few more are taken and found nothing to do.
    EXPECT_GE(all.user + all.kernel + 20, exit.minor_faults + exit.major_faults);
    EXPECT_LE(all.user + all.kernel, exit.minor_faults + exit.major_faults + 200);
    EXPECT_LE(all.major, exit.major_faults);
    EXPECT_GE(all.user, pages);
    EXPECT_GE(all.kernel, pages);
    if (!with_syscalls) continue; // the session is found a little after it was made: the program may be over
    EXPECT_GE(write.user, pages);
    EXPECT_LE(write.user, pages + 5);
    EXPECT_GE(read.kernel, pages);
    EXPECT_LE(read.kernel, pages + 5);
    EXPECT_LE(write.kernel, 2u);
    EXPECT_LE(read.user, 5u);
  }
}
