// SPDX-License-Identifier: Apache-2.0
#include "jsc/values.h"

namespace sgperf::jsc {

JSValueRef to_js(const Context &context, const sgperf_value &value) {
  const Api &api = context.api;
  switch (value.kind) {
  case 0:
    return api.JSValueMakeNumber(context.js, value.of.i32);
  case 1:
    return api.JSBigIntCreateWithInt64(context.js, value.of.i64, nullptr);
  case 2:
    return api.JSValueMakeNumber(context.js, double(value.of.f32));
  default:
    return api.JSValueMakeNumber(context.js, value.of.f64);
  }
}

namespace {

void number(const Context &context, JSValueRef value, char type, sgperf_value &out) {
  const Api &api = context.api;
  out.kind = javascript::kind_of(type);
  switch (type) {
  case 'i':
    out.of.i32 = api.JSValueToInt32(context.js, value, nullptr);
    break;
  case 'I':
    out.of.i64 = api.JSValueToInt64(context.js, value, nullptr);
    break;
  case 'f':
    out.of.f32 = float(api.JSValueToNumber(context.js, value, nullptr));
    break;
  default:
    out.of.f64 = api.JSValueToNumber(context.js, value, nullptr);
    break;
  }
}

} // namespace

void from_js(const Context &context, JSValueRef returned, const std::string &types, sgperf_value *results) {
  if (types.size() == 1) number(context, returned, types[0], results[0]);
  if (types.size() < 2) return;
  auto array = const_cast<JSObjectRef>(returned);
  for (size_t i = 0; i < types.size(); i++)
    number(context, context.api.JSObjectGetPropertyAtIndex(context.js, array, unsigned(i), nullptr), types[i],
           results[i]);
}

} // namespace sgperf::jsc
