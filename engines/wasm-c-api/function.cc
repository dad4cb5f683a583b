// SPDX-License-Identifier: Apache-2.0
// Exported functions: looked up and checked once, then called with nothing in between.
#include "wasm-c-api/objects.h"

#include <string_view>

namespace sgperf::wasm_c_api {

namespace {

bool kinds(const std::string &letters, wasm_val_t *out) {
  if (letters.size() > max_values) return false;
  for (size_t i = 0; i < letters.size(); i++) {
    const size_t kind = std::string_view("iIfF").find(letters[i]);
    if (kind == std::string_view::npos) return false;
    out[i].kind = uint8_t(kind);
    out[i].of.i64 = 0;
  }
  return true;
}

} // namespace

int resolve(void *object, const char *name, void **out, uint32_t *n_params, uint32_t *n_results) {
  auto *instance = static_cast<Instance *>(object);
  const Engine &engine = instance->module.engine;
  auto function = std::make_unique<Function>();
  const Export *found = find_function(*instance, name, &function->func);
  if (!found) return engine.host.error(SGPERF_ENGINE_NOT_FOUND, "the module exports no function '%s'", name);
  const size_t arrow = found->signature.find('>');
  const std::string params = found->signature.substr(0, arrow), results = found->signature.substr(arrow + 1);
  if (!kinds(params, function->params) || !kinds(results, function->results))
    return engine.host.error(SGPERF_ENGINE_UNSUPPORTED,
                             "'%s' has other parameters or results than i32, i64, f32, f64 (or more than %zu)", name,
                             max_values);
  function->instance = instance;
  function->call = engine.api.wasm_func_call;
  function->guarded = instance->world->guarded();
  function->n_params = *n_params = uint32_t(params.size());
  function->n_results = *n_results = uint32_t(results.size());
  function->given = {params.size(), function->params};
  function->taken = {results.size(), function->results};
  if (params.empty() && results.empty() && !function->guarded) function->plain_args = 0;
  function->name = name;
  *out = function.get();
  instance->functions.push_back(std::move(function));
  return SGPERF_ENGINE_OK;
}

namespace {

int wrong_count(const Function &function, uint32_t n_args, uint32_t n_results) {
  return function.instance->module.engine.host.error(
      SGPERF_ENGINE_ERROR, "'%s' takes %u values and gives %u: found %u and room for %u", function.name.c_str(),
      function.n_params, function.n_results, n_args, n_results);
}
int wrong_kind(const Function &function, uint32_t at, uint32_t found) {
  return function.instance->module.engine.host.error(
      SGPERF_ENGINE_ERROR, "'%s': argument %u has kind %u, expected %u (0 i32, 1 i64, 2 f32, 3 f64)",
      function.name.c_str(), at, found, function.params[at].kind);
}

[[gnu::noinline]] int ended(Function &function, wasm_trap_t *trap) {
  return finish(*function.instance, function.name.c_str(), trap, nullptr);
}

int invoke_with_values(Function &function, const sgperf_value *args, uint32_t n_args, sgperf_value *results,
                       uint32_t n_results, uint64_t times) {
  if (n_args != function.n_params || n_results < function.n_results) return wrong_count(function, n_args, n_results);
  for (uint32_t i = 0; i < n_args; i++) {
    if (args[i].kind != function.params[i].kind) return wrong_kind(function, i, args[i].kind);
    function.params[i].of.i64 = args[i].of.i64;
  }
  for (uint64_t i = 0; i < times; i++) {
    if (function.guarded)
      if (int status = function.instance->world->enter()) return status;
    wasm_trap_t *trap = function.call(function.func, &function.given, &function.taken);
    if (function.guarded) function.instance->world->leave();
    if (trap) return ended(function, trap);
  }
  for (uint32_t i = 0; times && i < function.n_results; i++) {
    results[i].kind = function.results[i].kind;
    results[i].of.i64 = function.results[i].of.i64;
  }
  return SGPERF_ENGINE_OK;
}

} // namespace

// Calls without values: one comparison for all of them.  At 60 ns a call more can be seen.
int invoke_many(void *object, const sgperf_value *args, uint32_t n_args, sgperf_value *results, uint32_t n_results,
                uint64_t times) {
  auto &function = *static_cast<Function *>(object);
  if (n_args != function.plain_args) return invoke_with_values(function, args, n_args, results, n_results, times);
  for (uint64_t i = 0; i < times; i++) {
    wasm_trap_t *trap = function.call(function.func, &function.given, &function.taken);
    if (__builtin_expect(trap != nullptr, 0)) return ended(function, trap);
  }
  return SGPERF_ENGINE_OK;
}

} // namespace sgperf::wasm_c_api
