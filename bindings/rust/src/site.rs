// SPDX-License-Identifier: Apache-2.0
use core::ffi::CStr;
use core::mem::size_of;
use core::ptr;
use core::sync::atomic::AtomicI32;

use crate::abi::{self, SiteRecord};
use crate::{hot, name, runtime, Error};

impl SiteRecord {
    pub(crate) const fn new(name: &'static CStr, file: &'static CStr, line: u32, flags: u32) -> SiteRecord {
        SiteRecord {
            struct_size: size_of::<SiteRecord>() as u32,
            slot: AtomicI32::new(-1),
            name: name.as_ptr(),
            file: file.as_ptr(),
            line,
            flags,
        }
    }
}

/// slow. A site for a name made at run time: the same name and kind give the same one, it lives as long as the process.
fn intern(name: &str, flags: u32) -> Result<&'static SiteRecord, Error> {
    static OFF: SiteRecord = SiteRecord { slot: AtomicI32::new(0), ..SiteRecord::new(c"", c"", 0, 0) };
    let Some(intern) = runtime::member!(site_intern) else {
        return Ok(&OFF);
    };
    let mut site: *const SiteRecord = ptr::null();
    // Safety: the runtime writes `site` on success, and what it points to is never freed.
    let result = name::with_c(name, |name| unsafe { intern(&mut site, name, flags) });
    Error::check(result)?;
    Ok(unsafe { &*site })
}

/// A place in the program whose time is taken. Made by [`site!`](crate::site), or [`Site::new`], as a `static`.
///
/// Two sites of one name are one row of a report.
#[repr(transparent)]
pub struct Site(pub(crate) SiteRecord);

impl Site {
    /// A site called `name` ("module::name", UTF-8). [`site!`](crate::site) also knows the file and line.
    pub const fn new(name: &'static CStr) -> Site {
        Site(SiteRecord::new(name, c"", 0, abi::SITE_SCOPE))
    }

    #[doc(hidden)]
    pub const fn at(name: &'static str, file: &'static str, line: u32, flags: u32) -> Site {
        Site(SiteRecord::new(name::literal(name), name::literal(file), line, flags))
    }

    /// slow. A site for a name made at run time (the functions of a module, say). The same name gives the same site;
    /// it lives as long as the process. Without a runtime it is one that is off for good.
    pub fn intern(name: &str) -> Result<&'static Site, Error> {
        // Safety: repr(transparent).
        intern(name, abi::SITE_SCOPE).map(|record| unsafe { &*(ptr::from_ref(record) as *const Site) })
    }

    /// hot. Runs `work` inside this scope.
    #[inline(always)]
    pub fn measure<R>(&'static self, work: impl FnOnce() -> R) -> R {
        crate::scope!(self);
        work()
    }

    /// A future that is inside this scope while it is polled: one call a poll, counted on the thread that polls. See
    /// [`instrument!`](crate::instrument).
    pub fn instrument<F: core::future::Future>(&'static self, future: F) -> crate::Instrumented<F> {
        crate::Instrumented::new(self, future)
    }
}

/// A number of updates and their sum, of any unit. Made as a `static`; [`count!`](crate::count) makes one in place.
#[repr(transparent)]
pub struct Counter(pub(crate) SiteRecord);

impl Counter {
    /// A counter called `name` ("module::name", UTF-8).
    pub const fn new(name: &'static CStr) -> Counter {
        Counter(SiteRecord::new(name, c"", 0, abi::SITE_COUNTER))
    }

    #[doc(hidden)]
    pub const fn at(name: &'static str, file: &'static str, line: u32) -> Counter {
        Counter(SiteRecord::new(name::literal(name), name::literal(file), line, abi::SITE_COUNTER))
    }

    /// slow. As [`Site::intern`].
    pub fn intern(name: &str) -> Result<&'static Counter, Error> {
        // Safety: repr(transparent).
        intern(name, abi::SITE_COUNTER).map(|record| unsafe { &*(ptr::from_ref(record) as *const Counter) })
    }

    /// hot. One more update, by `n`; the sum wraps at 2^64.
    #[inline(always)]
    pub fn add(&'static self, n: u64) {
        hot::counter_add(&self.0, n);
    }
}

/// The largest value ever given. Made as a `static`; [`gauge_max!`](crate::gauge_max) makes one in place.
#[repr(transparent)]
pub struct Gauge(pub(crate) SiteRecord);

impl Gauge {
    /// A gauge called `name` ("module::name", UTF-8).
    pub const fn new(name: &'static CStr) -> Gauge {
        Gauge(SiteRecord::new(name, c"", 0, abi::SITE_GAUGE))
    }

    #[doc(hidden)]
    pub const fn at(name: &'static str, file: &'static str, line: u32) -> Gauge {
        Gauge(SiteRecord::new(name::literal(name), name::literal(file), line, abi::SITE_GAUGE))
    }

    /// slow. As [`Site::intern`].
    pub fn intern(name: &str) -> Result<&'static Gauge, Error> {
        // Safety: repr(transparent).
        intern(name, abi::SITE_GAUGE).map(|record| unsafe { &*(ptr::from_ref(record) as *const Gauge) })
    }

    /// hot. Keeps `value` if it is the largest so far.
    #[inline(always)]
    pub fn max(&'static self, value: u64) {
        hot::gauge_max(&self.0, value);
    }
}
