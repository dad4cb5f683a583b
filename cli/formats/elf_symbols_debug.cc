// SPDX-License-Identifier: Apache-2.0
#include "formats/elf_symbols_debug.h"

#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace sgperf::formats {
namespace {

constexpr size_t longest_id = 64; // bytes; in use are 8 to 20

std::string hex(const unsigned char *bytes, size_t size) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  for (size_t i = 0; i < size; ++i) {
    out += digits[bytes[i] >> 4];
    out += digits[bytes[i] & 15];
  }
  return out;
}

template <typename Visit> void each_section(Elf *elf, Visit visit) {
  size_t names = 0;
  if (!elf || elf_getshdrstrndx(elf, &names) != 0) return;
  for (Elf_Scn *section = nullptr; (section = elf_nextscn(elf, section)) != nullptr;) {
    GElf_Shdr header;
    if (!gelf_getshdr(section, &header)) continue;
    const char *name = elf_strptr(elf, names, header.sh_name);
    if (visit(section, header, std::string_view(name ? name : ""))) return;
  }
}

std::string build_id_of(Elf *elf) {
  std::string out;
  each_section(elf, [&](Elf_Scn *section, const GElf_Shdr &header, std::string_view) {
    if (header.sh_type != SHT_NOTE) return false;
    Elf_Data *data = elf_getdata(section, nullptr);
    GElf_Nhdr note;
    size_t name_at = 0, id_at = 0;
    for (size_t at = 0; data && at < data->d_size && out.empty();) {
      const size_t next = gelf_getnote(data, at, &note, &name_at, &id_at);
      if (next <= at) break;
      const auto *bytes = static_cast<const unsigned char *>(data->d_buf);
      if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 && std::memcmp(bytes + name_at, "GNU", 4) == 0 &&
          note.n_descsz > 0 && note.n_descsz <= longest_id)
        out = hex(bytes + id_at, note.n_descsz);
      at = next;
    }
    return !out.empty();
  });
  return out;
}

// The CRC of .gnu_debuglink: that of zlib and Ethernet.
bool crc_of_file(const std::string &path, uint32_t &out) {
  static const auto table = [] {
    std::array<uint32_t, 256> made{};
    for (uint32_t i = 0; i < made.size(); ++i) {
      uint32_t value = i;
      for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ (value & 1 ? 0xedb88320U : 0);
      made[i] = value;
    }
    return made;
  }();
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return false;
  uint32_t crc = ~0U;
  std::array<unsigned char, 65536> buffer;
  ssize_t got = 0;
  while ((got = read(fd, buffer.data(), buffer.size())) > 0)
    for (ssize_t i = 0; i < got; ++i) crc = table[(crc ^ buffer[static_cast<size_t>(i)]) & 0xff] ^ (crc >> 8);
  close(fd);
  out = ~crc;
  return got == 0;
}

} // namespace

ElfFile::~ElfFile() {
  if (elf_) elf_end(elf_);
  if (fd_ >= 0) close(fd_);
}

bool ElfFile::check(const std::string &what, std::string &error) {
  if (elf_ && elf_kind(elf_) == ELF_K_ELF) return true;
  error = "expected an ELF file, found something else: " + what;
  if (!elf_) error += std::string(" (") + elf_errmsg(-1) + ")";
  return false;
}

bool ElfFile::open_file(const std::string &path, uint64_t &size, std::string &error) {
  // Never blocks on a FIFO, and a device is not read.
  fd_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  struct stat status;
  if (fd_ < 0 || fstat(fd_, &status) != 0) {
    error = path + ": " + std::strerror(errno);
    return false;
  }
  if (!S_ISREG(status.st_mode)) {
    error = path + ": expected a regular file";
    return false;
  }
  size = static_cast<uint64_t>(status.st_size);
  return true;
}

bool ElfFile::open(const std::string &path, std::string &error) {
  uint64_t size = 0;
  if (!open_file(path, size, error)) return false;
  elf_version(EV_CURRENT);
  // Not mapped: a file that is cut while it is read would be a SIGBUS.
  elf_ = elf_begin(fd_, ELF_C_READ, nullptr);
  return check(path, error);
}

bool ElfFile::open_copy(const std::string &path, std::string &error) {
  uint64_t size = 0;
  if (!open_file(path, size, error)) return false;
  bytes_.resize(size);
  size_t done = 0;
  while (done < bytes_.size()) {
    const ssize_t got = read(fd_, bytes_.data() + done, bytes_.size() - done);
    if (got == 0) break; // it was cut meanwhile
    if (got > 0)
      done += static_cast<size_t>(got);
    else if (errno != EINTR) {
      error = path + ": " + std::strerror(errno);
      return false;
    }
  }
  bytes_.resize(done);
  elf_version(EV_CURRENT);
  // A string always has a NUL behind it: no search for the end of a string leaves the memory.
  elf_ = bytes_.empty() ? nullptr : elf_memory(bytes_.data(), bytes_.size());
  return check(path, error);
}

bool ElfFile::open_bytes(std::string bytes, std::string &error) {
  bytes_ = std::move(bytes);
  elf_version(EV_CURRENT);
  elf_ = bytes_.empty() ? nullptr : elf_memory(bytes_.data(), bytes_.size());
  return check(std::to_string(bytes_.size()) + " bytes in memory", error);
}

bool ElfFile::has_section(std::string_view name) const {
  bool found = false;
  each_section(elf_, [&](Elf_Scn *, const GElf_Shdr &header, std::string_view one) {
    return found = one == name && header.sh_type != SHT_NOBITS;
  });
  return found;
}

DebugLink debug_link(Elf *elf) {
  DebugLink out;
  out.build_id = build_id_of(elf);
  each_section(elf, [&](Elf_Scn *section, const GElf_Shdr &header, std::string_view name) {
    if (name != ".gnu_debuglink" || header.sh_type == SHT_NOBITS) return false;
    const Elf_Data *data = elf_getdata(section, nullptr);
    if (!data || !data->d_buf) return true;
    // The name, its NUL, padding to 4, the CRC.
    const std::string_view bytes(static_cast<const char *>(data->d_buf), data->d_size);
    const size_t end = bytes.find('\0');
    const size_t crc = (end + 4) & ~size_t{3};
    if (end == std::string_view::npos || end == 0 || crc > bytes.size() || bytes.size() - crc < sizeof out.crc)
      return true;
    out.file_name = bytes.substr(0, end);
    std::memcpy(&out.crc, bytes.data() + crc, sizeof out.crc);
    return true;
  });
  return out;
}

std::vector<std::string> debug_file_candidates(const std::string &path, const DebugLink &link,
                                               const DebugFolders &folders) {
  std::vector<std::string> out;
  if (link.build_id.size() > 2)
    for (const std::string &root : folders.roots)
      out.push_back(root + "/.build-id/" + link.build_id.substr(0, 2) + "/" + link.build_id.substr(2) + ".debug");
  // A link is a name, never a path.
  if (!link.file_name.empty() && link.file_name.find('/') == std::string::npos) {
    const size_t slash = path.rfind('/');
    const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash);
    out.push_back(folder + "/" + link.file_name);
    out.push_back(folder + "/.debug/" + link.file_name);
    if (folder.empty() || folder[0] == '/')
      for (const std::string &root : folders.roots) out.push_back(root + folder + "/" + link.file_name);
  }
  return out;
}

std::string find_debug_file(const std::string &path, const DebugLink &link, const DebugFolders &folders) {
  for (const std::string &candidate : debug_file_candidates(path, link, folders)) {
    std::string error;
    struct stat program, found;
    if (stat(candidate.c_str(), &found) != 0) continue;
    // A link that names the program itself.
    if (stat(path.c_str(), &program) == 0 && program.st_dev == found.st_dev && program.st_ino == found.st_ino) continue;
    ElfFile file;
    if (!file.open(candidate, error)) continue;
    uint32_t crc = 0;
    if (link.build_id.empty() ? crc_of_file(candidate, crc) && crc == link.crc
                              : build_id_of(file.elf()) == link.build_id)
      return candidate;
  }
  return "";
}

} // namespace sgperf::formats
