// SPDX-License-Identifier: Apache-2.0
#include "run/worker_chain.h"

namespace sgperf::run {

const char *status_text(int status) {
  switch (status) {
  case SGPERF_ENGINE_INVALID:
    return "invalid_module";
  case SGPERF_ENGINE_COMPONENT:
    return "component";
  case SGPERF_ENGINE_IMPORT:
    return "unknown_import";
  case SGPERF_ENGINE_TRAP:
    return "trap";
  case SGPERF_ENGINE_EXIT:
    return "exit_code";
  case SGPERF_ENGINE_UNSUPPORTED:
    return "unsupported";
  case SGPERF_ENGINE_NOT_FOUND:
    return "engine_missing";
  case SGPERF_ENGINE_VERSION_REFUSED:
    return "version_refused";
  default:
    return "engine_error";
  }
}

void WorkerChain::expect(int status, const char *phase) {
  if (status == SGPERF_ENGINE_OK) return;
  std::string message = host_.take_errors();
  if (status == SGPERF_ENGINE_EXIT) {
    const std::string code = "the guest left with exit code " + std::to_string(exit_code_) + ", expected 0";
    message = message.empty() ? code : code + ": " + message;
  }
  if (message.empty())
    message =
        std::string("the engine failed in ") + phase + " (status " + std::to_string(status) + ") and gave no reason";
  throw ChainError{status_text(status), phase, message};
}

void WorkerChain::compile() {
  stage(Stage::compile);
  expect(engine_.compile(created_, plan_.module.c_str(), wasm_, wasm_size_, &module_), "compile");
}

void WorkerChain::serialize() {
  stage(Stage::serialize);
  if (!engine_.serialize) expect(SGPERF_ENGINE_UNSUPPORTED, "serialize");
  expect(engine_.serialize(module_, artefact_.c_str()), "serialize");
}

void WorkerChain::deserialize() {
  stage(Stage::deserialize);
  if (!engine_.deserialize) expect(SGPERF_ENGINE_UNSUPPORTED, "deserialize");
  expect(engine_.deserialize(created_, artefact_.c_str(), &loaded_), "deserialize");
}

void WorkerChain::instantiate() {
  stage(Stage::instantiate);
  expect(engine_.instantiate(loaded_ ? loaded_ : module_, &instance_), "instantiate");
}

void WorkerChain::execute() {
  stage(Stage::execute);
  exit_code_ = 0;
  expect(engine_.execute(instance_, &exit_code_), "execute");
}

// Reverse order of creation.
void WorkerChain::free_objects() {
  stage(Stage::free);
  function_ = nullptr;
  if (instance_) engine_.free_instance(instance_);
  instance_ = nullptr;
  if (loaded_) engine_.free_module(loaded_);
  loaded_ = nullptr;
  if (module_) engine_.free_module(module_);
  module_ = nullptr;
}

} // namespace sgperf::run
