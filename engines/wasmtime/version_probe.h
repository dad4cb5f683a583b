// SPDX-License-Identifier: Apache-2.0
// Which version of Wasmtime a library is.
//
// The C API has no call for it, and the library no version string.  But every artefact that it serialises carries the
// version in the section .wasmtime.engine (Wasmtime itself refuses artefacts of another version by it), and the calls
// that make one pass only opaque pointers and wasm_byte_vec_t, which have been the same in all versions.  So the rule
// is: let the library compile and serialise an empty module and read what it wrote.  This happens in a forked child, so
// that it neither warms this process's copy of the compiler nor takes it along if it crashes; the answer is kept in the
// cache folder under the file's identity (device, inode, size, time of change).
#pragma once

#include "adapter/host.h"

#include <string>

namespace sgperf::wasmtime {

// Empty: `error` says why.
std::string probe_version(const engine::Host &host, void *library, const std::string &path, std::string &error);

// The version in a serialised module; empty if there is none.
std::string version_in_artefact(const uint8_t *bytes, size_t size);

} // namespace sgperf::wasmtime
