// SPDX-License-Identifier: Apache-2.0
#include "run/recipe_program.h"

#include "run/launchers.h"
#include "run/shell_words.h"

#include <elf.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <sstream>

namespace sgperf::run {
namespace fs = std::filesystem;
namespace {

// Linux follows so many interpreters of interpreters.
constexpr int script_levels = 4;

bool can_run(const fs::path &path) {
  std::error_code code;
  return fs::is_regular_file(path, code) && access(path.c_str(), X_OK) == 0;
}

// As execvp(3) looks.
std::optional<fs::path> found(const std::string &word, const StartedProgram &program, const Environment &environment) {
  if (word.empty()) return std::nullopt;
  if (word.find('/') != std::string::npos) {
    const fs::path path = program.folder / word;
    return can_run(path) ? std::optional(path) : std::nullopt;
  }
  std::istringstream folders(program.variable("PATH", environment).value_or("/bin:/usr/bin"));
  for (std::string folder; std::getline(folders, folder, ':');) {
    const fs::path path = program.folder / folder / word;
    if (can_run(path)) return path;
  }
  return std::nullopt;
}

bool is_assignment(const std::string &word) {
  const size_t equals = word.find('=');
  return equals != std::string::npos && equals > 0 && word[0] != '-';
}

// The options and assignments of `env` that stand at words[at..]; `at` is then at the program.  False: one of them is
// not understood.
bool take_env(const std::vector<std::string> &words, size_t &at, StartedProgram &program) {
  const auto chdir = [&](const std::string &to) { program.folder /= to; };
  for (bool options = true; at < words.size(); ++at) {
    const std::string &word = words[at];
    if (is_assignment(word)) {
      const size_t equals = word.find('=');
      program.assigned[word.substr(0, equals)] = word.substr(equals + 1);
      options = false;
    } else if (!options || !word.starts_with('-'))
      return true;
    else if (word == "--")
      options = false;
    else if (word == "-" || word == "-i" || word == "--ignore-environment")
      program.cleared = true, program.assigned.clear();
    else if (word == "-v" || word == "--debug")
      continue;
    // What is taken away and put back by us is of no matter.
    else if (word == "-u" || word == "--unset")
      ++at;
    else if (word.starts_with("-u") || word.starts_with("--unset="))
      continue;
    else if (word == "-C" || word == "--chdir") {
      if (++at < words.size()) chdir(words[at]);
    } else if (word.starts_with("--chdir="))
      chdir(word.substr(std::strlen("--chdir=")));
    else
      return false;
  }
  return false; // no program: `env` prints the environment
}

bool is_shell(const std::string &name) {
  return name == "sh" || name == "dash" || name == "bash";
}

// words[at] is a shell: `-c` and its text, of one simple command.  The text becomes words, `at` is at the program.
// False: it is more than that, or a script.
bool take_shell(size_t &at, StartedProgram &program) {
  auto &words = program.words;
  // -e, -u and -x change nothing about which program it is.
  if (at + 2 >= words.size() || !words[at + 1].starts_with('-') || words[at + 1].find('c') == std::string::npos ||
      words[at + 1].find_first_not_of("ceux", 1) != std::string::npos)
    return false;
  const auto command = plain_words(words[at + 2]);
  if (!command) return false;
  at += 2;
  // What stands behind the text are its $0 and $1, of which it has none.
  words.resize(at);
  words.insert(words.end(), command->begin(), command->end());
  program.shell_at = at;
  for (; at < words.size() && is_assignment(words[at]); ++at) {
    const size_t equals = words[at].find('=');
    program.assigned[words[at].substr(0, equals)] = words[at].substr(equals + 1);
    program.env_at = at + 1;
  }
  if (at < words.size() && words[at] == "exec") ++at;
  return at < words.size();
}

// To the program that is started in the end.  False: that cannot be told here.
bool take_launchers(StartedProgram &program) {
  auto &words = program.words;
  auto &at = program.at;
  while (at < words.size()) {
    const std::string name = fs::path(words[at]).filename();
    if (name == "env") {
      if (!take_env(words, ++at, program)) return false;
      program.env_at = at;
    } else if (is_shell(name) && !program.shell_at) {
      if (!take_shell(at, program)) return false;
    } else {
      const auto behind = behind_launcher(words, at);
      if (!behind) return false;
      if (*behind == at) return true;
      at = *behind;
    }
  }
  return false;
}

// The words of a script's first line, behind "#!"; empty: it is none.
std::vector<std::string> first_line(const fs::path &file) {
  char head[256] = {};
  std::ifstream in(file, std::ios::binary);
  in.read(head, sizeof head - 1);
  std::string line(head, static_cast<size_t>(in.gcount()));
  if (!line.starts_with("#!")) return {};
  std::istringstream words(line.substr(2, line.find('\n') - 2));
  std::vector<std::string> out;
  for (std::string word; words >> word;) out.push_back(word);
  return out;
}

void add_names(StartedProgram &program, const fs::path &path) {
  std::error_code code;
  const fs::path real = fs::canonical(path, code);
  program.names.push_back(path.filename());
  if (!code && real.filename() != path.filename()) program.names.push_back(real.filename());
  program.file = code ? path : real;
}

} // namespace

std::optional<std::string> StartedProgram::variable(const std::string &name, const Environment &environment) const {
  if (const auto own = assigned.find(name); own != assigned.end()) return own->second;
  const char *value = cleared ? nullptr : environment(name.c_str());
  return value ? std::optional<std::string>(value) : std::nullopt;
}

std::optional<StartedProgram> started_program(const std::vector<std::string> &command, const Environment &environment) {
  StartedProgram program;
  std::error_code code;
  program.folder = fs::current_path(code);
  program.words = command;
  if (!take_launchers(program)) return std::nullopt;
  auto path = found(program.words[program.at], program, environment);
  if (!path) return std::nullopt;
  add_names(program, *path);
  for (int level = 0; level < script_levels; ++level) {
    const auto words = first_line(program.file);
    if (words.empty()) return program;
    program.script = true;
    size_t at = 0;
    if (fs::path(words[0]).filename() == "env") {
      at = words.size() > 1 && words[1] == "-S" ? 2 : 1;
      if (!take_env(words, at, program)) return std::nullopt;
    }
    path = found(words[at], program, environment);
    if (!path) return std::nullopt;
    add_names(program, *path);
  }
  return program;
}

ProgramFile::ProgramFile(const fs::path &file) {
  const int fd = open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return;
  struct stat status {};
  if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0) {
    const auto size = static_cast<size_t>(status.st_size);
    void *at = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (at != MAP_FAILED) bytes_ = {static_cast<const char *>(at), size};
  }
  close(fd);
}

ProgramFile::~ProgramFile() {
  if (!bytes_.empty()) munmap(const_cast<char *>(bytes_.data()), bytes_.size());
}

namespace {

template <class T> std::optional<T> at(std::string_view bytes, uint64_t offset) {
  if (offset > bytes.size() || bytes.size() - offset < sizeof(T)) return std::nullopt;
  T out;
  std::memcpy(&out, bytes.data() + offset, sizeof out);
  return out;
}

std::string_view part(std::string_view bytes, uint64_t offset, uint64_t size) {
  if (offset > bytes.size() || size > bytes.size() - offset) return {};
  return bytes.substr(offset, size);
}

// nullopt: not an ELF file of 64 bits in this machine's byte order.
std::optional<Elf64_Ehdr> elf_header(std::string_view bytes) {
  const auto header = at<Elf64_Ehdr>(bytes, 0);
  if (!header || std::memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 || header->e_ident[EI_CLASS] != ELFCLASS64 ||
      header->e_ident[EI_DATA] != ELFDATA2LSB)
    return std::nullopt;
  return header;
}

std::string_view text_at(std::string_view bytes, uint64_t offset) {
  if (offset >= bytes.size()) return {};
  const std::string_view rest = bytes.substr(offset);
  const size_t end = rest.find('\0');
  return end == std::string_view::npos ? std::string_view() : rest.substr(0, end);
}

bool has(std::string_view bytes, std::string_view text) {
  return !bytes.empty() && memmem(bytes.data(), bytes.size(), text.data(), text.size()) != nullptr;
}

} // namespace

bool ProgramFile::contains(std::string_view text) const {
  const auto header = elf_header(bytes_);
  if (!header) return has(bytes_, text);
  const auto names = at<Elf64_Shdr>(bytes_, header->e_shoff + uint64_t{header->e_shstrndx} * sizeof(Elf64_Shdr));
  bool constants = false;
  for (size_t i = 0; names && i < header->e_shnum; ++i) {
    const auto section = at<Elf64_Shdr>(bytes_, header->e_shoff + i * sizeof(Elf64_Shdr));
    if (!section || section->sh_type == SHT_NOBITS) continue;
    if (!text_at(bytes_, names->sh_offset + section->sh_name).starts_with(".rodata")) continue;
    constants = true;
    if (has(part(bytes_, section->sh_offset, section->sh_size), text)) return true;
  }
  return !constants && has(bytes_, text);
}

std::vector<std::string> ProgramFile::libraries() const {
  const auto header = elf_header(bytes_);
  if (!header) return {};
  std::vector<Elf64_Phdr> segments;
  for (size_t i = 0; i < header->e_phnum; ++i)
    if (const auto segment = at<Elf64_Phdr>(bytes_, header->e_phoff + i * sizeof(Elf64_Phdr)))
      segments.push_back(*segment);
  std::vector<uint64_t> needed; // offsets in the table of strings
  uint64_t strings = 0;         // its address
  for (const Elf64_Phdr &segment : segments) {
    if (segment.p_type != PT_DYNAMIC) continue;
    const std::string_view dynamic = part(bytes_, segment.p_offset, segment.p_filesz);
    for (uint64_t offset = 0;; offset += sizeof(Elf64_Dyn)) {
      const auto entry = at<Elf64_Dyn>(dynamic, offset);
      if (!entry || entry->d_tag == DT_NULL) break;
      if (entry->d_tag == DT_NEEDED) needed.push_back(entry->d_un.d_val);
      if (entry->d_tag == DT_STRTAB) strings = entry->d_un.d_ptr;
    }
  }
  std::vector<std::string> out;
  for (const Elf64_Phdr &segment : segments) {
    if (segment.p_type != PT_LOAD || strings < segment.p_vaddr || strings - segment.p_vaddr >= segment.p_filesz)
      continue;
    for (const uint64_t name : needed)
      if (const auto text = text_at(bytes_, segment.p_offset + (strings - segment.p_vaddr) + name); !text.empty())
        out.emplace_back(fs::path(text).filename());
    break;
  }
  return out;
}

} // namespace sgperf::run
