// SPDX-License-Identifier: Apache-2.0
#include "spidermonkey/values.h"

#include <js/BigInt.h>
#include <js/Object.h>
#include <js/PropertyAndElement.h>

namespace sgperf::spidermonkey {

bool to_js(JSContext *cx, const sgperf_value &value, JS::MutableHandleValue out) {
  switch (value.kind) {
  case 0:
    out.setInt32(value.of.i32);
    return true;
  case 1: {
    JS::BigInt *number = JS::NumberToBigInt(cx, value.of.i64);
    if (number) out.setBigInt(number);
    return number;
  }
  case 2:
    out.set(JS::CanonicalizedDoubleValue(double(value.of.f32)));
    return true;
  default:
    out.set(JS::CanonicalizedDoubleValue(value.of.f64));
    return true;
  }
}

namespace {

void number(JS::HandleValue value, char type, sgperf_value &out) {
  out.kind = javascript::kind_of(type);
  switch (type) {
  case 'i':
    out.of.i32 = value.toInt32();
    break;
  case 'I':
    out.of.i64 = JS::ToBigInt64(value.toBigInt());
    break;
  case 'f':
    out.of.f32 = float(value.toNumber());
    break;
  default:
    out.of.f64 = value.toNumber();
    break;
  }
}

} // namespace

bool from_js(JSContext *cx, JS::HandleValue returned, const std::string &types, sgperf_value *results) {
  if (types.size() == 1) number(returned, types[0], results[0]);
  if (types.size() < 2) return true;
  JS::RootedObject array(cx, &returned.toObject());
  JS::RootedValue element(cx);
  for (size_t i = 0; i < types.size(); i++) {
    if (!JS_GetElement(cx, array, uint32_t(i), &element)) return false;
    number(element, types[i], results[i]);
  }
  return true;
}

} // namespace sgperf::spidermonkey
