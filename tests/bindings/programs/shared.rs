// SPDX-License-Identifier: Apache-2.0
//! A Rust dylib that is instrumented, and whose generic function is compiled into whoever calls it.

pub fn plain(number: u64) -> u64 {
    sgperf::scope!("shared::plain");
    number + 1
}

pub fn generic<T: Into<u64>>(number: T) -> u64 {
    sgperf::scope!("shared::generic");
    plain(number.into())
}
