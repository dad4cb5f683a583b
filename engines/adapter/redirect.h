// SPDX-License-Identifier: Apache-2.0
// The guest's world for code that runs in this very process: stdin, stdout, stderr and the working directory.
#pragma once

#include "adapter/host.h"

namespace sgperf::engine {

// Points descriptors 0, 1, 2 and the working directory to what the configuration says, until its end of life.
class Redirect {
public:
  // `truncate`: output files start empty, else what is written is appended.
  Redirect(const Host &host, bool truncate);
  ~Redirect();
  Redirect(const Redirect &) = delete;
  Redirect &operator=(const Redirect &) = delete;
  int status() const { return status_; } // SGPERF_ENGINE_OK, or an error that was logged

private:
  void replace(const Host &host, int target, const char *path, int flags);
  int saved_[3] = {-1, -1, -1};
  int directory_ = -1;
  int status_ = SGPERF_ENGINE_OK;
};

// Creates or empties stdout and stderr files.
int truncate_outputs(const Host &host);

} // namespace sgperf::engine
