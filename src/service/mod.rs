//! Floor 3: the running pipeline without HTTP and without a browser.
//!
//! Read [`PipelineService`] first: it owns engine and store. [`snapshot`] makes what the page draws of it: counters,
//! the `chart`, a page of sorted `rows` (through the `sort_cache`), and the `provenance` of a cell. `files` are those of
//! people's own, which are loaded, replayed or followed.

mod address;
mod batch_rows;
mod cell_text;
mod chart;
mod file_list;
mod file_views;
mod files;
mod pipeline_service;
mod provenance;
mod rows;
mod snapshot;
mod sort_cache;

pub use batch_rows::match_batch;
pub use cell_text::cell_text;
pub use file_list::FileJob;
pub use file_views::SourceStatus;
pub use pipeline_service::{ClearError, PipelineService};
pub use snapshot::{WorkerStats, snapshot};
