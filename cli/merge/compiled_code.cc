// SPDX-License-Identifier: Apache-2.0
#include "merge/compiled_code.h"

#include <algorithm>

namespace sgperf::merge {
namespace {

// Names cost time, and nobody reads more.
constexpr size_t most_named = 2000;

} // namespace

CompiledCode compiled_code(JitSources &sources) {
  CompiledCode out;
  std::vector<const JitCode *> all;
  const CodeIndex &index = sources.index();
  for (const JitCode &code : index.entries()) {
    // Of two sources that tell of the same code, one counts.
    if (index.find(code.pid, code.start, code.loaded) != &code) continue;
    ++out.functions;
    out.bytes += code.end - code.start;
    all.push_back(&code);
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const JitCode *a, const JitCode *b) { return a->end - a->start > b->end - b->start; });
  if (all.size() > most_named) all.resize(most_named);
  for (const JitCode *code : all) {
    const CodeName &name = sources.name(*code);
    CompiledFunction &one = out.largest.emplace_back();
    one.name = name.name;
    one.module = name.module;
    one.tier = name.tier;
    one.guest = name.guest;
    one.pid = code->pid;
    one.size = code->end - code->start;
    one.published = code->loaded;
    one.withdrawn = code->unloaded == UINT64_MAX ? 0 : code->unloaded;
  }
  return out;
}

} // namespace sgperf::merge
