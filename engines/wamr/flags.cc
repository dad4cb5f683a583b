// SPDX-License-Identifier: Apache-2.0
#include "wamr/flags.h"

#include <cstdlib>

namespace sgperf::wamr {

namespace {

// Digits only, and not above `most`.
bool number(const std::string &text, uint32_t most, uint32_t &out) {
  if (text.empty() || text.size() > 10 || text.find_first_not_of("0123456789") != std::string::npos) return false;
  unsigned long long value = std::strtoull(text.c_str(), nullptr, 10);
  if (value > most) return false;
  out = uint32_t(value);
  return true;
}

bool apply(Settings &settings, const std::string &name, const std::string &value) {
  const bool aot = settings.tier == "aot", machine_code = settings.tier != "fast-interp";
  constexpr uint32_t gigabyte = 1u << 30;
  if (name == "--stack-size") return number(value, gigabyte, settings.stack_size) && settings.stack_size > 0;
  if (name == "--heap-size") return number(value, gigabyte, settings.heap_size);
  if (name == "--opt-level") return machine_code && number(value, 3, settings.opt_level);
  if (name == "--size-level") return machine_code && number(value, 3, settings.size_level);
  if (name == "--bounds-checks") return aot && number(value, 1, settings.bounds_checks);
  if (name == "--enable-linux-perf") return aot && value.empty() && (settings.linux_perf = true);
  std::string *text = name == "--cpu" ? &settings.cpu : name == "--cpu-features" ? &settings.cpu_features : nullptr;
  if (!text || !aot || value.empty()) return false;
  *text = value;
  return true;
}

} // namespace

int read_settings(const engine::Host &host, Settings &out) {
  out.tier = host.tier("fast-interp");
  if (out.tier != "fast-interp" && out.tier != "aot" && out.tier != "llvm-jit")
    return host.error(SGPERF_ENGINE_FLAGS, "wamr has no tier '%s': expected fast-interp, aot or llvm-jit",
                      out.tier.c_str());
  out.stack_size = out.tier == "fast-interp" ? 2u << 20 : 64u << 10;
  out.cpu = __builtin_cpu_supports("x86-64-v3") ? "x86-64-v3" : "x86-64";
  for (const std::string &flag : host.flags()) {
    size_t equals = std::min(flag.find('='), flag.size());
    if (!apply(out, flag.substr(0, equals), equals < flag.size() ? flag.substr(equals + 1) : ""))
      return host.error(SGPERF_ENGINE_FLAGS,
                        "engine flag '%s' is not understood for the tier %s: expected --stack-size=BYTES, "
                        "--heap-size=BYTES; for aot and llvm-jit --opt-level=0..3, --size-level=0..3; for aot "
                        "--cpu=NAME, --cpu-features=LIST, --bounds-checks=0|1, --enable-linux-perf",
                        flag.c_str(), out.tier.c_str());
  }
  return SGPERF_ENGINE_OK;
}

} // namespace sgperf::wamr
