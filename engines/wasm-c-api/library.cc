// SPDX-License-Identifier: Apache-2.0
#include "wasm-c-api/library.h"

#include <cstring>
#include <dlfcn.h>
#include <unistd.h>

namespace sgperf::wasm_c_api {

namespace {

// A vector with room behind it for fields that the standard does not have.
template <typename Vec> struct Roomy {
  static constexpr unsigned char untouched = 0xa5;
  Roomy() { std::memset(behind, untouched, sizeof behind); }
  bool grew() const {
    for (unsigned char byte : behind)
      if (byte != untouched) return true;
    return false;
  }
  Vec vec{};
  unsigned char behind[64];
};

// Empty, or what is not as the standard has it.
std::string odd_layout(const Api &api) {
  Roomy<wasm_byte_vec_t> bytes;
  api.wasm_byte_vec_new(&bytes.vec, 3, "abc");
  const bool short_text = bytes.vec.size != 3 || !bytes.vec.data || std::memcmp(bytes.vec.data, "abc", 3) != 0;
  if (bytes.grew()) return "its vectors have more fields than size and data";
  if (short_text) return "its vectors are not {size, data}";
  api.wasm_byte_vec_delete(&bytes.vec);
  wasm_val_t values[2] = {};
  values[0].of.i32 = 1;
  values[1].kind = 1;
  values[1].of.i64 = 0x0123456789abcdef;
  Roomy<wasm_val_vec_t> copy;
  api.wasm_val_vec_new(&copy.vec, 2, values);
  const bool same = !copy.grew() && copy.vec.size == 2 && copy.vec.data && copy.vec.data[0].of.i32 == 1 &&
                    copy.vec.data[1].kind == 1 && copy.vec.data[1].of.i64 == values[1].of.i64;
  if (!same) return "its values are not {kind, 8 bytes}";
  api.wasm_val_vec_delete(&copy.vec);
  return {};
}

} // namespace

void *symbol(void *library, const char *name) {
  return dlsym(library, name);
}

int open_library(const engine::Host &host, const char *what, const char *install, const std::string &path, void **out) {
  if (access(path.c_str(), R_OK)) {
    if (host.config().library)
      return host.error(SGPERF_ENGINE_NOT_FOUND, "lib=%s: no such readable file; give the path of a library of %s",
                        path.c_str(), what);
    return host.error(SGPERF_ENGINE_NOT_FOUND,
                      "%s is not installed: expected %s; `sgperf engines install %s` gets it, or give lib=PATH", what,
                      path.c_str(), install);
  }
  const std::string file = path.find('/') == std::string::npos ? "./" + path : path;
  *out = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!*out) return host.error(SGPERF_ENGINE_NOT_FOUND, "cannot load %s: %s", what, dlerror());
  return SGPERF_ENGINE_OK;
}

int load_api(const engine::Host &host, const std::string &path, void *library, Api &out) {
#define SGPERF_WASM_LOAD(result, name, ...) out.name = reinterpret_cast<decltype(out.name)>(dlsym(library, #name));
  SGPERF_WASM_REQUIRED(SGPERF_WASM_LOAD)
  SGPERF_WASM_OPTIONAL(SGPERF_WASM_LOAD)
#undef SGPERF_WASM_LOAD
  const char *missing = nullptr;
#define SGPERF_WASM_CHECK(result, name, ...)                                                                           \
  if (!out.name && !missing) missing = #name;
  SGPERF_WASM_REQUIRED(SGPERF_WASM_CHECK)
#undef SGPERF_WASM_CHECK
  if (missing)
    return host.error(SGPERF_ENGINE_VERSION_REFUSED,
                      "%s is refused: expected the functions of wasm.h, it has no %s; give a library that is built "
                      "with the standard C API",
                      path.c_str(), missing);
  const std::string odd = odd_layout(out);
  if (!odd.empty())
    return host.error(SGPERF_ENGINE_VERSION_REFUSED,
                      "%s is refused: expected the layout of the standard wasm.h, but %s; calling it would corrupt "
                      "memory; use the plug-in of that engine (wamr, for WAMR)",
                      path.c_str(), odd.c_str());
  return SGPERF_ENGINE_OK;
}

std::string text_of(const wasm_byte_vec_t &bytes) {
  std::string text(bytes.data ? bytes.data : "", bytes.data ? bytes.size : 0);
  while (!text.empty() && (text.back() == '\0' || text.back() == '\n')) text.pop_back();
  return text;
}

std::string take_message(const Api &api, wasm_trap_t *trap) {
  wasm_byte_vec_t message{};
  api.wasm_trap_message(trap, &message);
  std::string text = text_of(message);
  api.wasm_byte_vec_delete(&message);
  api.wasm_trap_delete(trap);
  return text;
}

} // namespace sgperf::wasm_c_api
