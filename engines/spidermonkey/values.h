// SPDX-License-Identifier: Apache-2.0
// Numbers of WebAssembly as JavaScript values, by the letter of their type.
#pragma once

#include "js/guest.h"

#include <jsapi.h>

#include <string>

namespace sgperf::spidermonkey {

// False: an exception is pending (an i64 is a BigInt, which needs memory).
bool to_js(JSContext *cx, const sgperf_value &value, JS::MutableHandleValue out);
// `returned` is undefined, the one result, or an array of several.
bool from_js(JSContext *cx, JS::HandleValue returned, const std::string &types, sgperf_value *results);

} // namespace sgperf::spidermonkey
