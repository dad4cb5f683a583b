// SPDX-License-Identifier: Apache-2.0
#include "wasmtime/tiers.h"

namespace sgperf::wasmtime {
namespace {

int lacks(const engine::Host &host, const std::string &tier, const char *function) {
  return host.error(SGPERF_ENGINE_UNSUPPORTED,
                    "the tier %s was asked for, and this build of Wasmtime has no %s; use the tier cranelift",
                    tier.c_str(), function);
}

} // namespace

bool is_tier(const std::string &tier) {
  return tier == "cranelift" || tier == "cranelift-none" || tier == "winch" || tier == "pulley";
}

int before_flags(const engine::Host &host, const Api &api, wasm_config_t *config, const std::string &tier) {
  if (tier != "cranelift-none") return SGPERF_ENGINE_OK;
  if (!api.wasmtime_config_cranelift_opt_level_set) return lacks(host, tier, "wasmtime_config_cranelift_opt_level_set");
  api.wasmtime_config_cranelift_opt_level_set(config, 0);
  return SGPERF_ENGINE_OK;
}

int after_flags(const engine::Host &host, const Api &api, wasm_config_t *config, const std::string &tier) {
  if (api.wasmtime_config_strategy_set)
    api.wasmtime_config_strategy_set(config, tier == "winch" ? 2 : 1);
  else if (tier == "winch")
    return lacks(host, tier, "wasmtime_config_strategy_set");
  if (tier != "pulley") return SGPERF_ENGINE_OK;
  if (!api.wasmtime_config_target_set) return lacks(host, tier, "wasmtime_config_target_set");
  char target[] = "pulley64";
  wasmtime_error_t *error = api.wasmtime_config_target_set(config, target);
  if (!error) return SGPERF_ENGINE_OK;
  wasm_byte_vec_t message{};
  api.wasmtime_error_message(error, &message);
  api.wasmtime_error_delete(error);
  const std::string why(reinterpret_cast<const char *>(message.data), message.size);
  api.wasm_byte_vec_delete(&message);
  return host.error(SGPERF_ENGINE_UNSUPPORTED, "this build of Wasmtime has no Pulley: %s", why.c_str());
}

const char *code_names(const Settings &settings) {
  if (settings.tier == "pulley") return "none: interpreter";
  if (settings.profile == "perfmap") return "perf map, image in memory";
  if (settings.profile == "jitdump") return "jitdump, image in memory";
  return settings.unwind_info ? "image in memory" : "none: -C native-unwind-info=n registers no image";
}

} // namespace sgperf::wasmtime
