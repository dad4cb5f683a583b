// SPDX-License-Identifier: Apache-2.0
#include "adapter/module.h"

#include <cstdio>
#include <cstring>

namespace sgperf::engine {

namespace {

// A cursor that never leaves its bytes: after the first bad read everything reads as zero.
class Reader {
public:
  Reader(const uint8_t *begin, const uint8_t *end) : at_(begin), end_(end) {}

  bool ok() const { return ok_; }
  bool more() const { return ok_ && at_ < end_; }
  uint8_t byte() { return need(1) ? *at_++ : 0; }
  uint64_t leb() {
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      uint8_t b = byte();
      value |= uint64_t(b & 0x7f) << shift;
      if (!(b & 0x80)) return value;
    }
    ok_ = false;
    return 0;
  }
  // A count of things of at least one byte each: bounded by what is left.
  size_t count() {
    uint64_t n = leb();
    return need(n) ? size_t(n) : 0;
  }
  std::string name() {
    size_t n = count();
    if (!ok_) return {};
    std::string text(reinterpret_cast<const char *>(at_), n);
    at_ += n;
    return text;
  }
  Reader part(uint64_t n) {
    if (!need(n)) return Reader(end_, end_);
    Reader inner(at_, at_ + n);
    at_ += n;
    return inner;
  }
  void fail() { ok_ = false; }

private:
  bool need(uint64_t n) {
    if (ok_ && n > uint64_t(end_ - at_)) ok_ = false;
    return ok_;
  }
  const uint8_t *at_, *end_;
  bool ok_ = true;
};

void limits(Reader &in) {
  uint64_t flags = in.leb();
  in.leb();
  if (flags & 1) in.leb();
  if (flags & 8) in.leb(); // custom page size
}

// A value type; reference types of the GC proposal have a heap type behind them.
char value_type(Reader &in) {
  switch (in.byte()) {
  case 0x7f:
    return 'i';
  case 0x7e:
    return 'I';
  case 0x7d:
    return 'f';
  case 0x7c:
    return 'F';
  case 0x63:
  case 0x64:
    in.leb();
    return '?';
  default:
    return '?';
  }
}

std::string value_types(Reader &in) {
  std::string letters;
  for (size_t n = in.count(); n && in.ok(); n--) letters += value_type(in);
  return letters;
}

class InterfaceReader {
public:
  explicit InterfaceReader(Interface &out) : out_(out) {}

  bool section(uint8_t id, Reader in, std::string &error) {
    switch (id) {
    case 1:
      types(in);
      break;
    case 2:
      imports(in);
      break;
    case 3:
      for (size_t n = in.count(); n && in.ok(); n--) functions_.push_back(in.leb());
      break;
    case 7:
      exports(in);
      break;
    default:
      return true;
    }
    if (in.ok()) return true;
    error = "section " + std::to_string(id) + " is malformed";
    return false;
  }

private:
  void types(Reader &in) {
    for (size_t n = in.count(); n && in.ok(); n--) {
      Signature signature;
      if (in.byte() != 0x60) { // struct, array, recursion group: not a function; what follows cannot be skipped simply
        return;
      }
      signature.params = value_types(in);
      signature.results = value_types(in);
      types_.push_back(signature);
    }
  }
  void imports(Reader &in) {
    for (size_t n = in.count(); n && in.ok(); n--) {
      Import import;
      import.module = in.name();
      import.field = in.name();
      import.kind = in.byte();
      switch (import.kind) {
      case 0:
        functions_.push_back(in.leb());
        import.signature = type(functions_.back());
        break;
      case 1:
        value_type(in);
        limits(in);
        break;
      case 2:
        limits(in);
        break;
      case 3:
        value_type(in);
        in.byte();
        break;
      case 4:
        in.byte();
        in.leb();
        break;
      default:
        in.fail();
        break;
      }
      out_.imports.push_back(std::move(import));
    }
  }
  void exports(Reader &in) {
    for (size_t n = in.count(); n && in.ok(); n--) {
      Export item;
      item.name = in.name();
      item.kind = in.byte();
      uint64_t index = in.leb();
      if (item.kind == 0 && index < functions_.size()) item.signature = type(functions_[index]);
      out_.exports.push_back(std::move(item));
    }
  }
  Signature type(uint64_t index) const {
    if (index < types_.size()) return types_[index];
    return {"?", "?"};
  }

  Interface &out_;
  std::vector<Signature> types_;
  std::vector<uint64_t> functions_; // type index of each function, imported ones first
};

} // namespace

int check_header(const Host &host, const char *path, const uint8_t *wasm, size_t size) {
  const char *name = path ? path : "(bytes)";
  if (!wasm || size < 8 || std::memcmp(wasm, "\0asm", 4) != 0) {
    char found[64] = "nothing";
    if (wasm && size) {
      size_t at = 0;
      for (size_t i = 0; i < size && i < 4; i++)
        at += size_t(std::snprintf(found + at, sizeof found - at, "%02x ", wasm[i]));
    }
    return host.error(
        SGPERF_ENGINE_INVALID,
        "%s is not a WebAssembly module: expected 00 61 73 6d 01 00 00 00 at its start, found %s(%zu bytes); "
        "give a binary module (wat2wasm makes one of text)",
        name, found, size);
  }
  uint16_t version = uint16_t(wasm[4] | wasm[5] << 8), layer = uint16_t(wasm[6] | wasm[7] << 8);
  if (layer == 1)
    return host.error(
        SGPERF_ENGINE_COMPONENT,
        "%s is a component (version 0x%x, layer 1) where a core module is expected; extract its core module or build "
        "for wasm32-wasi preview 1",
        name, version);
  if (version != 1 || layer != 0)
    return host.error(SGPERF_ENGINE_INVALID,
                      "%s has WebAssembly version %u, layer %u: expected version 1, layer 0; rebuild it", name, version,
                      layer);
  return SGPERF_ENGINE_OK;
}

bool read_interface(const uint8_t *wasm, size_t size, Interface &out, std::string &error) {
  if (size < 8) {
    error = "shorter than a header";
    return false;
  }
  Reader in(wasm + 8, wasm + size);
  InterfaceReader reader(out);
  while (in.more()) {
    uint8_t id = in.byte();
    uint64_t length = in.leb();
    Reader part = in.part(length);
    if (!in.ok()) {
      error = "section " + std::to_string(id) + " is cut off";
      return false;
    }
    if (!reader.section(id, part, error)) return false;
  }
  if (!in.ok()) error = "a section header is cut off";
  return in.ok();
}

} // namespace sgperf::engine
