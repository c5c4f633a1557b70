//! The columns of a pivot by time, which have to be known before its first row.

use rustc_hash::FxHashMap;

use super::{READ, Selection};
use crate::pipeline::Id;
use crate::time::{Clock, Duration, Timestamp, bucket_start};

/// Maximum number of ids that get columns of their own.
const MAX_IDS: usize = 10_000;

/// The buckets and the columns.
#[derive(Debug, Clone)]
pub(crate) struct Buckets {
    width: Duration,
    clock: Clock,
    /// The ids in the order of their columns.
    pub(super) ids: Vec<Id>,
    /// Whether each id has rows in each bucket.
    pub(super) is_full: bool,
}

impl Buckets {
    /// The start of the bucket of an instant, both in nanoseconds since the epoch.
    pub(super) fn start(&self, time: i64) -> i64 {
        bucket_start(Timestamp::from_nanos(time), self.width, &self.clock).as_nanos()
    }
}

/// The search for the ids of some rows.
#[derive(Debug)]
pub(crate) struct FindBuckets {
    buckets: Buckets,
    /// For each id the last bucket with a row of it.
    seen: FxHashMap<Id, i64>,
    /// Pairs of an id and a bucket that have rows.
    cells: usize,
    /// Buckets that have rows.
    count: usize,
    last: i64,
    /// The next row.
    at: usize,
}

impl FindBuckets {
    /// Buckets of this width on this clock.
    pub(crate) fn new(width: Duration, clock: &Clock) -> Self {
        let buckets = Buckets { width, clock: clock.clone(), ids: Vec::new(), is_full: true };
        Self { buckets, seen: FxHashMap::default(), cells: 0, count: 0, last: i64::MIN, at: 0 }
    }

    /// Reads the next rows; returns the buckets after the last one.
    ///
    /// # Errors
    /// A sentence when there are too many ids for columns, or one has the name of the column of times.
    pub(crate) fn step(&mut self, selection: &Selection) -> Result<Option<Buckets>, String> {
        let Self { buckets, seen, cells, count, last, .. } = self;
        let rows = selection.step(self.at, READ);
        self.at = rows.end;
        selection.visit(rows, |time, id, _| {
            let bucket = buckets.start(time).max(*last);
            *count += usize::from(bucket != *last);
            *last = bucket;
            *cells += usize::from(seen.insert(id.clone(), bucket) != Some(bucket));
        });
        if seen.len() > MAX_IDS {
            return Err(format!(
                "each id becomes a column, and these rows have more than {MAX_IDS}; name the wanted ones in \"ids\""
            ));
        }
        if self.at < selection.len() {
            return Ok(None);
        }
        buckets.is_full = *cells == *count * seen.len();
        buckets.ids = std::mem::take(seen).into_keys().collect();
        buckets.ids.sort_unstable();
        if buckets.ids.iter().any(|id| &*id.text() == "timestamp") {
            return Err(
                "an id is called \"timestamp\" like the column of times; name the wanted ones in \"ids\"".to_owned()
            );
        }
        Ok(Some(buckets.clone()))
    }
}
