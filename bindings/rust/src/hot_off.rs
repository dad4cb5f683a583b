// SPDX-License-Identifier: Apache-2.0
//! Sites that are always off: other systems, Miri, the feature `disable`. Nothing is left of them.

use crate::abi::{FrameRecord, SiteRecord};

#[inline(always)]
pub(crate) fn begin(_: &'static SiteRecord, _: &mut FrameRecord) {}
#[inline(always)]
pub(crate) fn end(_: &mut FrameRecord) {}
#[inline(always)]
pub(crate) fn begin_fenced(_: &'static SiteRecord, _: &mut FrameRecord) {}
#[inline(always)]
pub(crate) fn end_fenced(_: &mut FrameRecord) {}
#[inline(always)]
pub(crate) fn counter_add(_: &'static SiteRecord, _: u64) {}
#[inline(always)]
pub(crate) fn gauge_max(_: &'static SiteRecord, _: u64) {}
