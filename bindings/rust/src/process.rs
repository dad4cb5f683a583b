// SPDX-License-Identifier: Apache-2.0
use core::ffi::c_int;

use crate::{name, runtime, Error};

/// once. Version of the runtime that was found, comparable with [`VERSION`](crate::VERSION); 0 when there is none.
pub fn version() -> u32 {
    runtime::ops().map_or(0, |ops| ops.version)
}

/// slow. Whether the runtime has a feature and it works in this process. Names: docs/abi.md, "Features".
pub fn feature(name: &str) -> bool {
    name::with_c(name, |name| runtime::call!(feature(name))) == Ok(1)
}

/// slow. Switches every site whose name matches `globs` (`"threei::*,!threei::copy*"`: `*`, `?`; a later item wins; a
/// list that begins with `!` means all but these), now and for sites seen later. Scopes that are open end as they began.
/// Returns the number of known names that matched. Errors: `EINVAL`, `E2BIG`, [`Error::NO_RUNTIME`].
pub fn enable(globs: &str, on: bool) -> Result<usize, Error> {
    name::with_c(globs, |globs| runtime::call!(enable(globs, c_int::from(on))))
}

/// slow. Name of the calling thread in reports, cut at 15 bytes; the kernel's name is left alone.
pub fn set_thread_name(name: &str) -> Result<(), Error> {
    name::with_c(name, |name| runtime::call!(thread_name(name))).map(drop)
}

/// slow. Writes out what is not in shared memory already (perf map, jitdump).
pub fn flush() -> Result<(), Error> {
    runtime::call!(flush()).map(drop)
}

/// once. Ends measuring in this process: all sites go off, the session stays readable.
pub fn detach() -> Result<(), Error> {
    runtime::call!(detach()).map(drop)
}
