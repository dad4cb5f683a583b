// SPDX-License-Identifier: Apache-2.0
// Model -> the report, one function a format.
#pragma once

#include "emit/engine_rows.h"
#include "emit/report_tables.h"
#include "emit/text_table.h"
#include "merge/model.h"

#include <string>

namespace sgperf::emit {

// Of the JSON and CSV schemas (docs/report-schema.md): members are added within a version, never changed or removed.
inline constexpr int report_schema_version = 1;

struct ReportOptions {
  TextStyle style;
  bool all_sites = false; // also sites that were never called
  size_t top = 20;        // rows of each table of a profile; 0 = all
  bool details = false;   // also tables with a line for each phase or measure of each cell, however many there are
};

std::string to_text(const merge::Model &model, const ReportOptions &options);
std::string to_json(const merge::Model &model);
std::string to_csv(const merge::Model &model);
std::string to_sightglass_json(const merge::Model &model);
std::string to_sightglass_csv(const merge::Model &model);

// Parts of the text, each empty if the recording has nothing of that kind.
std::string text_header(const merge::Model &model, const ReportOptions &options);
std::string text_programs(const merge::Model &model, const ReportOptions &options);
std::string text_compiled(const merge::Model &model, const ReportOptions &options);
std::string text_scopes(const merge::Model &model, const ReportOptions &options);
std::string text_profile(const merge::Model &model, const ReportOptions &options);
std::string text_functions(const merge::Model &model, const ReportOptions &options);
std::string text_syscalls(const merge::Model &model, const ReportOptions &options);
std::string text_processes(const merge::Model &model, const ReportOptions &options);
std::string text_phases(const merge::Model &model, const std::vector<PhaseRow> &rows, const ReportOptions &options);
std::string text_engines(const merge::Model &model, const ReportOptions &options);
std::string text_summary(const merge::Model &model, const EngineRows &engines, const ReportOptions &options);
std::string text_tables(const merge::Model &model, const std::vector<PhaseRow> &rows, const EngineRows &engines,
                        const ReportOptions &options);
std::string text_break_even(const merge::Model &model, const EngineRows &engines, const ReportOptions &options);
std::string text_calls(const merge::Model &model, const std::vector<PhaseRow> &rows, const ReportOptions &options);
std::string text_measures(const merge::Model &model, const std::vector<PhaseRow> &rows, const ReportOptions &options);
std::string text_warnings(const merge::Model &model, const std::vector<PhaseRow> &rows, const ReportOptions &options);

// Cells from which on the tables with several lines a cell are left out, unless `details` is set.
inline constexpr size_t many_cells = 60;
inline bool show_details(const merge::Model &model, const ReportOptions &options) {
  return options.details || model.cells.size() <= many_cells;
}

// "4 sites, 1 thread", or "nothing".
std::string dropped_text(const sgperf_dropped &dropped);
// One word for a table's cell and one sentence for its remark.
std::string failure_word(const merge::Model &model, record::Status status);
std::string failure_sentence(const merge::Model &model, const merge::Failure &failure);

} // namespace sgperf::emit
