// SPDX-License-Identifier: Apache-2.0
// Loading a library with the standard wasm-c-api, and what text it gives back.
#pragma once

#include "adapter/host.h"
#include "wasm-c-api/api.h"

#include <string>

namespace sgperf::wasm_c_api {

// dlopen: stays loaded until the process ends.  `what` is the engine's name, `install` that of `sgperf engines
// install`. SGPERF_ENGINE_OK, or NOT_FOUND with the message logged.
int open_library(const engine::Host &host, const char *what, const char *install, const std::string &path, void **out);

// Looks up all functions and tries whether the library's vectors and values have the standard layout (WAMR's have not).
// SGPERF_ENGINE_OK, or VERSION_REFUSED with the message logged.
int load_api(const engine::Host &host, const std::string &path, void *library, Api &out);

// Looks up one function of the engine's own; nullptr when there is none.
void *symbol(void *library, const char *name);

// The text, without a NUL or a newline at its end.
std::string text_of(const wasm_byte_vec_t &bytes);
// The trap's message; deletes the trap.
std::string take_message(const Api &api, wasm_trap_t *trap);

} // namespace sgperf::wasm_c_api
