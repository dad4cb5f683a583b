// SPDX-License-Identifier: Apache-2.0
// The V8 adapter: what can be said without V8.  It finds and recognises libnode, then hands over to the implementation
// (implementation.h).
#include "adapter/host.h"
#include "adapter/installed.h"
#include "sgperf/sgperf.h"
#include "v8/implementation.h"

#include <cstring>
#include <dlfcn.h>
#include <filesystem>
#include <string>
#include <unistd.h>

namespace sgperf::v8_engine {

namespace {

using engine::Host;
namespace fs = std::filesystem;

int create(const sgperf_engine_config *config, void **out);
void free_nothing(void *) {}

// Until create() has found an implementation there is nothing that the other functions could be called with.  It then
// puts the implementation's own functions here, so that a call costs no step in between.
sgperf_engine table = {
    sizeof(sgperf_engine),
    SGPERF_ENGINE_VERSION,
    SGPERF_ENGINE_CAP_INVOKE,
    "v8",
    tiers,
    create,
    free_nothing,
    nullptr,
    nullptr,
    nullptr,
    nullptr,
    nullptr,
    nullptr,
    nullptr,
    nullptr,
    nullptr,
    nullptr,
    nullptr,
    nullptr,
};

bool known_tier(const std::string &tier) {
  return ("," + std::string(tiers) + ",").find("," + tier + ",") != std::string::npos;
}

// What libnode needs and a Debian without node may lack; each after what it needs itself.  Those that the set-up put
// beside libnode are loaded first: libnode's own references then find them by name, wherever they are.
void load_companions(const fs::path &folder) {
  for (const char *name :
       {"libcares.so.2", "libuv.so.1", "libbrotlicommon.so.1", "libbrotlidec.so.1", "libbrotlienc.so.1",
        "libnghttp2.so.14", "libcrypto.so.3", "libssl.so.3", "libicudata.so.72", "libicuuc.so.72", "libicui18n.so.72"})
    if (fs::exists(folder / name)) dlopen((folder / name).c_str(), RTLD_NOW | RTLD_LOCAL);
}

// libnode, loaded; its own word for its version.
int load_libnode(const Host &host, std::string &path) {
  const bool own_build = host.config().library != nullptr;
  path = own_build ? host.config().library : engine::installed_engine(host, "v8-10.2") + "/lib/libnode.so.108";
  if (access(path.c_str(), R_OK))
    return host.error(SGPERF_ENGINE_NOT_FOUND,
                      own_build ? "lib=%s: no such readable file; give the path of a libnode.so.108"
                                : "V8 is not installed: expected %s; `sgperf engines install v8` fetches it, or give "
                                  "lib=PATH of a libnode.so.108",
                      path.c_str());
  path = fs::absolute(path).string();
  load_companions(fs::path(path).parent_path());
  void *library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library) return host.error(SGPERF_ENGINE_NOT_FOUND, "cannot load V8: %s", dlerror());
  auto get_version = reinterpret_cast<const char *(*)()>(dlsym(library, "_ZN2v82V810GetVersionEv"));
  if (!get_version)
    return host.error(SGPERF_ENGINE_VERSION_REFUSED,
                      "%s is refused: expected a library that exports v8::V8::GetVersion, found none; give a "
                      "libnode.so.108 of V8 %s",
                      path.c_str(), known_version);
  const std::string version = get_version();
  if (!version.starts_with(std::string(known_version) + "."))
    return host.error(SGPERF_ENGINE_VERSION_REFUSED,
                      "%s is refused: expected V8 %s, found %s; V8's C++ API differs between versions, and calling it "
                      "with another version's would corrupt memory; `sgperf engines install v8` fetches the right one",
                      path.c_str(), known_version, version.c_str());
  return SGPERF_ENGINE_OK;
}

int load_implementation(const Host &host, const Implementation *&out) {
  Dl_info self;
  if (!dladdr(reinterpret_cast<void *>(&table), &self))
    return host.error(SGPERF_ENGINE_ERROR, "cannot find the V8 plug-in's own place");
  const fs::path file = fs::absolute(self.dli_fname).parent_path() / implementation_file;
  if (access(file.c_str(), R_OK))
    return host.error(SGPERF_ENGINE_NOT_FOUND,
                      "sgperf was built without V8's headers: expected %s beside the plug-in; run `sgperf engines "
                      "install v8`, then configure and build sgperf again (`meson setup --reconfigure`, or `./dev "
                      "build`)",
                      file.c_str());
  void *object = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!object) return host.error(SGPERF_ENGINE_VERSION_REFUSED, "cannot bind to this V8: %s", dlerror());
  out = static_cast<const Implementation *>(dlsym(object, implementation_symbol));
  if (!out || !std::string(out->built_for).starts_with(std::string(known_version) + "."))
    return host.error(SGPERF_ENGINE_VERSION_REFUSED,
                      "%s is refused: expected to find it built for V8 %s, found %s; build sgperf again", file.c_str(),
                      known_version, out ? out->built_for : "another file");
  return SGPERF_ENGINE_OK;
}

int create(const sgperf_engine_config *config, void **out) {
  SGPERF_SCOPE("v8::create");
  const Host host(*config);
  const std::string tier = host.tier("tier-up");
  if (!known_tier(tier))
    return host.error(SGPERF_ENGINE_FLAGS, "v8 has no tier '%s': expected one of %s", tier.c_str(), tiers);
  static std::string library; // kept for describe(): one V8 a process
  if (int status = load_libnode(host, library)) return status;
  const Implementation *implementation = nullptr;
  if (int status = load_implementation(host, implementation)) return status;
  const sgperf_engine &theirs = *implementation->table;
  table.capabilities = SGPERF_ENGINE_CAP_INVOKE | (tier == "turbofan" ? SGPERF_ENGINE_CAP_SERIALIZE : 0);
  table.free = theirs.free;
  table.describe = theirs.describe;
  table.compile = theirs.compile;
  table.serialize = theirs.serialize;
  table.deserialize = theirs.deserialize;
  table.describe_module = theirs.describe_module;
  table.free_module = theirs.free_module;
  table.instantiate = theirs.instantiate;
  table.execute = theirs.execute;
  table.resolve = theirs.resolve;
  table.invoke = theirs.invoke;
  table.free_instance = theirs.free_instance;
  table.invoke_many = theirs.invoke_many;
  return implementation->create(config, library.c_str(), out);
}

} // namespace

} // namespace sgperf::v8_engine

extern "C" __attribute__((visibility("default"))) const struct sgperf_engine *sgperf_engine_v1(uint32_t host_version) {
  return host_version >= SGPERF_ENGINE_VERSION ? &sgperf::v8_engine::table : nullptr;
}
