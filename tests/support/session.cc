// SPDX-License-Identifier: Apache-2.0
#include "support/session.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>
#include <string_view>

namespace sgperf::test {
namespace {

[[noreturn]] void bad(const std::filesystem::path &path, const std::string &what) {
  throw std::runtime_error(path.string() + ": " + what);
}

// A file's bytes, mapped: sessions are sparse and much larger than what they hold.
class Mapped {
public:
  explicit Mapped(const std::filesystem::path &path) {
    const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    struct stat status {};
    if (fd < 0 || fstat(fd, &status) != 0) bad(path, std::string("cannot open: ") + strerror(errno));
    size_ = static_cast<size_t>(status.st_size);
    data_ = size_ ? mmap(nullptr, size_, PROT_READ, MAP_SHARED, fd, 0) : nullptr;
    close(fd);
    if (data_ == MAP_FAILED) bad(path, std::string("cannot map: ") + strerror(errno));
  }
  ~Mapped() {
    if (data_) munmap(data_, size_);
  }
  Mapped(const Mapped &) = delete;
  Mapped &operator=(const Mapped &) = delete;
  std::string_view view() const { return {static_cast<const char *>(data_), size_}; }

private:
  void *data_ = nullptr;
  size_t size_ = 0;
};

template <class T> T at(std::string_view file, uint64_t offset, const std::filesystem::path &path) {
  if (offset > file.size() || file.size() - offset < sizeof(T))
    bad(path, "a record at " + std::to_string(offset) + " lies outside the file of " + std::to_string(file.size()) +
                  " bytes");
  T value;
  memcpy(&value, file.data() + offset, sizeof value);
  return value;
}

Block read_block(std::string_view file, uint64_t base, const sgperf_session_header &header,
                 const std::filesystem::path &path) {
  Block block;
  const auto head = at<sgperf_block>(file, base, path);
  block.phase = head.phase;
  block.site = head.site;
  block.timer = static_cast<uint32_t>(head.timer);
  static_assert(sizeof head.owner == sizeof block.owner);
  memcpy(&block.owner, head.owner, sizeof block.owner);
  const uint64_t slots_fit = (header.block_size - offsetof(sgperf_block, slots)) / sizeof(sgperf_slot);
  for (uint32_t i = 0; i < std::min<uint64_t>({header.site_count, header.site_capacity, slots_fit}); ++i) {
    const auto slot = at<sgperf_slot>(file, base + offsetof(sgperf_block, slots) + i * sizeof(sgperf_slot), path);
    if (slot.count == 0 && slot.total == 0) continue;
    Sums &sums = block.slots[i];
    sums.count = slot.count;
    sums.total = slot.total;
    sums.self = slot.self;
    sums.min = slot.min_inv ? ~slot.min_inv : UINT64_MAX;
    sums.max = slot.max;
    if (slot.hist) {
      if (slot.hist % 8 != 0 || slot.hist > header.block_size - 512) bad(path, "histogram outside its block");
      sums.histogram = true;
      for (uint32_t b = 0; b < 64; ++b) sums.buckets[b] = at<uint64_t>(file, base + slot.hist + b * 8, path);
      if (slot.rsv[0] > 64) bad(path, "pending bucket " + std::to_string(slot.rsv[0]));
      if (slot.rsv[0]) ++sums.buckets[slot.rsv[0] - 1]; // the newest duration, not yet in its bucket
    }
  }
  return block;
}

void add(Sums &to, const Sums &from) {
  to.count += from.count;
  to.total += from.total;
  to.self += from.self;
  to.min = std::min(to.min, from.min);
  to.max = std::max(to.max, from.max);
  to.histogram = to.histogram || from.histogram;
  for (size_t b = 0; b < 64; ++b) to.buckets[b] += from.buckets[b];
}

std::vector<std::filesystem::path> files(const std::filesystem::path &dir, const std::string &prefix,
                                         const std::string &suffix) {
  std::vector<std::filesystem::path> out;
  std::error_code ignored;
  for (const auto &entry : std::filesystem::directory_iterator(dir, ignored)) {
    const std::string name = entry.path().filename();
    if (name.starts_with(prefix) && name.ends_with(suffix)) out.push_back(entry.path());
  }
  const auto start = [](const std::filesystem::path &path) {
    const std::string stem = path.stem();
    return strtoull(stem.c_str() + stem.rfind('-') + 1, nullptr, 10);
  };
  std::sort(out.begin(), out.end(), [&](const auto &a, const auto &b) { return start(a) < start(b); });
  return out;
}

} // namespace

uint64_t Sums::bucket_sum() const {
  uint64_t sum = 0;
  for (const uint64_t n : buckets) sum += n;
  return sum;
}

Session read_session(const std::filesystem::path &path) {
  const Mapped mapped(path);
  const std::string_view file = mapped.view();
  Session session;
  session.path = path;
  session.header = at<sgperf_session_header>(file, 0, path);
  const sgperf_session_header &h = session.header;
  if (memcmp(h.magic, SGPERF_SESSION_MAGIC, 8) != 0) bad(path, "no session magic");
  if (h.endian != 0x01020304) bad(path, "byte order");
  if (h.major != SGPERF_SESSION_MAJOR) bad(path, "major " + std::to_string(h.major));
  if (h.gen_begin == 0 || h.gen_begin != h.gen_end) bad(path, "header not complete");
  if (h.total_size != file.size()) bad(path, "size of the file is not total_size");
  const auto part = [&](const char *what, uint64_t offset, uint64_t size, uint64_t capacity, uint64_t record) {
    if (offset % 4096 != 0) bad(path, std::string(what) + ": not at a multiple of 4096");
    if (size < record) bad(path, std::string(what) + ": records too small");
    if (offset > file.size() || capacity > (file.size() - offset) / size)
      bad(path, std::string(what) + ": outside the file");
  };
  part("sites", h.site_offset, h.site_size, h.site_capacity, sizeof(sgperf_site_record));
  part("phases", h.phase_offset, h.phase_size, h.phase_capacity, sizeof(sgperf_phase_record));
  part("blocks", h.block_offset, h.block_size, h.block_capacity, sizeof(sgperf_block));
  for (uint64_t i = 0; i < std::min<uint64_t>(h.site_count, h.site_capacity); ++i)
    session.sites.push_back(at<sgperf_site_record>(file, h.site_offset + i * h.site_size, path));
  for (uint64_t i = 0; i < std::min<uint64_t>(h.phase_count, h.phase_capacity); ++i)
    session.phases.push_back(at<sgperf_phase_record>(file, h.phase_offset + i * h.phase_size, path));
  for (uint64_t i = 0; i < std::min<uint64_t>(h.block_count, h.block_capacity); ++i)
    session.blocks.push_back(read_block(file, h.block_offset + i * h.block_size, h, path));
  return session;
}

std::optional<uint32_t> Session::site(const std::string &name) const {
  for (uint32_t i = 0; i < sites.size(); ++i)
    if (sites[i].ready && name == sites[i].name && (sites[i].flags & SGPERF_SITE_KIND) != SGPERF_SITE_PHASE) return i;
  return std::nullopt;
}

Sums Session::sums(const std::string &name) const {
  Sums out;
  const auto index = site(name);
  if (!index) return out;
  for (const Block &block : blocks) {
    const auto found = block.slots.find(*index);
    if (found != block.slots.end()) add(out, found->second);
  }
  return out;
}

std::string Session::phase_name(const sgperf_phase_record &phase) const {
  return phase.site < sites.size() && sites[phase.site].ready ? sites[phase.site].name : "";
}

std::vector<sgperf_phase_record> Session::phases_named(const std::string &name) const {
  std::vector<sgperf_phase_record> out;
  for (const auto &phase : phases)
    if (phase.ready && phase_name(phase) == name) out.push_back(phase);
  return out;
}

std::string Session::key() const {
  const std::string stem = path.stem();
  return stem.substr(strlen("session-"));
}

double Session::ns(uint64_t units) const {
  if (header.timer == SGPERF_TIMER_CLOCK) return static_cast<double>(units);
  if (header.start.uncertainty == 0 || header.end.uncertainty == 0 || header.end.tsc <= header.start.tsc)
    throw std::runtime_error(path.string() + ": two anchors are needed to convert ticks");
  return static_cast<double>(units) * static_cast<double>(header.end.monotonic_raw - header.start.monotonic_raw) /
         static_cast<double>(header.end.tsc - header.start.tsc);
}

std::vector<CodeRecord> read_code(const std::filesystem::path &path, sgperf_code_header *out_header) {
  const Mapped mapped(path);
  const std::string_view file = mapped.view();
  const auto header = at<sgperf_code_header>(file, 0, path);
  if (memcmp(header.magic, SGPERF_CODE_MAGIC, 8) != 0) bad(path, "no code magic");
  if (header.used > file.size()) bad(path, "used is beyond the end of the file");
  if (out_header) *out_header = header;
  std::vector<CodeRecord> records;
  for (uint64_t offset = header.header_size; offset < header.used;) {
    CodeRecord code;
    code.record = at<sgperf_code_record>(file, offset, path);
    const uint64_t content = sizeof code.record + uint64_t{code.record.name_size} + code.record.bytes_size;
    if (code.record.size == 0) break; // torn tail
    if (code.record.size % 8 != 0 || code.record.size < content || code.record.size > header.used - offset)
      bad(path, "record at " + std::to_string(offset) + " has the size " + std::to_string(code.record.size));
    code.name = file.substr(offset + sizeof code.record, code.record.name_size);
    code.bytes = file.substr(offset + sizeof code.record + code.record.name_size, code.record.bytes_size);
    records.push_back(code);
    offset += code.record.size;
  }
  return records;
}

std::vector<std::filesystem::path> session_files(const std::filesystem::path &dir) {
  return files(dir, "session-", ".sgp");
}
std::vector<std::filesystem::path> code_files(const std::filesystem::path &dir) {
  return files(dir, "code-", ".sgc");
}

Session only_session(const std::filesystem::path &dir) {
  const auto found = session_files(dir);
  if (found.size() != 1)
    throw std::runtime_error(dir.string() + ": expected one session, found " + std::to_string(found.size()));
  return read_session(found[0]);
}

} // namespace sgperf::test
