// SPDX-License-Identifier: Apache-2.0
// What the user gives a guest in place of what lies beside its module.
#pragma once

#include <string>
#include <vector>

namespace sgperf::run {

struct GuestOptions {
  std::vector<std::string> args; // behind --: of the program, or of the function that is invoked
  bool args_given = false;       // -- alone: none, whatever <stem>.args says
  std::vector<std::string> env;  // "NAME=value"
  std::string stdin_path;        // absolute
  bool writable = false;         // it may write to its folder itself, not to a copy

  // What it prints then is not what <stem>.stdout.expected holds.
  bool changes_output() const { return args_given || !env.empty() || !stdin_path.empty(); }
};

// "HOST::GUEST" or "HOST" to the host's folder.  False: `error` says what can be given.
bool parse_guest_folder(const std::string &text, std::string &folder, std::string &error);

// "NAME=value"; "NAME" alone takes the value that we have.  False: `error`.
bool parse_guest_variable(const std::string &text, std::string &entry, std::string &error);

} // namespace sgperf::run
