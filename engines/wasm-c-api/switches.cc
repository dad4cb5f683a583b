// SPDX-License-Identifier: Apache-2.0
#include "wasm-c-api/switches.h"

#include <sstream>

namespace sgperf::wasm_c_api {

namespace {

Flag read_flag(const std::string &word, bool feature) {
  const size_t equals = word.find('=');
  if (equals == std::string::npos) return {word, feature ? "y" : "", feature};
  return {word.substr(0, equals), word.substr(equals + 1), feature};
}

} // namespace

std::vector<Flag> read_flags(const engine::Host &host) {
  std::vector<Flag> flags;
  bool features = false; // the word before was -W
  for (const std::string &word : host.flags()) {
    if (word == "-W" && !features) {
      features = true;
      continue;
    }
    const bool glued = !features && word.starts_with("-W");
    if (!features && !glued) {
      flags.push_back(read_flag(word, false));
      continue;
    }
    std::istringstream list(glued ? word.substr(2) : word);
    for (std::string part; std::getline(list, part, ',');) flags.push_back(read_flag(part, true));
    features = false;
  }
  if (features) flags.push_back({"-W", "", false});
  return flags;
}

int refuse_flag(const engine::Host &host, const Flag &flag, const std::string &understood) {
  return host.error(SGPERF_ENGINE_FLAGS, "engine flag '%s' is not understood: expected one of %s", flag.text().c_str(),
                    understood.c_str());
}

} // namespace sgperf::wasm_c_api
