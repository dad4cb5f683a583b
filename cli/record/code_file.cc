// SPDX-License-Identifier: Apache-2.0
#include "record/code_file.h"

#include "formats/json_text.h"
#include "libsgperf/session_layout.h"
#include "record/file_bytes.h"

#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <fstream>

namespace sgperf::record {

std::optional<CodeFile> read_code_file(const std::filesystem::path &path, std::string &error) {
  FileBytes file;
  if (!file.open(path, error)) return std::nullopt;
  sgperf_code_header header{};
  if (file.read(0, &header, sizeof header) != sizeof header) {
    error = path.string() + ": expected a code file with a header of 64 bytes, found " + std::to_string(file.size()) +
            " bytes; it is torn or no code file";
    return std::nullopt;
  }
  if (std::memcmp(header.magic, SGPERF_CODE_MAGIC, 8) != 0 || header.header_size < sizeof header) {
    error = path.string() + ": expected the magic bytes of a code file (SGPCODE 1), found others; this is not one";
    return std::nullopt;
  }
  CodeFile out;
  out.pid = header.pid;
  out.dropped = header.dropped;
  // At once: a system call a record would take longer than all the rest.
  const std::vector<std::byte> all = file.read(0, std::min(header.used, file.size()));
  const uint64_t end = all.size();
  uint64_t at = header.header_size;
  while (at < end && end - at >= sizeof(sgperf_code_record)) {
    sgperf_code_record record;
    std::memcpy(&record, all.data() + at, sizeof record);
    const uint64_t content = sizeof record + uint64_t{record.name_size} + record.bytes_size;
    if (record.size < content || record.size % 8 != 0 || record.size > end - at) break;
    CodeRecord code;
    code.kind = record.kind;
    code.time = record.time;
    code.base = record.base;
    code.length = record.length;
    code.tid = record.tid;
    code.flags = record.flags;
    const std::byte *name = all.data() + at + sizeof record, *bytes = name + record.name_size;
    code.name = formats::valid_utf8({reinterpret_cast<const char *>(name), record.name_size});
    code.bytes.assign(bytes, bytes + record.bytes_size);
    out.records.push_back(std::move(code));
    at += record.size;
  }
  out.torn_bytes = header.used > at ? header.used - at : 0;
  return out;
}

bool write_code_file(const std::filesystem::path &path, const CodeFile &from, std::string &error) {
  std::string text;
  for (const CodeRecord &code : from.records) {
    sgperf_code_record record{};
    const uint64_t size = (sizeof record + code.name.size() + code.bytes.size() + 7) & ~uint64_t{7};
    if (size > UINT32_MAX) continue;
    record.size = static_cast<uint32_t>(size);
    record.kind = code.kind;
    record.time = code.time;
    record.base = code.base;
    record.length = code.length;
    record.tid = code.tid;
    record.flags = code.flags;
    record.name_size = static_cast<uint32_t>(code.name.size());
    record.bytes_size = static_cast<uint32_t>(code.bytes.size());
    const size_t end = text.size() + size;
    text.append(reinterpret_cast<const char *>(&record), sizeof record);
    text += code.name;
    text.append(reinterpret_cast<const char *>(code.bytes.data()), code.bytes.size());
    text.resize(end);
  }
  sgperf_code_header header{};
  std::memcpy(header.magic, SGPERF_CODE_MAGIC, sizeof header.magic);
  header.header_size = sizeof header;
  header.pid = from.pid;
  header.used = header.capacity = sizeof header + text.size();
  header.dropped = from.dropped;
  // Whole or as it was: whoever writes may be killed.
  const std::filesystem::path fresh = path.parent_path() / (path.filename().string() + "." + std::to_string(getpid()));
  std::ofstream file(fresh, std::ios::binary);
  file.write(reinterpret_cast<const char *>(&header), sizeof header);
  file << text;
  file.close();
  std::error_code code;
  if (file) std::filesystem::rename(fresh, path, code);
  if (file && !code) return true;
  std::filesystem::remove(fresh, code);
  error = path.string() + ": cannot write; is the disk full?";
  return false;
}

} // namespace sgperf::record
