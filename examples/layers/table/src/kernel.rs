// SPDX-License-Identifier: Apache-2.0
//! libkernel, `kernel/kernel.h`.

use std::ffi::c_int;
use std::os::fd::RawFd;

use crate::Errno;

#[link(name = "kernel")]
extern "C" {
    fn kernel_close(fd: c_int) -> c_int;
}

pub fn close(fd: RawFd) -> Result<i32, Errno> {
    // Safety: the caller gives the descriptor away, or knows that it is none.
    match unsafe { kernel_close(fd) } {
        result if result >= 0 => Ok(result),
        error => Err(Errno(-error)),
    }
}
