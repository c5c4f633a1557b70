//! The columns of a pivot by time, which have to be known before its first row.

use rustc_hash::{FxHashMap, FxHashSet};

use super::{READ, Selection};
use crate::api::extract::query::cut;
use crate::frame::Name;
use crate::pipeline::{Id, Measures};
use crate::time::{Clock, Duration, Timestamp, bucket_start};

/// The name of the column of times.
pub(super) const TIMESTAMP: &str = "timestamp";
/// Maximum number of columns beside it.
const MAX_COLUMNS: usize = 10_000;

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

    /// The names of the columns beside that of times: the ids; of several measures `<measure>_<id>`, measure by measure,
    /// as polars' `pivot` names them.
    pub(super) fn names(&self, measures: &Measures) -> Vec<Name> {
        let of_measure = |measure: &str| -> Vec<Name> {
            let name = |id: &Id| {
                if measures.count() == 1 { id.text().to_string() } else { [measure, "_", &id.text()].concat() }
            };
            self.ids.iter().map(|id| Name::Owned(name(id))).collect()
        };
        measures.names().flat_map(of_measure).collect()
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
    /// A sentence when there are too many ids for columns, or two columns would have the same name.
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
        let measures = selection.measures();
        let max_ids = MAX_COLUMNS / measures.count();
        if seen.len() > max_ids {
            let each = match measures.count() {
                1 => String::new(),
                count => format!(" for each of {count} measures"),
            };
            return Err(format!(
                "each id becomes a column{each}, and these rows have more than {max_ids}; name the wanted ones in \"ids\""
            ));
        }
        if self.at < selection.len() {
            return Ok(None);
        }
        buckets.is_full = *cells == *count * seen.len();
        buckets.ids = std::mem::take(seen).into_keys().collect();
        buckets.ids.sort_unstable();
        let mut known = FxHashSet::from_iter([Name::Borrowed(TIMESTAMP)]);
        for name in buckets.names(measures) {
            if name == TIMESTAMP {
                return Err("an id is called \"timestamp\" like the column of times; name the wanted ones in \"ids\""
                    .to_owned());
            }
            if known.contains(&name) {
                let name = cut(&name);
                return Err(format!(
                    "two columns of a measure and an id would be called \"{name}\"; name the wanted ids in \"ids\""
                ));
            }
            known.insert(name);
        }
        Ok(Some(buckets.clone()))
    }
}
