// SPDX-License-Identifier: Apache-2.0
// The file of a serialised module: a header of ours, what adapters read of the module itself, and SpiderMonkey's
// encoding.
#pragma once

#include "adapter/elf_file.h"

#include <cstdint>
#include <string>
#include <vector>

namespace sgperf::spidermonkey {

// The sections from which imports and exports are read, as a module of its own: JavaScript does not show their types.
std::vector<uint8_t> interface_of(const uint8_t *wasm, size_t size);

// What stands in front of an encoding of `encoding_size` bytes.
std::string artefact_header(const std::string &build_id, const std::vector<uint8_t> &interface, size_t encoding_size);

struct Artefact {
  engine::Bytes interface, encoding; // inside the bytes that were read
};
// False: `error` says what was expected and what was found.  A file that passes was made by an engine with this build
// id and is not cut off; the engine believes its contents.
bool read_artefact(engine::Bytes file, const std::string &build_id, Artefact &out, std::string &error);

} // namespace sgperf::spidermonkey
