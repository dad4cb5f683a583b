// SPDX-License-Identifier: Apache-2.0
#include "jsc/context.h"

namespace sgperf::jsc {

namespace {

class String {
public:
  String(const Api &api, const char *text) : api_(api), string_(api.JSStringCreateWithUTF8CString(text)) {}
  ~String() { api_.JSStringRelease(string_); }
  String(const String &) = delete;
  String &operator=(const String &) = delete;
  JSStringRef get() const { return string_; }

private:
  const Api &api_;
  JSStringRef string_;
};

} // namespace

JSObjectRef Context::object_property(JSObjectRef of, const char *name) const {
  JSValueRef value = api.JSObjectGetProperty(js, of, String(api, name).get(), nullptr);
  return value && api.JSValueIsObject(js, value) ? const_cast<JSObjectRef>(value) : nullptr;
}

void Context::set(JSObjectRef of, const char *name, JSValueRef value) const {
  api.JSObjectSetProperty(js, of, String(api, name).get(), value, property_enumerable, nullptr);
}

JSObjectRef Context::make_function(const char *name, Callback callback) const {
  return api.JSObjectMakeFunctionWithCallback(js, String(api, name).get(), callback);
}

std::string Context::text(JSValueRef value) const {
  JSStringRef string = api.JSValueToStringCopy(js, value, nullptr);
  if (!string) return "an exception that has no text";
  std::string out(api.JSStringGetMaximumUTF8CStringSize(string), '\0');
  size_t written = api.JSStringGetUTF8CString(string, out.data(), out.size());
  out.resize(written ? written - 1 : 0); // the NUL is counted
  api.JSStringRelease(string);
  return out;
}

void Context::collect() const {
  if (api.JSSynchronousGarbageCollectForDebugging) api.JSSynchronousGarbageCollectForDebugging(js);
}

} // namespace sgperf::jsc
