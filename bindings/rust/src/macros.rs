// SPDX-License-Identifier: Apache-2.0

/// A prepared [`Site`](crate::Site) that knows its file and line, for a `static`:
///
/// ```
/// static LOOKUP: sgperf::Site = sgperf::site!("cache::lookup");
/// # LOOKUP.measure(|| ());
/// ```
///
/// `site!("cache::lookup", hist)` keeps a log2 histogram of its durations as well. In all macros a name is a literal or
/// `concat!(..)` of literals, `module_path!()` and the like.
#[macro_export]
macro_rules! site {
    (@ $name:expr, $flags:expr) => {
        $crate::Site::at(concat!($name, "\0"), concat!(file!(), "\0"), line!(), $flags)
    };
    ($name:expr, hist $(,)?) => {
        $crate::site!(@ $name, $crate::abi::SITE_SCOPE | $crate::abi::SITE_HIST)
    };
    ($name:expr, fenced $(,)?) => {
        $crate::site!(@ $name, $crate::abi::SITE_SCOPE | $crate::abi::SITE_FENCED)
    };
    ($name:expr $(,)?) => {
        $crate::site!(@ $name, $crate::abi::SITE_SCOPE)
    };
}

/// hot. A scope from here to the end of the enclosing block, however it is left: `return`, `?`, `break`, a panic that
/// unwinds. `"module::name"` is a literal; a prepared site goes by its name: `scope!(LOOKUP)`.
///
/// A statement: it has no value that could be dropped too early. A scope that should end before its block does is a
/// block of its own, [`Site::measure`](crate::Site::measure), or a [`Frame`](crate::Frame).
#[macro_export]
macro_rules! scope {
    ($name:literal $(,)?) => {
        let _sgperf_scope = {
            static SITE: $crate::Site = $crate::site!($name);
            $crate::private::enter(&SITE)
        };
    };
    (concat!($($part:tt)*) $(,)?) => {
        let _sgperf_scope = {
            static SITE: $crate::Site = $crate::site!(concat!($($part)*));
            $crate::private::enter(&SITE)
        };
    };
    ($site:expr $(,)?) => {
        let _sgperf_scope = $crate::private::enter(&$site);
    };
}

/// hot. As [`scope!`], and keeps a log2 histogram of its durations.
#[macro_export]
macro_rules! scope_hist {
    ($name:expr $(,)?) => {
        let _sgperf_scope = {
            static SITE: $crate::Site = $crate::site!($name, hist);
            $crate::private::enter(&SITE)
        };
    };
}

/// hot, 2 to 2.8 x a plain scope. As [`scope!`], but nothing of the surrounding code runs inside the measured region:
/// for scopes of a few instructions.
#[macro_export]
macro_rules! scope_fenced {
    ($name:expr $(,)?) => {
        let _sgperf_scope = {
            static SITE: $crate::Site = $crate::site!($name, fenced);
            $crate::private::enter_fenced(&SITE)
        };
    };
}

/// A future that is inside the scope `"module::name"` while it is polled: its calls are polls, its time is the time it
/// kept a thread busy, on whatever threads; while it waits, it is in no scope.
///
/// ```
/// # fn spawn<F: std::future::Future + Send>(_: F) {}
/// spawn(sgperf::instrument!("net::request", async {
///     std::future::ready(()).await;
/// }));
/// ```
#[macro_export]
macro_rules! instrument {
    ($name:expr, $future:expr $(,)?) => {{
        static SITE: $crate::Site = $crate::site!($name);
        SITE.instrument($future)
    }};
}

/// hot. `count!("cache::bytes", n)`: one more update, by `n` (converted with `as u64`); without `n`, by 1.
#[macro_export]
macro_rules! count {
    ($name:expr $(,)?) => {
        $crate::count!($name, 1)
    };
    ($name:expr, $n:expr $(,)?) => {{
        static COUNTER: $crate::Counter = $crate::Counter::at(concat!($name, "\0"), concat!(file!(), "\0"), line!());
        COUNTER.add($n as u64)
    }};
}

/// hot. `gauge_max!("cache::depth", value)`: keeps the largest value (converted with `as u64`).
#[macro_export]
macro_rules! gauge_max {
    ($name:expr, $value:expr $(,)?) => {{
        static GAUGE: $crate::Gauge = $crate::Gauge::at(concat!($name, "\0"), concat!(file!(), "\0"), line!());
        GAUGE.max($value as u64)
    }};
}

/// slow. A phase of the process from here to the end of the enclosing block: `phase!("compile")`, or
/// `phase!("compile", cookie)` where several of one name are open at a time. A statement, as [`scope!`]; a phase that is
/// no block has [`phase::begin`](crate::phase::begin) and [`phase::end`](crate::phase::end).
#[macro_export]
macro_rules! phase {
    ($name:expr $(,)?) => {
        $crate::phase!($name, 0);
    };
    ($name:expr, $cookie:expr $(,)?) => {
        let _sgperf_phase =
            $crate::private::enter_phase(const { $crate::private::literal(concat!($name, "\0")) }, $cookie);
    };
}
