//! What the page asks of the log.

use gloo_timers::callback::Timeout;
use js_sys::{Array, Object};
use wasm_bindgen::JsCast;

use super::handle::API_KEY;
use super::{Client, RawFile, SEEN_TOUR};
use crate::browser::message::Message;
use crate::browser::{location, session};

/// How long the worker may take to erase what is stored.
const ERASE_MILLIS: u32 = 3000;

impl Client {
    /// Tells the pipeline what to do about its storage: `retry`, `drop_oldest` or `memory` when the disk is full.
    pub fn decide(&self, action: &str) {
        if let Ok(connection) = self.connection() {
            connection.send(&Message::new("storage").with("action", action));
        }
    }

    /// Takes away all that the app keeps in this browser, then loads the page anew. A worker that does not answer keeps
    /// nobody from it: the next one finds what it left.
    pub fn start_over(&self) {
        self.decide("erase");
        session::keep(API_KEY, "");
        session::forget_for_good(SEEN_TOUR);
        if let Some(relay) = &*self.0.relay.borrow() {
            relay.forget();
        }
        // Sooner, when the worker says that it is done.
        Timeout::new(ERASE_MILLIS, location::start_over).forget();
    }

    /// The log's files as they are.
    ///
    /// # Errors
    /// A sentence, when nobody hands them out.
    pub async fn raw_files(&self) -> Result<Vec<RawFile>, String> {
        let question = Message::new("raw").with("base", location::base_path());
        let files: Array = self.connection()?.ask(&question, "raw").await?.get("files").dyn_into().unwrap_or_default();
        let files = files.iter().filter_map(|file| file.dyn_into::<Object>().ok()).map(Message::from);
        Ok(files
            .map(|file| RawFile { name: file.text("name").unwrap_or_default(), bytes: file.bytes("bytes") })
            .collect())
    }
}
