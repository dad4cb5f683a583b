// SPDX-License-Identifier: Apache-2.0
// What compares engines: the JIT, AOT and pure tables with their ratios, geometric means, compile throughput and
// break-even points.  Computed once, printed by text, JSON and CSV alike.  All of the main measure; docs/methods.md
// has the formulas.
#pragma once

#include "emit/report_tables.h"
#include "stats/break_even.h"

#include <array>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace sgperf::emit {

// One table of values by engine and workload.
struct EngineTable {
  const char *name;    // in JSON and CSV
  const char *heading; // short, of a column
  const char *title;   // what it is, with the letters of its phases
};
inline constexpr std::array<EngineTable, 6> engine_tables{{
    {"jit", "JIT", "JIT = parse + compile + instantiate + execute (a+b+c+d), one interval in one process"},
    {"aot-compile", "AOT compile", "AOT compile = parse + compile + serialize (a+b+b'), and the artefact's size"},
    {"aot-execute", "AOT execute", "AOT execute = deserialize + instantiate + execute (c'+c+d)"},
    {"aot-total", "AOT total", "AOT total = parse to execute through an artefact (a+b+b'+c'+c+d)"},
    {"pure", "pure", "Pure execution (d): bench.start to bench.end, or the whole call where a module has no marks"},
    {"compile", "compile",
     "Compile = parse + compile (a+b), MB of module a second, and machine code beside the module"},
}};

// A value of such a table.
struct EngineValue {
  std::string engine, workload, table, unit;
  double median = 0; // of the process means
  stats::BlockValues block_values;
  std::optional<stats::BlockRatio> to_native;  // nullopt: no native row of it, or this is that row
  std::optional<stats::BlockRatio> to_fastest; // to `fastest`; nullopt on its own row
  std::string fastest; // the WebAssembly engine with the least geometric mean of its blocks; never a native one, which
                       // every table would name
};

// Geometric mean over workloads of an engine's ratios in one table.
struct EngineMean {
  std::string engine, table;
  std::optional<stats::SuiteRatio> to_native, to_fastest;
  bool complete_native = false, complete_fastest = false; // over every workload for which the reference has a value
};

// Sizes and speed of compilation of one cell.
struct CompileRow {
  std::string engine, workload;
  double median = 0;                         // a+b, in the unit of the measure
  std::optional<double> bytes_per_second;    // of module; nullopt: the measure is no time
  uint64_t module_bytes = 0, code_bytes = 0; // code 0 = not known
};

// For which numbers of executions `engine` costs less than `other`: a+b once, d every time.
struct BreakEvenRow {
  std::string engine, other;
  std::string workload; // empty: all workloads that every engine of the table has, each executed that often
  stats::BreakEven result;
  bool clear = false; // the 95 % intervals of both ratios, compile and pure, exclude 1
};
struct CheapestRow {
  std::string workload;                                // as above
  std::vector<std::pair<std::string, double>> engines; // engine, from how many executions on
};

class EngineRows {
public:
  EngineRows(const merge::Model &model, const std::vector<PhaseRow> &rows);

  const std::vector<EngineValue> &values() const { return values_; } // table by table, workload by workload
  const EngineValue *find(const std::string &engine, const std::string &workload, const std::string &table) const;
  std::vector<EngineMean> means() const;
  std::vector<CompileRow> compiles() const;
  // Pairs of different engines that compile; the suite's last.
  std::vector<BreakEvenRow> break_even() const;
  std::vector<CheapestRow> cheapest() const;
  // Engines with a value in this table, in the model's order.
  std::vector<std::string> engines_of(const std::string &table) const;
  // Workloads over which the suite's break-even is, and how many there are in all with any value.
  std::vector<std::string> common_workloads() const;
  const std::string &native() const { return native_; } // engine id, empty = none
  const std::string &measure() const { return measure_; }

private:
  struct CellCosts {
    stats::Costs costs;
    stats::BlockValues compile, execution;
  };
  using Suite = std::map<std::string, CellCosts>; // by engine
  Suite costs_of(const std::string &workload) const;
  Suite suite_costs() const;
  void add_pairs(const Suite &suite, const std::string &workload, std::vector<BreakEvenRow> &out) const;

  const merge::Model &model_;
  std::string measure_, native_;
  std::vector<EngineValue> values_;
  std::map<std::tuple<std::string, std::string, std::string>, size_t> index_; // engine, workload, table
};

// "own", "shim" (sgperf's), "-" (none or not known).
std::string wasi_word(const merge::Model &model, const std::string &engine);
// Of any of its modules, as in record::Sample::lazy.
uint32_t lazy_bits(const merge::Model &model, const std::string &engine);
// "wasm3:interp (l)": marks of lazy compilation and tier-up behind an engine's name.
std::string marked_engine(const merge::Model &model, const std::string &engine);

} // namespace sgperf::emit
