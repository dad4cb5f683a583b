// SPDX-License-Identifier: Apache-2.0
//! Every way to leave a scope, ROUNDS times. Also that a scope lasts until its block ends: `leaves::lasting` and the phase
//! of that name take at least 20 ms.

use std::panic::{catch_unwind, AssertUnwindSafe};
use std::time::Duration;

const ROUNDS: u32 = 1000;

fn returns_early(value: u32) -> u32 {
    sgperf::scope!("leaves::return");
    if value % 2 == 0 {
        return value;
    }
    value + 1
}

fn question_mark(value: u32) -> Result<u32, std::num::TryFromIntError> {
    sgperf::scope!("leaves::question_mark");
    let small = u8::try_from(value)?; // an error for most
    Ok(u32::from(small))
}

fn breaks(limit: u32) -> u32 {
    let mut rounds = 0;
    'outer: loop {
        sgperf::scope!("leaves::outer_loop");
        loop {
            sgperf::scope!("leaves::inner_loop");
            rounds += 1;
            if rounds % 3 == 0 {
                continue 'outer;
            }
            if rounds > limit {
                break 'outer;
            }
        }
    }
    rounds
}

fn panics(value: u32) -> u32 {
    sgperf::scope!("leaves::panic_outer");
    sgperf::scope!("leaves::panic_inner"); // two of one block
    if value % 2 == 1 {
        panic!("an odd one");
    }
    value
}

struct InDestructor;
impl Drop for InDestructor {
    fn drop(&mut self) {
        sgperf::scope!("leaves::destructor");
    }
}

fn destroys() {
    let _first = InDestructor;
    panic!("a scope in a destructor while a panic unwinds");
}

static MEASURED: sgperf::Site = sgperf::site!("leaves::measured");
static PREPARED: sgperf::Site = sgperf::Site::new(c"leaves::prepared");
static FRAMED: sgperf::Site = sgperf::site!("leaves::framed");

fn frame(value: u32) -> u32 {
    let mut frame = sgperf::Frame::new();
    frame.begin(&FRAMED);
    if value % 4 == 0 {
        return value; // dropped open: ends
    }
    if value % 4 == 1 {
        frame.end();
        frame.end(); // nothing
    }
    if value % 4 == 2 {
        frame.begin(&FRAMED); // ends the first
    }
    value
}

fn generic<T: Default>() -> T {
    sgperf::scope!("leaves::generic");
    T::default()
}

fn main() {
    std::panic::set_hook(Box::new(|_| {}));
    sgperf::scope!("leaves::main");
    let mut sum = 0u64;
    for round in 0..ROUNDS {
        sum += u64::from(returns_early(round));
        sum += question_mark(round).map_or(1, u64::from);
        let caught = catch_unwind(AssertUnwindSafe(|| panics(round)));
        assert_eq!(caught.is_err(), round % 2 == 1);
        assert!(catch_unwind(destroys).is_err());
        sum += MEASURED.measure(|| u64::from(round));
        {
            sgperf::scope!(PREPARED);
            sum += u64::from(frame(round));
        }
        sgperf::scope_fenced!("leaves::fenced");
        sgperf::scope_hist!("leaves::hist");
        sum += generic::<u64>() + u64::from(generic::<u8>());
        sgperf::count!("leaves::rounds");
        sgperf::count!("leaves::bytes", round);
        sgperf::gauge_max!("leaves::largest", round);
    }
    sum += u64::from(breaks(3000));
    {
        sgperf::phase!("lasting");
        sgperf::scope!(concat!("leaves", "::", "lasting"));
        std::thread::sleep(Duration::from_millis(20));
    }
    println!("{sum}");
}
