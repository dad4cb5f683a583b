// SPDX-License-Identifier: Apache-2.0
#include "jsc/options.h"

#include <charconv>
#include <cstring>
#include <string_view>
#include <vector>

namespace sgperf::jsc {

namespace {

struct Setting {
  std::string name, value;
};

// Thresholds of zero and no compiler threads: a function is compiled when it is first called, before it runs.  OMG
// works on what BBQ has compiled, so `omg` compiles twice then; functions beyond
// maximumOMGCandidateCost would stay with BBQ.
const std::vector<Setting> at_first_call = {
    {"useConcurrentJIT", "false"}, {"thresholdForBBQOptimizeAfterWarmUp", "0"}, {"thresholdForBBQOptimizeSoon", "0"}};

std::vector<Setting> settings_of(const std::string &tier) {
  std::vector<Setting> settings;
  if (tier == "interp") settings = {{"useBBQJIT", "false"}, {"useOMGJIT", "false"}};
  if (tier == "bbq") settings = {{"useBBQJIT", "true"}, {"useOMGJIT", "false"}};
  if (tier == "omg")
    settings = {{"useBBQJIT", "true"},
                {"useOMGJIT", "true"},
                {"thresholdForOMGOptimizeAfterWarmUp", "0"},
                {"thresholdForOMGOptimizeSoon", "0"},
                {"maximumOMGCandidateCost", "4294967295"}};
  if (tier == "bbq" || tier == "omg") settings.insert(settings.end(), at_first_call.begin(), at_first_call.end());
  return settings;
}

// -1: there is no such option.
int kind_of(const Api &api, const std::string &name) {
  struct Search {
    const std::string &name;
    int kind = -1;
  } search{name};
  api.jsc_options_foreach(
      [](const char *option, int kind, const char *, void *data) {
        auto &search = *static_cast<Search *>(data);
        if (search.name == option) search.kind = kind;
        return search.kind >= 0 ? 1 : 0;
      },
      &search);
  return search.kind;
}

template <typename Number> bool parse(const std::string &text, Number &out) {
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size();
}

bool set(const Api &api, const Setting &setting) {
  const char *name = setting.name.c_str();
  const std::string &value = setting.value;
  enum { boolean, integer, unsigned_, size, real, string, range }; // JSCOptionType
  switch (kind_of(api, setting.name)) {
  case boolean: {
    bool on = value == "1" || value == "true" || value == "yes",
         off = value == "0" || value == "false" || value == "no";
    return (on || off) && api.jsc_options_set_boolean(name, on);
  }
  case integer: {
    int number;
    return parse(value, number) && api.jsc_options_set_int(name, number);
  }
  case unsigned_: {
    unsigned number;
    return parse(value, number) && api.jsc_options_set_uint(name, number);
  }
  case size: {
    size_t number;
    return parse(value, number) && api.jsc_options_set_size(name, number);
  }
  case real: {
    double number;
    return parse(value, number) && api.jsc_options_set_double(name, number);
  }
  case string:
    return api.jsc_options_set_string(name, value.c_str());
  case range:
    return api.jsc_options_set_range_string(name, value.c_str());
  default:
    return false;
  }
}

} // namespace

int set_options(const engine::Host &host, const Api &api, const std::string &tier) {
  static std::string in_force;
  std::string wanted = tier;
  for (const std::string &flag : host.flags()) wanted.append(1, ' ').append(flag);
  if (!in_force.empty())
    return in_force == wanted
               ? SGPERF_ENGINE_OK
               : host.error(SGPERF_ENGINE_FLAGS,
                            "JavaScriptCore already runs in this process with '%s', found '%s': its options cannot be "
                            "changed; use a process of its own",
                            in_force.c_str(), wanted.c_str());
  for (const std::string &flag : host.flags()) {
    size_t equals = flag.find('=');
    if (!flag.starts_with("--") || equals == flag.npos ||
        !set(api, {flag.substr(2, equals - 2), flag.substr(equals + 1)}))
      return host.error(
          SGPERF_ENGINE_FLAGS,
          "engine flag '%s' is not understood: expected --NAME=VALUE with an option of this JavaScriptCore "
          "(`JSC_dumpOptions=2 jsc` prints them), for instance --useWasmIPInt=false",
          flag.c_str());
  }
  // The tier has the last word: its name is in the report.
  for (const Setting &setting : settings_of(tier))
    if (!set(api, setting))
      return host.error(
          SGPERF_ENGINE_VERSION_REFUSED,
          "this JavaScriptCore has no option %s, which tier %s needs; use tier tier-up, or WebKitGTK 2.50",
          setting.name.c_str(), tier.c_str());
  in_force = wanted;
  return SGPERF_ENGINE_OK;
}

bool is_on(const Api &api, const char *option) {
  int value = 0;
  return api.jsc_options_get_boolean(option, &value) && value;
}

int check_options(const engine::Host &host, const Api &api, const std::string &tier) {
  bool bbq = tier != "interp", omg = tier == "tier-up" || tier == "omg";
  for (const char *option : {"useJIT", "useBBQJIT", "useOMGJIT"}) {
    bool wanted = std::strcmp(option, "useOMGJIT") ? bbq : omg;
    // The interpreter's own stubs may be compiled or not.
    if (std::strcmp(option, "useJIT") == 0 && !wanted) continue;
    if (is_on(api, option) != wanted)
      return host.error(SGPERF_ENGINE_UNSUPPORTED,
                        "tier %s is not in force: %s is %s; is there a JSC_* variable in the environment, or a rule "
                        "against executable memory?",
                        tier.c_str(), option, wanted ? "off" : "on");
  }
  return SGPERF_ENGINE_OK;
}

} // namespace sgperf::jsc
