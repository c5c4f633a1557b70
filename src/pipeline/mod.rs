//! Floor 1: from events to batches, as state machines that take the time and the randomness as arguments.
//!
//! Read [`Engine`] first: `step(input)` drives it. An [`Event`] goes from a source into the [`Queue`] and leaves it in
//! a batch; the [`Processor`] turns the batch into the tables of a [`Batch`]. Implementations of [`Store`] keep the
//! rows.

mod address_key;
mod batch;
pub(crate) mod coding;
mod counters;
mod credentials;
mod cursor;
mod dead_letters;
mod engine;
mod engine_state;
mod epoch;
mod event;
mod id_list;
mod keeping;
mod live_values;
mod measures;
mod processor;
mod queue;
mod receipts;
mod recent;
pub mod records;
mod rolling;
mod schedule;
mod setting_value;
mod settings;
mod settings_address;
pub mod sniff;
mod source;
pub mod sources;
mod store;
mod transform;

pub use address_key::split_key;
pub use batch::Batch;
pub use counters::Counters;
pub use credentials::{CREDS_PATTERN, Credentials, MAX_CREDS_CHARS, MAX_SECRET_CHARS};
pub use cursor::{Cursor, Cursors, MAX_CURSORS, MAX_RANGES, MAX_SOURCE_BYTES, MAX_TOKEN_BYTES, RANGE_BYTES};
pub use dead_letters::{DeadLetter, DeadLetters, MAX_DEAD_LETTERS};
pub use engine::{Engine, Input, MAX_AHEAD, Output, PostError, Refused};
pub use engine_state::{BatchState, EngineState};
pub use epoch::{Epoch, NoPosition, Position, Transcript, batch_number};
pub use event::{Event, EventError, Id, MAX_ID_BYTES, Values};
pub use id_list::{IDS_PATTERN, read_ids, write_ids};
pub use keeping::{KEEPING, named_settings};
pub use live_values::{NatsName, NatsStart, SOURCE_URL_PATTERN, SourceUrl, Subject, SubjectFilter, UrlScheme};
pub use measures::{DEFAULT_MEASURE, MAX_MEASURE_BYTES, MAX_MEASURES, MEASURES_PATTERN, Measures, rolling_name};
pub use processor::Processor;
pub use queue::{Offer, Queue};
pub use receipts::{MAX_RECEIPTS, Receipt, Receipts};
pub use recent::Recent;
pub use rolling::{RollingOptions, RollingWindows};
pub use schedule::ASLEEP_AFTER;
pub use setting_value::{
    ClockKind, DELIMITER_PATTERN, Decimal, Delimiter, Header, Kind, Late, Limits, Missing, NatsMode, Overflow,
    RollingBy, RollingScope, SourceFormat, SourceKind,
};
pub use settings::{API_KEY, Field, MASK, SettingError, Settings};
pub(crate) use settings::{CLOSED, PIVOT_AGGS, WINDOW_AGGS};
pub use settings_address::{address_of_settings, address_with_key, names_setting, settings_of_address};
pub use source::Simulated;
pub(crate) use source::random_uuid;
pub use store::Store;
pub(crate) use transform::push_id;
pub use transform::{Tables, measures_of, melt_column, pivot_by_id, rows_frame, tables, with_rolling};
