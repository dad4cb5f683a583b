// SPDX-License-Identifier: Apache-2.0
//! From the number of a system call to its handler.

use layers_table::{Errno, Table};

/// Numbers of system calls: Linux's, and one of ours.
pub const CLOSE: i32 = 3;
/// "The kernel's number behind a descriptor": its handler trusts the guest, a bug that is here on purpose.
pub const KERNEL_FD: i32 = 511;

type Handler = fn(&mut Table, [i32; 3]) -> Result<i32, Errno>;

static HANDLERS: [Option<Handler>; 512] = {
    let mut handlers: [Option<Handler>; 512] = [None; 512];
    handlers[CLOSE as usize] = Some(|table, [fd, ..]| table.close(fd));
    handlers[KERNEL_FD as usize] = Some(|table, [fd, ..]| Ok(table.kernel_fd(fd)));
    handlers
};

/// Runs system call `number`. Panics when its handler does.
pub fn make_syscall(table: &mut Table, number: i32, arguments: [i32; 3]) -> Result<i32, Errno> {
    sgperf::scope!("dispatch::make_syscall");
    let handler = find(number)?; // an early return ends the scope as the last line does
    handler(table, arguments)
}

fn find(number: i32) -> Result<Handler, Errno> {
    let known = usize::try_from(number).ok().and_then(|number| *HANDLERS.get(number)?);
    known.ok_or_else(|| {
        sgperf::count!("dispatch::unknown");
        Errno::NO_SYSTEM_CALL
    })
}
