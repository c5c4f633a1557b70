//! What the page asks of the log.

use std::rc::Rc;

use gloo_timers::callback::Timeout;
use js_sys::{Array, Object};
use wasm_bindgen::JsCast;

use super::{Client, RawFile};
use crate::browser::message::Message;
use crate::browser::{location, storage};

/// How long the worker may take to erase what is stored.
const ERASE_MILLIS: u32 = 3000;
/// How long it may take to read it all.
const READ_MILLIS: u32 = 60_000;

impl Client {
    /// Tells the pipeline what to do about a full disk: `retry`, `drop_oldest` or `memory`.
    pub fn decide(&self, action: &str) {
        if let Ok(line) = self.line() {
            line.send(&store(action));
        }
    }

    /// Takes away all that the app keeps in this browser, then loads the page anew. A worker that does not answer keeps
    /// nobody from it: the next one finds what it left.
    pub async fn start_over(self) {
        let _ = self.ask(store("erase"), "erased", ERASE_MILLIS).await;
        let relay = self.0.relay.borrow().clone();
        if let Some(relay) = relay {
            relay.unregister().await;
        }
        storage::forget_app().await;
        location::start_over();
    }

    /// The log's files as they are.
    ///
    /// # Errors
    /// A sentence, when nobody hands them out.
    pub async fn raw_files(&self) -> Result<Vec<RawFile>, String> {
        let question = Message::new("raw").with("base", location::base_path());
        let files: Array = self.ask(question, "raw", READ_MILLIS).await?.get("files").dyn_into().unwrap_or_default();
        let files = files.iter().filter_map(|file| file.dyn_into::<Object>().ok()).map(Message::from);
        Ok(files
            .map(|file| RawFile { name: file.text("name").unwrap_or_default(), bytes: file.bytes("bytes") })
            .collect())
    }

    async fn ask(&self, message: Message, answer_kind: &'static str, patience_millis: u32) -> Result<Message, String> {
        let line = self.line()?;
        let _impatience = Timeout::new(patience_millis, {
            let line = Rc::clone(&line);
            move || line.give_up()
        });
        line.ask(&message, answer_kind).await
    }
}

fn store(action: &str) -> Message {
    Message::new("storage").with("action", action)
}
