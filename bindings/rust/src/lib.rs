// SPDX-License-Identifier: Apache-2.0
//! Named scopes, counters, phases and JIT records for programs that run WebAssembly.
//!
//! The same client as the C header `sgperf.h`, for Rust: no dependencies, nothing to link, no `std`. A program that
//! uses it runs unchanged where sgperf is not installed: the first scope looks for the runtime (`libsgperf.so`, linked
//! or preloaded) and, if there is none, switches itself off for good.
//!
//! ```
//! fn make_syscall(number: u32) -> u32 {
//!     sgperf::scope!("threei::make_syscall"); // ends with the block it stands in
//!     sgperf::count!("threei::bytes", 64);
//!     number + 1
//! }
//! # assert_eq!(make_syscall(1), 2);
//! ```
//!
//! ```text
//! LD_PRELOAD=libsgperf.so ./program      # live; `sgperf report` prints the table
//! ./program                              # off: one load and one branch a scope
//! ```
//!
//! # What to take
//!
//! | what | how |
//! |---|---|
//! | a block | [`scope!`]`("module::name")`, [`scope_fenced!`] for a few instructions, [`scope_hist!`] with a histogram |
//! | a block, named elsewhere | `static LOOKUP: Site = site!("cache::lookup");` and `scope!(LOOKUP)` |
//! | a closure | [`Site::measure`] |
//! | a future, while it is polled | [`instrument!`] or [`Site::instrument`] |
//! | begin and end apart | [`Frame`] |
//! | how many, how much | [`count!`], [`Counter`] |
//! | the largest | [`gauge_max!`], [`Gauge`] |
//! | a coarse step of the process | [`phase!`], [`mod@phase`] |
//! | a benchmark's region | [`mod@bench`] |
//! | new machine code | [`jit`] |
//!
//! # Scopes end when their block ends
//!
//! [`scope!`] is a statement, not a value: there is nothing to bind, to drop early or to forget. The trap of guards,
//!
//! ```compile_fail
//! let _ = sgperf::scope!("engine::work"); // would end here, before the work
//! ```
//!
//! does not compile. Nor does a scope that is held over an `.await` of a task which may move between threads:
//!
//! ```compile_fail
//! fn spawn<F: std::future::Future + Send>(_: F) {}
//! spawn(async {
//!     sgperf::scope!("net::request"); // other tasks would run inside this scope: use `instrument!`
//!     std::future::ready(()).await;
//! });
//! ```
//!
//! # Cost
//!
//! *hot* functions are inline, without a call, a lock prefix or a system call: a live scope costs about two reads of the
//! time-stamp counter, a disabled one a load and a predicted branch (`./dev bench rust-scope` prints the ratios of a
//! machine). *slow* ones may make system calls: the first use of a site or of a thread, phases, JIT records. Nothing
//! here allocates.
//!
//! On Linux x86-64 hot code is inline. On other Linux processors the runtime's exported functions are called, once it
//! is there. On other systems, under Miri, and with the feature `disable` every site is off.
//!
//! # Threads
//!
//! Everything may be called from any thread. Errors are negative numbers of `errno` made an [`Error`]; nothing here
//! ends, blocks or prints from the host program.
#![no_std]

#[doc(hidden)]
pub mod abi;
pub mod bench;
mod error;
mod frame;
mod future;
pub mod jit;
mod macros;
mod name;
pub mod phase;
#[doc(hidden)]
pub mod private;
mod process;
mod runtime;
mod site;
mod snapshot;

// One of three ways to run a site, with the same functions.
#[cfg(all(target_os = "linux", target_arch = "x86_64", not(any(sgperf_twins, miri, feature = "disable"))))]
#[path = "hot_inline.rs"]
mod hot;
#[cfg(all(target_os = "linux", any(not(target_arch = "x86_64"), sgperf_twins), not(any(miri, feature = "disable"))))]
#[path = "hot_twins.rs"]
mod hot;
#[cfg(any(not(target_os = "linux"), miri, feature = "disable"))]
#[path = "hot_off.rs"]
mod hot;

pub use error::Error;
pub use frame::Frame;
pub use future::Instrumented;
pub use process::{detach, enable, feature, flush, set_thread_name, version};
pub use site::{Counter, Gauge, Site};
pub use snapshot::{snapshot, subtract, Kind, Row};

/// Version of the C API that this crate was written for, as `SGPERF_VERSION` of `sgperf.h`: comparable with [`version`].
pub const VERSION: u32 = 10000;
