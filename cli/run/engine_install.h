// SPDX-License-Identifier: Apache-2.0
// `sgperf engines install`: runs the recipes of engines/NAME/install.sh, one after the other.
#pragma once

#include <string>
#include <vector>

namespace sgperf::run {

struct InstallWishes {
  std::vector<std::string> names;    // of the catalogue; "all": every recipe that is not heavy
  bool heavy = false;                // "all": the heavy ones too; never one with a licence to accept
  bool force = false;                // fetch and build again what is there
  bool dry_run = false;              // only say what would be done
  std::vector<std::string> accepted; // licences, by name
};

enum class InstallOutcome { done, usage, failed, environment, interrupted };

// Progress and errors go to stderr.  Goes on with the next after a failure; the outcome is that of the first one.
// What is there already is left as it is.  Two runs for the same engine take turns, those of different users have
// caches of their own.  Ctrl-C ends the recipe and its children; sources and what was compiled stay in the cache, and
// the next run goes on from there.
InstallOutcome install_engines(const InstallWishes &wishes);

} // namespace sgperf::run
