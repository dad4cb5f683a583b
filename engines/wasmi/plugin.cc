// SPDX-License-Identifier: Apache-2.0
// Wasmi 2, an interpreter: the standard wasm-c-api, and a few settings of its own.
//
// Flags: mode=eager|lazy-translation|lazy and -W FEATURE[=y|n] (docs/engines/wasmi.md).
#include "adapter/installed.h"
#include "wasm-c-api/kind.h"
#include "wasm-c-api/library.h"
#include "wasm-c-api/switches.h"
#include "wasmi/version_text.h"

namespace sgperf::wasm_c_api {

namespace {

constexpr const char *known_major = "2";

// wasmi_compilation_mode_t
enum Mode : uint8_t { mode_eager = 0, mode_lazy_translation = 1, mode_lazy = 2 };
constexpr const char *modes[] = {"eager", "lazy-translation", "lazy"};

struct Feature {
  const char *name, *function;
};
constexpr Feature features[] = {
    {"mutable-globals", "wasmi_config_wasm_mutable_globals_set"},
    {"multi-value", "wasmi_config_wasm_multi_value_set"},
    {"sign-extension", "wasmi_config_wasm_sign_extension_set"},
    {"saturating-float-to-int", "wasmi_config_wasm_saturating_float_to_int_set"},
    {"bulk-memory", "wasmi_config_wasm_bulk_memory_set"},
    {"reference-types", "wasmi_config_wasm_reference_types_set"},
    {"tail-call", "wasmi_config_wasm_tail_call_set"},
    {"extended-const", "wasmi_config_wasm_extended_const_set"},
    {"floats", "wasmi_config_floats_set"},
    {"custom-sections", "wasmi_config_ignore_custom_sections_set"}, // the other way round
};

std::string understood() {
  std::string text = "mode=eager|lazy-translation|lazy, -W FEATURE[=y|n] with";
  for (const Feature &feature : features) text += std::string(" ") + feature.name;
  return text;
}

class Wasmi final : public Flavour {
public:
  int choose(const engine::Host &host, std::string &path) override {
    if (host.tier("interp") != "interp")
      return host.error(SGPERF_ENGINE_FLAGS, "wasmi has no tier '%s': expected interp", host.config().tier);
    if (host.config().eager) mode_ = mode_eager;
    for (const Flag &flag : read_flags(host))
      if (int status = take(host, flag)) return status;
    if (path.empty()) path = engine::installed_engine(host, "wasmi-2.0.0") + "/libwasmi.so";
    return SGPERF_ENGINE_OK;
  }

  int check(const engine::Host &host, const std::string &path, void *library, std::string &version) override {
    set_mode_ = reinterpret_cast<decltype(set_mode_)>(symbol(library, "wasmi_config_compilation_mode_set"));
    if (!set_mode_)
      return host.error(SGPERF_ENGINE_VERSION_REFUSED,
                        "%s is refused: expected the C API of Wasmi %s (wasmi_config_compilation_mode_set), found "
                        "none; build the crate wasmi_c_api_impl 2.0.0 (`sgperf engines install wasmi`)",
                        path.c_str(), known_major);
    version = wasmi_engine::version_in_library(path);
    if (version.empty()) {
      version = "unknown";
      host.warn("%s does not say which Wasmi it is; taken for version %s", path.c_str(), known_major);
    } else if (version.rfind(std::string(known_major) + ".", 0) != 0) {
      return host.error(SGPERF_ENGINE_VERSION_REFUSED,
                        "%s is refused: expected Wasmi %s, found %s; its settings differ between versions; build the "
                        "crate wasmi_c_api_impl 2.0.0 (`sgperf engines install wasmi`)",
                        path.c_str(), known_major, version.c_str());
    }
    for (const auto &[feature, on] : chosen_) {
      auto *set = reinterpret_cast<void (*)(wasm_config_t *, bool)>(symbol(library, feature->function));
      if (!set)
        return host.error(SGPERF_ENGINE_FLAGS, "engine flag '-W %s': %s has no %s; leave the flag out", feature->name,
                          path.c_str(), feature->function);
      setters_.push_back({set, on != (feature->name == std::string("custom-sections"))});
    }
    return SGPERF_ENGINE_OK;
  }

  int configure(const engine::Host &, const Api &, wasm_config_t *config) override {
    set_mode_(config, mode_);
    for (const auto &[set, on] : setters_) set(config, on);
    return SGPERF_ENGINE_OK;
  }

  const char *tier() const override { return "interp"; }
  std::string details() const override { return std::string("wasm-c-api, translation ") + modes[mode_]; }
  const char *code_names() const override { return "none: interpreter"; }
  uint32_t lazy() const override { return mode_ == mode_eager ? 0 : 1; }
  bool maps_code() const override { return false; }
  bool any_store() const override { return true; }
  std::string cannot_serialize() const override {
    return "Wasmi cannot serialise its internal code: its wasm_module_serialize aborts the process";
  }
  std::string trap_text(std::string message) const override;

private:
  int take(const engine::Host &host, const Flag &flag) {
    if (flag.feature && (flag.on() || flag.off()))
      for (const Feature &feature : features)
        if (flag.name == feature.name) {
          chosen_.push_back({&feature, flag.on()});
          return SGPERF_ENGINE_OK;
        }
    if (!flag.feature && flag.name == "mode")
      for (uint8_t mode = mode_eager; mode <= mode_lazy; mode++)
        if (flag.value == modes[mode]) {
          if (host.config().eager && mode != mode_eager)
            return host.error(SGPERF_ENGINE_FLAGS, "mode=%s contradicts eager compilation; leave one of them out",
                              modes[mode]);
          mode_ = Mode(mode);
          return SGPERF_ENGINE_OK;
        }
    return refuse_flag(host, flag, understood());
  }

  Mode mode_ = mode_lazy_translation; // what wasmi does by itself
  std::vector<std::pair<const Feature *, bool>> chosen_;
  std::vector<std::pair<void (*)(wasm_config_t *, bool), bool>> setters_;
  void (*set_mode_)(wasm_config_t *, uint8_t) = nullptr;
};

// The C API gives an error's debug form, "Error { kind: TrapCode(MemoryOutOfBounds) }": the words are wasmi's own.
std::string Wasmi::trap_text(std::string message) const {
  constexpr const char *texts[][2] = {
      {"UnreachableCodeReached", "wasm `unreachable` instruction executed"},
      {"MemoryOutOfBounds", "out of bounds memory access"},
      {"TableOutOfBounds", "undefined element: out of bounds table access"},
      {"IndirectCallToNull", "uninitialized element"},
      {"IntegerDivisionByZero", "integer divide by zero"},
      {"IntegerOverflow", "integer overflow"},
      {"BadConversionToInteger", "invalid conversion to integer"},
      {"StackOverflow", "call stack exhausted"},
      {"BadSignature", "indirect call type mismatch"},
      {"OutOfFuel", "all fuel consumed by WebAssembly"},
      {"GrowthOperationLimited", "growth operation limited"},
      {"OutOfSystemMemory", "out of system memory"},
  };
  for (const auto &[code, text] : texts)
    if (message.find(std::string("TrapCode(") + code + ")") != std::string::npos) return text;
  return message;
}

} // namespace

const Kind kind = {"wasmi", "interp", 0, [] { return std::unique_ptr<Flavour>(std::make_unique<Wasmi>()); }};

} // namespace sgperf::wasm_c_api
