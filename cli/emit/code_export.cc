// SPDX-License-Identifier: Apache-2.0
#include "emit/code_export.h"

#include "emit/profile_rows.h"
#include "formats/jitdump_writer.h"
#include "formats/perf_map.h"

#include <algorithm>
#include <map>

namespace sgperf::emit {
namespace {

using merge::ExportFunction;

// Functions by process, in the order in which they were loaded.
std::map<uint32_t, std::vector<const ExportFunction *>> by_process(const merge::ProfileExport &from) {
  std::map<uint32_t, std::vector<const ExportFunction *>> out;
  for (const ExportFunction &function : from.functions) out[function.pid].push_back(&function);
  for (auto &[pid, functions] : out)
    std::stable_sort(functions.begin(), functions.end(),
                     [](const auto *a, const auto *b) { return a->load_time < b->load_time; });
  return out;
}

} // namespace

std::vector<CodeFile> jitdump_files(const merge::ProfileExport &from) {
  // A reader of the file does not know what its names are relative to.
  std::vector<std::string> whole;
  for (const std::string_view file : from.files)
    whole.push_back(file.empty() || file.front() == '/' || from.directory.empty()
                        ? std::string(file)
                        : std::string(from.directory) + "/" + std::string(file));
  const std::vector<std::string_view> files(whole.begin(), whole.end());
  std::vector<CodeFile> out;
  for (const auto &[pid, functions] : by_process(from)) {
    CodeFile file{pid, "jit-" + std::to_string(pid) + ".dump", {}, 0, 0};
    formats::JitdumpHeader header;
    header.pid = pid;
    header.time = functions.front()->load_time;
    formats::JitdumpWriter writer(file.bytes, header);
    for (const ExportFunction *function : functions) {
      const std::string name = shown_name(function->name, function->tier);
      formats::JitdumpFunction one;
      one.pid = pid;
      one.tid = function->tid ? function->tid : pid;
      one.time = function->load_time;
      one.address = function->address;
      one.size = function->size;
      one.name = name;
      one.code = function->code;
      one.lines = std::span(from.lines).subspan(function->first_line, function->line_count);
      one.files = files;
      ++(writer.load(one) ? file.functions : file.left_out);
    }
    out.push_back(std::move(file));
  }
  return out;
}

std::vector<CodeFile> perf_map_files(const merge::ProfileExport &from) {
  std::vector<CodeFile> out;
  for (const auto &[pid, functions] : by_process(from)) {
    CodeFile file{pid, "perf-" + std::to_string(pid) + ".map", {}, functions.size(), 0};
    for (const ExportFunction *function : functions)
      formats::append_perf_map_line(file.bytes, function->address, function->size,
                                    shown_name(function->name, function->tier));
    out.push_back(std::move(file));
  }
  return out;
}

} // namespace sgperf::emit
