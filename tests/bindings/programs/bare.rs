// SPDX-License-Identifier: Apache-2.0
//! No standard library, no allocator: the crate needs neither.
#![no_std]
#![no_main]

use core::ffi::{c_char, c_int};

#[link(name = "c")]
extern "C" {
    fn puts(text: *const c_char) -> c_int;
    fn abort() -> !;
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    unsafe { abort() }
}

/// The precompiled core library has unwind tables, which name this function of std.
#[no_mangle]
pub extern "C" fn rust_eh_personality() {}

#[no_mangle]
pub extern "C" fn main() -> c_int {
    sgperf::phase!("bare");
    for number in 0..100u64 {
        sgperf::scope!("bare::step");
        sgperf::count!("bare::sum", number);
    }
    unsafe { puts(c"bare".as_ptr()) };
    0
}
