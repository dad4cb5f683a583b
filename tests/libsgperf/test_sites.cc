// SPDX-License-Identifier: Apache-2.0
#include "libsgperf/fixture.h"

namespace sgperf::test {
namespace {

class Sites : public Libsgperf {
protected:
  std::map<std::string, uint64_t> calls_with(const std::string &sites) {
    options_.env.push_back("SGPERF_SITES=" + sites);
    run_ok("calls", {"10"});
    std::map<std::string, uint64_t> out;
    for (const auto &file : session_files(dir())) {
      const Session session = read_session(file);
      for (const char *name : {"alpha::outer", "alpha::inner", "beta::inner"}) out[name] = session.sums(name).count;
      std::filesystem::remove(file);
    }
    return out;
  }
};

using Calls = std::map<std::string, uint64_t>;

TEST_F(Sites, TenThousandGoToTheSinkWhenTheTableIsFull) {
  const Result result = run_ok("many_sites", {"10000", "3"});
  EXPECT_EQ(result.out, "sites 10000 refused 0\n");
  const Session session = this->session();
  uint64_t own = 0, named = 0;
  for (const auto &record : session.sites) {
    const std::string name = record.name;
    if (!record.ready || !name.starts_with("many::site_")) continue;
    ++named;
    const Sums sums = session.sums(name);
    EXPECT_EQ(sums.count, 3u) << name;
    own += sums.count;
  }
  EXPECT_GE(named, 1000u) << "a table of at least 1000 sites";
  EXPECT_LT(named, 10000u);
  ASSERT_GT(session.sites.size(), 1u);
  const std::string other = session.sites[1].name;
  EXPECT_EQ(other, "(other sites)");
  EXPECT_EQ(own + session.sums(other).count, 30000u) << "what has no slot of its own is counted together";
  EXPECT_EQ(session.header.dropped.sites, 10000u - named);
}

TEST_F(Sites, TenThousandDynamicSites) {
  const Result result = run_ok("many_sites", {"10000", "2", "intern"});
  const uint64_t refused = number_after(result.out, "refused");
  const Session session = this->session();
  uint64_t counted = session.sums("(other sites)").count;
  for (const auto &record : session.sites)
    if (record.ready && std::string(record.name).starts_with("many::")) counted += session.sums(record.name).count;
  EXPECT_EQ(counted, (10000u - refused) * 2);
  EXPECT_GT(counted, 1000u);
}

TEST_F(Sites, AnInstrumentedLibraryMayGoAwayAndComeBack) {
  const Result result = run_ok("dlcloses", {build_dir() / "tests/libsgperf/programs/libplugin.so", "20"});
  EXPECT_NE(result.out.find("rounds 20\n"), std::string::npos);
  EXPECT_NE(result.out.find("guard placed\n"), std::string::npos) << "the old addresses were not guarded";
  const Session session = this->session();
  for (const char *name : {"plugin::outer", "plugin::inner", "plugin::items"})
    EXPECT_EQ(session.sums(name).count, 20u * 110u) << name << ": 100 and 10 a round counted, 50 were off";
  EXPECT_EQ(session.sums("plugin::items").total, 20u * 220u);
  EXPECT_EQ(session.sums("host::between").count, 20u) << "a scope open while sites are switched is still counted";
}

TEST_F(Sites, OneGlob) {
  EXPECT_EQ(calls_with("alpha::*"), (Calls{{"alpha::outer", 10}, {"alpha::inner", 10}, {"beta::inner", 0}}));
}
TEST_F(Sites, LaterGlobWins) {
  EXPECT_EQ(calls_with("alpha::*,!alpha::inner"),
            (Calls{{"alpha::outer", 10}, {"alpha::inner", 0}, {"beta::inner", 0}}));
}
TEST_F(Sites, ListThatBeginsWithNotMeansAllBut) {
  EXPECT_EQ(calls_with("!*::inner"), (Calls{{"alpha::outer", 10}, {"alpha::inner", 0}, {"beta::inner", 0}}));
}
TEST_F(Sites, QuestionMark) {
  EXPECT_EQ(calls_with("bet?::*"), (Calls{{"alpha::outer", 0}, {"alpha::inner", 0}, {"beta::inner", 10}}));
}
TEST_F(Sites, NothingMatches) {
  EXPECT_EQ(calls_with("gamma"), (Calls{{"alpha::outer", 0}, {"alpha::inner", 0}, {"beta::inner", 0}}));
}
TEST_F(Sites, NonsenseHurtsNobody) {
  for (const std::string &list : {std::string(",,,"), std::string("!"), std::string("["), std::string(100000, '*'),
                                  std::string(50000, ','), std::string("a\xff\xfe*")}) {
    options_.env.push_back("SGPERF_SITES=" + list);
    const Result result = run_program("calls", {"10", "9"});
    EXPECT_EQ(result.exit_code, 9) << list.substr(0, 20);
    EXPECT_EQ(result.out, "calls 10\n");
    EXPECT_LT(result.seconds, 5) << list.substr(0, 20);
  }
}

} // namespace
} // namespace sgperf::test
