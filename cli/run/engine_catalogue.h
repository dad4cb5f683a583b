// SPDX-License-Identifier: Apache-2.0
// Every engine that was looked at: where it comes from, under which licence, what gets it, or why nobody can have it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace sgperf::run {

enum class Source {
  recipe,  // engines/NAME/install.sh: `sgperf engines install NAME`
  package, // a package of the system
  own,     // comes with sgperf
  nobody,  // not to be had
};

struct CatalogueEntry {
  const char *name;    // what `sgperf engines install` takes
  const char *plugin;  // the plug-in that runs it; "" = a command, for process:
  const char *version; // exact; "" where the system decides
  const char *package; // "crate wasm3x-sys 0.2.1"; of a package of the system: names for apt
  const char *licence;
  const char *tiers;     // of the plug-in, those that this adds; comma-separated
  const char *file;      // recipe: what the folder has when it is whole
  unsigned cpu_minutes;  // to build it, about; 0 = less than a minute, or a download
  bool heavy;            // neither `all` nor the tests build it by themselves
  const char *to_accept; // a licence that somebody has to accept by name, or ""
  Source source;
  const char *note; // one sentence: a condition, or the reason that it is not to be had
};

const std::vector<CatalogueEntry> &engine_catalogue();
// nullptr: there is none of this name.
const CatalogueEntry *find_entry(const std::string &name);

// The folder of a recipe in the cache, "~/.cache/sgperf/engines/wasm3-0.9.0".
std::filesystem::path entry_folder(const CatalogueEntry &entry);
// Its file is there.
bool is_installed(const CatalogueEntry &entry);
// engines/NAME/install.sh of the source tree (for a build tree) or of the installation.
std::filesystem::path recipe_file(const CatalogueEntry &entry);

// What gets it, as one would type it; "" = nothing does.
std::string command_for(const CatalogueEntry &entry);

// For an engine without a usable plug-in: what to do, or why nothing can be done.
std::string how_to_get(const std::string &engine);

} // namespace sgperf::run
