// SPDX-License-Identifier: Apache-2.0
// kill -9 at random moments: every finished event is in the file.
#include <signal.h>
#include <string.h>

#include <cstdint>
#include <random>

#include "libsgperf/fixture.h"

namespace sgperf::test {
namespace {

constexpr int threads = 8;

class Kill : public Libsgperf {
protected:
  // What the threads published: scopes that had certainly finished.
  std::vector<uint64_t> published() const {
    const std::string text = read_file(page_);
    std::vector<uint64_t> out(threads);
    for (size_t i = 0; i < threads; ++i) memcpy(&out[i], text.data() + i * 64, 8);
    return out;
  }
  TempDir pages_{"/dev/shm"};
  std::filesystem::path page_ = pages_.path() / "published";
};

TEST_F(Kill, EveryFinishedEventIsThere) {
  std::random_device device;
  const auto seed = device();
  std::mt19937 random(seed);
  SCOPED_TRACE("seed " + std::to_string(seed));
  uint64_t events = 0;
  for (int round = 0; round < 12; ++round) {
    write_file(page_, std::string(4096, '\0'));
    options_.kill_signal = SIGKILL;
    options_.kill_after_s = 0.02 + std::uniform_real_distribution<>(0, 0.25)(random);
    const Result result = run_program("kill_threads", {page_, std::to_string(threads)});
    ASSERT_EQ(result.signal, SIGKILL);
    const auto files = session_files(dir());
    ASSERT_EQ(files.size(), 1u);
    const Session session = read_session(files[0]);
    EXPECT_EQ(session.header.state, unsigned{SGPERF_SESSION_LIVE}) << "nobody could say that it ended";
    EXPECT_EQ(session.header.end.uncertainty, 0u);
    uint64_t sum = 0;
    for (const uint64_t n : published()) sum += n;
    const Sums work = session.sums("kill::work");
    EXPECT_GE(work.count, sum) << "finished events are lost";
    EXPECT_LE(work.count, sum + threads) << "more than one unpublished event a thread";
    const Sums bytes = session.sums("kill::bytes");
    EXPECT_GE(bytes.count, sum);
    EXPECT_LE(bytes.count, sum + threads);
    EXPECT_LE(bytes.total, 3 * bytes.count);
    EXPECT_GE(bytes.total + 3 * threads, 3 * bytes.count) << "a torn slot is off by one event at most";
    EXPECT_LE(work.self, work.total);
    for (const Block &block : session.blocks)
      for (const auto &[site, sums] : block.slots)
        if (sums.count > 1 && session.site("kill::work") == site) {
          EXPECT_LE(sums.min, sums.max);
          EXPECT_LE(sums.max, sums.total);
        }
    events += sum;
    std::filesystem::remove(files[0]);
    for (const auto &code : code_files(dir())) std::filesystem::remove(code);
  }
  EXPECT_GT(events, 10000u) << "the threads hardly ran: nothing was tested";
}

} // namespace
} // namespace sgperf::test
