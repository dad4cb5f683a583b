// SPDX-License-Identifier: Apache-2.0
//! The frozen layouts of `sgperf.h`, word for word. A test compiles both and compares every size, offset and constant.
//! Fields that the session's readers see while we write them are atomics, used relaxed: on x86-64 the compiler makes
//! one plain instruction of each, `store(load + n)` included (`add %reg,(mem)`).
#![allow(missing_docs)]

use core::ffi::{c_char, c_int, c_long, c_void};
use core::sync::atomic::{AtomicI32, AtomicU32, AtomicU64};

/// One thread's sums for one site. `sgperf_slot`.
#[repr(C)]
pub struct Slot {
    pub count: AtomicU64,
    pub total: AtomicU64,
    pub self_: AtomicU64,
    pub min_inv: AtomicU64,
    pub max: AtomicU64,
    pub hist: AtomicU64,
    pub rsv: [AtomicU64; 2],
}

/// One thread's memory in the session file. `sgperf_block`.
#[repr(C)]
pub struct Block {
    pub phase: AtomicU32,
    pub site: AtomicU32,
    pub owner: [AtomicU64; 5],
    pub timer: AtomicU64,
    pub child: AtomicU64,
    /// Really one a site.
    pub slots: [Slot; 1],
}

/// A place in the program. `sgperf_site`.
#[repr(C)]
pub struct SiteRecord {
    pub struct_size: u32,
    /// -1 not seen yet, 0 off, > 0 live and the index of its slot.
    pub slot: AtomicI32,
    pub name: *const c_char,
    pub file: *const c_char,
    pub line: u32,
    pub flags: u32,
}
// Safety: the pointers are to constant text, and `slot` is atomic.
unsafe impl Sync for SiteRecord {}

/// An open scope. `sgperf_frame`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct FrameRecord {
    pub t0: u64,
    pub saved_child: u64,
    /// Null = this scope was off when it began, or is closed: its end does nothing.
    pub block: *const Block,
    pub slot: i32,
    pub saved_site: u32,
}

pub const SITE_SCOPE: u32 = 0;
pub const SITE_COUNTER: u32 = 1;
pub const SITE_GAUGE: u32 = 2;
pub const SITE_PHASE: u32 = 3;
pub const SITE_KIND: u32 = 0xff;
pub const SITE_HIST: u32 = 0x100;
pub const SITE_FENCED: u32 = 0x200;

/// `struct sgperf_jit_opts`.
#[repr(C)]
pub struct JitOpts {
    pub sz: usize,
    pub name: *const c_char,
    pub addr: *const c_void,
    pub size: usize,
    pub code: *const c_void,
    pub flags: u32,
    pub rsv: u32,
}
pub const JIT_NO_BYTES: u32 = 1;

/// `sgperf_row`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct RowRecord {
    pub name: [u8; 160],
    pub kind: u32,
    pub threads: u32,
    pub count: u64,
    pub total: u64,
    pub self_: u64,
    pub min: u64,
    pub max: u64,
}

/// What the runtime hands out, append only: a member beyond `struct_size` is missing in that runtime. `sgperf_ops`.
#[repr(C)]
pub struct Ops {
    pub struct_size: u32,
    pub version: u32,
    pub attach_thread: Option<unsafe extern "C" fn() -> *const Block>,
    pub register_site: Option<unsafe extern "C" fn(*const SiteRecord) -> i32>,
    pub end_foreign: Option<unsafe extern "C" fn(*const FrameRecord, u64)>,
    pub clock_ns: Option<unsafe extern "C" fn() -> u64>,
    pub site_intern: Option<unsafe extern "C" fn(*mut *const SiteRecord, *const c_char, u32) -> c_int>,
    pub enable: Option<unsafe extern "C" fn(*const c_char, c_int) -> c_int>,
    pub phase_begin: Option<unsafe extern "C" fn(*const c_char, u64) -> c_int>,
    pub phase_end: Option<unsafe extern "C" fn(*const c_char, u64) -> c_int>,
    pub bench_start: Option<unsafe extern "C" fn(u64) -> c_int>,
    pub bench_end: Option<unsafe extern "C" fn(u64) -> c_int>,
    pub jit_register: Option<unsafe extern "C" fn(*const JitOpts) -> c_int>,
    pub jit_unregister: Option<unsafe extern "C" fn(*const c_void) -> c_int>,
    pub thread_name: Option<unsafe extern "C" fn(*const c_char) -> c_int>,
    pub snapshot: Option<unsafe extern "C" fn(*mut RowRecord, usize, usize) -> c_long>,
    pub feature: Option<unsafe extern "C" fn(*const c_char) -> c_int>,
    pub flush: Option<unsafe extern "C" fn() -> c_int>,
    pub detach: Option<unsafe extern "C" fn() -> c_int>,
}

/// Every size, offset and constant above that other people's programs depend on, by the name it has in C.
pub fn layout(mut each: impl FnMut(&str, usize)) {
    use core::mem::{offset_of, size_of};
    macro_rules! record {
        ($type:ident, $c:literal: $($field:ident $name:literal),*) => {
            each(concat!("sizeof ", $c), size_of::<$type>());
            $(each(concat!($c, ".", $name), offset_of!($type, $field));)*
        };
    }
    record!(Slot, "sgperf_slot": count "count", total "total", self_ "self", min_inv "min_inv", max "max", hist "hist",
        rsv "rsv");
    record!(Block, "sgperf_block": phase "phase", site "site", owner "owner", timer "timer", child "child",
        slots "slots");
    record!(SiteRecord, "sgperf_site": struct_size "struct_size", slot "slot", name "name", file "file", line "line",
        flags "flags");
    record!(FrameRecord, "sgperf_frame": t0 "t0", saved_child "saved_child", block "block", slot "slot",
        saved_site "saved_site");
    record!(JitOpts, "sgperf_jit_opts": sz "sz", name "name", addr "addr", size "size", code "code", flags "flags");
    record!(RowRecord, "sgperf_row": name "name", kind "kind", threads "threads", count "count", total "total",
        self_ "self", min "min", max "max");
    record!(Ops, "sgperf_ops": struct_size "struct_size", version "version", attach_thread "attach_thread",
        register_site "register_site", end_foreign "end_foreign", clock_ns "clock_ns", site_intern "site_intern",
        enable "enable", phase_begin "phase_begin", phase_end "phase_end", bench_start "bench_start",
        bench_end "bench_end", jit_register "jit_register", jit_unregister "jit_unregister",
        thread_name "thread_name", snapshot "snapshot", feature "feature", flush "flush", detach "detach");
    each("SGPERF_SITE_SCOPE", SITE_SCOPE as usize);
    each("SGPERF_SITE_COUNTER", SITE_COUNTER as usize);
    each("SGPERF_SITE_GAUGE", SITE_GAUGE as usize);
    each("SGPERF_SITE_PHASE", SITE_PHASE as usize);
    each("SGPERF_SITE_KIND", SITE_KIND as usize);
    each("SGPERF_SITE_HIST", SITE_HIST as usize);
    each("SGPERF_SITE_FENCED", SITE_FENCED as usize);
    each("SGPERF_JIT_NO_BYTES", JIT_NO_BYTES as usize);
    each("SGPERF_VERSION", crate::VERSION as usize);
}
