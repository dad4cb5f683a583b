// SPDX-License-Identifier: Apache-2.0
#include "formats/wasmtime_images.h"

#include "engines/wasmtime/wasmtime_api.h"

#include <algorithm>
#include <cstdlib>
#include <dlfcn.h>
#include <mutex>

namespace {

std::mutex frames_lock;
std::vector<const void *> frames;

using Hook = void (*)(const void *);
Hook real(const char *name) {
  void *found = dlsym(RTLD_NEXT, name);
  if (!found)
    if (void *libgcc = dlopen("libgcc_s.so.1", RTLD_NOLOAD | RTLD_NOW)) found = dlsym(libgcc, name);
  return reinterpret_cast<Hook>(found);
}

} // namespace

extern "C" {
__attribute__((visibility("default"))) void __register_frame(const void *eh_frame) {
  const std::lock_guard<std::mutex> guard(frames_lock);
  frames.push_back(eh_frame);
  if (const Hook next = real("__register_frame")) next(eh_frame);
}
__attribute__((visibility("default"))) void __deregister_frame(const void *eh_frame) {
  const std::lock_guard<std::mutex> guard(frames_lock);
  std::erase(frames, eh_frame);
  if (const Hook next = real("__deregister_frame")) next(eh_frame);
}
}

namespace sgperf::test {

using namespace sgperf::wasmtime;

namespace {

template <typename Function> Function *symbol(void *library, const char *name) {
  return reinterpret_cast<Function *>(dlsym(library, name));
}

std::string message(void *library, wasmtime_error_t *error) {
  wasm_byte_vec_t text{};
  symbol<void(wasmtime_error_t *, wasm_byte_vec_t *)>(library, "wasmtime_error_message")(error, &text);
  std::string out(reinterpret_cast<const char *>(text.data), text.size);
  symbol<void(wasm_byte_vec_t *)>(library, "wasm_byte_vec_delete")(&text);
  symbol<void(wasmtime_error_t *)>(library, "wasmtime_error_delete")(error);
  return out;
}

} // namespace

Wasmtime &Wasmtime::get() {
  static Wasmtime one;
  return one;
}

Wasmtime::Wasmtime() {
  const char *cache = std::getenv("SGPERF_CACHE"), *home = std::getenv("HOME");
  const std::string root = cache && *cache ? cache : std::string(home ? home : "") + "/.cache/sgperf";
  const std::string path = root + "/engines/wasmtime-50.0.1/_libwasmtime.so";
  library_ = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library_) {
    why_not_ = "Wasmtime is not installed (`./dev build` fetches it): " + std::string(dlerror());
    return;
  }
  engine_ = symbol<wasm_engine_t *()>(library_, "wasm_engine_new")();
}

void *Wasmtime::compile(const std::string &wasm, std::string &error) {
  wasmtime_module_t *module = nullptr;
  const auto compile =
      symbol<wasmtime_error_t *(void *, const char *, size_t, wasmtime_module_t **)>(library_, "wasmtime_module_new");
  if (wasmtime_error_t *failed = compile(engine_, wasm.data(), wasm.size(), &module)) error = message(library_, failed);
  return module;
}

void *Wasmtime::deserialize(const std::filesystem::path &artefact, std::string &error) {
  wasmtime_module_t *module = nullptr;
  const auto load = symbol<wasmtime_error_t *(void *, const char *, wasmtime_module_t **)>(
      library_, "wasmtime_module_deserialize_file");
  if (wasmtime_error_t *failed = load(engine_, artefact.c_str(), &module)) error = message(library_, failed);
  return module;
}

std::string Wasmtime::serialize(void *module) {
  wasm_byte_vec_t bytes{};
  const auto write = symbol<wasmtime_error_t *(void *, wasm_byte_vec_t *)>(library_, "wasmtime_module_serialize");
  if (write(module, &bytes)) return "";
  std::string out(reinterpret_cast<const char *>(bytes.data), bytes.size);
  symbol<void(wasm_byte_vec_t *)>(library_, "wasm_byte_vec_delete")(&bytes);
  return out;
}

void Wasmtime::remove(void *module) {
  symbol<void(void *)>(library_, "wasmtime_module_delete")(module);
}

std::vector<uint64_t> registered_frames() {
  const std::lock_guard<std::mutex> guard(frames_lock);
  std::vector<uint64_t> out;
  out.reserve(frames.size());
  for (const void *one : frames) out.push_back(reinterpret_cast<uint64_t>(one));
  return out;
}

} // namespace sgperf::test
