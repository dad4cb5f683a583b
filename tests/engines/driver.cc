// SPDX-License-Identifier: Apache-2.0
// Drives one engine through a list of steps in a process of its own and prints what happens, one line an event.
//
//   engine-driver PLUGIN [OPTION=VALUE].. STEP..
// Options: abi tier flags lib dir writable stdin stdout stderr work cache arg env eager old_config (a host without
// region_at) Steps:   create describe compile:FILE compile-bytes:FILE serialize:FILE deserialize:FILE module
// instantiate execute
//          invoke:NAME:VALUE,.. (i5 I5 f1.5 F1.5) many:TIMES:NAME:VALUE,.. free_instance free_module free
//          swap (module and instance with a second pair)
// A failed step ends the run unless its name begins with '?'.  Exit code: 0, or 1 after a failed step.
#include "sightglass/foreign.h"

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <list>
#include <optional>
#include <pthread.h>
#include <string>
#include <unistd.h>
#include <vector>

namespace {

constexpr const char *statuses[] = {"ok",   "error",       "invalid",         "component", "import", "trap",
                                    "exit", "unsupported", "version-refused", "not-found", "flags"};
constexpr const char *regions[] = {"parse", "compile", "serialize", "deserialize", "instantiate", "execute", "call"};

// Not stdout, which belongs to the guest while a native workload runs.
std::FILE *const report = fdopen(dup(1), "w");

const pthread_t caller = pthread_self();

void say(const char *what, const std::string &text) {
  if (!pthread_equal(caller, pthread_self())) std::fputs("a callback on another thread\n", report), std::abort();
  std::fprintf(report, "%s %s\n", what, text.c_str());
  std::fflush(report);
}

struct Driver {
  sgperf_engine_config config{};
  const sgperf_engine *engine = nullptr;
  void *handle = nullptr, *module = nullptr, *instance = nullptr;
  void *other_module = nullptr, *other_instance = nullptr;
  std::list<std::string> texts;
  std::vector<const char *> args, env;
  std::list<std::vector<uint8_t>> bytes;
  std::string work = ".", cache;

  const char *keep(const std::string &text) { return texts.emplace_back(text).c_str(); }

  void option(const std::string &name, const std::string &value) {
    if (name == "tier")
      config.tier = keep(value);
    else if (name == "flags")
      config.flags = keep(value);
    else if (name == "lib")
      config.library = keep(value);
    else if (name == "dir")
      config.preopen_dir = keep(value);
    else if (name == "writable")
      config.preopen_writable = 1;
    else if (name == "stdin")
      config.stdin_path = keep(value);
    else if (name == "stdout")
      config.stdout_path = keep(value);
    else if (name == "stderr")
      config.stderr_path = keep(value);
    else if (name == "work")
      config.work_dir = keep(value);
    else if (name == "cache")
      config.cache_dir = keep(value);
    else if (name == "arg")
      args.push_back(keep(value));
    else if (name == "env")
      env.push_back(keep(value));
    else if (name == "eager")
      config.eager = 1;
    else if (name == "old_config")
      config.struct_size = offsetof(sgperf_engine_config, region_at);
    else
      std::exit((std::fprintf(stderr, "no option %s\n", name.c_str()), 2));
  }

  int compile(const std::string &path, bool with_path) {
    std::ifstream file(path, std::ios::binary);
    auto &content = bytes.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    return engine->compile(handle, with_path ? keep(path) : nullptr, content.data(), content.size(), &module);
  }

  // times: of invoke_many; without it one invoke
  int invoke(const std::string &spec, std::optional<uint64_t> times) {
    std::string name = spec.substr(0, spec.find(':'));
    std::string list = spec.find(':') == std::string::npos ? "" : spec.substr(spec.find(':') + 1);
    std::vector<sgperf_value> values, results(4);
    for (size_t begin = 0; begin < list.size();) {
      size_t comma = std::min(list.find(',', begin), list.size());
      std::string word = list.substr(begin, comma - begin);
      sgperf_value value{};
      switch (word[0]) {
      case 'i':
        value.kind = 0;
        value.of.i32 = std::atoi(&word[1]);
        break;
      case 'I':
        value.kind = 1;
        value.of.i64 = std::atoll(&word[1]);
        break;
      case 'f':
        value.kind = 2;
        value.of.f32 = float(std::atof(&word[1]));
        break;
      default:
        value.kind = 3;
        value.of.f64 = std::atof(&word[1]);
        break;
      }
      values.push_back(value);
      begin = comma + 1;
    }
    void *function = nullptr;
    uint32_t n_params = 99, n_results = 99;
    if (int status = engine->resolve(instance, name.c_str(), &function, &n_params, &n_results)) return status;
    say("resolved", std::to_string(n_params) + " " + std::to_string(n_results));
    const auto n_args = uint32_t(values.size()), room = uint32_t(results.size());
    int status = times ? engine->invoke_many(function, values.data(), n_args, results.data(), room, *times)
                       : engine->invoke(function, values.data(), n_args, results.data(), room);
    if (status || times == 0) return status;
    for (uint32_t i = 0; i < n_results; i++) {
      char text[64];
      switch (results[i].kind) {
      case 0:
        std::snprintf(text, sizeof text, "i%d", results[i].of.i32);
        break;
      case 1:
        std::snprintf(text, sizeof text, "I%lld", (long long)results[i].of.i64);
        break;
      case 2:
        std::snprintf(text, sizeof text, "f%g", double(results[i].of.f32));
        break;
      default:
        std::snprintf(text, sizeof text, "F%g", results[i].of.f64);
        break;
      }
      say("result", text);
    }
    return status;
  }

  int step(const std::string &name, const std::string &value) {
    if (name == "create") return engine->create(&config, &handle);
    if (name == "describe") {
      sgperf_engine_info info{};
      info.struct_size = sizeof info;
      int status = engine->describe(handle, &info);
      if (!status)
        say("info", std::string(info.engine_version) + "|" + (info.library_path ? info.library_path : "-") + "|" +
                        info.wasi + "|" + info.tier + "|" + info.details);
      return status;
    }
    if (name == "compile") return compile(value, true);
    if (name == "compile-bytes") return compile(value, false);
    if (name == "serialize") return engine->serialize(module, value.c_str());
    if (name == "deserialize") return engine->deserialize(handle, value.c_str(), &module);
    if (name == "module") {
      sgperf_module_info info{};
      info.struct_size = sizeof info;
      int status = engine->describe_module(module, &info);
      say("sizes", std::to_string(info.code_size) + " " + std::to_string(info.artefact_size));
      say("lazy", std::to_string(info.lazy));
      return status;
    }
    if (name == "instantiate") return engine->instantiate(module, &instance);
    if (name == "execute") {
      int code = -1;
      int status = engine->execute(instance, &code);
      say("code", std::to_string(code));
      return status;
    }
    if (name == "invoke") return invoke(value, std::nullopt);
    if (name == "many") return invoke(value.substr(value.find(':') + 1), std::stoull(value));
    if (name == "swap") {
      std::swap(module, other_module);
      std::swap(instance, other_instance);
      return 0;
    }
    if (name == "free_instance")
      engine->free_instance(instance), instance = nullptr;
    else if (name == "free_module")
      engine->free_module(module), module = nullptr;
    else if (name == "free")
      engine->free(handle), handle = nullptr;
    else
      std::exit((std::fprintf(stderr, "no step %s\n", name.c_str()), 2));
    return 0;
  }
};

} // namespace

int main(int argc, char **argv) {
  if (argc < 2) return 2;
  Driver driver;
  sgperf_engine_config &config = driver.config;
  config.struct_size = sizeof config;
  config.log = [](void *, int level, const char *message) { say(("log" + std::to_string(level)).c_str(), message); };
  config.region_begin = [](void *, uint32_t region) { say("begin", regions[region]); };
  config.region_end = [](void *, uint32_t region) { say("end", regions[region]); };
  config.bench_start = [](void *) { say("hook", "start"); };
  config.bench_end = [](void *) { say("hook", "end"); };
  config.region_at = [](void *, uint32_t region, uint64_t begin, uint64_t end) {
    say("at", std::string(regions[region]) + " " + std::to_string(end - begin));
  };
  const char *home = std::getenv("HOME"), *cache = std::getenv("SGPERF_CACHE");
  config.work_dir = ".";
  config.cache_dir = driver.keep(cache && *cache ? cache : std::string(home ? home : "/tmp") + "/.cache/sgperf");

  std::optional<sgperf::engines::Abi> abi;
  std::vector<std::string> steps;
  for (int i = 2; i < argc; i++) {
    std::string word = argv[i];
    size_t colon = word.find(':'), equals = word.find('=');
    if (word.starts_with("abi=")) {
      abi = sgperf::engines::abi_from_text(word.substr(4));
      if (!abi) return std::fprintf(stderr, "no ABI %s\n", word.c_str()), 2;
    } else if (equals != std::string::npos && equals < colon) {
      driver.option(word.substr(0, equals), word.substr(equals + 1));
    } else {
      steps.push_back(word);
    }
  }
  driver.args.push_back(nullptr);
  driver.env.push_back(nullptr);
  config.args = driver.args.data();
  config.env = driver.env.data();

  std::string error;
  auto plugin = sgperf::engines::load_plugin(argv[1], abi, error);
  if (!plugin) {
    say("refused", error);
    return 1;
  }
  driver.engine = plugin->engine;
  say("loaded",
      std::string(sgperf::engines::to_text(plugin->abi)) + " " + plugin->engine->name + " " + plugin->engine->tiers);
  for (std::string word : steps) {
    bool may_fail = word[0] == '?';
    if (may_fail) word.erase(0, 1);
    size_t colon = std::min(word.find(':'), word.size());
    std::string name = word.substr(0, colon), value = colon < word.size() ? word.substr(colon + 1) : "";
    int status = driver.step(name, value);
    say("step", name + " " + statuses[status]);
    if (status && !may_fail) return 1;
  }
  return 0;
}
