// SPDX-License-Identifier: Apache-2.0
#include "formats/perf_data_features.h"

#include "formats/perf_event_cursor.h"

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <type_traits>

#include <sys/utsname.h>
#include <unistd.h>

namespace sgperf::formats {
namespace {

static_assert(offsetof(perf_event_attr, sig_data) + 8 == perf_attr_size);

constexpr size_t name_align = 64; // NAME_ALIGN of tools/perf/util/header.c
constexpr uint16_t build_id_has_size = 1 << 15;

template <class Int> void put(std::string &out, Int value) {
  out.append(reinterpret_cast<const char *>(&value), sizeof value);
}

void put_string(std::string &out, std::string_view text) {
  const size_t padded = (text.size() + 1 + name_align - 1) / name_align * name_align;
  put(out, static_cast<uint32_t>(padded));
  out.append(text).append(padded - text.size(), '\0');
}

std::string_view get_string(PerfCursor &cursor) {
  const std::string_view text = cursor.bytes(cursor.get<uint32_t>());
  return text.substr(0, text.find('\0'));
}

std::string one_string(std::string_view text) {
  std::string out;
  if (!text.empty()) put_string(out, text);
  return out;
}

std::string build_ids(const std::vector<PerfBuildId> &ids) {
  std::string out;
  for (const PerfBuildId &one : ids) {
    const std::string_view path = std::string_view(one.path).substr(0, 4095);
    const size_t padded = (path.size() + 1 + name_align - 1) / name_align * name_align;
    const size_t size = std::min<size_t>(20, one.id.size());
    put(out, uint32_t{0});
    put(out, static_cast<uint16_t>(one.misc | build_id_has_size));
    put(out, static_cast<uint16_t>(8 + 4 + 24 + padded));
    put(out, one.pid);
    out.append(reinterpret_cast<const char *>(one.id.data()), size).append(20 - size, '\0');
    put(out, static_cast<uint32_t>(size));
    out.append(path).append(padded - path.size(), '\0');
  }
  return out;
}

std::string event_desc(const std::vector<PerfEvent> &events) {
  std::string out;
  put(out, static_cast<uint32_t>(events.size()));
  put(out, static_cast<uint32_t>(perf_attr_size));
  for (const PerfEvent &event : events) {
    out += encode_perf_attr(event.attr);
    put(out, static_cast<uint32_t>(event.ids.size()));
    put_string(out, event.name);
    for (const uint64_t id : event.ids) put(out, id);
  }
  return out;
}

bool read_event_desc(PerfCursor &cursor, bool swapped, std::vector<PerfEvent> &events) {
  const uint32_t count = cursor.get<uint32_t>(), attr_size = cursor.get<uint32_t>();
  for (uint32_t i = 0; i < count && !cursor.bad(); ++i) {
    PerfEvent event;
    if (!decode_perf_attr(cursor.bytes(attr_size), swapped, event.attr)) return false;
    const uint32_t ids = cursor.get<uint32_t>();
    event.name = get_string(cursor);
    event.ids = cursor.words(ids).copy();
    if (cursor.bad()) return false;
    // In the order of the attrs.  In a pipe this may come before the event itself; then EVENT_UPDATE has the name.
    if (i < events.size() && (event.ids.empty() || event.ids == events[i].ids)) events[i].name = event.name;
  }
  return !cursor.bad();
}

bool read_build_ids(std::string_view body, bool swapped, std::vector<PerfBuildId> &out) {
  while (!body.empty()) {
    const auto record = perf_record_at(body, swapped);
    PerfBuildId one;
    if (!record || !decode_perf_build_id(record->bytes.substr(8), record->misc, swapped, one)) return false;
    out.push_back(std::move(one));
    body.remove_prefix(record->bytes.size());
  }
  return true;
}

uint8_t reverse_bits(uint8_t byte) {
  uint8_t out = 0;
  for (int i = 0; i < 8; ++i) out = static_cast<uint8_t>(out << 1 | (byte >> i & 1));
  return out;
}

// The value of the first "key : value" line of a file of /proc.
std::string proc_value(const char *file, std::string_view key) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with(key)) continue;
    const size_t colon = line.find(':');
    if (colon == std::string::npos || line.find_first_not_of(" \t", key.size()) != colon) continue;
    const size_t value = line.find_first_not_of(" \t", colon + 1);
    return value == std::string::npos ? std::string() : line.substr(value);
  }
  return {};
}

uint64_t now(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return static_cast<uint64_t>(time.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(time.tv_nsec);
}

uint32_t processors(int which) {
  const long count = sysconf(which);
  return count > 0 ? static_cast<uint32_t>(count) : 0;
}

} // namespace

std::string encode_perf_attr(const perf_event_attr &attr) {
  perf_event_attr copy = attr;
  copy.size = perf_attr_size;
  return {reinterpret_cast<const char *>(&copy), perf_attr_size};
}

bool decode_perf_attr(std::string_view bytes, bool swapped, perf_event_attr &out) {
  PerfCursor cursor(bytes, swapped);
  cursor.get<uint32_t>();
  uint32_t size = cursor.get<uint32_t>();
  if (size == 0) size = PERF_ATTR_SIZE_VER0; // before the field was used
  if (cursor.bad() || size < PERF_ATTR_SIZE_VER0 || size > bytes.size()) return false;
  out = perf_event_attr{};
  std::memcpy(&out, bytes.data(), std::min<size_t>(size, perf_attr_size));
  if (swapped) {
    // The flags are bit fields: big-endian compilers fill each byte from its highest bit, and the bytes from the first
    // on, as little-endian ones do.
    constexpr size_t flags_at = offsetof(perf_event_attr, read_format) + 8;
    unsigned char flags[8];
    std::memcpy(flags, bytes.data() + flags_at, sizeof flags);
    const auto swap = [](auto &field) {
      if constexpr (sizeof field == 8)
        field = __builtin_bswap64(field);
      else if constexpr (sizeof field == 4)
        field = static_cast<std::remove_reference_t<decltype(field)>>(__builtin_bswap32(static_cast<uint32_t>(field)));
      else
        field = __builtin_bswap16(field);
    };
    swap(out.type), swap(out.config), swap(out.sample_period), swap(out.sample_type), swap(out.read_format);
    swap(out.wakeup_events), swap(out.bp_type), swap(out.config1), swap(out.config2), swap(out.branch_sample_type);
    swap(out.sample_regs_user), swap(out.sample_stack_user), swap(out.clockid), swap(out.sample_regs_intr);
    swap(out.aux_watermark), swap(out.sample_max_stack), swap(out.aux_sample_size), swap(out.sig_data);
    for (unsigned char &byte : flags) byte = reverse_bits(byte);
    std::memcpy(reinterpret_cast<char *>(&out) + flags_at, flags, sizeof flags);
  }
  out.size = size;
  return true;
}

bool decode_perf_build_id(std::string_view body, uint16_t misc, bool swapped, PerfBuildId &out) {
  PerfCursor cursor(body, swapped);
  out.pid = static_cast<int32_t>(cursor.get<uint32_t>());
  out.misc = misc & static_cast<uint16_t>(~build_id_has_size);
  const std::string_view id = cursor.bytes(20);
  const uint8_t stated = cursor.get<uint8_t>();
  cursor.bytes(3);
  if (cursor.bad()) return false;
  const size_t size = misc & build_id_has_size ? std::min<size_t>(20, stated) : 20;
  out.id.assign(id.begin(), id.begin() + static_cast<std::ptrdiff_t>(size));
  out.path = cursor.text();
  return true;
}

std::vector<std::pair<uint32_t, std::string>> encode_perf_features(const PerfFeatures &features,
                                                                   const std::vector<PerfEvent> &events) {
  std::vector<std::pair<uint32_t, std::string>> out;
  const auto add = [&](uint32_t bit, std::string body) {
    if (!body.empty()) out.emplace_back(bit, std::move(body));
  };
  add(perf_feature_build_id, build_ids(features.build_ids));
  add(perf_feature_hostname, one_string(features.hostname));
  add(perf_feature_os_release, one_string(features.os_release));
  add(perf_feature_version, one_string(features.version));
  add(perf_feature_arch, one_string(features.arch));
  std::string body;
  if (features.cpus_available) {
    put(body, features.cpus_available);
    put(body, features.cpus_online);
  }
  add(perf_feature_nrcpus, std::exchange(body, {}));
  add(perf_feature_cpu_description, one_string(features.cpu_description));
  add(perf_feature_cpu_id, one_string(features.cpu_id));
  if (features.total_memory_kb) put(body, features.total_memory_kb);
  add(perf_feature_total_memory, std::exchange(body, {}));
  if (!features.command.empty()) {
    put(body, static_cast<uint32_t>(features.command.size()));
    for (const std::string &word : features.command) put_string(body, word);
  }
  add(perf_feature_command, std::exchange(body, {}));
  add(perf_feature_event_desc, event_desc(events));
  if (features.last_sample) {
    put(body, features.first_sample);
    put(body, features.last_sample);
  }
  add(perf_feature_sample_time, std::exchange(body, {}));
  if (features.clock_resolution_ns) put(body, features.clock_resolution_ns);
  add(perf_feature_clock_resolution, std::exchange(body, {}));
  if (features.clock) {
    put(body, uint32_t{1});
    put(body, features.clock->clockid);
    put(body, features.clock->wall_ns);
    put(body, features.clock->clock_ns);
  }
  add(perf_feature_clock_data, std::exchange(body, {}));
  return out;
}

bool decode_perf_feature(uint32_t bit, std::string_view body, bool swapped, PerfFeatures &features,
                         std::vector<PerfEvent> &events) {
  if (bit < 256) features.present[bit / 64] |= uint64_t{1} << bit % 64;
  PerfCursor cursor(body, swapped);
  switch (bit) {
  case perf_feature_build_id:
    return read_build_ids(body, swapped, features.build_ids);
  case perf_feature_hostname:
    features.hostname = get_string(cursor);
    break;
  case perf_feature_os_release:
    features.os_release = get_string(cursor);
    break;
  case perf_feature_version:
    features.version = get_string(cursor);
    break;
  case perf_feature_arch:
    features.arch = get_string(cursor);
    break;
  case perf_feature_nrcpus:
    features.cpus_available = cursor.get<uint32_t>();
    features.cpus_online = cursor.get<uint32_t>();
    break;
  case perf_feature_cpu_description:
    features.cpu_description = get_string(cursor);
    break;
  case perf_feature_cpu_id:
    features.cpu_id = get_string(cursor);
    break;
  case perf_feature_total_memory:
    features.total_memory_kb = cursor.get<uint64_t>();
    break;
  case perf_feature_command:
    features.command.clear();
    for (uint32_t i = 0, count = cursor.get<uint32_t>(); i < count && !cursor.bad(); ++i)
      features.command.emplace_back(get_string(cursor));
    break;
  case perf_feature_event_desc:
    return read_event_desc(cursor, swapped, events);
  case perf_feature_sample_time:
    features.first_sample = cursor.get<uint64_t>();
    features.last_sample = cursor.get<uint64_t>();
    break;
  case perf_feature_clock_resolution:
    features.clock_resolution_ns = cursor.get<uint64_t>();
    break;
  case perf_feature_compressed:
    cursor.bytes(16); // version, type (1 = zstd), level, ratio
    features.compressed_chunk = cursor.get<uint32_t>();
    break;
  case perf_feature_clock_data: {
    cursor.get<uint32_t>(); // version
    PerfClockData clock;
    clock.clockid = cursor.get<uint32_t>();
    clock.wall_ns = cursor.get<uint64_t>();
    clock.clock_ns = cursor.get<uint64_t>();
    if (!cursor.bad()) features.clock = clock;
    break;
  }
  default:
    break;
  }
  return !cursor.bad();
}

PerfFeatures perf_features_of_this_machine() {
  PerfFeatures features;
  if (utsname name{}; uname(&name) == 0) {
    features.hostname = name.nodename;
    features.os_release = name.release;
    features.arch = name.machine;
  }
  features.cpus_available = processors(_SC_NPROCESSORS_CONF);
  features.cpus_online = processors(_SC_NPROCESSORS_ONLN);
  features.cpu_description = proc_value("/proc/cpuinfo", "model name");
  // perf's form on x86; elsewhere /proc/cpuinfo has other keys, and the feature is left out.
  if (const std::string vendor = proc_value("/proc/cpuinfo", "vendor_id"); !vendor.empty())
    features.cpu_id = vendor + "," + proc_value("/proc/cpuinfo", "cpu family") + "," +
                      proc_value("/proc/cpuinfo", "model") + "," + proc_value("/proc/cpuinfo", "stepping");
  features.total_memory_kb = std::strtoull(proc_value("/proc/meminfo", "MemTotal").c_str(), nullptr, 10);
  timespec resolution{};
  clock_getres(CLOCK_MONOTONIC, &resolution);
  features.clock_resolution_ns = static_cast<uint64_t>(resolution.tv_nsec);
  features.clock = PerfClockData{CLOCK_MONOTONIC, now(CLOCK_REALTIME), now(CLOCK_MONOTONIC)};
  return features;
}

} // namespace sgperf::formats
