// SPDX-License-Identifier: Apache-2.0
// Which engines were measured, and what was left out.
#include "emit/report.h"

#include "emit/engine_rows.h"

#include <fmt/format.h>

namespace sgperf::emit {
namespace {

std::string notes(const record::EngineEntry &entry) {
  std::string out;
  const auto add = [&](const std::string &text) { out += (out.empty() ? "" : ", ") + text; };
  if (!entry.flags.empty()) add(entry.flags);
  if (entry.eager) add("eager");
  if (entry.iterations) add(fmt::format("{} iterations", entry.iterations));
  if (entry.processes) add(fmt::format("{} process{}", entry.processes, entry.processes == 1 ? "" : "es"));
  if (!entry.error.empty()) add("cannot be used");
  return out;
}

} // namespace

std::string text_engines(const merge::Model &model, const ReportOptions &options) {
  if (model.cells.empty() || model.meta.engines.empty()) return "";
  TextTable table({{"engine", TextTable::left},
                   {"version", TextTable::left},
                   {"WASI", TextTable::left},
                   {"compiles", TextTable::left},
                   {"flags and numbers of its own", TextTable::left}});
  uint32_t seen = 0;
  bool shim = false;
  for (const std::string &id : model.engines) {
    const auto *entry = model.engine(id);
    const uint32_t lazy = lazy_bits(model, id);
    seen |= lazy;
    const std::string wasi = wasi_word(model, id);
    shim = shim || wasi == "shim";
    static const char *const how[] = {"-", "lazily", "again while it runs", "lazily, again while it runs"};
    table.row({marked_engine(model, id), entry ? entry->version : "", wasi, how[lazy & 3], entry ? notes(*entry) : ""});
  }
  std::string out = title("Engines", options.style) + table.text(options.style);
  if (shim)
    out += wrapped("  WASI: own = the engine's, shim = the one of sgperf, which all engines without their own share", 4,
                   options.style);
  if (seen & 1)
    out += wrapped("  (l) = functions are compiled when they are first called: the compile phase is not the whole of "
                   "compilation, the execution holds the rest (--eager, where the engine can)",
                   4, options.style);
  if (seen & 2)
    out += wrapped("  (t) = functions are compiled again, better, while they run: early executions are slower, and "
                   "compilation goes on during them",
                   4, options.style);
  if (!model.meta.left_out.empty()) {
    TextTable left({{"left out", TextTable::left}, {"why", TextTable::left}});
    for (const auto &one : model.meta.left_out) {
      const std::string &why = one.reason;
      left.row({one.engine, why.substr(0, why.find('\n')).size() > 80 ? "" : why.substr(0, why.find('\n'))});
      if (why.substr(0, why.find('\n')).size() > 80) left.remark(why.substr(0, why.find('\n')));
    }
    out += "\n" + left.text(options.style);
  }
  return out;
}

} // namespace sgperf::emit
