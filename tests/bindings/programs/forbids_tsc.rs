// SPDX-License-Identifier: Apache-2.0
//! PR_SET_TSC in the middle of scopes: rdtsc is a signal from then on. Open scopes end with the time they had.

use std::ffi::{c_int, c_ulong};

extern "C" {
    fn prctl(option: c_int, ...) -> c_int;
}

fn main() {
    for _ in 0..10 {
        sgperf::scope!("forbids_tsc::before");
    }
    {
        sgperf::scope!("forbids_tsc::across");
        const PR_SET_TSC: c_int = 26;
        const PR_TSC_SIGSEGV: c_ulong = 2;
        assert_eq!(unsafe { prctl(PR_SET_TSC, PR_TSC_SIGSEGV) }, 0);
    }
    for _ in 0..10 {
        sgperf::scope!("forbids_tsc::after");
    }
    println!("still here");
}
