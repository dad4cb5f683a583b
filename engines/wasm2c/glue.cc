// SPDX-License-Identifier: Apache-2.0
#include "wasm2c/glue.h"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <set>

namespace sgperf::wasm2c {

namespace {

// wasm2c 1.0.32: letters and digits but Z, and _, stand for themselves, everything else is Z and two hex digits.
std::string mangle(const std::string &name) {
  std::string out = "Z_";
  for (unsigned char c : name) {
    if ((std::isalnum(c) && c != 'Z') || c == '_') {
      out += char(c);
    } else {
      char hex[4];
      std::snprintf(hex, sizeof hex, "Z%02X", c);
      out += hex;
    }
  }
  return out;
}

std::string quote(const std::string &text) {
  std::string out = "\"";
  for (unsigned char c : text) {
    char octal[8];
    std::snprintf(octal, sizeof octal, "\\%03o", c);
    out += octal;
  }
  return out + "\"";
}

const char *type(char letter) {
  switch (letter) {
  case 'i':
    return "u32";
  case 'I':
    return "u64";
  case 'f':
    return "f32";
  default:
    return "f64";
  }
}

std::string result_type(const engine::Signature &signature) {
  return signature.results.empty() ? "void" : type(signature.results[0]);
}

bool simple(const engine::Signature &signature) {
  return signature.params.find('?') == std::string::npos && signature.results.size() <= 1 && signature.results != "?";
}

// One C function per imported function, calling what the adapter bound to it.
std::string import_stub(const engine::Import &import, size_t index) {
  const std::string &params = import.signature.params;
  bool hook = import.module == "bench";
  std::string module = mangle(import.module), returns = result_type(import.signature);
  std::string declared, types, values;
  for (size_t i = 0; i < params.size(); i++) {
    declared += std::string(", ") + type(params[i]) + " a" + std::to_string(i);
    types += std::string(", ") + type(params[i]);
    values += ", a" + std::to_string(i);
  }
  std::string out =
      returns + " " + module + mangle(import.field) + "(struct " + module + "_instance_t *self" + declared + ") {\n";
  out += "  struct world *world = (struct world *)(void *)self;\n";
  out += "  const struct sgperf_aot_binding *to = &world->bindings[" + std::to_string(index) + "];\n  ";
  if (returns != "void") out += "return ";
  out += "((" + returns + " (*)(void *" + (hook ? "" : ", uint8_t *, uint64_t") + types + "))to->function)(to->context";
  out += (hook ? "" : ", memory_data(world), memory_size(world)") + values + ");\n}\n";
  return out;
}

std::string export_stub(const engine::Export &item, size_t index) {
  const std::string &params = item.signature.params;
  std::string call = "Z_m" + mangle(item.name) + "(&((struct instance *)self)->module";
  for (size_t i = 0; i < params.size(); i++)
    call += std::string(", as_") + type(params[i]) + "(args[" + std::to_string(i) + "])";
  call += ")";
  if (!item.signature.results.empty())
    call = std::string("results[0] = from_") + type(item.signature.results[0]) + "(" + call + ")";
  return "static void export_" + std::to_string(index) +
         "(void *self, const uint64_t *args, uint64_t *results, uint64_t times) {\n"
         "  (void)args; (void)results;\n"
         "  for (uint64_t i = 0; i < times; i++) " +
         call + ";\n}\n";
}

// Z_m_instantiate takes one pointer for each module that something is imported from: ours is the same for all.
size_t instance_arguments(const std::string &header) {
  size_t begin = header.find("void Z_m_instantiate("), end = header.find(");", begin);
  return begin == std::string::npos ? 0
                                    : size_t(std::count(header.begin() + long(begin), header.begin() + long(end), ','));
}

constexpr const char *prelude = R"(
#include <sys/types.h>
struct world {
  const struct sgperf_aot_binding *bindings;
  wasm_rt_memory_t *memory;
};
struct instance {
  struct world world; /* first */
  Z_m_instance_t module;
};
static inline uint8_t *memory_data(struct world *world) { return world->memory ? world->memory->data : 0; }
static inline uint64_t memory_size(struct world *world) { return world->memory ? world->memory->size : 0; }
static inline u32 as_u32(uint64_t v) { return (u32)v; }
static inline u64 as_u64(uint64_t v) { return v; }
static inline f32 as_f32(uint64_t v) { f32 f; memcpy(&f, &v, sizeof f); return f; }
static inline f64 as_f64(uint64_t v) { f64 f; memcpy(&f, &v, sizeof f); return f; }
static inline uint64_t from_u32(u32 v) { return v; }
static inline uint64_t from_u64(u64 v) { return v; }
static inline uint64_t from_f32(f32 f) { uint64_t v = 0; memcpy(&v, &f, sizeof f); return v; }
static inline uint64_t from_f64(f64 f) { uint64_t v; memcpy(&v, &f, sizeof f); return v; }
void sgperf_aot_activate(void);
int sgperf_aot_try_call(void (*body)(void *), void *argument);
void sgperf_aot_leave(void);
const char *sgperf_aot_trap_text(int trap);
void sgperf_aot_free_memory(wasm_rt_memory_t *memory);
)";

} // namespace

std::string make_glue(const engine::Interface &interface, const std::string &header) {
  std::string imports, exports, out = "#include \"m.h\"\n#include \"aot.h\"\n";
  out += prelude;

  size_t import_count = 0;
  std::set<std::string> seen; // one module may import the same function twice
  for (const engine::Import &import : interface.imports) {
    if (import.kind != 0 || !seen.insert(mangle(import.module) + mangle(import.field)).second) continue;
    out += import_stub(import, import_count++);
    imports +=
        "  {" + quote(import.module) + ", " + quote(import.field) + ", " + quote(import.signature.text()) + "},\n";
  }
  size_t export_count = 0;
  std::string memory = "0";
  for (const engine::Export &item : interface.exports) {
    if (item.kind == 2 && memory == "0") memory = "Z_m" + mangle(item.name) + "(&at->module)";
    if (item.kind != 0 || !simple(item.signature)) continue;
    out += export_stub(item, export_count);
    exports += "  {" + quote(item.name) + ", " + quote(item.signature.text()) + ", export_" +
               std::to_string(export_count++) + "},\n";
  }

  std::string worlds;
  for (size_t n = instance_arguments(header); n; n--) worlds += ", (void *)&at->world";
  out += "static const struct sgperf_aot_import imports[] = {\n" + imports + "  {0, 0, 0}};\n";
  out += "static const struct sgperf_aot_export exports[] = {\n" + exports + "  {0, 0, 0}};\n";
  out += "static void instantiate(void *self, const struct sgperf_aot_binding *bindings) {\n"
         "  static int ready;\n"
         "  struct instance *at = self;\n"
         "  if (!ready) Z_m_init_module();\n"
         "  ready = 1;\n"
         "  at->world.bindings = bindings;\n"
         "  at->world.memory = " +
         memory +
         ";\n"
         "  Z_m_instantiate(&at->module" +
         worlds +
         ");\n"
         "}\n"
         "static void free_instance(void *self) {\n"
         "  struct instance *at = self;\n"
         "  wasm_rt_memory_t memory = {0};\n"
         "  if (at->world.memory) memory = *at->world.memory;\n"
         "  Z_m_free(&at->module);\n"
         "  if (memory.data) sgperf_aot_free_memory(&memory);\n"
         "}\n";
  out += "__attribute__((visibility(\"default\"))) const struct sgperf_aot sgperf_aot_v1 = {\n  SGPERF_AOT_VERSION, " +
         std::to_string(import_count) + ", " + std::to_string(export_count) +
         ", 0, imports, exports, sizeof(struct instance), instantiate, free_instance,\n"
         "  sgperf_aot_activate, sgperf_aot_try_call, sgperf_aot_leave, sgperf_aot_trap_text};\n";
  return out;
}

} // namespace sgperf::wasm2c
