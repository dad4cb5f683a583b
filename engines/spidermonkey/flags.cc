// SPDX-License-Identifier: Apache-2.0
#include "spidermonkey/flags.h"

#include <charconv>
#include <string_view>

namespace sgperf::spidermonkey {

namespace {

struct Option {
  std::string_view name;
  JSJitCompilerOption option;
};
const Option options[] = {
#define SGPERF_OPTION(key, text) {text, JSJITCOMPILER_##key},
    JIT_COMPILER_OPTIONS(SGPERF_OPTION)
#undef SGPERF_OPTION
};

bool set_option(JSContext *cx, std::string_view flag) {
  size_t equals = flag.find('=');
  if (!flag.starts_with("--") || equals == flag.npos) return false;
  std::string_view name = flag.substr(2, equals - 2), text = flag.substr(equals + 1);
  uint32_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return false;
  // These two are the tier's; setting them here would make its name a lie.
  if (name == "wasm.baseline" || name == "wasm.optimizing") return false;
  for (const Option &option : options)
    if (option.name == name) {
      JS_SetGlobalJitCompilerOption(cx, option.option, value);
      return true;
    }
  return false;
}

} // namespace

int apply_flags(const engine::Host &host, JSContext *cx) {
  for (const std::string &flag : host.flags())
    if (!set_option(cx, flag))
      return host.error(SGPERF_ENGINE_FLAGS,
                        "engine flag '%s' is not understood: expected --NAME=NUMBER with a JIT option of jsapi.h, for "
                        "instance --wasm.fold-offsets=0 (compilers are chosen by the tier)",
                        flag.c_str());
  return SGPERF_ENGINE_OK;
}

} // namespace sgperf::spidermonkey
