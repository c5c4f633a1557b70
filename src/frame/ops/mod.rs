//! The verbs, one file each: each takes a frame and returns a new one that shares the unchanged columns.
//!
//! Read [`melt`] first, the smallest, then [`rolling`] and [`pivot_table`].

mod agg;
mod kahan;
mod melt;
mod pivot_table;
mod rolling;
mod scale;
mod sort;

pub use agg::Agg;
pub use melt::{Melt, melt};
pub use pivot_table::{
    AggFunc, PivotTable, Pivoted, RunningFloats, RunningTimes, pivot, pivot_by_text, pivot_table, time_resolution,
};
pub use rolling::{Closed, Interpolation, KeptRows, Quantile, Rolling, RollingGroups, RollingOver, Window, rolling};
pub(crate) use sort::sort_by;
pub use sort::{sort, sort_order};
