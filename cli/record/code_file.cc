// SPDX-License-Identifier: Apache-2.0
#include "record/code_file.h"

#include "formats/json_text.h"
#include "libsgperf/session_layout.h"
#include "record/file_bytes.h"

#include <algorithm>
#include <cstring>

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
  const uint64_t end = std::min(header.used, file.size());
  uint64_t at = header.header_size;
  while (at < end && end - at >= sizeof(sgperf_code_record)) {
    sgperf_code_record record;
    if (file.read(at, &record, sizeof record) != sizeof record) break;
    const uint64_t content = sizeof record + uint64_t{record.name_size} + record.bytes_size;
    if (record.size < content || record.size % 8 != 0 || record.size > end - at) break;
    CodeRecord code;
    code.kind = record.kind;
    code.time = record.time;
    code.base = record.base;
    code.length = record.length;
    code.tid = record.tid;
    code.flags = record.flags;
    std::string name(record.name_size, '\0');
    if (file.read(at + sizeof record, name.data(), name.size()) != name.size()) break;
    code.name = formats::valid_utf8(name);
    code.bytes = file.read(at + sizeof record + record.name_size, record.bytes_size);
    if (code.bytes.size() != record.bytes_size) break;
    out.records.push_back(std::move(code));
    at += record.size;
  }
  out.torn_bytes = header.used > at ? header.used - at : 0;
  return out;
}

} // namespace sgperf::record
