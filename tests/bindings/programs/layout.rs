// SPDX-License-Identifier: Apache-2.0
//! Prints what the crate takes sgperf.h to be: a name and a number a line.

fn main() {
    sgperf::abi::layout(|name, value| println!("{name} {value}"));
}
