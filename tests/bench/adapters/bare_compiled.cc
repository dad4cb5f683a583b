// SPDX-License-Identifier: Apache-2.0
// What is compiled by a C compiler: wasm2c's output with a loop of calls beside it, as a program that uses wasm2c has
// it, and the empty C function that the adapter for native code calls.
#include "bench/adapters/bare.h"

#include <cstdlib>
#include <fstream>

namespace sgperf::bench {
namespace {

// Both are called with a count, in a translation unit of their own as a caller's is.
constexpr const char *wasm2c_caller = R"(#include "m.h"
static Z_m_instance_t instance;
void bare_start(void) { wasm_rt_init(); Z_m_init_module(); Z_m_instantiate(&instance); }
void bare_calls(unsigned long long times) {
  for (unsigned long long i = 0; i < times; i++) Z_mZ_f(&instance);
}
)";

class Compiled : public Bare {
public:
  explicit Compiled(const std::string &scratch) : folder_(scratch + "/bare") {}
  void drop() override {}

protected:
  // In the folder; what the command says on stderr is thrown away.
  bool run(const std::string &command) {
    return std::system(("cd '" + folder_ + "' && { " + command + "; } >/dev/null 2>&1").c_str()) == 0 ||
           fail("failed: " + command);
  }
  bool write(const char *name, const void *bytes, size_t size) {
    std::ofstream file(folder_ + "/" + name, std::ios::binary);
    return file.write(static_cast<const char *>(bytes), static_cast<std::streamsize>(size)).flush() ||
           fail(folder_ + "/" + name + " cannot be written");
  }
  bool folder() { return std::system(("mkdir -p '" + folder_ + "'").c_str()) == 0 || fail("no folder " + folder_); }
  bool load(const std::string &file) {
    handle_ = dlopen((folder_ + "/" + file).c_str(), RTLD_NOW | RTLD_LOCAL);
    return handle_ || fail(dlerror());
  }
  const std::string folder_;
  void *handle_ = nullptr;
};

class Wasm2c final : public Compiled {
public:
  using Compiled::Compiled;
  bool compile(uint8_t *bytes, size_t size) override {
    return folder() && write("m.wasm", bytes, size) &&
           write("caller.c", wasm2c_caller, std::char_traits<char>::length(wasm2c_caller)) &&
           run("runtime=$(dirname \"$(command -v wasm2c)\")/../share/wabt/wasm2c && wasm2c -n m -o m.c m.wasm && "
               "cc -O2 -w -shared -fPIC -I\"$runtime\" m.c caller.c \"$runtime/wasm-rt-impl.c\" -Wl,-Bsymbolic,-z,now "
               "-o m.so -lm") &&
           load("m.so");
  }
  bool instantiate() override {
    const auto start = reinterpret_cast<void (*)()>(dlsym(handle_, "bare_start"));
    calls_ = reinterpret_cast<void (*)(unsigned long long)>(dlsym(handle_, "bare_calls"));
    if (!start || !calls_) return fail("no bare_start, bare_calls");
    start();
    return true;
  }
  bool call(uint64_t times) override {
    calls_(times);
    return true;
  }

private:
  void (*calls_)(unsigned long long) = nullptr;
};

class Native final : public Compiled {
public:
  using Compiled::Compiled;
  std::string native_object() const override { return folder_ + "/f.so"; }
  bool compile(uint8_t *bytes, size_t size) override {
    // The module beside it tells the adapter the function's type.
    return folder() && write("f.wasm", bytes, size) &&
           run("echo 'void f(void) {} void native_entry(void) {}' | cc -O2 -shared -fPIC -x c - -o f.so") &&
           load("f.so");
  }
  bool instantiate() override {
    function_ = reinterpret_cast<void (*)()>(dlsym(handle_, "f"));
    return function_ || fail("no function f");
  }
  bool call(uint64_t times) override {
    const auto function = function_;
    for (uint64_t i = 0; i < times; ++i) function();
    return true;
  }

private:
  void (*function_)() = nullptr;
};

} // namespace

std::unique_ptr<Bare> make_wasm2c(const Opened &opened, std::string &) {
  return std::make_unique<Wasm2c>(opened.scratch);
}
std::unique_ptr<Bare> make_native(const Opened &opened, std::string &) {
  return std::make_unique<Native>(opened.scratch);
}

} // namespace sgperf::bench
