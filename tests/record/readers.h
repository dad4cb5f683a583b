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

} // namespace sgperf::test
