// SPDX-License-Identifier: Apache-2.0
// Wasmer 7.4 with its three compilers: the standard wasm-c-api, its choice of compilers and its own WASI.
//
// Flags: wasi=own|shim, canonicalize-nans=y|n and -W FEATURE[=y|n] (docs/engines/wasmer.md).
#include "adapter/installed.h"
#include "wasm-c-api/kind.h"
#include "wasm-c-api/library.h"
#include "wasm-c-api/shim_world.h"
#include "wasm-c-api/switches.h"
#include "wasmer/own_world.h"

#include <filesystem>
#include <unistd.h>

namespace sgperf::wasmer {

namespace {

constexpr const char *features[] = {
    "bulk-memory",  "exceptions",  "extended-const",  "memory64",     "module-linking",
    "multi-memory", "multi-value", "reference-types", "relaxed-simd", "simd",
    "tail-call",    "threads",     "wide-arithmetic",
};

std::string understood() {
  std::string text = "wasi=own|shim, canonicalize-nans=y|n, -W FEATURE[=y|n] with";
  for (const char *feature : features) text += std::string(" ") + feature;
  return text;
}

class Wasmer final : public Flavour {
public:
  ~Wasmer() override {
    std::error_code ignored;
    if (!copy_.empty()) std::filesystem::remove_all(copy_, ignored);
  }

  int choose(const engine::Host &host, std::string &path) override {
    tier_ = host.tier("cranelift");
    backend_ = tier_ == "cranelift"    ? backend_cranelift
               : tier_ == "singlepass" ? backend_singlepass
               : tier_ == "llvm"       ? backend_llvm
                                       : -1;
    if (backend_ < 0)
      return host.error(SGPERF_ENGINE_FLAGS, "wasmer has no tier '%s': expected cranelift, singlepass or llvm",
                        tier_.c_str());
    for (const Flag &flag : read_flags(host))
      if (int status = take(host, flag)) return status;
    const std::string heavy = engine::installed_engine(host, "wasmer-llvm-7.4.2") + "/libwasmer.so";
    if (path.empty() && backend_ != backend_llvm) {
      path = engine::installed_engine(host, "wasmer-7.4.2") + "/libwasmer.so";
      if (access(path.c_str(), R_OK) && !access(heavy.c_str(), R_OK)) path = heavy; // it has the other two as well
    }
    if (path.empty()) path = heavy;
    return choose_wasi(host);
  }
  const char *install_name() const override { return backend_ == backend_llvm ? "wasmer-llvm" : "wasmer"; }

  int check(const engine::Host &host, const std::string &path, void *library, std::string &version) override {
    const char *missing = nullptr;
#define SGPERF_WASMER_LOAD(result, name, ...)                                                                          \
  wasmer_.name = reinterpret_cast<decltype(wasmer_.name)>(symbol(library, #name));
    SGPERF_WASMER_REQUIRED(SGPERF_WASMER_LOAD)
    SGPERF_WASMER_WASI(SGPERF_WASMER_LOAD)
#undef SGPERF_WASMER_LOAD
#define SGPERF_WASMER_CHECK(result, name, ...)                                                                         \
  if (!wasmer_.name && !missing) missing = #name;
    if (!wasmer_.wasmer_version)
      return host.error(SGPERF_ENGINE_VERSION_REFUSED,
                        "%s is refused: expected the C API of Wasmer %s (wasmer_version), found none; give a "
                        "libwasmer.so, or use that engine's own plug-in",
                        path.c_str(), known_version);
    version = wasmer_.wasmer_version();
    if (!version.starts_with(std::string(known_version) + "."))
      return host.error(SGPERF_ENGINE_VERSION_REFUSED,
                        "%s is refused: expected Wasmer %s, found %s; what Wasmer adds to the standard C API differs "
                        "between versions; `sgperf engines install wasmer` builds 7.4.2",
                        path.c_str(), known_version, version.c_str());
    SGPERF_WASMER_REQUIRED(SGPERF_WASMER_CHECK)
    if (!missing && own_) {
      SGPERF_WASMER_WASI(SGPERF_WASMER_CHECK)
      if (missing && !own_asked_) missing = nullptr, own_ = false; // built without its WASI
    }
#undef SGPERF_WASMER_CHECK
    if (missing)
      return host.error(SGPERF_ENGINE_VERSION_REFUSED,
                        "%s is refused: it has no %s; build wasmer-c-api with its features compiler and wasi",
                        path.c_str(), missing);
    if (!wasmer_.wasmer_is_backend_available(backend_))
      return host.error(SGPERF_ENGINE_UNSUPPORTED, "%s was built without the compiler %s; `sgperf engines install %s`",
                        path.c_str(), tier_.c_str(), install_name());
    for (const auto &[name, on] : chosen_) {
      std::string function = "wasmer_features_" + name;
      for (char &c : function)
        if (c == '-') c = '_';
      auto *set = reinterpret_cast<bool (*)(wasmer_features_t *, bool)>(symbol(library, function.c_str()));
      if (!set)
        return host.error(SGPERF_ENGINE_FLAGS, "engine flag '-W %s': %s has no %s; leave the flag out", name.c_str(),
                          path.c_str(), function.c_str());
      setters_.push_back({set, on});
    }
    return copy_directory(host);
  }

  int configure(const engine::Host &, const Api &, wasm_config_t *config) override {
    wasmer_.wasm_config_set_backend(config, backend_);
    if (canonicalize_nans_) wasmer_.wasm_config_sys_canonicalize_nans(config, true);
    if (setters_.empty()) return SGPERF_ENGINE_OK;
    wasmer_features_t *set_features = wasmer_.wasmer_features_new();
    for (const auto &[set, on] : setters_) set(set_features, on);
    wasmer_.wasm_config_set_features(config, set_features); // takes them over
    return SGPERF_ENGINE_OK;
  }

  const char *tier() const override { return tier_.c_str(); }
  const char *wasi() const override { return own_ ? "own" : "sgperf shim"; }
  std::string details() const override {
    return "wasm-c-api, " + tier_ + (backend_ == backend_llvm ? " (LLVM 22, compiler under BUSL-1.1)" : "");
  }
  const char *code_names() const override { return "unwind tables, in the order of functions"; }
  bool any_store() const override { return true; }
  std::string last_error() const override { return wasmer::last_error(wasmer_); }
  std::unique_ptr<World> make_world(const engine::Host &host, const Api &api, const Interface &interface) override {
    if (!own_ || !OwnWorld::wanted(interface)) return std::make_unique<ShimWorld>(host, api);
    const char *directory = host.config().preopen_dir;
    return std::make_unique<OwnWorld>(host, api, wasmer_, interface,
                                      !copy_.empty() ? copy_ : std::string(directory ? directory : ""));
  }

private:
  int take(const engine::Host &host, const Flag &flag) {
    if (flag.feature && (flag.on() || flag.off()))
      for (const char *feature : features)
        if (flag.name == feature) {
          chosen_.push_back({flag.name, flag.on()});
          return SGPERF_ENGINE_OK;
        }
    if (!flag.feature && flag.name == "wasi" && (flag.value == "own" || flag.value == "shim")) {
      own_asked_ = flag.value == "own";
      shim_asked_ = !own_asked_;
      return SGPERF_ENGINE_OK;
    }
    if (!flag.feature && flag.name == "canonicalize-nans" && (flag.on() || flag.off())) {
      canonicalize_nans_ = flag.on();
      return SGPERF_ENGINE_OK;
    }
    return refuse_flag(host, flag, understood());
  }

  // Wasmer's C API cannot open a directory read only: with one, its own WASI is taken only when asked for.
  int choose_wasi(const engine::Host &host) {
    const bool read_only = host.config().preopen_dir && !host.config().preopen_writable;
    own_ = own_asked_ || (!shim_asked_ && !read_only);
    return SGPERF_ENGINE_OK;
  }

  // What the guest must not change it gets as a copy.
  int copy_directory(const engine::Host &host) {
    const sgperf_engine_config &world = host.config();
    if (!own_ || !world.preopen_dir || world.preopen_writable) return SGPERF_ENGINE_OK;
    copy_ = std::string(world.work_dir ? world.work_dir : ".") + "/wasmer-guest-" + std::to_string(getpid());
    std::error_code failed;
    std::filesystem::copy(world.preopen_dir, copy_,
                          std::filesystem::copy_options::recursive | std::filesystem::copy_options::copy_symlinks,
                          failed);
    if (failed)
      return host.error(SGPERF_ENGINE_ERROR,
                        "cannot copy the guest's directory %s to %s: %s; Wasmer's own WASI has no read-only "
                        "directories, so that it needs a copy; or use wasi=shim",
                        world.preopen_dir, copy_.c_str(), failed.message().c_str());
    host.warn("wasi=own: Wasmer's C API has no read-only directories; the guest gets a copy of %s and may write to it",
              world.preopen_dir);
    return SGPERF_ENGINE_OK;
  }

  std::string tier_, copy_;
  int backend_ = backend_cranelift;
  bool own_ = false, own_asked_ = false, shim_asked_ = false, canonicalize_nans_ = false;
  std::vector<std::pair<std::string, bool>> chosen_;
  std::vector<std::pair<bool (*)(wasmer_features_t *, bool), bool>> setters_;
  WasmerApi wasmer_;
};

} // namespace

} // namespace sgperf::wasmer

namespace sgperf::wasm_c_api {

const Kind kind = {"wasmer", "cranelift,singlepass,llvm", SGPERF_ENGINE_CAP_SERIALIZE | SGPERF_ENGINE_CAP_OWN_WASI,
                   [] { return std::unique_ptr<Flavour>(std::make_unique<wasmer::Wasmer>()); }};

} // namespace sgperf::wasm_c_api
