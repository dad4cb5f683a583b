// SPDX-License-Identifier: Apache-2.0
//! The loops of scope_loops.c with the Rust crate: the same table, for `./dev bench rust-scope`. Compiled as a shared
//! library and, without `std`, for the executable; `--cfg` says which (meson.build).
#![cfg_attr(not(std), no_std)]

use core::arch::asm;

#[cfg(not(std))]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    // Nothing here panics; a machine instruction and no word of a C library, which this object does not have.
    unsafe { asm!("ud2", options(noreturn)) }
}

macro_rules! name {
    ($what:literal) => {
        concat!(env!("SCOPE_LOOPS"), "::", $what)
    };
}

/// The body of each scope: memory may have changed, so nothing is kept in registers from one scope to the next.
#[inline(always)]
fn body() {
    unsafe { asm!("", options(nostack, preserves_flags)) };
}

type Loop = unsafe extern "C" fn(u64);

/// Eight copies, which differ in the offset of the loop in its 64-byte line. Loop alignment by the compiler is switched
/// off in meson.build, so that the offsets here decide.
macro_rules! copies {
    ($body:block) => {
        [
            copies!("0", $body), copies!("8", $body), copies!("16", $body), copies!("24", $body),
            copies!("32", $body), copies!("40", $body), copies!("48", $body), copies!("56", $body),
        ]
    };
    ($pad:literal, $body:block) => {{
        unsafe extern "C" fn run(mut n: u64) {
            unsafe { asm!(".p2align 6, 0x90", concat!(".skip ", $pad, ", 0x90"), options(nostack, preserves_flags)) };
            while n != 0 {
                $body
                n -= 1;
            }
        }
        run as Loop
    }};
}

/// `struct scope_loops` of scope_loops.h.
#[repr(C)]
pub struct ScopeLoops {
    empty: [Loop; 8],
    live: [Loop; 8],
    hist: [Loop; 8],
    fenced: [Loop; 8],
    off: [Loop; 8],
    counter: [Loop; 8],
    twin: [Option<Loop>; 8],
}

#[cfg_attr(scope_loops = "rust_exe", export_name = "scope_loops_rust_exe")]
#[cfg_attr(scope_loops = "rust_so", export_name = "scope_loops_rust_so")]
#[cfg_attr(scope_loops = "rustup_exe", export_name = "scope_loops_rustup_exe")]
#[cfg_attr(scope_loops = "rustup_so", export_name = "scope_loops_rustup_so")]
pub static SCOPE_LOOPS: ScopeLoops = ScopeLoops {
    empty: copies!({
        body();
    }),
    live: copies!({
        sgperf::scope!(concat!(env!("SCOPE_LOOPS"), "::live"));
        body();
    }),
    hist: copies!({
        sgperf::scope_hist!(name!("hist"));
        body();
    }),
    fenced: copies!({
        sgperf::scope_fenced!(name!("fenced"));
        body();
    }),
    off: copies!({
        sgperf::scope!(concat!(env!("SCOPE_LOOPS"), "::off"));
        body();
    }),
    counter: copies!({
        sgperf::count!(name!("counter"));
        body();
    }),
    twin: [None; 8],
};
