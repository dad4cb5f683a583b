// SPDX-License-Identifier: Apache-2.0
// A subset of workloads that stands for all: `sgperf suite pick`.
//
// Features of a workload are its instruction mix (shares of Sightglass's categories and of our groups) and how large it
// is (log10(1 + n) of functions, instructions, types, imports, globals, data and element segments); and, with a
// recording, how engines differ on it (ln of an engine's time over the geometric mean of all engines, for compile and
// execute).  Each feature is standardised; what is read in the module and what was measured are weighted so that both
// have the same variance in sum: else the forty features of the module would drown two engines.  Components with 90 %
// of the variance are clustered by Ward's criterion; a cluster's representative is the workload nearest to its mean.
// The method is that of Eeckhout, Vandierendonck & De Bosschere (PACT 2002) and of Sightglass's scripts/pca.R.
#pragma once

#include "emit/module_report.h"
#include "emit/text_table.h"
#include "merge/model.h"

#include <optional>
#include <string>
#include <vector>

namespace sgperf::emit {

struct Pick {
  struct Cluster {
    size_t representative = 0;   // index of a module
    std::vector<size_t> members; // the representative among them
    double spread = 0;           // root mean squared distance to the representative
  };
  struct Estimate { // what the subset says of an engine, against all workloads
    std::string engine, phase;
    double all = 1, subset = 1; // geometric mean of its ratios to `reference`; the subset's weighted by cluster sizes
  };
  std::vector<Cluster> clusters;
  size_t features = 0, components = 0;
  double components_share = 0; // of the variance of the features
  double between = 0;          // of the variance of the components: every workload taken for its cluster's mean
  double kept = 0;             // the same, taken for its cluster's representative
  std::vector<std::pair<size_t, double>> sizes; // number of clusters -> `kept`, from 1 on
  std::string reference;                        // engine of the estimates
  std::vector<Estimate> estimates;
  std::vector<std::string> remarks;
};

// nullopt: `error` says what is wrong with `count` or the recording.
std::optional<Pick> pick_workloads(const std::vector<DescribedModule> &modules, size_t count,
                                   const merge::Model *recording, std::string &error);

std::string pick_text(const std::vector<DescribedModule> &modules, const Pick &pick, const TextStyle &style);
std::string pick_json(const std::vector<DescribedModule> &modules, const Pick &pick);
// A suite file that names the representatives, each with those it stands for as a comment.
std::string pick_suite(const std::vector<DescribedModule> &modules, const Pick &pick);

} // namespace sgperf::emit
