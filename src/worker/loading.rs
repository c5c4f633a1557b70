//! The files of people's own that are loaded, and whether one is read now. `files` reads them.

use futures_channel::oneshot;

use crate::browser::file_decoder::FileDecoder;
use crate::browser::message::FileRef;

/// The files that are loaded, or wait to be.
#[derive(Default)]
pub(super) struct Loading {
    pub(super) files: Vec<(u32, FileRef)>,
    /// Looks at files before they are loaded.
    pub(super) previewer: Option<FileDecoder>,
    /// Whether `files::read_all` runs.
    pub(super) is_running: bool,
    /// Ends its rest.
    pub(super) resting: Option<oneshot::Sender<()>>,
}

impl Loading {
    /// Lets the file that rests be looked at now.
    pub(super) fn wake(&mut self) {
        if let Some(resting) = self.resting.take() {
            // One that does not rest any more looks by itself.
            let _ = resting.send(());
        }
    }
}
