// SPDX-License-Identifier: Apache-2.0
// Every reader of the recording as a function of bytes, for the mutation test and for libFuzzer.  Whatever
// the bytes are, they must come back, and what they give must be safe to walk.  True: it was read.
#pragma once

#include <string>

namespace sgperf::test {

bool read_as_session(const std::string &bytes);
bool read_as_code_file(const std::string &bytes);
bool read_as_samples(const std::string &bytes);
bool read_as_meta(const std::string &bytes);
bool read_as_sightglass_json(const std::string &bytes);
bool read_as_sightglass_csv(const std::string &bytes);
bool read_as_jitdump(const std::string &bytes);
bool read_as_perf_map(const std::string &bytes);
// Memory of a process at 0x10000; the descriptor is its beginning.
bool read_as_gdb_jit(const std::string &bytes);
bool read_as_jit_name(const std::string &bytes);
bool read_as_wasm_module(const std::string &bytes);
bool read_as_wasm_contents(const std::string &bytes);
bool read_as_wasm_rewrite(const std::string &bytes);
bool read_as_wasm_lines(const std::string &bytes);
bool read_as_code_image(const std::string &bytes); // what follows \177ELF: the tree has no files that begin so
bool read_as_address_map(const std::string &bytes);
bool read_as_frames(const std::string &bytes);
bool read_as_elf_symbols(const std::string &bytes); // the same
bool read_as_kernel_symbols(const std::string &bytes);
bool read_as_mangled(const std::string &bytes);
bool read_as_perf_data(const std::string &bytes);
bool read_as_native_frames(const std::string &bytes); // what follows \177ELF, as above
bool read_as_native_lines(const std::string &bytes);  // the same
bool read_as_isolation(const std::string &bytes);
bool read_as_kernel_sums(const std::string &bytes);
bool read_as_region_tag(const std::string &bytes);

} // namespace sgperf::test
