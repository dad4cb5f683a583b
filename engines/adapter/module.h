// SPDX-License-Identifier: Apache-2.0
// What an adapter wants to know of a module before and besides its engine: kind, imports, exports.
#pragma once

#include "adapter/host.h"

#include <cstdint>
#include <string>
#include <vector>

namespace sgperf::engine {

// SGPERF_ENGINE_OK for the header of a core module, else INVALID or COMPONENT with the message logged.
int check_header(const Host &host, const char *path, const uint8_t *wasm, size_t size);

// Letters as in engines/wasi/wasi.h: i I f F = i32 i64 f32 f64, '?' = anything else.
struct Signature {
  std::string params, results;
  std::string text() const { return params + ">" + results; }
};

struct Import {
  std::string module, field;
  uint8_t kind = 0;    // 0 function, 1 table, 2 memory, 3 global, 4 tag
  Signature signature; // of a function
};

struct Export {
  std::string name;
  uint8_t kind = 0;
  Signature signature;
};

struct Interface {
  std::vector<Import> imports;
  std::vector<Export> exports;
};

// Reads the sections in front of the code.  False: malformed, `error` says where.
bool read_interface(const uint8_t *wasm, size_t size, Interface &out, std::string &error);

} // namespace sgperf::engine
