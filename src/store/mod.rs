//! Floor 2: processed rows, kept in order of event time and found by it, in memory and in files.
//!
//! Read [`History`] first. Rows stand in blocks whose time ranges follow one another: look-up is a binary search over
//! blocks and then within one; retention drops rows from the front; a row that arrives out of order is inserted into
//! the block of its time. A block is a [`Segment`] in memory, or a record of a file that is read on demand.
//!
//! [`Journal`] keeps all of it on disk, through the [`Storage`] port; [`DurableStore`] is history and journal together.

mod block;
mod chart;
mod columns;
mod dictionary;
mod durable;
mod history;
mod id_numbers;
mod ids;
mod journal;
mod memory_storage;
mod order;
mod pivot;
mod rolling;
mod rolling_samples;
mod rows;
mod segment;
mod sorted;
mod storage;
mod summary;

pub use chart::Chart;
pub use durable::{Disk, Durability, DurableStore, StorageChoice};
pub use history::History;
pub use journal::{FORMAT_VERSION, Journal};
pub use memory_storage::MemoryStorage;
pub use pivot::PivotById;
pub(crate) use rows::Along;
pub use rows::{Range, Rows};
pub use segment::{SEGMENT_ROWS, Segment};
pub use sorted::{RowQuery, SortBy, Sorted};
pub use storage::{FileId, Storage, StoreError};
