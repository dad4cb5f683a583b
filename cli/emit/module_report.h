// SPDX-License-Identifier: Apache-2.0
// What modules are made of, as text and JSON: `sgperf suite describe`.
#pragma once

#include "emit/text_table.h"
#include "formats/wasm_contents.h"

#include <string>
#include <vector>

namespace sgperf::emit {

struct DescribedModule {
  std::string id, path, sha256;
  formats::WasmContents contents;
};

// One module in full; of several a table with a line each, and each in full with `details`.
std::string module_text(const std::vector<DescribedModule> &modules, bool details, const TextStyle &style);
std::string module_json(const std::vector<DescribedModule> &modules);

} // namespace sgperf::emit
