// SPDX-License-Identifier: Apache-2.0
#include "wasmtime/flags.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace sgperf::wasmtime {

namespace {

constexpr const char *understood =
    "-O opt-level=0|1|2|s, regalloc-algorithm=backtracking|single-pass, memory-reservation=N, "
    "memory-reservation-for-growth=N, "
    "memory-guard-size=N, memory-may-move, memory-init-cow, signals-based-traps; -C compiler=cranelift|winch, "
    "parallel-compilation, "
    "cranelift-debug-verifier, native-unwind-info, cranelift-NAME=VALUE, cache=n; -D debug-info; -W simd, "
    "relaxed-simd, "
    "relaxed-simd-deterministic, threads, shared-memory, tail-call, reference-types, function-references, gc, "
    "bulk-memory, multi-value, "
    "multi-memory, memory64, wide-arithmetic, exceptions, custom-page-sizes, stack-switching, nan-canonicalization, "
    "epoch-interruption, fuel=N, max-wasm-stack=N; --profile=perfmap|jitdump";

struct Switch {
  char group;
  const char *name;
  void (*Api::*set)(wasm_config_t *, bool);
};
constexpr Switch switches[] = {
    {'O', "memory-may-move", &Api::wasmtime_config_memory_may_move_set},
    {'O', "memory-init-cow", &Api::wasmtime_config_memory_init_cow_set},
    {'O', "signals-based-traps", &Api::wasmtime_config_signals_based_traps_set},
    {'C', "parallel-compilation", &Api::wasmtime_config_parallel_compilation_set},
    {'C', "cranelift-debug-verifier", &Api::wasmtime_config_cranelift_debug_verifier_set},
    {'C', "native-unwind-info", &Api::wasmtime_config_native_unwind_info_set},
    {'D', "debug-info", &Api::wasmtime_config_debug_info_set},
    {'W', "nan-canonicalization", &Api::wasmtime_config_cranelift_nan_canonicalization_set},
    {'W', "epoch-interruption", &Api::wasmtime_config_epoch_interruption_set},
    {'W', "shared-memory", &Api::wasmtime_config_shared_memory_set},
    {'W', "threads", &Api::wasmtime_config_wasm_threads_set},
    {'W', "tail-call", &Api::wasmtime_config_wasm_tail_call_set},
    {'W', "reference-types", &Api::wasmtime_config_wasm_reference_types_set},
    {'W', "function-references", &Api::wasmtime_config_wasm_function_references_set},
    {'W', "gc", &Api::wasmtime_config_wasm_gc_set},
    {'W', "simd", &Api::wasmtime_config_wasm_simd_set},
    {'W', "relaxed-simd", &Api::wasmtime_config_wasm_relaxed_simd_set},
    {'W', "relaxed-simd-deterministic", &Api::wasmtime_config_wasm_relaxed_simd_deterministic_set},
    {'W', "bulk-memory", &Api::wasmtime_config_wasm_bulk_memory_set},
    {'W', "multi-value", &Api::wasmtime_config_wasm_multi_value_set},
    {'W', "multi-memory", &Api::wasmtime_config_wasm_multi_memory_set},
    {'W', "memory64", &Api::wasmtime_config_wasm_memory64_set},
    {'W', "wide-arithmetic", &Api::wasmtime_config_wasm_wide_arithmetic_set},
    {'W', "exceptions", &Api::wasmtime_config_wasm_exceptions_set},
    {'W', "custom-page-sizes", &Api::wasmtime_config_wasm_custom_page_sizes_set},
    {'W', "stack-switching", &Api::wasmtime_config_wasm_stack_switching_set},
};

struct Size {
  const char *name;
  void (*Api::*set)(wasm_config_t *, uint64_t);
};
constexpr Size sizes[] = {
    {"memory-reservation", &Api::wasmtime_config_memory_reservation_set},
    {"memory-reservation-for-growth", &Api::wasmtime_config_memory_reservation_for_growth_set},
    {"memory-guard-size", &Api::wasmtime_config_memory_guard_size_set},
};

struct Choice {
  char group;
  const char *name, *value;
  void (*Api::*set)(wasm_config_t *, uint8_t);
  uint8_t number;
};
constexpr Choice choices[] = {
    {'O', "opt-level", "0", &Api::wasmtime_config_cranelift_opt_level_set, 0},
    {'O', "opt-level", "1", &Api::wasmtime_config_cranelift_opt_level_set, 1},
    {'O', "opt-level", "2", &Api::wasmtime_config_cranelift_opt_level_set,
     1}, // 1 and 2 are one level, as in the command line
    {'O', "opt-level", "s", &Api::wasmtime_config_cranelift_opt_level_set, 2},
    {'O', "regalloc-algorithm", "backtracking", &Api::wasmtime_config_cranelift_regalloc_algorithm_set, 0},
    {'O', "regalloc-algorithm", "single-pass", &Api::wasmtime_config_cranelift_regalloc_algorithm_set, 1},
    {'-', "profile", "jitdump", &Api::wasmtime_config_profiler_set, 1},
    {'-', "profile", "perfmap", &Api::wasmtime_config_profiler_set, 3},
};

class Parser {
public:
  Parser(const engine::Host &host, const Api &api, wasm_config_t *config, Settings &settings)
      : host_(host), api_(api), config_(config), settings_(settings) {}

  int option(char group, const std::string &text) {
    auto equals = text.find('=');
    std::string name = text.substr(0, equals);
    std::optional<std::string> value;
    if (equals != std::string::npos) value = text.substr(equals + 1);

    for (const Switch &at : switches)
      if (at.group == group && name == at.name) return on_off(group, name, value, at.set);
    for (const Choice &at : choices)
      if (at.group == group && name == at.name && value == at.value) {
        if (group == '-') settings_.profile = *value;
        return set(name, at.set, at.number);
      }
    if (group == 'O')
      for (const Size &at : sizes)
        if (name == at.name) return number(group, name, value, at.set);
    if (group == 'W' && name == "max-wasm-stack")
      return number(group, name, value, &Api::wasmtime_config_max_wasm_stack_set);
    if (group == 'W' && name == "fuel") return fuel(value);
    if (group == 'C' && name == "compiler" && (value == "cranelift" || value == "winch")) {
      if (*value == "winch" || settings_.tier == "winch") settings_.tier = *value; // the others are Cranelift's
      return SGPERF_ENGINE_OK;
    }
    if (group == 'C' && name == "cache" && value && yes_no(value) == false) return SGPERF_ENGINE_OK;
    if (group == 'C' && name.starts_with("cranelift-")) return cranelift(name.substr(10), value.value_or("true"));
    return refuse(group, text);
  }

  int refuse(char group, const std::string &text) {
    std::string flag = group == '-' ? "--" + text : std::string("-") + group + " " + text;
    return host_.error(SGPERF_ENGINE_FLAGS, "engine flag '%s' is not understood: expected one of %s", flag.c_str(),
                       understood);
  }

private:
  static std::optional<bool> yes_no(const std::optional<std::string> &value) {
    if (!value || *value == "y" || *value == "yes" || *value == "true") return true;
    if (*value == "n" || *value == "no" || *value == "false") return false;
    return std::nullopt;
  }
  static std::optional<uint64_t> count(const std::optional<std::string> &value) {
    if (!value || value->empty() || value->find_first_not_of("0123456789") != std::string::npos) return std::nullopt;
    errno = 0;
    uint64_t n = std::strtoull(value->c_str(), nullptr, 10);
    return errno ? std::nullopt : std::optional<uint64_t>(n);
  }

  template <typename Value, typename Setting> int set(const std::string &name, Setting setting, Value value) {
    if (!(api_.*setting))
      return host_.error(SGPERF_ENGINE_FLAGS,
                         "engine flag '%s': this build of Wasmtime lacks the feature; leave the flag out",
                         name.c_str());
    (api_.*setting)(config_, value);
    return SGPERF_ENGINE_OK;
  }
  int on_off(char group, const std::string &name, const std::optional<std::string> &value,
             void (*Api::*setting)(wasm_config_t *, bool)) {
    std::optional<bool> on = yes_no(value);
    if (!on) return refuse(group, name + "=" + *value);
    if (name == "epoch-interruption") settings_.epoch_interruption = *on;
    if (name == "native-unwind-info") settings_.unwind_info = *on;
    return set(name, setting, *on);
  }
  template <typename Setting>
  int number(char group, const std::string &name, const std::optional<std::string> &value, Setting setting) {
    std::optional<uint64_t> n = count(value);
    return n ? set(name, setting, *n) : refuse(group, name + (value ? "=" + *value : ""));
  }
  int fuel(const std::optional<std::string> &value) {
    settings_.fuel = count(value);
    if (!settings_.fuel) return refuse('W', "fuel" + (value ? "=" + *value : ""));
    return set("fuel", &Api::wasmtime_config_consume_fuel_set, true);
  }
  int cranelift(std::string name, std::string value) {
    for (char &c : name)
      if (c == '-') c = '_';
    if (!api_.wasmtime_config_cranelift_flag_set) return refuse('C', "cranelift-" + name);
    api_.wasmtime_config_cranelift_flag_set(config_, name.data(), value.data());
    return SGPERF_ENGINE_OK;
  }

  const engine::Host &host_;
  const Api &api_;
  wasm_config_t *config_;
  Settings &settings_;
};

} // namespace

int apply_flags(const engine::Host &host, const Api &api, wasm_config_t *config, Settings &settings) {
  Parser parser(host, api, config, settings);
  std::vector<std::string> words = host.flags();
  for (size_t i = 0; i < words.size(); i++) {
    const std::string &word = words[i];
    int status = SGPERF_ENGINE_OK;
    if (word.starts_with("--")) {
      status = parser.option('-', word.substr(2));
    } else if (word.size() >= 2 && word[0] == '-' && std::strchr("OCDW", word[1])) {
      std::string list = word.substr(2);
      if (list.empty() && i + 1 < words.size()) list = words[++i];
      if (list.empty()) status = parser.refuse(word[1], "");
      for (size_t begin = 0; begin < list.size() && !status;) {
        size_t comma = std::min(list.find(',', begin), list.size());
        status = parser.option(word[1], list.substr(begin, comma - begin));
        begin = comma + 1;
      }
    } else {
      status = host.error(SGPERF_ENGINE_FLAGS, "engine flag '%s' is not understood: expected one of %s", word.c_str(),
                          understood);
    }
    if (status) return status;
  }
  return SGPERF_ENGINE_OK;
}

} // namespace sgperf::wasmtime
