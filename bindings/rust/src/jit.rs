// SPDX-License-Identifier: Apache-2.0
//! Machine code that was made at run time: what profiles call it, and its bytes.

use core::ffi::c_void;
use core::mem::size_of;
use core::ptr;

use crate::abi::JitOpts;
use crate::{name, runtime, Error};

/// slow. Code that has just become executable, where it runs. Name and bytes are copied before the call returns.
/// Errors: `EINVAL`, `ENOSPC` (counted as dropped), [`Error::NO_RUNTIME`].
pub fn load(name: &str, code: &[u8]) -> Result<(), Error> {
    name::with_c(name, |name| {
        let opts = JitOpts {
            sz: size_of::<JitOpts>(),
            name,
            addr: code.as_ptr().cast::<c_void>(),
            size: code.len(),
            code: ptr::null(),
            flags: 0,
            rsv: 0,
        };
        runtime::call!(jit_register(&opts)).map(drop)
    })
}

/// slow. The code that begins at `address` is about to go away.
pub fn unload(address: *const u8) -> Result<(), Error> {
    runtime::call!(jit_unregister(address.cast::<c_void>())).map(drop)
}

/// Code that is registered as long as the value lives: for the struct that owns the code.
#[must_use = "the code is unregistered when this is dropped"]
pub struct Code(*const u8);

// Safety: an address that is only ever handed to the runtime.
unsafe impl Send for Code {}
unsafe impl Sync for Code {}

impl Code {
    /// As [`load`].
    pub fn load(name: &str, code: &[u8]) -> Result<Code, Error> {
        load(name, code).map(|()| Code(code.as_ptr()))
    }
}

impl Drop for Code {
    fn drop(&mut self) {
        let _ = unload(self.0);
    }
}
