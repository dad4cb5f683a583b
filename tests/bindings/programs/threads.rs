// SPDX-License-Identifier: Apache-2.0
//! threads THREADS CALLS: each thread makes as many calls of two nested scopes, with counters of what it did.

use std::thread;

fn inner(number: u64) -> u64 {
    sgperf::scope!("threads::inner");
    sgperf::count!("threads::sum", number);
    number
}

fn outer(number: u64) -> u64 {
    sgperf::scope!("threads::outer");
    inner(number)
}

fn main() {
    let mut arguments = std::env::args().skip(1).map(|text| text.parse::<u64>().expect("a number"));
    let (threads, calls) = (arguments.next().expect("THREADS"), arguments.next().expect("CALLS"));
    let handles: Vec<_> = (0..threads)
        .map(|thread| {
            thread::spawn(move || {
                let _ = sgperf::set_thread_name(&format!("worker-{thread}"));
                sgperf::gauge_max!("threads::highest", thread);
                (0..calls).map(outer).sum::<u64>()
            })
        })
        .collect();
    let sum: u64 = handles.into_iter().map(|handle| handle.join().expect("a thread")).sum();
    println!("{sum}");
}
