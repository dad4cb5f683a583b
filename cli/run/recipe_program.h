// SPDX-License-Identifier: Apache-2.0
// Which program a command starts, looked at from outside: through PATH, links, launchers (`env`, `taskset`, `nice`,
// ..), `sh -c` with one simple command, and the first line of scripts.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sgperf::run {

// The value of a variable, or nullptr: ::getenv has this form.
using Environment = std::function<const char *(const char *)>;

struct StartedProgram {
  std::vector<std::string> words; // of the command; what `sh -c` is told is words of its own, and ends it
  size_t shell_at = 0;            // the first word of those that `sh -c` is told as one; 0: there is no shell
  size_t at = 0;                  // the program's place among `words`: behind launchers and their options
  size_t env_at = 0;              // behind the last `env` or shell and what it sets itself; 0: there is none
  std::filesystem::path file;     // what the kernel runs in the end: of a script, its interpreter; no links in it
  std::vector<std::string> names; // base names to know it by, best first: as given, of the file, of the interpreter
  bool script = false;            // words behind the name go to a script, not to `file`
  bool cleared = false;           // `env -i`: nothing of the environment gets through
  std::filesystem::path folder;   // where it starts
  std::map<std::string, std::string> assigned; // by `env`

  // What the program will find under this name.
  std::optional<std::string> variable(const std::string &name, const Environment &environment) const;
};

// nullopt: there is no such program, or a launcher is told something that is not understood here.
std::optional<StartedProgram> started_program(const std::vector<std::string> &command, const Environment &environment);

// A program or library, mapped read-only to look something up in it.  Reads nothing that is not asked for.
class ProgramFile {
public:
  explicit ProgramFile(const std::filesystem::path &file); // one that cannot be read has nothing in it
  ~ProgramFile();
  ProgramFile(const ProgramFile &) = delete;
  ProgramFile &operator=(const ProgramFile &) = delete;

  // Among the constants (.rodata) of an ELF file with section headers, else anywhere.
  bool contains(std::string_view text) const;
  // Base names of the libraries that it is linked against itself (DT_NEEDED); not those of its libraries.
  std::vector<std::string> libraries() const;

private:
  std::string_view bytes_;
};

} // namespace sgperf::run
