// SPDX-License-Identifier: Apache-2.0
use core::fmt;

/// Why a call into the runtime did nothing: a number of `errno`. Nothing in a program should depend on it but its own
/// diagnostics; without a runtime every such call is [`Error::NO_RUNTIME`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Error(i32);

impl Error {
    /// There is no runtime, or it is too old for the call (`ENOSYS`).
    pub const NO_RUNTIME: Error = Error(38);

    /// The positive number of `errno`.
    pub const fn errno(self) -> i32 {
        self.0
    }

    /// A C function's result: 0 or more, or a negative errno.
    pub(crate) fn check(result: impl Into<i64>) -> Result<usize, Error> {
        let result = result.into();
        usize::try_from(result).map_err(|_| Error(i32::try_from(-result).unwrap_or(i32::MAX)))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            38 => out.write_str("no sgperf runtime in this process, or one too old (ENOSYS)"),
            2 => out.write_str("nothing of that name is open (ENOENT)"),
            7 => out.write_str("the runtime is older than these options (E2BIG)"),
            16 => out.write_str("called from a signal handler, or while the runtime was busy with itself (EBUSY)"),
            22 => out.write_str("invalid argument (EINVAL)"),
            28 => out.write_str("the session's table is full (ENOSPC)"),
            114 => out.write_str("already started (EALREADY)"),
            other => write!(out, "errno {other}"),
        }
    }
}

impl core::error::Error for Error {}
