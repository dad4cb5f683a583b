// SPDX-License-Identifier: Apache-2.0
//! loads PLUGIN CALLS: loads a cdylib with dlopen, calls it from two threads inside scopes of the program.

use std::ffi::{c_char, c_int, c_void, CString};

extern "C" {
    fn dlopen(path: *const c_char, flags: c_int) -> *mut c_void;
    fn dlsym(handle: *mut c_void, name: *const c_char) -> *mut c_void;
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let path = CString::new(arguments.next().expect("PLUGIN")).expect("a path");
    let calls: u64 = arguments.next().expect("CALLS").parse().expect("a number");
    let step: extern "C" fn(u64) -> u64 = unsafe {
        let handle = dlopen(path.as_ptr(), 2);
        assert!(!handle.is_null(), "{path:?} cannot be loaded");
        std::mem::transmute(dlsym(handle, c"plugin_step".as_ptr()))
    };
    let run = move || {
        (0..calls)
            .map(|number| {
                sgperf::scope!("loads::call");
                step(number)
            })
            .sum::<u64>()
    };
    let other = std::thread::spawn(run);
    println!("{}", run() + other.join().expect("a thread"));
}
