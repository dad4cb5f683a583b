// SPDX-License-Identifier: Apache-2.0
// `sgperf clean`: session files that ended or killed programs left behind.
#include "command/commands.h"
#include "emit/readable.h"
#include "record/session.h"
#include "record/session_folder.h"

#include <CLI/CLI.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>
#include <memory>

namespace sgperf::command {
namespace fs = std::filesystem;
namespace {

struct Arguments {
  bool yes = false, dry_run = false;
};

// Memory that a file takes: a session is sparse.
double used_bytes(const fs::path &path) {
  struct stat status {};
  return lstat(path.c_str(), &status) == 0 ? static_cast<double>(status.st_blocks) * 512 : 0;
}

int clean(const Arguments &arguments) {
  std::vector<record::SessionFile> ended;
  size_t live = 0, strange = 0;
  double bytes = 0;
  std::vector<std::string> refused;
  const auto folders = record::all_session_folders(&refused);
  for (const fs::path &folder : folders)
    for (auto &file : record::session_files(folder, true)) {
      std::string error;
      const auto session = record::Session::read(file.path, error);
      if (!session) {
        // Not ours to judge: it may belong to a program that starts just now, or to a newer sgperf.
        std::printf("left alone: %s\n", error.c_str());
        ++strange;
        continue;
      }
      const auto state = session->state();
      if (state == record::SessionState::live) {
        ++live;
        continue;
      }
      const double size = used_bytes(file.path) + (file.code.empty() ? 0 : used_bytes(file.code));
      bytes += size;
      std::printf("%s  %s (pid %u, %s)  %s\n", file.path.c_str(), session->comm().c_str(), session->header.pid,
                  record::to_text(state), emit::bytes(size).c_str());
      ended.push_back(std::move(file));
    }
  for (const std::string &sentence : refused) std::printf("left alone: %s\n", sentence.c_str());
  if (live) std::printf("%zu of running programs are left alone\n", live);
  if (ended.empty()) {
    std::printf("nothing to remove\n");
    return exit_ok;
  }
  std::printf("%zu sessions of ended programs, %s\n", ended.size(), emit::bytes(bytes).c_str());
  if (arguments.dry_run) return exit_ok;
  if (!arguments.yes) {
    if (!isatty(STDIN_FILENO)) {
      std::printf("nothing was removed: say --yes, since there is no terminal to ask on\n");
      return exit_ok;
    }
    std::printf("remove them? [y/N] ");
    std::fflush(stdout);
    std::string answer;
    std::getline(std::cin, answer);
    if (answer != "y" && answer != "yes") return exit_ok;
  }
  size_t failed = 0;
  for (const auto &file : ended) {
    // Once more, right before: nothing that lives is touched.
    std::string error;
    const auto session = record::Session::read(file.path, error);
    if (!session || session->state() == record::SessionState::live) continue;
    std::error_code code;
    fs::remove(file.path, code);
    if (code) {
      std::fprintf(stderr, "sgperf clean: %s: cannot be removed: %s\n", file.path.c_str(), code.message().c_str());
      ++failed;
    }
    if (!file.code.empty()) fs::remove(file.code, code);
  }
  for (const fs::path &folder : folders)
    if (folder.filename().string().starts_with("run-")) rmdir(folder.c_str()); // only if it is empty now
  std::printf("removed %zu sessions\n", ended.size() - failed);
  return failed ? exit_environment : exit_ok;
}

} // namespace

void add_clean(CLI::App &app, Action &action) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App *sub = app.add_subcommand("clean", "Remove your session files of programs that have ended");
  sub->add_flag("-y,--yes", arguments->yes, "Do not ask");
  sub->add_flag("-n,--dry-run", arguments->dry_run, "Only list");
  sub->callback([arguments, &action] { action = [arguments] { return clean(*arguments); }; });
}

} // namespace sgperf::command
