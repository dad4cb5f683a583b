// SPDX-License-Identifier: Apache-2.0
// What no file of the tree may contain, and lists in it that must agree with each other.
#include "setup/includes.h"
#include "support/process.h"

#include <gtest/gtest.h>

#include <cctype>
#include <cstdlib>
#include <regex>
#include <set>
#include <sstream>

namespace fs = std::filesystem;
using namespace sgperf::test;

namespace {

bool is_text(const std::string &bytes) {
  return bytes.find('\0') == std::string::npos;
}

std::set<std::string> packages(const std::string &list) {
  std::set<std::string> names;
  std::istringstream in(read_file(source_dir() / "packaging" / list));
  for (std::string line; std::getline(in, line);) {
    line = line.substr(0, line.find('#'));
    std::erase_if(line, [](unsigned char c) { return std::isspace(c); });
    if (line.empty()) continue;
    EXPECT_TRUE(names.insert(line).second) << line << " stands twice in " << list;
  }
  return names;
}

} // namespace

// Packages are named, never where they lie: registries, mirrors and proxies are the machine's own setting.
TEST(Tree, NamesNoRegistryHost) {
  // Written in two pieces, or this file would be the first one found.  Debian's package of docker has the name of a
  // registry: that one counts only with what stands around it in an image's name.
  static const std::regex host("pypi"
                               "\\.org|python"
                               "hosted\\.org|npm"
                               "js\\.(org|com)|crates"
                               "\\.io|debian"
                               "\\.org|[a-z0-9]\\.docker"
                               "\\.io|docker"
                               "\\.io[/:]|ghcr"
                               "\\.io|golang"
                               "\\.org/");
  for (const fs::path &file : tree_files(source_dir())) {
    const std::string text = read_file(source_dir() / file);
    std::smatch match;
    if (!is_text(text)) continue;
    EXPECT_FALSE(std::regex_search(text, match, host)) << file << " names " << match.str();
  }
}

TEST(Tree, HasNoPathOfTheBuildMachine) {
  std::vector<std::string> paths;
  for (fs::path path : {source_dir(), build_dir(), fs::path(std::getenv("HOME") ? std::getenv("HOME") : "/")}) {
    // One component, as in "/src" or "/root", says nothing about a machine.
    if (std::distance(path.begin(), path.end()) > 2) paths.push_back(path.string());
  }
  for (const fs::path &file : tree_files(source_dir())) {
    const std::string text = read_file(source_dir() / file);
    for (const std::string &path : paths) EXPECT_EQ(text.find(path), std::string::npos) << file << " contains " << path;
  }
}

TEST(Tree, HasNoBinaries) {
  for (const fs::path &file : tree_files(source_dir())) {
    const std::string head = read_file(source_dir() / file).substr(0, 4);
    EXPECT_NE(head, "\177ELF") << file;
    // Test data may hold modules; they are a few bytes made by hand.
    if (head != std::string("\0asm", 4)) continue;
    EXPECT_LT(fs::file_size(source_dir() / file), 4096u) << file;
  }
}

TEST(Tree, PackageListsAreDisjoint) {
  const auto base = packages("debian-12.txt");
  EXPECT_GT(base.size(), 10u);
  for (const char *list : {"debian-12-develop.txt", "debian-12-rust.txt"}) {
    const auto more = packages(list);
    EXPECT_GT(more.size(), 0u) << list;
    for (const std::string &name : more) EXPECT_FALSE(base.contains(name)) << name << " stands in both lists";
  }
}

// docs/bench.md lists the names of `./dev bench`: one `bench-NAME` program each.
TEST(Tree, BenchesAreListed) {
  const auto names = [](const std::string &text, const char *pattern) {
    std::set<std::string> found;
    const std::regex regex(pattern);
    for (std::sregex_iterator match(text.begin(), text.end(), regex), end; match != end; ++match)
      found.insert((*match)[1]);
    return found;
  };
  const Result targets = run({"/usr/bin/meson", "introspect", build_dir(), "--targets"});
  ASSERT_EQ(targets.exit_code, 0) << targets.err;
  // The first table: later sections list measures.
  const std::string text = read_file(source_dir() / "docs/bench.md");
  const auto listed = names(text.substr(0, text.find("\n## ")), R"re(\n\| `([a-z][a-z0-9-]*)` \|)re");
  const auto built = names(targets.out, R"re(/tests/bench/bench-([a-z0-9-]+)")re");
  EXPECT_FALSE(listed.empty());
  EXPECT_EQ(listed, built) << "docs/bench.md (left) and the programs of tests/bench (right) differ";
}
