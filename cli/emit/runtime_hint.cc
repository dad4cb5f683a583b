// SPDX-License-Identifier: Apache-2.0
#include "emit/runtime_hint.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace sgperf::emit {
namespace {

constexpr std::array<std::string_view, 7> interpreters{"wasm-interp", "wasm3",   "wasmi", "wasmi_cli",
                                                       "iwasm",       "toywasm", "wizeng"};
constexpr std::array<std::string_view, 6> javascript{"node", "nodejs", "deno", "bun", "jsc", "gjs"};
constexpr std::array<std::string_view, 4> spidermonkey{"js", "js102", "js115", "js128"};

template <size_t n> bool has(const std::array<std::string_view, n> &names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

} // namespace

std::string runtime_hint(const merge::SessionRow &session, const merge::CompiledCode &code) {
  const bool compiled = std::any_of(code.largest.begin(), code.largest.end(),
                                    [&](const auto &function) { return function.pid == session.pid; });
  if (compiled) return "";
  const std::string_view exe = session.exe;
  const std::string_view name = exe.empty() ? std::string_view(session.comm) : exe.substr(exe.rfind('/') + 1);
  if (has(interpreters, name))
    return "an interpreter: functions of the guest are not visible in it; a compiling tier of the engine, or scopes in "
           "its source, show them";
  if (has(javascript, name))
    return "this engine tells nobody of its code unless it is asked to: `sgperf record` asks it for the names of the "
           "guest's functions";
  if (has(spidermonkey, name))
    return "SpiderMonkey tells of its code only if it was built for that (IONPERF), and Debian's was not: no names of "
           "the guest's functions are to be had";
  return "";
}

} // namespace sgperf::emit
