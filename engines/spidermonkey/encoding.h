// SPDX-License-Identifier: Apache-2.0
// Modules as bytes and back.  SpiderMonkey has no call for it, but a browser's cache does it: a stream of module bytes
// has a listener that is given the optimised encoding once Ion has compiled everything, and a stream may be answered
// with such an encoding instead of the bytes (js/StreamConsumer.h).  This is that browser.
#pragma once

#include "spidermonkey/context.h"

#include <cstdint>
#include <functional>
#include <string>

namespace sgperf::spidermonkey {

// For a context that has not run anything yet.  From now on js::RunJobs() runs its promises and what threads of the
// engine have for it.
bool allow_encodings(JSContext *cx);

// What an encoding is good for: this version of the engine on a CPU with the same features.  The engine ends the
// process when it reads another's.
std::string encoding_build_id();

// Compiles the module again, on the engine's threads, and lets it be encoded.  `begin` is called when the code is there
// and the encoding starts, `take` with the result, both on this thread.  False: the engine made none, and `error` says
// why as far as it does; there must be a compiler Ion and the module must be valid.
bool encode(const Context &context, const uint8_t *wasm, size_t size, const std::function<void()> &begin,
            const std::function<void(const uint8_t *, size_t)> &take, std::string &error);

// The WebAssembly.Module of an encoding with this build id, or nullptr and `error`.
JSObject *decode(const Context &context, const uint8_t *encoding, size_t size, std::string &error);

} // namespace sgperf::spidermonkey
