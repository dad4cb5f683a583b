// SPDX-License-Identifier: Apache-2.0
//! Coarse regions of the process ("compile", "execute"), with their resource usage. slow: about 2 us each.
//!
//! Phases nest per thread. The end is found by name and cookie, also from another thread; inner phases of the same
//! thread that are still open are closed as aborted. [`phase!`](crate::phase!) is the form for a block.

use core::ffi::c_char;

use crate::{name, runtime, Error};

pub(crate) fn begin_c(name: *const c_char, cookie: u64) -> Result<(), Error> {
    // The runtime copies the name.
    runtime::call!(phase_begin(name, cookie)).map(drop)
}

pub(crate) fn end_c(name: *const c_char, cookie: u64) -> Result<(), Error> {
    runtime::call!(phase_end(name, cookie)).map(drop)
}

/// slow. Begins a phase; `cookie` tells concurrent phases of one name apart.
/// Errors: `EINVAL`, `ENOSPC` (counted as dropped), `EBUSY` (in a signal handler), [`Error::NO_RUNTIME`].
pub fn begin(name: &str, cookie: u64) -> Result<(), Error> {
    name::with_c(name, |name| begin_c(name, cookie))
}

/// slow. Ends the phase of that name and cookie, of this thread or of another. Errors: as [`begin`], and `ENOENT`.
pub fn end(name: &str, cookie: u64) -> Result<(), Error> {
    name::with_c(name, |name| end_c(name, cookie))
}
