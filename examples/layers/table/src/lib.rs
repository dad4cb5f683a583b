// SPDX-License-Identifier: Apache-2.0
//! What a guest's file descriptors stand for: its own small numbers in front of the kernel's.

mod kernel;

use std::os::fd::{AsRawFd, IntoRawFd, OwnedFd, RawFd};

/// A number of `errno`, positive.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Errno(pub i32);

impl Errno {
    pub const FAULT: Errno = Errno(14);
    pub const NO_SYSTEM_CALL: Errno = Errno(38);
}

/// One guest's descriptors.
pub struct Table {
    entries: Vec<Option<OwnedFd>>,
}

impl Table {
    /// What the guest finds open at 0, 1, ..: it may close them.
    pub fn new(open: Vec<OwnedFd>) -> Table {
        sgperf::gauge_max!("table::open", open.len());
        Table { entries: open.into_iter().map(Some).collect() }
    }

    /// close(2).
    pub fn close(&mut self, fd: i32) -> Result<i32, Errno> {
        sgperf::scope!("table::close");
        let kernel_fd = match self.take(fd) {
            Some(open) => open.into_raw_fd(),
            None => {
                sgperf::count!("table::misses");
                NOT_A_DESCRIPTOR // the kernel says which error that is
            }
        };
        kernel::close(kernel_fd)
    }

    /// The kernel's number behind an open `fd`. Panics when there is none.
    pub fn kernel_fd(&self, fd: i32) -> RawFd {
        sgperf::scope!("table::kernel_fd");
        self.entries[fd as usize].as_ref().expect("an open descriptor").as_raw_fd()
    }

    fn take(&mut self, fd: i32) -> Option<OwnedFd> {
        self.entries.get_mut(usize::try_from(fd).ok()?)?.take()
    }
}

const NOT_A_DESCRIPTOR: RawFd = -1;
