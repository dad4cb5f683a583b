// SPDX-License-Identifier: Apache-2.0
// The subset of JavaScriptCore's C API and of WebKitGTK's own additions that the adapter calls, declared by us from
// their documentation, so that a machine needs no development package.  Everything is looked up with dlsym: options of
// the engine must be set before its first use, and which of WebKitGTK's libraries is there varies.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sgperf::jsc {

struct OpaqueContext;
struct OpaqueValue;
struct OpaqueString;
struct OpaqueClass;
using JSContextRef = OpaqueContext *;
using JSValueRef = const OpaqueValue *;
using JSObjectRef = OpaqueValue *;
using JSStringRef = OpaqueString *;
using JSClassRef = OpaqueClass *;

using Callback = JSValueRef (*)(JSContextRef, JSObjectRef function, JSObjectRef self, size_t count,
                                const JSValueRef values[], JSValueRef *exception);
using Deallocator = void (*)(void *bytes, void *context);
// JSCOptionsFunc: `kind` is a JSCOptionType.  Non-zero ends the visit.
using OptionVisitor = int (*)(const char *option, int kind, const char *description, void *data);

inline constexpr unsigned property_enumerable = 0; // kJSPropertyAttributeNone

// X(result, name, parameters...): without these there is no engine.
#define SGPERF_JSC_REQUIRED(X)                                                                                         \
  X(JSContextRef, JSGlobalContextCreate, JSClassRef)                                                                   \
  X(void, JSGlobalContextRelease, JSContextRef)                                                                        \
  X(JSObjectRef, JSContextGetGlobalObject, JSContextRef)                                                               \
  X(JSStringRef, JSStringCreateWithUTF8CString, const char *)                                                          \
  X(void, JSStringRelease, JSStringRef)                                                                                \
  X(size_t, JSStringGetMaximumUTF8CStringSize, JSStringRef)                                                            \
  X(size_t, JSStringGetUTF8CString, JSStringRef, char *, size_t)                                                       \
  X(JSStringRef, JSValueToStringCopy, JSContextRef, JSValueRef, JSValueRef *)                                          \
  X(bool, JSValueIsObject, JSContextRef, JSValueRef)                                                                   \
  X(JSValueRef, JSValueMakeUndefined, JSContextRef)                                                                    \
  X(JSValueRef, JSValueMakeNumber, JSContextRef, double)                                                               \
  X(JSValueRef, JSBigIntCreateWithInt64, JSContextRef, int64_t, JSValueRef *)                                          \
  X(double, JSValueToNumber, JSContextRef, JSValueRef, JSValueRef *)                                                   \
  X(int32_t, JSValueToInt32, JSContextRef, JSValueRef, JSValueRef *)                                                   \
  X(int64_t, JSValueToInt64, JSContextRef, JSValueRef, JSValueRef *)                                                   \
  X(uint64_t, JSValueToUInt64, JSContextRef, JSValueRef, JSValueRef *)                                                 \
  X(void, JSValueProtect, JSContextRef, JSValueRef)                                                                    \
  X(void, JSValueUnprotect, JSContextRef, JSValueRef)                                                                  \
  X(JSObjectRef, JSObjectMake, JSContextRef, JSClassRef, void *)                                                       \
  X(JSObjectRef, JSObjectMakeFunctionWithCallback, JSContextRef, JSStringRef, Callback)                                \
  X(JSObjectRef, JSObjectMakeArrayBufferWithBytesNoCopy, JSContextRef, void *, size_t, Deallocator, void *,            \
    JSValueRef *)                                                                                                      \
  X(void *, JSObjectGetTypedArrayBytesPtr, JSContextRef, JSObjectRef, JSValueRef *)                                    \
  X(size_t, JSObjectGetTypedArrayByteLength, JSContextRef, JSObjectRef, JSValueRef *)                                  \
  X(JSValueRef, JSObjectGetProperty, JSContextRef, JSObjectRef, JSStringRef, JSValueRef *)                             \
  X(JSValueRef, JSObjectGetPropertyAtIndex, JSContextRef, JSObjectRef, unsigned, JSValueRef *)                         \
  X(void, JSObjectSetProperty, JSContextRef, JSObjectRef, JSStringRef, JSValueRef, unsigned, JSValueRef *)             \
  X(JSObjectRef, JSObjectCallAsConstructor, JSContextRef, JSObjectRef, size_t, const JSValueRef[], JSValueRef *)       \
  X(JSValueRef, JSObjectCallAsFunction, JSContextRef, JSObjectRef, JSObjectRef, size_t, const JSValueRef[],            \
    JSValueRef *)                                                                                                      \
  X(unsigned, jsc_get_major_version)                                                                                   \
  X(unsigned, jsc_get_minor_version)                                                                                   \
  X(unsigned, jsc_get_micro_version)                                                                                   \
  X(void, jsc_options_foreach, OptionVisitor, void *)                                                                  \
  X(int, jsc_options_set_boolean, const char *, int)                                                                   \
  X(int, jsc_options_get_boolean, const char *, int *)                                                                 \
  X(int, jsc_options_set_int, const char *, int)                                                                       \
  X(int, jsc_options_set_uint, const char *, unsigned)                                                                 \
  X(int, jsc_options_set_size, const char *, size_t)                                                                   \
  X(int, jsc_options_set_double, const char *, double)                                                                 \
  X(int, jsc_options_set_string, const char *, const char *)                                                           \
  X(int, jsc_options_set_range_string, const char *, const char *)

// Not in the published headers.
#define SGPERF_JSC_OPTIONAL(X)                                                                                         \
  X(void, JSLock, JSContextRef)                                                                                        \
  X(void, JSUnlock, JSContextRef)                                                                                      \
  X(void, JSSynchronousGarbageCollectForDebugging, JSContextRef)

struct Api {
#define SGPERF_JSC_DECLARE(result, name, ...) result (*name)(__VA_ARGS__) = nullptr;
  SGPERF_JSC_REQUIRED(SGPERF_JSC_DECLARE)
  SGPERF_JSC_OPTIONAL(SGPERF_JSC_DECLARE)
#undef SGPERF_JSC_DECLARE
};

} // namespace sgperf::jsc
