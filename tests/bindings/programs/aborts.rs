// SPDX-License-Identifier: Apache-2.0
//! Compiled with panic=abort: a panic in the thousand-and-first scope ends the process; the thousand are in the session.

fn step(number: u32) -> u32 {
    sgperf::scope!("aborts::step");
    assert!(number < 1000, "the one too many");
    number
}

fn main() {
    std::panic::set_hook(Box::new(|_| {}));
    sgperf::scope!("aborts::main");
    let mut sum = 0;
    for number in 0..=1000 {
        sum += step(number);
    }
    println!("{sum}");
}
