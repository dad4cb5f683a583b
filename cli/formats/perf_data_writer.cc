// SPDX-License-Identifier: Apache-2.0
#include "formats/perf_data_writer.h"

#include "formats/perf_data_features.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

namespace sgperf::formats {
namespace {

constexpr size_t flush_at = 256 * 1024;

struct Section {
  uint64_t offset = 0, size = 0;
};

// perf_file_header of tools/perf/util/header.h.
struct FileHeader {
  char magic[8] = {'P', 'E', 'R', 'F', 'I', 'L', 'E', '2'};
  uint64_t size = 104, attr_size = perf_attr_size + sizeof(Section);
  Section attrs, data, event_types;
  uint64_t features[4] = {};
};
static_assert(sizeof(FileHeader) == 104);

std::string reason(const std::string &what, const std::filesystem::path &file, int number) {
  return what + " " + file.string() + ": " + std::strerror(number);
}

// perf's evlist__valid_sample_type() and _sample_id_all(), and what telling events apart needs.
std::string refused(const std::vector<PerfEvent> &events) {
  if (events.empty()) return "a perf.data needs an event, and none was given";
  if (events.size() == 1) return {};
  for (const PerfEvent &event : events) {
    if (!(event.attr.sample_type & PERF_SAMPLE_IDENTIFIER) || event.ids.empty())
      return "several events in one perf.data need PERF_SAMPLE_IDENTIFIER and ids, and '" + event.name + "' lacks them";
    if (event.attr.sample_id_all != events[0].attr.sample_id_all ||
        event.attr.read_format != events[0].attr.read_format)
      return "events of one perf.data need the same sample_id_all and read_format, and '" + event.name +
             "' differs from '" + events[0].name + "'";
  }
  return {};
}

} // namespace

struct PerfDataWriter::State {
  std::filesystem::path path;
  int fd = -1;
  FileHeader header;
  std::vector<PerfEvent> events;
  std::vector<PerfLayout> layouts;
  std::string waiting;
  uint64_t written = 0; // bytes of data in the file
  uint64_t first_sample = UINT64_MAX, last_sample = 0;
  std::string error; // of the first write that failed

  ~State() {
    if (fd < 0) return;
    flush();
    close(fd);
  }

  void write_at(uint64_t offset, const char *bytes, size_t size) {
    while (size && error.empty()) {
      const ssize_t done = pwrite(fd, bytes, size, static_cast<off_t>(offset));
      if (done < 0 && errno == EINTR) continue;
      if (done <= 0) {
        error = reason("cannot write", path, done < 0 ? errno : ENOSPC);
        return;
      }
      offset += static_cast<uint64_t>(done), bytes += done, size -= static_cast<size_t>(done);
    }
  }

  void flush() {
    if (waiting.empty()) return;
    write_at(header.data.offset + written, waiting.data(), waiting.size());
    if (error.empty()) {
      // Two writes, in this order: a reader finds data.size bytes of whole records at any moment.
      header.data.size = written += waiting.size();
      write_at(offsetof(FileHeader, data) + offsetof(Section, size), reinterpret_cast<const char *>(&header.data.size),
               8);
    }
    waiting.clear();
  }

  void added() {
    if (waiting.size() >= flush_at) flush();
  }

  PerfSampleId with_id(PerfSampleId who) const {
    if (!who.id && !events[0].ids.empty()) who.id = events[0].ids[0];
    return who;
  }
};

PerfDataWriter::PerfDataWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}
PerfDataWriter::PerfDataWriter(PerfDataWriter &&) noexcept = default;
PerfDataWriter &PerfDataWriter::operator=(PerfDataWriter &&) noexcept = default;
PerfDataWriter::~PerfDataWriter() = default;

std::optional<PerfDataWriter> PerfDataWriter::create(const std::filesystem::path &file, std::vector<PerfEvent> events,
                                                     std::string &error, bool replace) {
  error = refused(events);
  if (!error.empty()) return std::nullopt;
  auto state = std::make_unique<State>();
  state->path = file;
  if (replace) unlink(file.c_str());
  state->fd = open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (state->fd < 0) {
    error = reason("cannot make", file, errno);
    return std::nullopt;
  }
  std::string ids, attrs;
  for (PerfEvent &event : events) {
    event.attr.size = perf_attr_size;
    const Section section{sizeof(FileHeader) + ids.size(), event.ids.size() * 8};
    attrs += encode_perf_attr(event.attr);
    attrs.append(reinterpret_cast<const char *>(&section), sizeof section);
    ids.append(reinterpret_cast<const char *>(event.ids.data()), event.ids.size() * 8);
    state->layouts.emplace_back(event.attr);
  }
  state->header.attrs = {sizeof(FileHeader) + ids.size(), attrs.size()};
  state->header.data = {state->header.attrs.offset + attrs.size(), 0};
  state->events = std::move(events);
  const std::string start =
      std::string(reinterpret_cast<const char *>(&state->header), sizeof(FileHeader)) + ids + attrs;
  state->write_at(0, start.data(), start.size());
  if (!state->error.empty()) {
    error = state->error;
    unlink(file.c_str());
    return std::nullopt;
  }
  return PerfDataWriter(std::move(state));
}

bool PerfDataWriter::raw(std::string_view records) {
  for (std::string_view rest = records; !rest.empty();) {
    const auto record = perf_record_at(rest);
    if (!record || record->bytes.size() % 8) return false;
    rest.remove_prefix(record->bytes.size());
  }
  state_->waiting += records;
  state_->added();
  return true;
}

bool PerfDataWriter::sample(const PerfSample &sample) {
  if (sample.event >= state_->events.size()) return false;
  const PerfEvent &event = state_->events[sample.event];
  bool good;
  if (!sample.id && !event.ids.empty()) {
    PerfSample with_id = sample;
    with_id.id = event.ids[0];
    good = encode_perf_sample(state_->waiting, state_->layouts[sample.event], with_id);
  } else
    good = encode_perf_sample(state_->waiting, state_->layouts[sample.event], sample);
  if (!good) return false;
  if (event.attr.sample_type & PERF_SAMPLE_TIME) sample_time(sample.time);
  state_->added();
  return true;
}

void PerfDataWriter::mmap(const PerfMmap &mmap, const PerfSampleId &who) {
  encode_perf_mmap2(state_->waiting, state_->layouts[0], mmap, state_->with_id(who));
  state_->added();
}

void PerfDataWriter::comm(const PerfComm &comm, const PerfSampleId &who) {
  encode_perf_comm(state_->waiting, state_->layouts[0], comm, state_->with_id(who));
  state_->added();
}

void PerfDataWriter::fork(const PerfTask &task, const PerfSampleId &who) {
  encode_perf_fork(state_->waiting, state_->layouts[0], task, state_->with_id(who));
  state_->added();
}

void PerfDataWriter::exit(const PerfTask &task, const PerfSampleId &who) {
  encode_perf_exit(state_->waiting, state_->layouts[0], task, state_->with_id(who));
  state_->added();
}

void PerfDataWriter::lost(const PerfLost &lost, const PerfSampleId &who) {
  encode_perf_lost(state_->waiting, state_->layouts[0], lost, state_->with_id(who));
  state_->added();
}

void PerfDataWriter::lost_samples(uint64_t lost, const PerfSampleId &who) {
  encode_perf_lost_samples(state_->waiting, state_->layouts[0], lost, state_->with_id(who));
  state_->added();
}

void PerfDataWriter::ksymbol(const PerfKsymbol &symbol, const PerfSampleId &who) {
  encode_perf_ksymbol(state_->waiting, state_->layouts[0], symbol, state_->with_id(who));
  state_->added();
}

void PerfDataWriter::finished_round() {
  constexpr char record[8] = {perf_finished_round, 0, 0, 0, 0, 0, 8, 0};
  state_->waiting.append(record, sizeof record);
  state_->added();
}

void PerfDataWriter::sample_time(uint64_t time) {
  state_->first_sample = std::min(state_->first_sample, time);
  state_->last_sample = std::max(state_->last_sample, time);
}

void PerfDataWriter::flush() {
  state_->flush();
}

bool PerfDataWriter::finish(const PerfFeatures &features, std::string &error) {
  state_->flush();
  PerfFeatures complete = features;
  if (state_->last_sample) {
    complete.first_sample = state_->first_sample;
    complete.last_sample = state_->last_sample;
  }
  const auto bodies = encode_perf_features(complete, state_->events);
  uint64_t at = state_->header.data.offset + state_->written;
  std::string table, all;
  for (const auto &[bit, body] : bodies) {
    const Section section{at + bodies.size() * sizeof(Section) + all.size(), body.size()};
    table.append(reinterpret_cast<const char *>(&section), sizeof section);
    all += body;
    state_->header.features[bit / 64] |= uint64_t{1} << bit % 64;
  }
  table += all;
  state_->write_at(at, table.data(), table.size());
  // Last: until here the file is a good unfinished one.
  state_->write_at(0, reinterpret_cast<const char *>(&state_->header), sizeof(FileHeader));
  if (close(std::exchange(state_->fd, -1)) != 0 && state_->error.empty())
    state_->error = reason("cannot write", state_->path, errno);
  error = state_->error;
  return error.empty();
}

const std::vector<PerfEvent> &PerfDataWriter::events() const {
  return state_->events;
}
uint64_t PerfDataWriter::data_size() const {
  return state_->written + state_->waiting.size();
}
bool PerfDataWriter::failed() const {
  return !state_->error.empty();
}

} // namespace sgperf::formats
