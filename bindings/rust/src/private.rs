// SPDX-License-Identifier: Apache-2.0
//! What the macros expand to. Not for use by hand: these guards end where they are dropped, which the macros take care
//! of.
#![allow(missing_docs)]

use core::ffi::CStr;
use core::marker::PhantomData;

use crate::abi::FrameRecord;
use crate::{hot, name, phase, Site};

/// An open scope. Not Send: a future that holds it over an `.await` may not move to another thread, where other tasks'
/// scopes are open.
pub struct Scope {
    frame: FrameRecord,
    _thread: PhantomData<*const ()>,
}

#[inline(always)]
pub fn enter(site: &'static Site) -> Scope {
    let mut scope = Scope { frame: FrameRecord::CLOSED, _thread: PhantomData };
    hot::begin(&site.0, &mut scope.frame);
    scope
}

impl Drop for Scope {
    #[inline(always)]
    fn drop(&mut self) {
        hot::end(&mut self.frame);
    }
}

pub struct FencedScope {
    frame: FrameRecord,
    _thread: PhantomData<*const ()>,
}

#[inline(always)]
pub fn enter_fenced(site: &'static Site) -> FencedScope {
    let mut scope = FencedScope { frame: FrameRecord::CLOSED, _thread: PhantomData };
    hot::begin_fenced(&site.0, &mut scope.frame);
    scope
}

impl Drop for FencedScope {
    #[inline(always)]
    fn drop(&mut self) {
        hot::end_fenced(&mut self.frame);
    }
}

pub struct Phase {
    name: Option<&'static CStr>,
    cookie: u64,
}

pub const fn literal(text: &'static str) -> &'static CStr {
    name::literal(text)
}

pub fn enter_phase(name: &'static CStr, cookie: u64) -> Phase {
    Phase { name: phase::begin_c(name.as_ptr(), cookie).ok().map(|()| name), cookie }
}

impl Drop for Phase {
    fn drop(&mut self) {
        if let Some(name) = self.name {
            let _ = phase::end_c(name.as_ptr(), self.cookie);
        }
    }
}
