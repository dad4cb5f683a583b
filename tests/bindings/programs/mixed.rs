// SPDX-License-Identifier: Apache-2.0
//! The Rust half of a program that is half C (mixed.c).

#[no_mangle]
pub extern "C" fn mixed_rust(number: u64, back: extern "C" fn(u64) -> u64) -> u64 {
    sgperf::scope!("mixed::rust");
    back(number)
}
