// SPDX-License-Identifier: Apache-2.0
//! The runtime's exported functions instead of inline code, for processors whose thread pointer and counter we do not
//! read ourselves. A site that is off still costs a load and a branch only.

use core::mem::transmute;
use core::ptr;
use core::sync::atomic::{AtomicPtr, Ordering, Ordering::Relaxed};

use crate::abi::{FrameRecord, SiteRecord};
use crate::runtime;

type Begin = unsafe extern "C" fn(*const SiteRecord, *mut FrameRecord);
type End = unsafe extern "C" fn(*mut FrameRecord);
type Add = unsafe extern "C" fn(*const SiteRecord, u64);

/// The function of that name, looked up once; None without a runtime.
macro_rules! twin {
    ($name:literal as $type:ty) => {{
        static FOUND: AtomicPtr<core::ffi::c_void> = AtomicPtr::new(ptr::null_mut());
        let mut found = FOUND.load(Ordering::Acquire);
        // A runtime that refuses this header has functions of another major version.
        if found.is_null() && runtime::ops().is_some() {
            found = runtime::symbol($name);
            FOUND.store(found, Ordering::Release);
        }
        // Safety: these names are these functions in major version 1; null is None.
        unsafe { transmute::<*mut core::ffi::c_void, Option<$type>>(found) }
    }};
}

#[inline(always)]
fn is_off(site: &SiteRecord) -> bool {
    site.slot.load(Relaxed) == 0
}

#[inline(never)]
fn call_begin(twin: Option<Begin>, site: &'static SiteRecord, frame: &mut FrameRecord) {
    match twin {
        Some(begin) => unsafe { begin(site, frame) },
        None => {
            site.slot.store(0, Relaxed); // off for good
            frame.block = ptr::null();
        }
    }
}

#[inline(always)]
pub(crate) fn begin(site: &'static SiteRecord, frame: &mut FrameRecord) {
    if is_off(site) {
        frame.block = ptr::null();
        return;
    }
    call_begin(twin!(c"sgperf_scope_begin" as Begin), site, frame);
}
#[inline(always)]
pub(crate) fn begin_fenced(site: &'static SiteRecord, frame: &mut FrameRecord) {
    if is_off(site) {
        frame.block = ptr::null();
        return;
    }
    call_begin(twin!(c"sgperf_scope_begin_fenced" as Begin), site, frame);
}
#[inline(always)]
pub(crate) fn end(frame: &mut FrameRecord) {
    if frame.block.is_null() {
        return;
    }
    if let Some(end) = twin!(c"sgperf_scope_end" as End) {
        unsafe { end(frame) }
    }
}
#[inline(always)]
pub(crate) fn end_fenced(frame: &mut FrameRecord) {
    if frame.block.is_null() {
        return;
    }
    if let Some(end) = twin!(c"sgperf_scope_end_fenced" as End) {
        unsafe { end(frame) }
    }
}

#[inline(never)]
fn call_add(twin: Option<Add>, site: &'static SiteRecord, n: u64) {
    match twin {
        Some(add) => unsafe { add(site, n) },
        None => site.slot.store(0, Relaxed),
    }
}

#[inline(always)]
pub(crate) fn counter_add(site: &'static SiteRecord, n: u64) {
    if !is_off(site) {
        call_add(twin!(c"sgperf_counter_add" as Add), site, n);
    }
}
#[inline(always)]
pub(crate) fn gauge_max(site: &'static SiteRecord, value: u64) {
    if !is_off(site) {
        call_add(twin!(c"sgperf_gauge_max" as Add), site, value);
    }
}
