// SPDX-License-Identifier: Apache-2.0
#include "run/instrument.h"

#include "formats/input_file.h"
#include "libsgperf/mark_layout.h"

namespace sgperf::run {

using formats::WasmMark;

std::optional<formats::RewrittenModule> instrument(std::string_view module, WasmMark::Call call, std::string &error) {
  WasmMark start{call, SGPERF_MARK_START_NS, 0}, end{call, SGPERF_MARK_END_NS, 0};
  if (call == WasmMark::Call::write) {
    start = {call, SGPERF_MARK_START, SGPERF_MARK_COMMON};
    end = {call, SGPERF_MARK_END, SGPERF_MARK_COMMON};
  }
  return formats::replace_bench_imports(module, start, end, error);
}

std::optional<formats::RewrittenModule> instrument_file(const std::filesystem::path &module, WasmMark::Call call,
                                                        std::string &error) {
  std::error_code ignored;
  const auto target = std::filesystem::canonical(module, ignored); // links are the user's own business
  const auto file = formats::InputFile::read(ignored ? module : target, error);
  if (!file) return std::nullopt;
  auto out = instrument(file->bytes(), call, error);
  if (!out) error = module.string() + ": " + error;
  return out;
}

} // namespace sgperf::run
