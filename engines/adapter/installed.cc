// SPDX-License-Identifier: Apache-2.0
#include "adapter/installed.h"

#include <cstdlib>

namespace sgperf::engine {

std::string installed_engine(const Host &host, const std::string &folder) {
  const char *cache = std::getenv("SGPERF_CACHE");
  std::string root = cache && *cache ? cache : host.config().cache_dir ? host.config().cache_dir : "";
  if (!cache || !*cache) { // cache_dir may be a folder of the run's own: the set-up writes to the user's
    const char *xdg = std::getenv("XDG_CACHE_HOME"), *home = std::getenv("HOME");
    if (xdg && *xdg)
      root = std::string(xdg) + "/sgperf";
    else if (home && *home)
      root = std::string(home) + "/.cache/sgperf";
  }
  return root + "/engines/" + folder;
}

} // namespace sgperf::engine
