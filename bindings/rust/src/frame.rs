// SPDX-License-Identifier: Apache-2.0
use core::ptr;

use crate::abi::FrameRecord;
use crate::{hot, Site};

impl FrameRecord {
    pub(crate) const CLOSED: FrameRecord =
        FrameRecord { t0: 0, saved_child: 0, block: ptr::null(), slot: 0, saved_site: 0 };
}

/// The explicit pair, for regions that are no block of the program: a state machine's step, a callback's begin and end.
///
/// ```
/// static STEP: sgperf::Site = sgperf::site!("engine::step");
/// let mut step = sgperf::Frame::new();
/// step.begin(&STEP);
/// // ...
/// step.end();
/// ```
///
/// Scopes close in the reverse order of opening: an end restores what was open when its frame began. A frame may move
/// and may end on another thread than it began on; then its time is counted there, all of it as self time. A frame that
/// is dropped open ends. Prefer [`scope!`](crate::scope) and [`instrument!`](crate::instrument).
pub struct Frame(FrameRecord);

// Safety: the block is never unmapped, and an end on another thread only touches it through the runtime.
unsafe impl Send for Frame {}

impl Frame {
    /// A closed one.
    pub const fn new() -> Frame {
        Frame(FrameRecord::CLOSED)
    }

    /// hot. Opens `site`; if the frame is open, that one ends first.
    #[inline(always)]
    pub fn begin(&mut self, site: &'static Site) {
        self.end();
        hot::begin(&site.0, &mut self.0);
    }

    /// hot. Ends it; nothing if it is closed, or was off when it began.
    #[inline(always)]
    pub fn end(&mut self) {
        hot::end(&mut self.0);
        self.0.block = ptr::null();
    }
}

impl Default for Frame {
    fn default() -> Frame {
        Frame::new()
    }
}

impl Drop for Frame {
    #[inline(always)]
    fn drop(&mut self) {
        self.end();
    }
}
