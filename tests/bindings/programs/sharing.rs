// SPDX-License-Identifier: Apache-2.0
//! A program linked with a Rust dylib.

fn main() {
    let mut sum = 0;
    for number in 0..1000u32 {
        sgperf::scope!("sharing::step");
        sum += shared::generic(number);
    }
    println!("{sum}");
}
