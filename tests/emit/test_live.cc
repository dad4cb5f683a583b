// SPDX-License-Identifier: Apache-2.0
// What `sgperf top` shows of a view.
#include "emit/live.h"

#include <nlohmann/json.hpp>

#include <gtest/gtest.h>

namespace sgperf::emit {
namespace {

merge::LiveView one_session() {
  merge::LiveSession session;
  session.key = "h-1-1";
  session.comm = "prog\x1b[2J"; // a program names itself
  session.command = {"./prog", "a\nb"};
  session.pid = 42;
  session.threads = 3;
  session.interval.seconds = 1;
  session.interval.uptime_s = 61.5;
  session.interval.threads = 1;
  for (int i = 0; i < 3; ++i) {
    merge::LiveScope scope;
    scope.name = "a::s" + std::to_string(i) + "\x1b";
    scope.calls = scope.calls_so_far = 10;
    scope.calls_per_s = 10;
    scope.self = scope.average = 100;
    session.interval.scopes.push_back(scope);
  }
  session.interval.ended.push_back({false, "compile", 42, merge::Unit::ns, 12e6, true});
  session.interval.ended.push_back({true, "worker", 43, merge::Unit::ns, 0, false});
  merge::LiveView view;
  view.sessions.push_back(session);
  return view;
}

TEST(Live, NoControlCharacterOfAProgramReachesTheTerminal) {
  merge::LiveView view = one_session();
  const std::string text = live_text(view, {});
  EXPECT_EQ(text.find('\x1b'), std::string::npos) << text;
  EXPECT_EQ(live_end(view, {}).find('\x1b'), std::string::npos);
  EXPECT_NE(text.find("(pid 42, running), up 61.5 s, 3 threads, 1 that measures, no phase\n"), std::string::npos)
      << text;
  EXPECT_NE(text.find("  ./prog a b\n"), std::string::npos) << text;
}

TEST(Live, TopLimitsRowsAndSaysSo) {
  LiveOptions options;
  options.top = 2;
  const std::string text = live_text(one_session(), options);
  EXPECT_NE(text.find("a::s1"), std::string::npos);
  EXPECT_EQ(text.find("a::s2"), std::string::npos);
  EXPECT_NE(text.find("1 more (--top 0 lists all)"), std::string::npos) << text;
  options.top = 0;
  EXPECT_NE(live_text(one_session(), options).find("a::s2"), std::string::npos);
}

TEST(Live, WhatHasEndedIsNamed) {
  const std::string text = live_text(one_session(), {});
  EXPECT_NE(text.find("  ended since the last look: phase compile after 12.0 ms (aborted), thread 43 worker\n"),
            std::string::npos)
      << text;
}

TEST(Live, SystemCallsOrWhyThereAreNone) {
  merge::LiveView view = one_session();
  EXPECT_NE(live_text(view, {}).find("those of a program that `sgperf record -- PROGRAM` runs"), std::string::npos);
  view.recorded = true;
  EXPECT_NE(live_text(view, {}).find("none written yet"), std::string::npos);
  view.syscalls.emplace();
  view.syscalls->age_s = 1.5;
  merge::SyscallRow row;
  row.name = "write";
  row.count = 4;
  row.total_ns = 8000;
  view.syscalls->rows.push_back(row);
  const std::string text = live_text(view, {});
  EXPECT_NE(text.find("\n  write            4  8.00 us  2.00 us"), std::string::npos) << text;
  EXPECT_NE(text.find("wrote them 1.50 s ago\n"), std::string::npos) << text;
}

TEST(Live, JsonIsOneLineThatParses) {
  merge::LiveView view = one_session();
  view.sessions[0].state = record::SessionState::killed;
  view.sessions[0].whole = view.sessions[0].interval;
  const std::string text = live_json(view);
  EXPECT_EQ(text.find('\n'), text.size() - 1);
  const auto root = nlohmann::json::parse(text);
  const auto &session = root["sessions"][0];
  EXPECT_EQ(session["state"], "killed");
  EXPECT_EQ(session["command"][1], "a\nb");
  EXPECT_EQ(session["whole"]["scopes"].size(), 3u);
  EXPECT_EQ(session["ended"][1]["kind"], "thread");
  EXPECT_TRUE(session["phase"].is_null());
  EXPECT_TRUE(session["exit_code"].is_null());
}

} // namespace
} // namespace sgperf::emit
