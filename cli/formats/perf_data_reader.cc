// SPDX-License-Identifier: Apache-2.0
#include "formats/perf_data_reader.h"

#include "formats/perf_data_features.h"
#include "formats/perf_data_zstd.h"
#include "formats/perf_event_cursor.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <deque>
#include <unordered_map>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace sgperf::formats {
namespace {

constexpr std::string_view magic = "PERFILE2", magic_swapped = "2ELIFREP";
constexpr size_t file_header_size = 104, pipe_header_size = 16;
constexpr uint32_t first_user_type = 64, last_kernel_type = 22, last_user_type = 84, type_limit = 128;
constexpr size_t smallest_chunk = 4 << 20, largest_chunk = 64 << 20;

std::string_view part(std::string_view bytes, uint64_t offset, uint64_t size) {
  if (offset > bytes.size() || size > bytes.size() - offset) return {};
  return bytes.substr(offset, size);
}

class Reading {
public:
  Reading(std::string_view bytes, PerfDataVisitor &visitor) : bytes_(bytes), visitor_(visitor) {}

  std::optional<PerfData> read(std::string &error);

private:
  struct Waiting {
    uint64_t time;
    const char *bytes;
    uint32_t size, event, buffer;
  };
  // A piece of decompressed data; gone when none of its records is waiting any more.
  struct Buffer {
    std::string bytes;
    uint64_t waiting = 0;
    bool done = false;
  };

  void header(std::string_view bytes);
  void attrs(std::string_view bytes, uint64_t attr_size);
  void features(uint64_t table);
  void add_event(PerfEvent &&event);
  size_t records(std::string_view bytes, uint32_t buffer);
  size_t user_record(const PerfRecord &record, std::string_view rest);
  void compressed(const PerfRecord &record);
  void kernel_record(const PerfRecord &record, uint32_t buffer);
  std::optional<uint32_t> event_of(const PerfRecord &record);
  std::optional<uint32_t> event_of_id(uint64_t id);
  void flush(uint64_t up_to);
  void deliver(const PerfRecord &record, uint32_t event);
  void begin() {
    if (std::exchange(begun_, true)) return;
    visitor_.begin(out_);
  }
  void odd(uint32_t type) { ++out_.counts.odd[type]; }
  PerfCursor cursor(std::string_view bytes) const { return {bytes, out_.swapped}; }
  // Word `at` of a record, counted after the header; nullopt: not there.
  std::optional<uint64_t> word(const PerfRecord &record, size_t at) const {
    if (record.bytes.size() < 8 + at * 8 + 8) return std::nullopt;
    return cursor(record.bytes.substr(8 + at * 8)).get<uint64_t>();
  }
  std::optional<uint64_t> word_from_end(const PerfRecord &record, size_t at) const {
    if (record.bytes.size() < 8 + at * 8) return std::nullopt;
    return cursor(record.bytes.substr(record.bytes.size() - at * 8)).get<uint64_t>();
  }

  std::string_view bytes_;
  PerfDataVisitor &visitor_;
  PerfData out_;
  bool begun_ = false;

  std::vector<PerfLayout> layouts_;
  std::unordered_map<uint64_t, uint32_t> event_by_id_;
  std::optional<size_t> id_word_, id_word_from_end_; // where all events have it
  bool same_layouts_ = true;

  std::array<uint64_t, type_limit> records_{};
  std::vector<Waiting> waiting_;
  uint64_t latest_ = 0, round_limit_ = 0, delivered_ = 0;

  PerfDecompressor decompressor_;
  std::string rest_; // the start of a record whose end is in the next compressed record
  std::deque<Buffer> buffers_;
  uint32_t first_buffer_ = 1; // number of buffers_[0]; buffer 0 is the file itself
  uint64_t decompressed_ = 0;
};

std::optional<PerfData> Reading::read(std::string &error) {
  const std::string_view start = bytes_.substr(0, magic.size());
  if (start != magic && start != magic_swapped) {
    error = start == "PERFFILE" ? "a perf.data of version 1 (before Linux 3.0, 'PERFFILE'); PERFILE2 was expected"
                                : "no perf.data: it does not start with PERFILE2";
    return std::nullopt;
  }
  out_.swapped = start == magic_swapped;
  const uint64_t header_size = cursor(bytes_.substr(8)).get<uint64_t>();
  out_.pipe = header_size == pipe_header_size;
  if (bytes_.size() < pipe_header_size || (!out_.pipe && bytes_.size() < file_header_size)) {
    error = "a perf.data that ends within its header, after " + std::to_string(bytes_.size()) + " bytes";
    return std::nullopt;
  }
  if (!out_.pipe && header_size < file_header_size) {
    error = "a perf.data whose header has " + std::to_string(header_size) + " bytes; 104 were expected (16 in a pipe)";
    return std::nullopt;
  }
  if (out_.pipe)
    out_.counts.torn_bytes += records(bytes_.substr(pipe_header_size), 0);
  else
    header(bytes_);
  out_.counts.torn_bytes += rest_.size();
  begin();
  flush(UINT64_MAX);
  for (uint32_t type = 0; type < type_limit; ++type)
    if (records_[type]) out_.counts.records[type] = records_[type];
  return std::move(out_);
}

void Reading::header(std::string_view bytes) {
  PerfCursor fields = cursor(bytes.substr(16));
  const uint64_t attr_size = fields.get<uint64_t>();
  const uint64_t attrs_offset = fields.get<uint64_t>(), attrs_size = fields.get<uint64_t>();
  const uint64_t data_offset = fields.get<uint64_t>();
  uint64_t data_size = fields.get<uint64_t>();
  fields.get<uint64_t>(), fields.get<uint64_t>(); // event types, not used since Linux 3.11
  for (uint64_t &feature : out_.features.present) feature = fields.get<uint64_t>();

  if (attrs_offset < bytes.size())
    attrs(bytes.substr(attrs_offset, std::min<uint64_t>(attrs_size, bytes.size() - attrs_offset)), attr_size);
  const std::array<uint64_t, 4> none{};
  const bool has_features = out_.features.present != none;
  const uint64_t available = data_offset < bytes.size() ? bytes.size() - data_offset : 0;
  // perf sets data.size when it ends, our writer at every flush; features are the last thing that either writes.
  if (data_size == 0 || data_size > available || !has_features) {
    out_.unfinished = true;
    out_.features.present = none;
    data_size = available;
  } else
    features(data_offset + data_size);
  begin();
  if (data_size) out_.counts.torn_bytes += records(bytes.substr(data_offset, data_size), 0);
}

void Reading::attrs(std::string_view bytes, uint64_t attr_size) {
  if (attr_size < PERF_ATTR_SIZE_VER0 + 16 || attr_size > perf_record_limit) return odd(perf_header_attr);
  uint64_t ids_left = bytes_.size() / 8; // no more in all than the file has room for
  for (; bytes.size() >= attr_size; bytes.remove_prefix(attr_size)) {
    PerfEvent event;
    PerfCursor section = cursor(bytes.substr(attr_size - 16));
    const uint64_t offset = section.get<uint64_t>(), size = section.get<uint64_t>();
    if (!decode_perf_attr(bytes.substr(0, attr_size - 16), out_.swapped, event.attr)) {
      odd(perf_header_attr);
      continue;
    }
    const std::string_view ids = part(bytes_, offset, size);
    if (ids.size() != size || size / 8 > ids_left)
      odd(perf_header_attr);
    else {
      ids_left -= size / 8;
      event.ids = cursor(ids).words(size / 8).copy();
    }
    add_event(std::move(event));
  }
  if (!bytes.empty()) odd(perf_header_attr);
}

void Reading::features(uint64_t table) {
  for (uint32_t bit = 0; bit < 256; ++bit) {
    if (!(out_.features.present[bit / 64] >> bit % 64 & 1)) continue;
    const std::string_view entry = part(bytes_, table, 16);
    table += 16;
    PerfCursor section = cursor(entry);
    const uint64_t offset = section.get<uint64_t>(), size = section.get<uint64_t>();
    const std::string_view body = part(bytes_, offset, size);
    if (section.bad() || body.size() != size ||
        !decode_perf_feature(bit, body, out_.swapped, out_.features, out_.events))
      odd(perf_header_feature);
  }
}

void Reading::add_event(PerfEvent &&event) {
  const uint32_t index = static_cast<uint32_t>(out_.events.size());
  const PerfLayout layout(event.attr);
  if (layouts_.empty()) {
    id_word_ = layout.id_word();
    id_word_from_end_ = layout.id_word_from_end();
  }
  if (id_word_ != layout.id_word()) id_word_.reset();
  if (id_word_from_end_ != layout.id_word_from_end()) id_word_from_end_.reset();
  same_layouts_ = same_layouts_ && (layouts_.empty() || layouts_[0] == layout);
  for (const uint64_t id : event.ids) event_by_id_.emplace(id, index);
  layouts_.push_back(layout);
  out_.events.push_back(std::move(event));
}

// Gives back how many bytes at the end are no whole record.
size_t Reading::records(std::string_view bytes, uint32_t buffer) {
  while (!bytes.empty()) {
    const auto record = perf_record_at(bytes, out_.swapped);
    if (!record) return bytes.size();
    ++records_[std::min(record->type, type_limit - 1)];
    bytes.remove_prefix(record->bytes.size());
    if (record->type < first_user_type)
      kernel_record(*record, buffer);
    else if (buffer == 0)
      bytes.remove_prefix(user_record(*record, bytes));
    else
      odd(record->type); // perf compresses the kernel's records only
  }
  return 0;
}

// Gives back how many bytes of `rest`, what follows the record, belong to it.
size_t Reading::user_record(const PerfRecord &record, std::string_view rest) {
  const std::string_view body = record.bytes.substr(8);
  switch (record.type) {
  case perf_header_attr: {
    PerfEvent event;
    if (!decode_perf_attr(body, out_.swapped, event.attr)) return odd(record.type), 0;
    const std::string_view ids = body.substr(event.attr.size);
    event.ids = cursor(ids).words(ids.size() / 8).copy();
    add_event(std::move(event));
    return 0;
  }
  case perf_event_update: {
    PerfCursor update = cursor(body);
    const uint64_t kind = update.get<uint64_t>();
    const auto event = event_of_id(update.get<uint64_t>());
    if (update.bad() || !event) return odd(record.type), 0;
    if (kind == 2) out_.events[*event].name = update.text(); // PERF_EVENT_UPDATE__NAME
    return 0;
  }
  case perf_header_feature: {
    PerfCursor feature = cursor(body);
    const uint64_t bit = feature.get<uint64_t>();
    if (feature.bad() || bit > 255 ||
        !decode_perf_feature(static_cast<uint32_t>(bit), body.substr(8), out_.swapped, out_.features, out_.events))
      odd(record.type);
    return 0;
  }
  case perf_build_id: {
    PerfBuildId id;
    if (!decode_perf_build_id(body, record.misc, out_.swapped, id)) return odd(record.type), 0;
    out_.features.build_ids.push_back(std::move(id));
    return 0;
  }
  case perf_tracing_data: {
    PerfCursor size = cursor(body);
    const uint64_t follows = size.get<uint32_t>();
    if (size.bad() || follows > rest.size()) return odd(record.type), 0;
    return std::min<uint64_t>((follows + 7) / 8 * 8, rest.size());
  }
  case perf_auxtrace: {
    PerfCursor size = cursor(body);
    const uint64_t follows = size.get<uint64_t>();
    if (size.bad() || follows > rest.size()) return odd(record.type), 0;
    begin();
    visitor_.other(record, {});
    return follows;
  }
  case perf_finished_round:
    // As perf: what this round has may still be older than what the last one had, but not than the one before.
    flush(round_limit_);
    round_limit_ = latest_;
    return 0;
  case perf_compressed:
  case perf_compressed2:
    compressed(record);
    return 0;
  default:
    if (record.type > last_user_type) return ++out_.counts.unknown_types, 0;
    begin();
    visitor_.other(record, {});
    return 0;
  }
}

void Reading::compressed(const PerfRecord &record) {
  std::string_view body = record.bytes.substr(8);
  if (record.type == perf_compressed2) {
    PerfCursor size = cursor(body);
    const uint64_t stated = size.get<uint64_t>();
    if (size.bad() || stated > size.left()) return odd(record.type);
    body = body.substr(8, stated);
  }
  // perf states the largest chunk; a little room, since the stream decides where it flushes.
  const size_t chunk = std::clamp<size_t>(out_.features.compressed_chunk, smallest_chunk, largest_chunk);
  // The work is bounded by the input, whatever a record claims to hold: no real recording shrinks so far.
  const uint64_t most = bytes_.size() * 1024 + smallest_chunk;
  Buffer buffer;
  buffer.bytes = std::move(rest_);
  rest_.clear();
  const size_t had = buffer.bytes.size();
  if (!decompressor_.add(body, std::min<uint64_t>(chunk, most - std::min(most, decompressed_)), buffer.bytes))
    ++out_.counts.not_decompressed;
  decompressed_ += buffer.bytes.size() - had;
  buffers_.push_back(std::move(buffer));
  const uint32_t number = first_buffer_ + static_cast<uint32_t>(buffers_.size()) - 1;
  const std::string_view bytes = buffers_.back().bytes;
  const size_t left = records(bytes, number);
  rest_ = bytes.substr(bytes.size() - left);
  buffers_.back().done = true;
  // A size that can be no record's: the stream makes no sense from here on.
  if (rest_.size() >= 8 && cursor(std::string_view(rest_).substr(6)).get<uint16_t>() < 8) {
    out_.counts.torn_bytes += rest_.size();
    rest_.clear();
  }
}

std::optional<uint32_t> Reading::event_of_id(uint64_t id) {
  const auto found = event_by_id_.find(id);
  if (found == event_by_id_.end()) return std::nullopt;
  return found->second;
}

std::optional<uint32_t> Reading::event_of(const PerfRecord &record) {
  if (layouts_.size() == 1) return 0;
  const bool sample = record.type == PERF_RECORD_SAMPLE;
  if (!sample && same_layouts_) return 0;
  std::optional<uint64_t> id;
  if (sample && id_word_) id = word(record, *id_word_);
  if (!sample && id_word_from_end_) id = word_from_end(record, *id_word_from_end_);
  if (!id || *id == 0) return 0; // perf's own records have no id and belong to the first event
  const auto event = event_of_id(*id);
  if (!event && !sample) return 0;
  return event;
}

void Reading::kernel_record(const PerfRecord &record, uint32_t buffer) {
  if (record.type > last_kernel_type || record.type == 0) {
    ++out_.counts.unknown_types;
    return;
  }
  if (layouts_.empty()) return odd(record.type);
  const auto event = event_of(record);
  if (!event) {
    ++out_.counts.unknown_ids;
    return;
  }
  const PerfLayout &layout = layouts_[*event];
  std::optional<uint64_t> time;
  if (record.type == PERF_RECORD_SAMPLE) {
    if (const auto at = layout.time_word()) time = word(record, *at);
  } else if (const auto at = layout.time_word_from_end())
    time = word_from_end(record, *at);
  if (!time || *time == 0 || *time == UINT64_MAX) {
    begin();
    deliver(record, *event);
    return;
  }
  latest_ = std::max(latest_, *time);
  waiting_.push_back({*time, record.bytes.data(), static_cast<uint32_t>(record.bytes.size()), *event, buffer});
  if (buffer) ++buffers_[buffer - first_buffer_].waiting;
}

void Reading::flush(uint64_t up_to) {
  if (waiting_.empty()) return;
  begin();
  const auto by_time = [](const Waiting &a, const Waiting &b) { return a.time < b.time; };
  if (!std::is_sorted(waiting_.begin(), waiting_.end(), by_time))
    std::stable_sort(waiting_.begin(), waiting_.end(), by_time);
  const auto end = up_to == UINT64_MAX
                       ? waiting_.end()
                       : std::upper_bound(waiting_.begin(), waiting_.end(), Waiting{up_to, nullptr, 0, 0, 0}, by_time);
  for (auto it = waiting_.begin(); it != end; ++it) {
    if (it->time < delivered_) ++out_.counts.out_of_order;
    delivered_ = std::max(delivered_, it->time);
    if (const auto record = perf_record_at({it->bytes, it->size}, out_.swapped)) deliver(*record, it->event);
    if (it->buffer) --buffers_[it->buffer - first_buffer_].waiting;
  }
  waiting_.erase(waiting_.begin(), end);
  while (!buffers_.empty() && buffers_.front().done && !buffers_.front().waiting) {
    buffers_.pop_front();
    ++first_buffer_;
  }
}

void Reading::deliver(const PerfRecord &record, uint32_t event) {
  const PerfLayout &layout = layouts_[event];
  if (record.type == PERF_RECORD_SAMPLE) {
    PerfSample sample;
    sample.event = event;
    if (!decode_perf_sample(record, layout, sample)) return odd(record.type);
    return visitor_.sample(sample);
  }
  const auto hand = [&](const auto &decoded, auto method) {
    if (decoded)
      (visitor_.*method)(*decoded, decode_perf_trailer(record, layout));
    else
      odd(record.type);
  };
  switch (record.type) {
  case PERF_RECORD_MMAP:
  case PERF_RECORD_MMAP2:
    return hand(decode_perf_mmap(record, layout), &PerfDataVisitor::mmap);
  case PERF_RECORD_COMM:
    return hand(decode_perf_comm(record, layout), &PerfDataVisitor::comm);
  case PERF_RECORD_FORK:
    return hand(decode_perf_task(record, layout), &PerfDataVisitor::fork);
  case PERF_RECORD_EXIT:
    return hand(decode_perf_task(record, layout), &PerfDataVisitor::exit);
  case PERF_RECORD_LOST:
  case PERF_RECORD_LOST_SAMPLES:
    return hand(decode_perf_lost(record, layout), &PerfDataVisitor::lost);
  case PERF_RECORD_THROTTLE:
  case PERF_RECORD_UNTHROTTLE:
    return hand(decode_perf_throttle(record, layout), &PerfDataVisitor::throttle);
  case PERF_RECORD_SWITCH:
  case PERF_RECORD_SWITCH_CPU_WIDE:
    return hand(decode_perf_switch(record, layout), &PerfDataVisitor::switched);
  case PERF_RECORD_KSYMBOL:
    return hand(decode_perf_ksymbol(record, layout), &PerfDataVisitor::ksymbol);
  case PERF_RECORD_CGROUP:
    return hand(decode_perf_cgroup(record, layout), &PerfDataVisitor::cgroup);
  default:
    return visitor_.other(record, decode_perf_trailer(record, layout));
  }
}

} // namespace

uint64_t PerfDataCounts::odd_records() const {
  uint64_t sum = 0;
  for (const auto &[type, count] : odd) sum += count;
  return sum;
}

std::optional<PerfData> read_perf_data(std::string_view bytes, PerfDataVisitor &visitor, std::string &error) {
  return Reading(bytes, visitor).read(error);
}

std::optional<PerfData> read_perf_data_file(const std::filesystem::path &file, PerfDataVisitor &visitor,
                                            std::string &error) {
  const auto failed = [&] {
    error = "cannot read " + file.string() + ": " + std::strerror(errno);
    return std::nullopt;
  };
  const int fd = open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return failed();
  struct Closer {
    int fd;
    void *map = MAP_FAILED;
    size_t size = 0;
    ~Closer() {
      if (map != MAP_FAILED) munmap(map, size);
      close(fd);
    }
  } closer{fd};
  struct stat info {};
  if (fstat(fd, &info) != 0) return failed();
  if (S_ISDIR(info.st_mode)) {
    error = file.string() + " is a folder (perf record --threads); one file was expected";
    return std::nullopt;
  }
  if (info.st_size == 0) {
    error = file.string() + " is empty; a perf.data was expected";
    return std::nullopt;
  }
  closer.size = static_cast<size_t>(info.st_size);
  closer.map = mmap(nullptr, closer.size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
  if (closer.map == MAP_FAILED) return failed();
  auto result = read_perf_data({static_cast<const char *>(closer.map), closer.size}, visitor, error);
  if (!result) error = file.string() + ": " + error;
  return result;
}

} // namespace sgperf::formats
