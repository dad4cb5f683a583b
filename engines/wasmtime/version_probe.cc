// SPDX-License-Identifier: Apache-2.0
#include "wasmtime/version_probe.h"

#include "adapter/child_answer.h"
#include "adapter/elf_file.h"
#include "adapter/kept_answer.h"
#include "wasmtime/wasmtime_api.h"

#include <cctype>
#include <cstring>
#include <dlfcn.h>
#include <unistd.h>

namespace sgperf::wasmtime {

namespace {

bool plausible(const std::string &version) {
  if (version.empty() || version.size() > 32) return false;
  for (char c : version)
    if (!std::isalnum(static_cast<unsigned char>(c)) && !std::strchr(".-+", c)) return false;
  return true;
}

// In the child.
std::string ask(void *library) {
  auto engine_new = reinterpret_cast<wasm_engine_t *(*)()>(dlsym(library, "wasm_engine_new"));
  auto module_new = reinterpret_cast<decltype(Api::wasmtime_module_new)>(dlsym(library, "wasmtime_module_new"));
  auto serialize =
      reinterpret_cast<decltype(Api::wasmtime_module_serialize)>(dlsym(library, "wasmtime_module_serialize"));
  if (!engine_new || !module_new || !serialize) return {};
  uint8_t empty[] = {0, 'a', 's', 'm', 1, 0, 0, 0};
  wasmtime_module_t *module = nullptr;
  wasm_byte_vec_t artefact{};
  wasm_engine_t *engine = engine_new();
  if (!engine || module_new(engine, empty, sizeof empty, &module) || serialize(module, &artefact)) return {};
  return version_in_artefact(artefact.data, artefact.size);
}

} // namespace

std::string version_in_artefact(const uint8_t *bytes, size_t size) {
  auto section = engine::elf_section(bytes, size, ".wasmtime.engine");
  // format of the section (0), then further one-byte fields before 50: accept the first length-prefixed text of digits
  const uint8_t *at = section.data, *end = section.data + section.size;
  if (at == end || *at != 0) return {};
  for (at++; at < end && at < section.data + 4; at++) {
    size_t length = *at;
    if (!length || length > 32 || length > size_t(end - at - 1) || !std::isdigit(at[1])) continue;
    std::string version(reinterpret_cast<const char *>(at + 1), length);
    if (plausible(version)) return version;
  }
  return {};
}

std::string probe_version(const engine::Host &host, void *library, const std::string &path, std::string &error) {
  return engine::kept_answer(host, "wasmtime", path, plausible, [&] {
    std::string version =
        engine::answer_of_child([library] { return ask(library); }, "to serialise an empty module", 20, error);
    if (!error.empty()) error = "it " + error;
    return version;
  });
}

} // namespace sgperf::wasmtime
