// SPDX-License-Identifier: Apache-2.0
// The programs in the pages about instrumenting do what the pages show.
//
// A fenced block of c, cpp, python or rust whose first line is a comment that holds a file name is a program.  The
// block without a language that comes next holds the commands (`$ ` in front) that build and run it, each with the
// output that it has: literally, or for `sgperf report` the names and counts of the tables (times depend on the
// machine). Commands name an installation in /usr/local, the test's own stands in for it.
#include "setup/installed.h"
#include "support/process.h"
#include "support/session.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <regex>
#include <set>
#include <sstream>

namespace fs = std::filesystem;
using namespace sgperf::test;

namespace {

struct Fence {
  std::string language, text;
  int line = 0;
};

struct Command {
  std::string text, shown;
};

struct Program {
  std::string page, file, text;
  int line = 0;
  std::vector<Command> commands;
  std::string name() const { return std::regex_replace(page + "_" + file, std::regex("[^A-Za-z0-9]"), "_"); }
};
void PrintTo(const Program &program, std::ostream *out) {
  *out << "docs/" << program.page << ":" << program.line << " " << program.file;
}

std::vector<Fence> fences(const std::string &markdown) {
  std::vector<Fence> all;
  std::istringstream in(markdown);
  bool inside = false;
  int number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    if (line.starts_with("```")) {
      inside = !inside;
      if (inside) all.push_back({line.substr(3), "", number});
    } else if (inside) {
      all.back().text += line + "\n";
    }
  }
  return all;
}

std::string file_of(const Fence &fence) {
  static const std::regex first_line(R"(^(?:/\*|//|#) ([\w.-]+\.\w+)(?: \*/)?\n)");
  std::smatch match;
  return std::regex_search(fence.text, match, first_line) ? match[1].str() : "";
}

// Rust blocks without a file name are parts of programs: they may have dots.
bool is_source(const Fence &fence) {
  static const std::set<std::string> languages = {"c", "cpp", "python"};
  return languages.contains(fence.language) || (fence.language == "rust" && !file_of(fence).empty());
}

std::vector<Command> commands(const Fence &fence) {
  std::vector<Command> all;
  std::istringstream in(fence.text);
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("$ "))
      all.push_back({line.substr(2), ""});
    else if (!all.empty())
      all.back().shown += line + "\n";
  }
  return all;
}

std::vector<fs::path> pages() {
  std::vector<fs::path> all;
  std::error_code none;
  for (const auto &entry : fs::directory_iterator(source_dir() / "docs", none))
    if (entry.path().filename().string().starts_with("instrumenting")) all.push_back(entry.path());
  std::sort(all.begin(), all.end());
  return all;
}

std::vector<Program> programs() {
  std::vector<Program> all;
  for (const fs::path &page : pages()) {
    bool open = false; // a program whose commands have not come yet
    for (const Fence &fence : fences(read_file(page))) {
      if (is_source(fence)) {
        open = !file_of(fence).empty();
        if (open) all.push_back({page.filename(), file_of(fence), fence.text, fence.line, {}});
      } else if (open && fence.language.empty() && fence.text.starts_with("$ ")) {
        all.back().commands = commands(fence);
        open = false;
      }
    }
  }
  return all;
}

// What of a report's text does not depend on the machine: the process without its pid, and of each table the names with
// their counts.
std::set<std::string> rows(const std::string &report) {
  struct Table {
    std::string first_column;
    std::vector<size_t> columns; // that are compared
  };
  static const std::vector<Table> tables = {{"module::scope", {0, 1}},
                                            {"histogram of", {0}},
                                            {"module::counter", {0, 1, 2, 3}},
                                            {"phase of the program", {0, 1, 6, 7}}};
  static const std::regex process(R"(^  (\S+) \(pid \d+, (\w+)\), (.*)$)"), gap("  +");
  std::set<std::string> all;
  const Table *table = nullptr;
  std::istringstream in(report);
  for (std::string line; std::getline(in, line);) {
    std::smatch match;
    if (std::regex_match(line, match, process))
      all.insert(match[1].str() + " " + match[2].str() + ": " + match[3].str());
    const size_t start = line.find_first_not_of(' ');
    if (start == std::string::npos) {
      table = nullptr;
      continue;
    }
    const std::string rest = line.substr(start);
    const auto header = std::find_if(tables.begin(), tables.end(),
                                     [&](const Table &one) { return rest.starts_with(one.first_column + "  "); });
    if (header != tables.end()) {
      table = &*header;
      continue;
    }
    if (!table || start < 4) continue; // rows stand further in than groups and notes
    const std::vector<std::string> cells(std::sregex_token_iterator(rest.begin(), rest.end(), gap, -1), {});
    std::string row = table->first_column + ":";
    for (const size_t column : table->columns) row += " " + (column < cells.size() ? cells[column] : "(none)");
    all.insert(row);
  }
  return all;
}

class Documented : public ::testing::TestWithParam<Program> {};
INSTANTIATE_TEST_SUITE_P(Pages, Documented, testing::ValuesIn(programs()),
                         [](const auto &info) { return info.param.name(); });

} // namespace

TEST_P(Documented, ProgramDoesWhatThePageShows) {
  const Program &program = GetParam();
  const Installed &installed = Installed::get();
  ASSERT_EQ(installed.error(), "");
  if (program.file.ends_with(".rs") && run({"rustc", "--version"}).exit_code != 0)
    GTEST_SKIP() << "no rustc (packages rustc-web and cargo-web)";
  const TempDir dir;
  write_file(dir.path() / program.file, program.text);
  ASSERT_FALSE(program.commands.empty()) << "expected a block of commands after the program";
  // As an installation in /usr/local has it: compilers look there by themselves.
  const std::vector<std::string> environment = {"CPATH=" + (installed.prefix() / "include").string(),
                                                "LIBRARY_PATH=" + installed.libdir().string()};
  bool compared = false;
  for (const Command &command : program.commands) {
    SCOPED_TRACE("$ " + command.text);
    const bool report = command.text == "sgperf report";
    std::vector<std::string> argv = {
        "sh", "-c", std::regex_replace(command.text, std::regex("/usr/local"), installed.prefix().string())};
    if (report) { // by name: else the newest of all folders is meant, also of programs that are not ours
      const auto sessions = session_files(dir.path() / "sessions");
      ASSERT_EQ(sessions.size(), 1u) << "expected the session of one process";
      argv = {"sgperf", "report", sessions.back().string()};
    }
    const Result result = installed.run(dir.path(), argv, environment);
    ASSERT_EQ(result.exit_code, 0) << result.out << result.err;
    EXPECT_EQ(result.err, "");
    if (report) {
      EXPECT_FALSE(rows(command.shown).empty()) << "the page shows no row";
      EXPECT_EQ(rows(result.out), rows(command.shown)) << "printed (left) and in the page (right) differ:\n"
                                                       << result.out;
    } else {
      EXPECT_EQ(result.out, command.shown);
    }
    compared = compared || !command.shown.empty();
  }
  EXPECT_TRUE(compared) << "the page shows nothing that the program or its report prints";
}

TEST(DocumentedPages, EachLanguageHasAProgramAndNoneIsUntried) {
  std::set<std::string> found;
  for (const fs::path &page : pages()) {
    for (const Fence &fence : fences(read_file(page))) {
      if (!is_source(fence)) continue;
      EXPECT_NE(file_of(fence), "") << page.filename() << ":" << fence.line
                                    << ": expected the name of a file as a comment in the first line";
      found.insert(page.filename().string() + " " + fence.language);
    }
  }
  for (const char *expected : {"instrumenting.md c", "instrumenting-c.md c", "instrumenting-cpp.md cpp",
                               "instrumenting-ffi.md python", "instrumenting-rust.md rust"})
    EXPECT_TRUE(found.contains(expected)) << expected;
}

// The comparison itself: what it must see, and what it must not.
TEST(DocumentedPages, RowsAreNamesAndCounts) {
  const std::string shown = R"(report of session of cache (pid 1, ended) /dev/shm/x.sgp, started 2026-11-21 05:27:49

Scopes
  cache (pid 1, ended), 1 thread; dropped: nothing
  a scope costs the one around it about 20.0 ns a call (measured at start, not taken off)

  module::scope     calls    total     self      avg      min      max    share
 cache  100.0 % of the self time
    cache::lookup  100000  5.07 ms  5.07 ms  50.7 ns  0.39 ns  4.09 ms  100.0 %
  share = self time of the self time of all scopes

  module::counter  updates  sum  largest
    cache::miss        999  999        -

  phase of the program  times    total      avg      min      max  still open  aborted
    fill                    1  6.03 ms  6.03 ms  6.03 ms  6.03 ms           0        0
)";
  EXPECT_EQ(rows(shown),
            (std::set<std::string>{"cache ended: 1 thread; dropped: nothing", "module::scope: cache::lookup 100000",
                                   "module::counter: cache::miss 999 999 -", "phase of the program: fill 1 0 0"}));
  const auto changed = [&](const std::string &from, const std::string &to) {
    std::string text = shown;
    text.replace(text.find(from), from.size(), to);
    return rows(text);
  };
  EXPECT_EQ(changed("5.07 ms", "7.05 us"), rows(shown));
  EXPECT_EQ(changed("  cache (pid 1", "  cache (pid 4711"), rows(shown));
  EXPECT_NE(changed("100000", "100001"), rows(shown));
  EXPECT_NE(changed("cache::lookup", "cache::find"), rows(shown));
  EXPECT_NE(changed("999  999", "999  998"), rows(shown));
  EXPECT_NE(changed("nothing", "1 site"), rows(shown));
}
