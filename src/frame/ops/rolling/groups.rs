//! Rolling windows of an endless stream: one for each key.

use std::collections::hash_map::Entry;
use std::fmt;
use std::hash::Hash;

use rustc_hash::FxHashMap;

use super::{Rolling, Window};
use crate::frame::FrameError;

/// Up to this many keys none is dropped. Small in tests, so that they drop some.
const FEW: usize = if cfg!(test) { 4 } else { 1024 };

/// A rolling window for each key, over rows that come mixed, in order of time.
///
/// Its memory is bounded by the rows inside the windows, however many keys there are: a key with one row is that row,
/// and keys whose window is empty are dropped before there are twice as many keys as after the last time. A push takes
/// constant time on average, apart from the aggregate.
/// *Source*: pandas `groupby(key).rolling(window)`.
///
/// ```
/// use millrace::frame::ops::{Agg, RollingGroups, Window};
/// use millrace::time::Duration;
///
/// let mut means = RollingGroups::new(&Window::new(Duration::from_nanos(5), Agg::Mean))?;
/// assert_eq!([means.push("a", 0, 1.0), means.push("b", 1, 100.0), means.push("a", 2, 3.0)], [1.0, 100.0, 2.0]);
/// # Ok::<(), millrace::frame::FrameError>(())
/// ```
pub struct RollingGroups<K> {
    window: Window,
    groups: FxHashMap<K, Group>,
    /// The window of a key's first row; it holds no other row.
    first: Rolling,
    /// Keys with an empty window are dropped when there are this many keys.
    full: usize,
}

/// The rows in the window of a key, when it last moved.
enum Group {
    /// The time and the value of the only row: many keys never have a second one.
    One(i64, f64),
    Many(Rolling),
}

impl<K> fmt::Debug for RollingGroups<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RollingGroups").field("keys", &self.groups.len()).finish_non_exhaustive()
    }
}

impl<K: Eq + Hash> RollingGroups<K> {
    /// Empty windows.
    ///
    /// # Errors
    /// As [`Rolling::new`].
    pub fn new(window: &Window) -> Result<Self, FrameError> {
        let first = Rolling::new(window)?;
        Ok(Self { window: window.clone(), groups: FxHashMap::default(), first, full: FEW })
    }

    /// Adds a row of this key and returns the result for the key's window that ends at it; NaN, as value or result, is
    /// missing. Times never fall.
    pub fn push(&mut self, key: K, time_nanos: i64, value: f64) -> f64 {
        if self.groups.len() >= self.full {
            self.drop_empty(time_nanos);
        }
        let row = Group::One(time_nanos, value);
        match self.groups.entry(key) {
            Entry::Vacant(group) => {
                group.insert(row);
            }
            Entry::Occupied(mut group) => match group.get_mut() {
                Group::Many(rolling) => return rolling.push(time_nanos, value),
                Group::One(time, _) if is_past(&self.window, *time, time_nanos) => {
                    group.insert(row);
                }
                Group::One(time, first) => {
                    let mut rolling = Rolling::with_checked(&self.window);
                    rolling.push(*time, *first);
                    let answer = rolling.push(time_nanos, value);
                    group.insert(Group::Many(rolling));
                    return answer;
                }
            },
        }
        self.first.restart();
        self.first.push(time_nanos, value)
    }

    /// Drops the keys whose last row is in no window that ends at `now` or later.
    fn drop_empty(&mut self, now: i64) {
        let window = &self.window;
        self.groups.retain(|_, group| {
            let last = match group {
                Group::One(time, _) => Some(*time),
                Group::Many(rolling) => rolling.last_time(),
            };
            last.is_some_and(|last| !is_past(window, last, now))
        });
        self.full = FEW.max(2 * self.groups.len());
        self.groups.shrink_to(self.full);
    }

    /// The number of keys that take memory.
    #[cfg(test)]
    pub(super) fn keys(&self) -> usize {
        self.groups.len()
    }
}

/// Whether no window that ends at `now` or later holds a row of this time, whichever ends are closed.
fn is_past(window: &Window, time: i64, now: i64) -> bool {
    now.saturating_sub(time) > window.width.as_nanos()
}
