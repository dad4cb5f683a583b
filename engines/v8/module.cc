// SPDX-License-Identifier: Apache-2.0
// Compiling, and the artefact.
//
// V8 keeps compiled modules by their bytes and hands them out again as long as they live.  Here that would turn every
// compilation but the first, and every deserialisation after a compilation, into a look-up.  So all but the first get
// a custom section with a number at their end, which changes nothing but the bytes.
#include "sgperf/sgperf.h"
#include "v8/engine.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace sgperf::v8_engine {

namespace {

using engine::Host;

struct Mark {
  uint8_t bytes[16] = {0, 14, 9, 's', 'g', 'p', 'e', 'r', 'f', '-', 'n', 'o'}; // section 0, size, name
};
Mark next_mark(Engine &engine) {
  Mark mark;
  const unsigned number = ++engine.compiled;
  std::memcpy(mark.bytes + 12, &number, sizeof number);
  return mark;
}

// The file: this, the module's bytes, V8's.  V8 checks its own version and flags in its part.
struct FileHeader {
  char magic[16] = "sgperf-v8-mod-1";
  uint64_t wasm_size = 0, compiled_size = 0, code_size = 0;
};

class Mapping {
public:
  explicit Mapping(const char *path) {
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return;
    struct stat info;
    if (!fstat(fd, &info) && info.st_size > 0) {
      void *at = mmap(nullptr, size_t(info.st_size), PROT_READ, MAP_PRIVATE, fd, 0);
      if (at != MAP_FAILED) data = static_cast<const uint8_t *>(at), size = size_t(info.st_size);
    }
    close(fd);
  }
  ~Mapping() {
    if (data) munmap(const_cast<uint8_t *>(data), size);
  }
  Mapping(const Mapping &) = delete;
  Mapping &operator=(const Mapping &) = delete;
  const uint8_t *data = nullptr;
  size_t size = 0;
};

bool write_all(int fd, const void *bytes, size_t size) {
  for (size_t done = 0; done < size;) {
    const ssize_t n = write(fd, static_cast<const char *>(bytes) + done, size - done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    done += size_t(n);
  }
  return true;
}

int only_turbofan(const Engine &engine) {
  return engine.host.error(SGPERF_ENGINE_UNSUPPORTED,
                           "V8 serialises TurboFan's code only, not that of the tier %s%s; use the tier turbofan",
                           engine.tier.c_str(), engine.lazy ? " with --wasm-lazy-compilation" : "");
}

} // namespace

int compile(void *object, const char *path, const uint8_t *wasm, size_t size, void **out) {
  SGPERF_SCOPE("v8::compile");
  auto *engine = static_cast<Engine *>(object);
  const Host &host = engine->host;
  const char *name = path ? path : "(bytes)";
  if (int status = engine::check_header(host, path, wasm, size)) return status;
  auto module = std::make_unique<Module>(*engine);
  std::vector<uint8_t> marked;
  v8::MemorySpan<const uint8_t> bytes(wasm, size);
  const Mark mark = next_mark(*engine);
  if (engine->compiled > 1) {
    marked.reserve(size + sizeof mark.bytes);
    marked.assign(wasm, wasm + size);
    marked.insert(marked.end(), std::begin(mark.bytes), std::end(mark.bytes));
    bytes = {marked.data(), marked.size()};
  }
  v8::Isolate *isolate = engine->isolate;
  v8::HandleScope handles(isolate);
  v8::TryCatch attempt(isolate);
  v8::Local<v8::WasmModuleObject> compiled;
  const uint32_t before = generated_code();
  host.begin(SGPERF_REGION_COMPILE);
  if (!v8::WasmModuleObject::Compile(isolate, bytes).ToLocal(&compiled))
    return host.error(SGPERF_ENGINE_INVALID, "%s is not a module that V8 %s takes: %s", name, engine->version.c_str(),
                      message(*engine, attempt).c_str());
  host.end(SGPERF_REGION_COMPILE);
  module->code_size = generated_code() - before;
  std::string why;
  if (!engine::read_interface(wasm, size, module->interface, why))
    return host.error(SGPERF_ENGINE_INVALID, "%s is not a valid module: %s", name, why.c_str());
  module->object.Reset(isolate, compiled);
  *out = module.release();
  return SGPERF_ENGINE_OK;
}

int serialize(void *object, const char *path) {
  SGPERF_SCOPE("v8::serialize");
  auto *module = static_cast<Module *>(object);
  const Engine &engine = module->engine;
  const Host &host = engine.host;
  v8::HandleScope handles(engine.isolate);
  if (engine.tier != "turbofan") return only_turbofan(engine);
  const std::string fresh = std::string(path) + ".new"; // an artefact in use is mapped: never written over
  host.begin(SGPERF_REGION_SERIALIZE);
  v8::CompiledWasmModule compiled = module->object.Get(engine.isolate)->GetCompiledModule();
  const v8::OwnedBuffer code = compiled.Serialize();
  if (!code.size) return only_turbofan(engine);
  const v8::MemorySpan<const uint8_t> wasm = compiled.GetWireBytesRef();
  FileHeader header;
  header.wasm_size = wasm.size();
  header.compiled_size = code.size;
  header.code_size = module->code_size;
  const int fd = open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  bool written = fd >= 0 && write_all(fd, &header, sizeof header) && write_all(fd, wasm.data(), wasm.size()) &&
                 write_all(fd, code.buffer.get(), code.size);
  written = (fd < 0 || !close(fd)) && written && !rename(fresh.c_str(), path);
  if (!written) return host.error(SGPERF_ENGINE_ERROR, "cannot write the artefact %s: %s", path, strerror(errno));
  host.end(SGPERF_REGION_SERIALIZE);
  module->artefact_size = sizeof header + header.wasm_size + header.compiled_size;
  return SGPERF_ENGINE_OK;
}

struct Artefact {
  const uint8_t *wasm, *compiled;
  size_t wasm_size, compiled_size;
  Mark mark;
  mutable bool taken = false;
};

// The only way that V8's API has from serialised bytes to a module.
void feed(const Artefact &artefact, v8::WasmStreaming &streaming) {
  artefact.taken = streaming.SetCompiledModuleBytes(artefact.compiled, artefact.compiled_size);
  if (!artefact.taken) return streaming.Abort({});
  streaming.OnBytesReceived(artefact.wasm, artefact.wasm_size);
  streaming.OnBytesReceived(artefact.mark.bytes, sizeof artefact.mark.bytes);
  streaming.Finish();
}

int deserialize(void *object, const char *path, void **out) {
  SGPERF_SCOPE("v8::deserialize");
  auto *engine = static_cast<Engine *>(object);
  const Host &host = engine->host;
  if (engine->tier != "turbofan") return only_turbofan(*engine);
  v8::Isolate *isolate = engine->isolate;
  v8::HandleScope handles(isolate);
  v8::TryCatch attempt(isolate);
  v8::Local<v8::Context> context = engine->local_context();
  auto module = std::make_unique<Module>(*engine);
  Artefact artefact{};
  artefact.mark = next_mark(*engine);
  v8::Local<v8::Value> argument = v8::External::New(isolate, &artefact), promise;
  const uint32_t before = generated_code();
  host.begin(SGPERF_REGION_DESERIALIZE);
  const Mapping file(path);
  if (!file.data)
    return host.error(access(path, R_OK) ? SGPERF_ENGINE_NOT_FOUND : SGPERF_ENGINE_INVALID, "cannot read %s: %s", path,
                      strerror(errno));
  FileHeader header;
  const FileHeader expected;
  if (file.size >= sizeof header) std::memcpy(&header, file.data, sizeof header);
  const uint64_t rest = file.size - sizeof header;
  if (file.size < sizeof header || std::memcmp(header.magic, expected.magic, sizeof header.magic) ||
      header.wasm_size > rest || header.compiled_size != rest - header.wasm_size)
    return host.error(SGPERF_ENGINE_INVALID,
                      "%s is no artefact of this adapter, or not the whole of one; compile again", path);
  artefact.wasm = file.data + sizeof header;
  artefact.wasm_size = header.wasm_size;
  artefact.compiled = artefact.wasm + header.wasm_size;
  artefact.compiled_size = header.compiled_size;
  // The promise of the input is kept already, and that of the module when V8 has read the bytes: in its microtasks.
  if (engine->compile_streaming.Get(isolate)->Call(context, v8::Undefined(isolate), 1, &argument).ToLocal(&promise))
    isolate->PerformMicrotaskCheckpoint();
  const bool done =
      !promise.IsEmpty() && promise->IsPromise() && promise.As<v8::Promise>()->State() == v8::Promise::kFulfilled;
  // Where V8 refuses the compiled bytes it compiles the others, without a word, and that makes as much code as before
  // (give or take some bytes, by where things are in memory).  Entries from JavaScript are not in the artefact and
  // always made.
  const uint64_t generated = generated_code() - before, slack = header.code_size / 64 + 16;
  if (!artefact.taken || !done || (generated && generated + slack >= header.code_size))
    return host.error(
        SGPERF_ENGINE_INVALID,
        "%s: V8 %s did not take the compiled module; it was made by another version, with other flags, or "
        "on another processor: compile it again",
        path, engine->version.c_str());
  host.end(SGPERF_REGION_DESERIALIZE);
  std::string why;
  if (!engine::read_interface(artefact.wasm, artefact.wasm_size, module->interface, why))
    return host.error(SGPERF_ENGINE_INVALID, "%s: the module in it is not valid: %s", path, why.c_str());
  module->object.Reset(isolate, promise.As<v8::Promise>()->Result().As<v8::WasmModuleObject>());
  module->code_size = header.code_size;
  module->artefact_size = file.size;
  *out = module.release();
  return SGPERF_ENGINE_OK;
}

int describe_module(void *object, sgperf_module_info *info) {
  const auto *module = static_cast<Module *>(object);
  info->code_size = module->code_size;
  info->artefact_size = module->artefact_size;
  if (info->struct_size >= offsetof(sgperf_module_info, lazy) + sizeof info->lazy)
    info->lazy = (module->engine.lazy ? 1 : 0) | (module->engine.tier == "tier-up" ? 2 : 0);
  return SGPERF_ENGINE_OK;
}

void free_module(void *object) {
  auto *module = static_cast<Module *>(object);
  if (!module) return;
  Engine &engine = module->engine;
  module->object.Reset();
  delete module;
  collect(engine);
}

} // namespace sgperf::v8_engine
