// SPDX-License-Identifier: Apache-2.0
#include "run/workload_contents.h"

#include "formats/input_file.h"

namespace sgperf::run {

std::optional<formats::WasmContents> workload_contents(const Workload &workload, std::string &error) {
  const auto file = formats::InputFile::read(workload.path, error);
  if (!file) return std::nullopt;
  const std::string_view bytes = file->bytes();
  if (formats::has_wasm_magic(bytes) && bytes.size() >= 8 && bytes[6] == 1) {
    error =
        workload.path + ": expected a core module with WASI preview 1, found a component; build it for wasm32-wasip1";
    return std::nullopt;
  }
  auto contents = formats::read_wasm_contents(bytes, error);
  if (!contents) error = workload.path + ": " + error;
  return contents;
}

} // namespace sgperf::run
