// SPDX-License-Identifier: Apache-2.0
// Numbers of WebAssembly as JavaScript values, by the letter of their type.
#pragma once

#include "js/guest.h"
#include "jsc/context.h"

#include <string>

namespace sgperf::jsc {

JSValueRef to_js(const Context &context, const sgperf_value &value); // keep it on the stack: it may be a new object
// `returned` is undefined, the one result, or an array of several.
void from_js(const Context &context, JSValueRef returned, const std::string &types, sgperf_value *results);

} // namespace sgperf::jsc
