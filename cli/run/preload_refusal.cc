// SPDX-License-Identifier: Apache-2.0
#include "run/preload_refusal.h"

#include "run/find_program.h"

#include <elf.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <filesystem>

namespace sgperf::run {
namespace {

class ReadOnlyFile {
public:
  explicit ReadOnlyFile(const std::string &path) : fd_(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
  ~ReadOnlyFile() {
    if (fd_ >= 0) close(fd_);
  }
  ReadOnlyFile(const ReadOnlyFile &) = delete;
  ReadOnlyFile &operator=(const ReadOnlyFile &) = delete;

  template <typename T> bool read(T &out, uint64_t at) const {
    return fd_ >= 0 && pread(fd_, &out, sizeof out, static_cast<off_t>(at)) == sizeof out;
  }
  std::string text(uint64_t at, size_t size) const {
    std::string out(size, '\0');
    const ssize_t got = fd_ >= 0 ? pread(fd_, out.data(), size, static_cast<off_t>(at)) : -1;
    out.resize(got > 0 ? static_cast<size_t>(got) : 0);
    return out;
  }

private:
  int fd_;
};

constexpr Elf64_Half own_machine =
#if defined(__x86_64__)
    EM_X86_64;
#elif defined(__aarch64__)
    EM_AARCH64;
#else
    EM_NONE;
#endif

// The loader of an ELF file; empty for a static one, "?" where it cannot be read.
std::string loader_of(const ReadOnlyFile &file, const Elf64_Ehdr &header) {
  for (unsigned i = 0; i < header.e_phnum; ++i) {
    Elf64_Phdr segment{};
    if (!file.read(segment, header.e_phoff + uint64_t{i} * sizeof segment)) return "?";
    if (segment.p_type != PT_INTERP) continue;
    const std::string name = file.text(segment.p_offset, std::min<uint64_t>(segment.p_filesz, PATH_MAX));
    return name.empty() ? "?" : std::string(name.c_str());
  }
  return {};
}

// What an ELF file is instead of a dynamic program of our processor and libc, and what to do; empty if it is one.
std::string found_instead(const ReadOnlyFile &file) {
  Elf64_Ehdr header{};
  if (!file.read(header, 0) || std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) return {};
  if (header.e_ident[EI_CLASS] == ELFCLASS32)
    return "expected a 64-bit program, found a 32-bit one, which cannot load a 64-bit library; build it for 64 bits to "
           "see its scopes";
  if (header.e_ident[EI_CLASS] != ELFCLASS64) return {};
  if (header.e_machine != own_machine)
    return fmt::format("expected a program for this processor (ELF machine {}), found one for another ({}), which "
                       "cannot load this library",
                       own_machine, header.e_machine);
  if (header.e_phentsize != sizeof(Elf64_Phdr)) return {};
  const std::string loader = loader_of(file, header);
  if (loader.empty())
    return "expected a dynamically linked program, found a static one: LD_PRELOAD has no effect on it; link it "
           "dynamically (without -static; Go: -linkmode=external) to see its scopes";
  const std::string name = std::filesystem::path(loader).filename();
  if (loader != "?" && !name.starts_with("ld-linux"))
    return fmt::format("expected a program for glibc, found one for another libc ({}): the library does nothing in it; "
                       "build it for glibc to see its scopes",
                       name.starts_with("ld-musl") ? "musl" : "loader " + loader);
  return {};
}

// The loader ignores LD_PRELOAD where the kernel sets AT_SECURE.
std::string secure(const std::string &file, const struct stat &status) {
  const bool foreign = ((status.st_mode & S_ISUID) && status.st_uid != getuid()) ||
                       ((status.st_mode & S_ISGID) && status.st_gid != getgid());
  const bool capable = getuid() != 0 && getxattr(file.c_str(), "security.capability", nullptr, 0) > 0;
  if (!foreign && !capable) return {};
  const std::string name = std::filesystem::path(file).filename();
  if (name == "sudo" || name == "su" || name == "doas" || name == "pkexec" || name == "runuser")
    return fmt::format("expected a program that runs as you, found {0}, which starts programs as somebody else and "
                       "without LD_PRELOAD; put it in front of sgperf: {0} sgperf record -- PROGRAM",
                       name);
  return fmt::format("expected a program that runs as you, found {}: the dynamic loader ignores LD_PRELOAD there; copy "
                     "it, or run sgperf as {}",
                     foreign ? "a setuid or setgid one" : "one with capabilities of its own",
                     foreign ? "its owner" : "root");
}

// The first word of a script's "#!" line, empty for anything else.
std::string interpreter_of(const std::string &start) {
  if (!start.starts_with("#!")) return {};
  const std::string line = start.substr(2, start.find('\n') - 2);
  const size_t begin = line.find_first_not_of(" \t");
  if (begin == std::string::npos) return {};
  return line.substr(begin, line.find_first_of(" \t", begin) - begin);
}

} // namespace

std::string preload_refusal(const std::string &program) {
  std::string file = find_program(program);
  std::string why;
  for (int depth = 0; depth < 5 && !file.empty(); ++depth) { // as many scripts as the kernel follows
    struct stat status {};
    if (stat(file.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return {};
    const ReadOnlyFile open_file(file);
    const std::string interpreter = interpreter_of(open_file.text(0, 256));
    if (!interpreter.empty()) { // the kernel ignores setuid on scripts
      file = interpreter;
      continue;
    }
    why = secure(file, status);
    if (why.empty()) why = found_instead(open_file);
    break;
  }
  if (why.empty()) return {};
  return fmt::format("{}: {}. Seen from outside, by eBPF (as root): samples, system calls, page faults: sgperf record "
                     "--no-preload -- {} ..",
                     file, why, program);
}

} // namespace sgperf::run
