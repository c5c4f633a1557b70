//! Floor 5: the only place that names web_sys, js_sys and wasm_bindgen; one file for each part of the web platform.
//!
//! Read [`message`] first: envelopes of the protocol and the ends that they are sent to. [`opfs`] is the files.

pub mod animation_frame;
pub mod blob_reader;
mod byte_stream;
pub mod channel;
pub mod clipboard;
pub mod clock;
pub mod decoder_worker;
pub mod departure;
pub mod download;
pub mod drag;
mod error;
pub mod fetch;
pub mod file_decoder;
pub mod file_slices;
pub mod file_text;
pub mod focus;
pub mod heartbeat_worker;
pub mod location;
pub mod locks;
pub mod memory;
pub mod message;
pub mod nats;
pub mod number;
pub mod opfs;
pub mod panic;
pub mod performance;
pub mod pipeline_worker;
pub mod random;
pub mod scroll;
pub mod service_worker;
pub mod session;
pub mod skeleton;
pub mod source_file;
pub mod source_sample;
pub mod spool;
pub mod storage;
pub mod style_token;
mod turn;
pub mod uplot;
pub mod visibility;
pub mod web_socket;
pub mod zone;

pub use turn::yield_now;
pub use wasm_bindgen_futures::spawn_local;
