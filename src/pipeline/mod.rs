//! Floor 1: from events to batches, as state machines that take the time and the randomness as arguments.
//!
//! Read [`Engine`] first: `step(input)` drives it. An [`Event`] goes from a source into the [`Queue`] and leaves it in
//! a batch; the [`Processor`] turns the batch into the tables of a [`Batch`]. Implementations of [`Store`] keep the
//! rows.

mod address_key;
mod batch;
mod counters;
mod dead_letters;
mod engine;
mod epoch;
mod event;
mod id_list;
mod keeping;
mod processor;
mod queue;
mod receipts;
mod recent;
pub mod records;
mod rolling;
mod setting_value;
mod settings;
mod settings_address;
mod source;
mod store;
mod transform;

pub use address_key::split_key;
pub use batch::Batch;
pub use counters::Counters;
pub use dead_letters::{DeadLetter, DeadLetters, MAX_DEAD_LETTERS};
pub use engine::{ASLEEP_AFTER, BatchState, Engine, EngineState, Input, MAX_AHEAD, Output, PostError, Refused};
pub use epoch::{Epoch, NoPosition, Position, Transcript, batch_number};
pub use event::{Event, EventError, Id, MAX_ID_BYTES};
pub use id_list::{IDS_PATTERN, read_ids, write_ids};
pub use keeping::{KEEPING, named_settings};
pub use processor::Processor;
pub use queue::{Offer, Queue};
pub use receipts::{MAX_RECEIPTS, Receipt, Receipts};
pub use recent::Recent;
pub use rolling::{RollingOptions, RollingWindows};
pub use setting_value::{ClockKind, Kind, Late, Limits, Overflow, RollingBy, RollingScope, SourceKind};
pub use settings::{API_KEY, Field, MASK, SettingError, Settings};
pub(crate) use settings::{CLOSED, PIVOT_AGGS, WINDOW_AGGS};
pub use settings_address::{address_of_settings, address_with_key, names_setting, settings_of_address};
pub use source::Simulated;
pub use store::Store;
pub(crate) use transform::push_id;
pub use transform::{Tables, melt_column, pivot_by_id, rolling_name, rows_frame, tables};
