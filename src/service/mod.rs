//! Floor 3: the running pipeline without HTTP and without a browser.
//!
//! Read [`PipelineService`] first: it owns engine and store. [`snapshot`] makes what the page draws of it: counters,
//! the `chart`, a page of sorted `rows` (through the `sort_cache`), and the `provenance` of a cell. `files` are those of
//! people's own, which are loaded, replayed or followed; `live` is what is read from a server, `sink` what is
//! published to one.

mod address;
mod batch_rows;
mod cell_text;
mod chart;
mod file_list;
mod file_views;
mod files;
mod live;
mod live_run;
mod pipeline_service;
mod provenance;
mod rows;
mod sink;
mod snapshot;
mod sort_cache;
mod source_view;

pub use batch_rows::match_batch;
pub use cell_text::cell_text;
pub use file_list::FileJob;
pub use file_views::{SourceCounts, SourceStatus};
pub use live_run::LiveRun;
pub use pipeline_service::{ClearError, PipelineService};
pub use sink::SinkStatus;
pub use snapshot::{WorkerStats, snapshot};
