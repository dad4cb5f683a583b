// SPDX-License-Identifier: Apache-2.0
#include "wamr/world.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace sgperf::wamr {

World::~World() {
  for (int fd : descriptors_)
    if (fd >= 0) close(fd);
}

int World::open(const engine::Host &host) {
  const sgperf_engine_config &config = host.config();
  const char *paths[] = {config.stdin_path, config.stdout_path, config.stderr_path};
  for (int i = 0; i < 3; i++) {
    const char *path = paths[i] ? paths[i] : "/dev/null";
    descriptors_[i] = ::open(path, (i ? O_WRONLY | O_CREAT | O_TRUNC : O_RDONLY) | O_CLOEXEC, 0644);
    if (descriptors_[i] < 0)
      return host.error(SGPERF_ENGINE_ERROR, "cannot open %s for descriptor %d of the guest: %s", path, i,
                        strerror(errno));
  }
  for (const char *const *arg = config.args; arg && *arg; arg++) args_.push_back(const_cast<char *>(*arg));
  for (const char *const *env = config.env; env && *env; env++) env_.push_back(*env);
  if (!config.preopen_dir) return SGPERF_ENGINE_OK;
  if (access(config.preopen_dir, R_OK | X_OK))
    return host.error(SGPERF_ENGINE_ERROR, "cannot open the guest's directory %s: %s", config.preopen_dir,
                      strerror(errno));
  directory_ = std::string(".::") + config.preopen_dir;
  directories_.push_back(directory_.c_str());
  return SGPERF_ENGINE_OK;
}

void World::give(const Api &api, wasm_module_t module) {
  api.wasm_runtime_set_wasi_args_ex(module, nullptr, 0, directories_.data(), uint32_t(directories_.size()), env_.data(),
                                    uint32_t(env_.size()), args_.data(), int(args_.size()), descriptors_[0],
                                    descriptors_[1], descriptors_[2]);
}

} // namespace sgperf::wamr
