//! # millrace
//!
//! A real-time data pipeline that runs in one browser tab: events flow through a queue into batches, each batch is
//! melted, pivoted and averaged over time, and the results are served as HTTP, from inside the browser. This page is
//! the map.
//!
//! ```text
//!  page (src/bin/app.rs)                    dedicated worker (src/bin/worker.rs)
//! ┌──────────────────────────────┐   ┌────────────────────────────────────────────┐
//! │ ui: Leptos components        │   │ source ─► queue ─► batch ─► processor      │
//! │   ▲ one snapshot per frame   │◄──│            (melt, pivot_table, rolling)    │
//! │ client: messages, requests   │──►│                       │                    │
//! └──────────────▲───────────────┘   │       results ◄───────┴──► store ─► files  │
//!                │ a port            │           ▲              ▲                 │
//! ┌──────────────┴───────────────┐   │           └─── router ───┘                 │
//! │ service worker (plain JS)    │◄─►│       request ─► response, in Rust         │
//! └──────────────▲───────────────┘   └────────────────────────────────────────────┘
//!      fetch("latest"), a link, another tab
//! ```
//!
//! # Floors
//!
//! A module uses its own floor and those below it, never one above; `tests/floors.rs` reads the sources and fails where
//! one does.
//!
//! | floor | module | what it is | read first |
//! |---|---|---|---|
//! | 0 | [`time`] | instants, lengths of time, zones | [`time::Timestamp`] |
//! | 0 | [`frame`] | the columnar frame and its verbs, written by hand | [`frame::Frame`], [`frame::ops`] |
//! | 1 | [`pipeline`] | sources, queue, batches as one state machine | [`pipeline::Engine`] |
//! | 2 | [`store`] | processed rows by time, and the journal that keeps them | [`store::DurableStore`], [`store::History`] |
//! | 2 | [`decoder`] | Parquet, Arrow and zstd files, as columns or bytes that the reader of rows takes | [`decoder::Decoder`] |
//! | 2 | [`protocol`] | the messages that cross threads | [`protocol::ToWorker`], [`protocol::FromWorker`] |
//! | 3 | [`service`] | the running pipeline, without HTTP | [`service::PipelineService`] |
//! | 4 | [`api`] | a request in, a response out | [`api::App`] |
//! | 5 | `browser` | one file for each part of the web platform | the list in its `mod.rs` |
//! | 6 | [`worker`] | the worker's loop, and who owns the files | `worker::event_loop` |
//! | 6 | [`client`] | the page's handle on the worker | `client::Client` |
//! | 7 | [`ui`] | the page, in Leptos | `ui::store` |
//!
//! # Invariants
//!
//! - Floors 0 to 4 are pure: no clock, no random numbers, no browser. Time, entropy and files are arguments, so
//!   everything worth a test runs natively in seconds.
//! - The page draws and never computes; the worker never draws; the service worker decides nothing and holds no state
//!   that it could not find again; it caches the app's own files, never a response.
//! - Only `api::encode` and [`protocol`] decide what is sent.
//! - Input is answered, never panicked on: a panic in wasm ends the pipeline.
//! - Whatever is dropped, refused or late is counted and shown.
//!
//! # Questions and answers
//!
//! **Why does the newest history row decide who is late, and not the clock?** Event time and processing time are two
//! things: a file of last year's readings is not late, it is old. Late is what is older than the stream itself by more
//! than `lateness`. What lies more than [a day ahead](pipeline::MAX_AHEAD) of the clock does not count as the
//! newest: one such event would make all that follow late.
//!
//! **Why does a late row not go through the rolling state?** The state only moves forward, which is what makes it cost
//! the same for each row. The window of a late row is looked up in the history instead, and the state is rebuilt from
//! there if the row falls into it; see [`pipeline::Processor`]. Late rows that follow each other, as those of an older file
//! do, share a state of their own.
//!
//! **What happens to rows when `measures` changes?** They keep their numbers by name, in memory and in files: an answer
//! shows the measures of the settings, and `null` where a row has none. What waits in the queue becomes a batch of its own
//! first, so that all rows of a batch have the same columns.
//!
//! **How does a large answer stay small?** A body is a [flow](api::Flow): its reader asks for each part through the
//! service worker, and only then is the part made, from rows that the answer shares with the history as they were when
//! the work began ([`store::Rows`]). A slow reader delays nothing else, and a reader that disconnects ends the work. The
//! stream of batches is such a flow without an end, over the one short list of newest batches, so a reader costs one
//! number.
//!
//! **How does no request hold the pipeline up?** What reads many rows does so in steps of a few, before its response is
//! known ([`api::Pending`]) as well as in its body, and all answers together have some milliseconds at a time
//! (`worker::streams`). Few requests of many rows are worked on at once; others wait, as the request alone, and are
//! refused with 503 before they begin when too many rows wait already.
//!
//! **How does a chart of a million rows stay quick?** Each block of rows knows its smallest and largest value, as a
//! whole and of every 64 rows. Where these lie within one pixel column the known values are used; rows are read only at
//! the edges of columns, so nothing is lost. Columns begin at multiples of their width, so they do not change while
//! time goes on. See [`store::Chart`]; a sorted table of the rows is a [`store::Sorted`].
//!
//! **What is durable when?** An answer to a `POST` waits until its events are flushed; whatever a `GET` or a stream
//! shows was written before, so that it survives a killed browser; all else is flushed within 100 ms. Room is reserved
//! before events are accepted, so that events for which there is no room are refused as a whole. See
//! [`store::DurableStore`].
//!
//! **Who owns the files?** The worker that holds the lock writes its number to the fence, and reads the fence after
//! each write: the lock can be stolen from a frozen tab, and the fence stops that tab's writes when it wakes. See
//! [`store::Journal`].
//!
//! **Why two programs?** The page has no engine, store or router in it, and the worker has no Leptos: each downloads
//! and compiles while the other does, on its own thread. By the version in each message and the build that a page names
//! in its first one, a page and a worker of different builds refuse one another.
//!
//! **Why a third program?** Few people have Parquet, Arrow or zstd. What reads these files is loaded by a worker when
//! the first one comes, and runs in a worker of its own: it may wait for the bytes of a file, decode without a break,
//! and end on a file that breaks it, while the pipeline goes on. It hands on plain
//! [columns](pipeline::records::columns), whose reader is small. See [`decoder`].
//!
//! **Why is [`protocol`] below [`service`]?** A snapshot is made where the pipeline is read, in `service`, and drawn in
//! `ui`. Its type stands below both, as plain data.
//!
//! **How is the app updated?** The service worker keeps the files of one build, and each build has a service worker of
//! its own. A new one is installed beside the old one and waits; the page offers it; loading it reloads every tab. Only
//! a hard reload bypasses that: such a page names its build in its first message, and the older tab's worker refuses
//! it.

#[cfg(test)]
extern crate self as millrace;

pub mod api;
#[cfg(target_arch = "wasm32")]
pub mod browser;
pub mod client;
pub mod decoder;
pub mod frame;
pub mod pipeline;
pub mod protocol;
pub mod service;
pub mod store;
pub mod time;
pub mod ui;
pub mod worker;

/// The tests of the crate's public interface. They are part of this binary instead of one each, because `wasm-pack
/// test` links each binary and starts a browser for it.
#[cfg(test)]
#[path = "../tests/mod.rs"]
mod tests;
