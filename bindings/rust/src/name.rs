// SPDX-License-Identifier: Apache-2.0
//! Text for C, without an allocator.

use core::ffi::{c_char, CStr};

/// Longer names are cut, at a character; the runtime keeps at most 159 bytes of one.
const CAPACITY: usize = 512;

/// Calls `with` with `text` as a C string; a NUL inside ends it.
pub(crate) fn with_c<R>(text: &str, with: impl FnOnce(*const c_char) -> R) -> R {
    let mut buffer = [0u8; CAPACITY];
    let mut length = text.len().min(CAPACITY - 1);
    while !text.is_char_boundary(length) {
        length -= 1;
    }
    buffer[..length].copy_from_slice(&text.as_bytes()[..length]);
    with(buffer.as_ptr().cast())
}

/// At compile time: `text` ends with its only NUL.
pub(crate) const fn literal(text: &'static str) -> &'static CStr {
    match CStr::from_bytes_with_nul(text.as_bytes()) {
        Ok(text) => text,
        Err(_) => panic!("a name must not contain NUL"),
    }
}
