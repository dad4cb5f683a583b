// SPDX-License-Identifier: Apache-2.0
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use crate::Site;

/// A future that is inside a scope while it is polled. Made by [`instrument!`](crate::instrument) or
/// [`Site::instrument`].
#[must_use = "futures do nothing unless they are polled"]
pub struct Instrumented<F> {
    site: &'static Site,
    future: F,
}

impl<F> Instrumented<F> {
    pub(crate) fn new(site: &'static Site, future: F) -> Instrumented<F> {
        Instrumented { site, future }
    }
}

impl<F: Future> Future for Instrumented<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        crate::scope!(self.site);
        // Safety: the future is pinned as long as its owner is, and never moved out of it.
        unsafe { self.map_unchecked_mut(|this| &mut this.future) }.poll(context)
    }
}
