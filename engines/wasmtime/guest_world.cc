// SPDX-License-Identifier: Apache-2.0
#include "wasmtime/guest_world.h"

#include <string>
#include <vector>

namespace sgperf::wasmtime {

wasi_config_t *make_wasi(const engine::Host &host, const Api &api) {
  const sgperf_engine_config &config = host.config();
  wasi_config_t *wasi = api.wasi_config_new();
  auto fail = [&](const char *what, const char *path) -> wasi_config_t * {
    api.wasi_config_delete(wasi);
    host.error(SGPERF_ENGINE_ERROR,
               "Wasmtime cannot take %s for %s of the guest; check that it exists and may be opened", path, what);
    return nullptr;
  };

  std::vector<char *> args, names, values;
  for (const char *const *arg = config.args; arg && *arg; arg++) args.push_back(const_cast<char *>(*arg));
  if (!args.empty() && !api.wasi_config_set_argv(wasi, args.size(), args.data()))
    return fail("the arguments", "text that is not UTF-8");

  std::vector<std::string> split;
  for (const char *const *env = config.env; env && *env; env++) {
    std::string entry = *env;
    size_t equals = entry.find('=');
    split.push_back(entry.substr(0, equals));
    split.push_back(equals == std::string::npos ? "" : entry.substr(equals + 1));
  }
  for (size_t i = 0; i < split.size(); i += 2) {
    names.push_back(split[i].data());
    values.push_back(split[i + 1].data());
  }
  if (!names.empty() && !api.wasi_config_set_env(wasi, names.size(), names.data(), values.data()))
    return fail("the environment", "text that is not UTF-8");

  auto path = [](const char *text) { return const_cast<char *>(text); };
  if (config.stdin_path && !api.wasi_config_set_stdin_file(wasi, path(config.stdin_path)))
    return fail("stdin", config.stdin_path);
  if (config.stdout_path && !api.wasi_config_set_stdout_file(wasi, path(config.stdout_path)))
    return fail("stdout", config.stdout_path);
  if (config.stderr_path && !api.wasi_config_set_stderr_file(wasi, path(config.stderr_path)))
    return fail("stderr", config.stderr_path);
  if (config.preopen_dir &&
      !api.wasi_config_preopen_dir(wasi, path(config.preopen_dir), path("."), config.preopen_writable != 0))
    return fail("the directory '.'", config.preopen_dir);
  return wasi;
}

} // namespace sgperf::wasmtime
