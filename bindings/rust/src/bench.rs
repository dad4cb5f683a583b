// SPDX-License-Identifier: Apache-2.0
//! Bodies of the wasm imports `bench.start` and `bench.end`, for a host to provide to its guests.

use crate::{runtime, Error};

/// slow. The guest's measured region begins. `id` tells instances apart.
/// Errors: `EALREADY` (already started), `ENOSPC`, `EBUSY`, [`Error::NO_RUNTIME`]. A host ignores them.
pub fn start(id: u64) -> Result<(), Error> {
    runtime::call!(bench_start(id)).map(drop)
}

/// slow. It ends. Errors: `ENOENT` (not started), and as [`start`].
pub fn end(id: u64) -> Result<(), Error> {
    runtime::call!(bench_end(id)).map(drop)
}
