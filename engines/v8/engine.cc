// SPDX-License-Identifier: Apache-2.0
#include "v8/engine.h"

#include "sgperf/sgperf.h"

#include <libplatform/libplatform.h>

#include <algorithm>
#include <cstring>
#include <pthread.h>

namespace sgperf::v8_engine {

namespace {

using engine::Host;

// V8 starts once a process and stays.
std::unique_ptr<v8::Platform> platform;
std::string flags_in_force;
int generated_bytes = 0;

int *find_counter(const char *name) {
  return std::strcmp(name, "c:V8.WasmGeneratedCodeBytes") ? nullptr : &generated_bytes;
}

std::vector<std::string> tier_flags(const std::string &tier) {
  if (tier == "liftoff") return {"--liftoff", "--no-wasm-tier-up", "--no-wasm-dynamic-tiering"};
  if (tier == "turbofan") return {"--no-liftoff", "--no-wasm-tier-up", "--no-wasm-dynamic-tiering"};
  return {"--liftoff", "--wasm-tier-up"};
}

bool given(const std::vector<std::string> &flags, const char *name) {
  return std::any_of(flags.begin(), flags.end(), [&](std::string flag) {
    std::replace(flag.begin(), flag.end(), '_', '-');
    return flag == name || flag.starts_with(std::string(name) + "=");
  });
}

// V8 takes away what it knows.
int set_flags(const Host &host, std::vector<std::string> flags) {
  std::vector<char *> argv = {const_cast<char *>("v8")};
  for (std::string &flag : flags) argv.push_back(flag.data());
  int argc = int(argv.size());
  argv.push_back(nullptr);
  v8::V8::SetFlagsFromCommandLine(&argc, argv.data(), true);
  if (argc > 1)
    return host.error(SGPERF_ENGINE_FLAGS,
                      "engine flag '%s' is not understood: expected flags of V8, as `node --v8-options` lists them",
                      argv[1]);
  return SGPERF_ENGINE_OK;
}

int start_v8(Engine &engine) {
  const Host &host = engine.host;
  std::vector<std::string> flags = tier_flags(engine.tier), own = host.flags();
  // A perf map makes V8 open a log as well, in the working directory, which is the guest's.
  if (given(own, "--perf-basic-prof") || given(own, "--perf-prof"))
    flags.insert(flags.end(), {"--no-logfile-per-isolate", "--logfile=/dev/null"});
  flags.insert(flags.end(), own.begin(), own.end());
  if (host.config().eager) flags.push_back("--no-wasm-lazy-compilation");
  std::string text;
  for (const std::string &flag : flags) text += (text.empty() ? "" : " ") + flag;
  engine.lazy = !host.config().eager && given(own, "--wasm-lazy-compilation");
  engine.names = given(own, "--perf-prof")         ? "jitdump"
                 : given(own, "--perf-basic-prof") ? "perf map"
                                                   : "perf map, with the engine flag --perf-basic-prof";
  engine.details = "libnode, " + text;
  if (platform && text == flags_in_force) return SGPERF_ENGINE_OK;
  if (platform)
    return host.error(SGPERF_ENGINE_FLAGS,
                      "V8's flags are those of the whole process: it was started with '%s', found '%s'; use a process "
                      "for each",
                      flags_in_force.c_str(), text.c_str());
  if (int status = set_flags(host, flags)) return status;
  platform = given(own, "--single-threaded") ? v8::platform::NewSingleThreadedDefaultPlatform()
                                             : v8::platform::NewDefaultPlatform();
  v8::V8::InitializePlatform(platform.get());
  v8::V8::Initialize();
  // Bounds of memory are checked by its guard pages, as in a browser and in node.
  if (!v8::V8::EnableWebAssemblyTrapHandler(true))
    host.warn("V8 took no handler for faults: memory accesses are checked by code, which is slower");
  flags_in_force = text;
  return SGPERF_ENGINE_OK;
}

// V8 takes about 1 MB of stack however much there is; deep recursion of guests needs more.
void use_whole_stack(v8::Isolate *isolate) {
  pthread_attr_t attributes;
  void *lowest = nullptr;
  size_t size = 0;
  if (pthread_getattr_np(pthread_self(), &attributes)) return;
  const bool known = !pthread_attr_getstack(&attributes, &lowest, &size);
  pthread_attr_destroy(&attributes);
  constexpr size_t reserve = 256u << 10, most = 64u << 20; // for V8's own functions; where the stack is unlimited
  const auto here = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
  if (!known || size < 4 * reserve) return;
  const uintptr_t limit = reinterpret_cast<uintptr_t>(lowest) + reserve;
  isolate->SetStackLimit(here > most ? std::max(limit, here - most) : limit);
}

v8::Local<v8::Function> evaluate(v8::Local<v8::Context> context, const char *source) {
  v8::Isolate *isolate = context->GetIsolate();
  return v8::Script::Compile(context, v8::String::NewFromUtf8(isolate, source).ToLocalChecked())
      .ToLocalChecked()
      ->Run(context)
      .ToLocalChecked()
      .As<v8::Function>();
}

// compileStreaming is given the bytes here, synchronously: module.cc's deserialize() calls it with an External that
// tells where they are.
void stream(const v8::FunctionCallbackInfo<v8::Value> &info) {
  const std::shared_ptr<v8::WasmStreaming> streaming = v8::WasmStreaming::Unpack(info.GetIsolate(), info.Data());
  feed(*static_cast<const Artefact *>(info[0].As<v8::External>()->Value()), *streaming);
}

// Without a TryCatch, which every call would pay for, V8 tells exceptions here.
void keep_uncaught(v8::Local<v8::Message>, v8::Local<v8::Value> exception) {
  v8::Isolate *isolate = v8::Isolate::GetCurrent();
  v8::String::Utf8Value text(isolate, exception);
  static_cast<Engine *>(isolate->GetData(0))->uncaught = *text ? *text : "(no exception)";
}

} // namespace

uint32_t generated_code() {
  return uint32_t(__atomic_load_n(&generated_bytes, __ATOMIC_RELAXED));
}

int open_isolate(Engine &engine) {
  if (int status = start_v8(engine)) return status;
  engine.version = v8::V8::GetVersion();
  engine.allocator.reset(v8::ArrayBuffer::Allocator::NewDefaultAllocator());
  v8::Isolate::CreateParams params;
  params.array_buffer_allocator = engine.allocator.get();
  params.counter_lookup_callback = find_counter;
  v8::Isolate *isolate = engine.isolate = v8::Isolate::New(params);
  isolate->Enter();
  if (!given(engine.host.flags(), "--stack-size")) use_whole_stack(isolate);
  isolate->SetData(0, &engine);
  isolate->AddMessageListener(keep_uncaught);
  isolate->SetMicrotasksPolicy(v8::MicrotasksPolicy::kExplicit); // not after each call: guests make none
  isolate->SetWasmStreamingCallback(stream);
  v8::HandleScope handles(isolate);
  v8::Local<v8::Context> context = v8::Context::New(isolate);
  context->Enter();
  engine.context.Reset(isolate, context);
  engine.instance_constructor.Reset(isolate, evaluate(context, "WebAssembly.Instance"));
  engine.compile_streaming.Reset(isolate, evaluate(context, "WebAssembly.compileStreaming"));
  engine.safe_point.Reset(isolate, evaluate(context, "(function() {})"));
  return SGPERF_ENGINE_OK;
}

Engine::~Engine() {
  if (!isolate) return;
  {
    v8::HandleScope handles(isolate);
    if (!context.IsEmpty()) local_context()->Exit();
  }
  for (auto *function : {&instance_constructor, &compile_streaming, &safe_point}) function->Reset();
  context.Reset();
  isolate->Exit();
  isolate->Dispose();
}

void collect(Engine &engine) {
  while (v8::platform::PumpMessageLoop(platform.get(), engine.isolate)) continue;
  engine.isolate->LowMemoryNotification();
  while (v8::platform::PumpMessageLoop(platform.get(), engine.isolate)) continue;
}

std::string message(const Engine &engine, const v8::TryCatch &attempt) {
  v8::String::Utf8Value text(engine.isolate, attempt.Exception());
  return *text ? *text : "(no exception)";
}

} // namespace sgperf::v8_engine
