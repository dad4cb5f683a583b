// SPDX-License-Identifier: Apache-2.0
use core::fmt;
use core::mem::size_of;

use crate::abi::{self, RowRecord};
use crate::{runtime, Error};

/// What a row counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Calls and their times.
    Scope,
    /// Updates and their sum.
    Counter,
    /// Updates and the largest value.
    Gauge,
    /// Something of a newer runtime.
    Other(u32),
}

/// One line of a snapshot: a site, all threads summed. Times are nanoseconds, whatever the timer.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct Row(RowRecord);

impl Row {
    /// For the buffer that [`snapshot`] fills.
    pub const EMPTY: Row =
        Row(RowRecord { name: [0; 160], kind: 0, threads: 0, count: 0, total: 0, self_: 0, min: 0, max: 0 });

    /// "module::name", cut at 159 bytes.
    pub fn name(&self) -> &str {
        let end = self.0.name.iter().position(|&byte| byte == 0).unwrap_or(self.0.name.len());
        let name = &self.0.name[..end];
        match core::str::from_utf8(name) {
            Ok(name) => name,
            Err(error) => core::str::from_utf8(&name[..error.valid_up_to()]).unwrap_or(""),
        }
    }
    /// What it counts.
    pub fn kind(&self) -> Kind {
        match self.0.kind & abi::SITE_KIND {
            abi::SITE_SCOPE => Kind::Scope,
            abi::SITE_COUNTER => Kind::Counter,
            abi::SITE_GAUGE => Kind::Gauge,
            other => Kind::Other(other),
        }
    }
    /// Threads that contributed.
    pub fn threads(&self) -> u32 {
        self.0.threads
    }
    /// Finished scopes, or updates.
    pub fn count(&self) -> u64 {
        self.0.count
    }
    /// Time inside, children included, in ns; of a counter the sum.
    pub fn total(&self) -> u64 {
        self.0.total
    }
    /// Time inside less that of child scopes of the same thread, in ns.
    pub fn self_time(&self) -> u64 {
        self.0.self_
    }
    /// Shortest since the start of the session, in ns.
    pub fn min(&self) -> u64 {
        self.0.min
    }
    /// Longest since the start of the session, in ns; of a gauge the largest value.
    pub fn max(&self) -> u64 {
        self.0.max
    }
}

impl fmt::Debug for Row {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Row")
            .field("name", &self.name())
            .field("kind", &self.kind())
            .field("count", &self.count())
            .field("total", &self.total())
            .field("self", &self.self_time())
            .finish_non_exhaustive()
    }
}

/// slow. The process's own table, one row a site in the order of first use. Fills at most `rows.len()` rows and returns
/// how many there are, which may be more.
pub fn snapshot(rows: &mut [Row]) -> Result<usize, Error> {
    // Safety: room for `rows.len()` rows of this size.
    runtime::call!(snapshot(rows.as_mut_ptr().cast::<RowRecord>(), rows.len(), size_of::<RowRecord>()))
}

/// Takes from each row what `base`, an earlier snapshot, had. `min` and `max` stay those of the session: nothing in a
/// session is ever set back, so that parts of a program can take differences without disturbing each other.
pub fn subtract(rows: &mut [Row], base: &[Row]) {
    for row in rows {
        let old = base.iter().find(|old| old.0.kind == row.0.kind && old.name() == row.name());
        if let Some(old) = old {
            row.0.count = row.0.count.wrapping_sub(old.0.count);
            row.0.total = row.0.total.saturating_sub(old.0.total);
            row.0.self_ = row.0.self_.saturating_sub(old.0.self_);
        }
    }
}
