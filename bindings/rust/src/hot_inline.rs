// SPDX-License-Identifier: Apache-2.0
//! The slot protocol inline, for Linux on x86-64: the same loads and stores as the inline functions of `sgperf.h`.

use core::arch::asm;
use core::arch::x86_64::{__rdtscp, _mm_lfence, _rdtsc};
use core::mem::offset_of;
use core::ptr;
use core::sync::atomic::{AtomicU64, Ordering::Relaxed};

use crate::abi::{Block, FrameRecord, SiteRecord, Slot};
use crate::runtime;

// ---- the thread's block ------------------------------------------------------------------------------------------

/// The word where each module keeps its thread's block: a weak hidden thread-local called as in `sgperf.h`, so that C
/// and Rust code of one module share it. `thread_local!` would call `__tls_get_addr` in a cdylib; `#[thread_local]` is
/// not stable. Defined beside each use and not once in this crate: a hidden symbol of another object would be out of
/// reach for code that was inlined into a Rust dylib.
macro_rules! with_thread_word {
    ($($asm:tt)*) => {
        asm!(
            ".ifndef sgperf_i_tls",
            ".pushsection .tbss.sgperf_i_tls, \"awT\", @nobits",
            ".weak sgperf_i_tls",
            ".hidden sgperf_i_tls",
            ".type sgperf_i_tls, @object",
            ".size sgperf_i_tls, 8",
            ".p2align 3",
            "sgperf_i_tls:",
            ".zero 8",
            ".popsection",
            ".endif",
            "mov {offset}, qword ptr [rip + sgperf_i_tls@GOTTPOFF]",
            $($asm)*
        )
    };
}

#[inline(always)]
#[allow(named_asm_labels)] // a definition that is there once an object, not a label of this code
fn current() -> *const Block {
    let block;
    // Safety: a load from this thread's own word. Volatile (not `pure`): a fiber may go on on another thread.
    unsafe {
        with_thread_word!("mov {offset}, qword ptr fs:[{offset}]", offset = out(reg) block,
            options(nostack, preserves_flags, readonly));
    }
    block
}

/// Whether a scope of `block` can end in the usual way: on the thread it began on, and by the time-stamp counter. One
/// piece of assembly for both questions, since an end must stay below the size that the compiler inlines (`seldom`).
#[inline(always)]
#[allow(named_asm_labels)]
fn is_usual(block: &Block) -> bool {
    let unusual: u64;
    // Safety: as `current`, and a load from the block.
    unsafe {
        with_thread_word!(
            "mov {offset}, qword ptr fs:[{offset}]",
            "xor {offset}, {block}",
            "or {offset}, qword ptr [{block} + {timer}]",
            offset = out(reg) unusual, block = in(reg) block, timer = const offset_of!(Block, timer),
            options(nostack, readonly));
    }
    unusual == 0
}

#[allow(named_asm_labels)]
fn set_current(block: *const Block) {
    // Safety: a store to this thread's own word.
    unsafe {
        with_thread_word!("mov qword ptr fs:[{offset}], {block}", offset = out(reg) _, block = in(reg) block,
            options(nostack, preserves_flags));
    }
}

#[inline(always)]
fn block() -> &'static Block {
    let block = current();
    if block.is_null() {
        return attach();
    }
    // Safety: set by `attach` only; blocks are never unmapped.
    unsafe { &*block }
}

// ---- slow paths --------------------------------------------------------------------------------------------------

#[cold]
#[inline(never)]
extern "C" fn register(site: &'static SiteRecord) -> i32 {
    match runtime::member!(register_site) {
        // Safety: the site is static, and the runtime copies its names.
        Some(register) => unsafe { register(site) },
        None => {
            site.slot.store(0, Relaxed); // off for good
            0
        }
    }
}

#[cold]
#[inline(never)]
extern "C" fn attach() -> &'static Block {
    // Safety: only reached through a live site, hence with a runtime that has `register_site` and so what stands in front
    // of it in the table. No `expect`: a panic path would follow every scope. A block is never null, never unmapped.
    let block = unsafe { &*runtime::member!(attach_thread).unwrap_unchecked()() };
    set_current(block);
    block
}

#[cold]
#[inline(never)]
extern "C" fn clock() -> u64 {
    // Safety: no arguments.
    runtime::member!(clock_ns).map_or(0, |clock| unsafe { clock() })
}

/// The ends that are not the usual one: by the clock, or on another thread than the frame began on. The frame in
/// registers: one whose address goes nowhere lives in registers, too.
#[cold]
#[inline(never)]
extern "C" fn end_otherwise(t0: u64, saved_child: u64, block: &'static Block, slot: i32, saved_site: u32) {
    let now = if block.timer.load(Relaxed) != 0 { clock() } else { ticks() };
    let duration = now.wrapping_sub(t0);
    if ptr::eq(block, current()) {
        return count(block, slot, saved_child, saved_site, duration);
    }
    if let Some(end) = runtime::member!(end_foreign) {
        let frame = FrameRecord { t0, saved_child, block, slot, saved_site };
        // Safety: a frame that `open` filled.
        unsafe { end(&frame, duration) }
    }
}

// ---- time --------------------------------------------------------------------------------------------------------

/// Not fenced: docs/methods.md, "Fences".
#[inline(always)]
fn ticks() -> u64 {
    // Safety: reads a register; PR_SET_TSC is seen by the runtime, which then sets `timer`.
    unsafe { _rdtsc() }
}

/// Everything before has finished, nothing after has begun.
#[inline(always)]
fn ticks_begin_fenced() -> u64 {
    unsafe {
        _mm_lfence();
        let ticks = _rdtsc();
        _mm_lfence();
        ticks
    }
}
#[inline(always)]
fn ticks_end_fenced() -> u64 {
    unsafe {
        let ticks = __rdtscp(&mut 0);
        _mm_lfence();
        ticks
    }
}

// ---- the protocol ------------------------------------------------------------------------------------------------

/// One writer a slot: `add` with a memory operand, no lock prefix (crate::abi).
#[inline(always)]
fn add(word: &AtomicU64, n: u64) {
    word.store(word.load(Relaxed).wrapping_add(n), Relaxed);
}

/// Safety: `index` is a live site's slot; the block has one for every site.
#[inline(always)]
unsafe fn slot_of(block: &Block, index: i32) -> &Slot {
    unsafe { &*block.slots.as_ptr().add(index as u32 as usize) }
}

/// Slot of a live site, or <= 0.
#[inline(always)]
fn live(site: &'static SiteRecord) -> i32 {
    let slot = site.slot.load(Relaxed);
    if slot < 0 {
        return register(site);
    }
    slot
}

#[inline(always)]
fn open(site: &'static SiteRecord, frame: &mut FrameRecord, ticks: impl FnOnce() -> u64) {
    let mut slot = site.slot.load(Relaxed);
    if slot == 0 {
        frame.block = ptr::null();
        return;
    }
    if slot < 0 {
        slot = register(site);
        if slot <= 0 {
            frame.block = ptr::null();
            return;
        }
    }
    let block = block();
    frame.block = block;
    frame.slot = slot;
    frame.saved_site = block.site.load(Relaxed);
    frame.saved_child = block.child.load(Relaxed);
    block.site.store(slot as u32, Relaxed);
    block.child.store(0, Relaxed);
    frame.t0 = if block.timer.load(Relaxed) != 0 { clock() } else { ticks() };
}

/// A new longest or shortest, and histograms. Out of line, so that what is left of an end is small enough for the
/// compiler to inline: drop glue has no attribute that would force it. (LLVM's measure of an end is 225 to 230, its limit
/// 250 at opt-level 3, as in cargo's release profile, and 225 at 2, where an end is a call within the program.)
#[cold]
#[inline(never)]
extern "C" fn seldom(block: &Block, slot: &Slot, duration: u64) {
    if duration > slot.max.load(Relaxed) {
        slot.max.store(duration, Relaxed);
    }
    if !duration > slot.min_inv.load(Relaxed) {
        slot.min_inv.store(!duration, Relaxed);
    }
    let hist = slot.hist.load(Relaxed);
    if hist != 0 {
        // Counts the bucket of the duration before this one and leaves this one's pending, as `sgperf_i_bucket` explains.
        // Safety: the slot's own 64 buckets in the same session file, and the word in front of them.
        let buckets = unsafe { ptr::from_ref(block).byte_add(hist as usize).cast::<AtomicU64>() };
        let pending = slot.rsv[0].load(Relaxed) as isize - 1;
        add(unsafe { &*buckets.offset(pending) }, 1);
        slot.rsv[0].store(u64::from(64 - (duration | 1).leading_zeros()), Relaxed);
    }
}

/// Adds a finished scope to its slot and makes its parent the open one again.
#[inline(always)]
fn count(block: &Block, slot: i32, saved_child: u64, saved_site: u32, duration: u64) {
    // Safety: the slot of a frame of `open`.
    let slot = unsafe { slot_of(block, slot) };
    add(&slot.count, 1);
    add(&slot.total, duration);
    add(&slot.self_, duration.wrapping_sub(block.child.load(Relaxed)));
    // `|`, not `||`: three loads and one branch.
    if (duration > slot.max.load(Relaxed)) | (!duration > slot.min_inv.load(Relaxed)) | (slot.hist.load(Relaxed) != 0) {
        seldom(block, slot, duration);
    }
    // Restoring the parent's sum, rather than adding to it, heals after scopes that never ended.
    block.child.store(saved_child.wrapping_add(duration), Relaxed);
    block.site.store(saved_site, Relaxed);
}

#[inline(always)]
fn close(frame: &mut FrameRecord, ticks: impl FnOnce() -> u64) {
    if frame.block.is_null() {
        return;
    }
    // Safety: a frame of `open` has a block, which is never unmapped.
    let block: &'static Block = unsafe { &*frame.block };
    if !is_usual(block) {
        return end_otherwise(frame.t0, frame.saved_child, block, frame.slot, frame.saved_site);
    }
    let duration = ticks().wrapping_sub(frame.t0);
    count(block, frame.slot, frame.saved_child, frame.saved_site, duration);
}

#[inline(always)]
pub(crate) fn begin(site: &'static SiteRecord, frame: &mut FrameRecord) {
    open(site, frame, ticks);
}
#[inline(always)]
pub(crate) fn end(frame: &mut FrameRecord) {
    close(frame, ticks);
}
#[inline(always)]
pub(crate) fn begin_fenced(site: &'static SiteRecord, frame: &mut FrameRecord) {
    open(site, frame, ticks_begin_fenced);
}
#[inline(always)]
pub(crate) fn end_fenced(frame: &mut FrameRecord) {
    close(frame, ticks_end_fenced);
}

#[inline(always)]
pub(crate) fn counter_add(site: &'static SiteRecord, n: u64) {
    let index = live(site);
    if index <= 0 {
        return;
    }
    let slot = unsafe { slot_of(block(), index) };
    add(&slot.count, 1);
    add(&slot.total, n);
}

#[inline(always)]
pub(crate) fn gauge_max(site: &'static SiteRecord, value: u64) {
    let index = live(site);
    if index <= 0 {
        return;
    }
    let slot = unsafe { slot_of(block(), index) };
    add(&slot.count, 1);
    if value > slot.max.load(Relaxed) {
        slot.max.store(value, Relaxed);
    }
}
