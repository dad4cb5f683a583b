// SPDX-License-Identifier: Apache-2.0
#include "emit/folded.h"

#include "emit/profile_rows.h"

#include <algorithm>
#include <map>
#include <vector>

namespace sgperf::emit {
namespace {

std::string frame_text(std::string text) {
  for (char &c : text) {
    if (c == ';') c = ':';
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  return text.empty() ? "?" : text;
}

std::string suffix(const merge::ProfileFunction &function) {
  if (function.side == merge::Side::kernel) return "_[k]";
  return function.jit ? "_[j]" : "";
}

} // namespace

std::string to_folded(const merge::Profile &profile, const FoldedOptions &options) {
  std::vector<std::string> frames;
  for (const merge::ProfileFunction &function : profile.functions)
    frames.push_back(frame_text(shown_name(function)) + (options.suffixes ? suffix(function) : ""));
  std::map<std::pair<uint32_t, uint32_t>, uint64_t> stacks; // (process, leaf) -> samples
  for (const merge::ProfileSample &sample : profile.samples) ++stacks[{sample.process, sample.node}];
  // Different nodes may show the same names.
  std::map<std::string, uint64_t> lines;
  std::vector<uint32_t> path;
  for (const auto &[key, count] : stacks) {
    const auto &[process, leaf] = key;
    path.clear();
    // A parent comes before its children: the walk ends.
    for (uint32_t node = leaf; node != 0 && node < profile.nodes.size(); node = profile.nodes[node].parent) {
      path.push_back(profile.nodes[node].function);
      if (profile.nodes[node].parent >= node) break;
    }
    std::string line = process < profile.processes.size() ? frame_text(profile.processes[process].comm) : "?";
    for (auto function = path.rbegin(); function != path.rend(); ++function)
      line += ";" + (*function < frames.size() ? frames[*function] : std::string("[unknown]"));
    lines[line] += count;
  }
  std::string out;
  for (const auto &[line, count] : lines) out += line + " " + std::to_string(count) + "\n";
  return out;
}

} // namespace sgperf::emit
