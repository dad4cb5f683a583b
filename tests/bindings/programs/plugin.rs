// SPDX-License-Identifier: Apache-2.0
//! A cdylib: a module of its own, with a thread word of its own.

#[no_mangle]
pub extern "C" fn plugin_step(number: u64) -> u64 {
    sgperf::scope!("plugin::step");
    sgperf::count!("plugin::sum", number);
    number + 1
}
