// SPDX-License-Identifier: Apache-2.0
#include "spidermonkey/artefact.h"

#include <cstring>

namespace sgperf::spidermonkey {

namespace {

// Fixed part; the build id, the interface and the encoding follow, each from a multiple of 16.
struct Header {
  char magic[16];
  uint64_t build_id_size, interface_size, encoding_size;
};
constexpr char magic[16] = "sgperf-mozjs-1\n";
constexpr size_t unit = 16;

uint64_t padded(uint64_t size) {
  return (size + unit - 1) / unit * unit;
}

void append(std::string &out, const void *bytes, size_t size) {
  out.append(static_cast<const char *>(bytes), size);
  out.resize(padded(out.size()));
}

} // namespace

std::vector<uint8_t> interface_of(const uint8_t *wasm, size_t size) {
  std::vector<uint8_t> out(wasm, wasm + 8);
  for (size_t at = 8; at < size;) {
    size_t begin = at;
    uint8_t id = wasm[at++];
    uint64_t length = 0;
    for (unsigned shift = 0; at < size && shift < 35; shift += 7) {
      uint8_t byte = wasm[at++];
      length |= uint64_t(byte & 0x7f) << shift;
      if (!(byte & 0x80)) break;
    }
    if (length > size - at) break; // the engine took this module: it does not happen
    at += length;
    if (id == 1 || id == 2 || id == 3 || id == 7) out.insert(out.end(), wasm + begin, wasm + at);
  }
  return out;
}

std::string artefact_header(const std::string &build_id, const std::vector<uint8_t> &interface, size_t encoding_size) {
  Header header{};
  std::memcpy(header.magic, magic, sizeof magic);
  header.build_id_size = build_id.size();
  header.interface_size = interface.size();
  header.encoding_size = encoding_size;
  std::string out;
  append(out, &header, sizeof header);
  append(out, build_id.data(), build_id.size());
  append(out, interface.data(), interface.size());
  return out;
}

bool read_artefact(engine::Bytes file, const std::string &build_id, Artefact &out, std::string &error) {
  Header header{};
  if (file.size >= sizeof header) std::memcpy(&header, file.data, sizeof header);
  if (std::memcmp(header.magic, magic, sizeof magic) != 0) {
    error = "expected a module that this adapter serialised, found another file";
    return false;
  }
  uint64_t rest = file.size; // each part is checked against it before it is added up
  uint64_t parts[] = {sizeof header, header.build_id_size, header.interface_size, header.encoding_size};
  const uint8_t *begin[4] = {};
  for (size_t i = 0; i < 4; i++) {
    begin[i] = file.data + (file.size - rest);
    uint64_t length = i == 3 ? parts[i] : padded(parts[i]);
    if (parts[i] > rest || length > rest || (i == 3 && length != rest)) {
      error = "the file is cut off or too long: serialise the module again";
      return false;
    }
    rest -= length;
  }
  if (std::string(reinterpret_cast<const char *>(begin[1]), parts[1]) != build_id) {
    error = "it was made by another build of SpiderMonkey or for a CPU with other features: serialise the module again";
    return false;
  }
  out.interface = {begin[2], size_t(parts[2])};
  out.encoding = {begin[3], size_t(parts[3])};
  return true;
}

} // namespace sgperf::spidermonkey
