//! The page's requests about the stored files.

use gloo_timers::callback::Timeout;

use super::{Client, NO_SINGLE_KEYS, READINGS, RawFile, SEEN_TOUR, THEME};
use crate::browser::{location, session};
use crate::protocol::{StorageAction, ToWorker};

/// How long the worker may take to erase what is stored.
const ERASE_MILLIS: u32 = 3000;

impl Client {
    /// Sends the user's choice about the files to the pipeline.
    pub fn decide(&self, action: StorageAction) {
        if let Ok(connection) = self.connection() {
            connection.send(&ToWorker::Storage(action));
        }
    }

    /// Removes all that the app stores in this browser, then reloads the page, even if the worker does not answer: then
    /// the next one opens the files that were left.
    pub fn start_over(&self) {
        self.decide(StorageAction::Erase);
        self.0.key.take();
        for name in [SEEN_TOUR, THEME, NO_SINGLE_KEYS, READINGS] {
            session::unmark_for_good(name);
        }
        super::durability::forget();
        if let Some(relay) = &*self.0.relay.borrow() {
            relay.forget();
        }
        // The page reloads sooner when the worker reports that it is done.
        Timeout::new(ERASE_MILLIS, location::start_over).forget();
    }

    /// The journal's files as they are.
    ///
    /// # Errors
    /// A sentence, when no worker sends them.
    pub async fn raw_files(&self) -> Result<Vec<RawFile>, String> {
        self.connection()?.raw_files(location::base_path()).await
    }
}
