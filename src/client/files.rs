//! The page's requests about files of people's own.
//!
//! Choose files with `browser::source_file`, ask for [`Client::preview_file`] until nothing is open, then
//! [`Client::load_file`]; each snapshot has the progress, in `Snapshot::files`.

use futures_channel::oneshot;

use super::Client;
use crate::browser::source_file::SourceFile;
use crate::pipeline::sniff::{Choices, Reading};
use crate::protocol::{FileControl, FilePace, FilePreview, FileRequest, FileSeek, ToWorker};

impl Client {
    /// What a file would become: what these choices leave open is guessed. Nothing is taken.
    ///
    /// # Errors
    /// A sentence, when the file cannot be read or no pipeline is there.
    pub async fn preview_file(&self, file: &SourceFile, choices: Choices) -> Result<FilePreview, String> {
        let connection = self.connection()?;
        let name = file.name().to_owned();
        let preview = connection.preview_file(file, |id| FileRequest::Preview { id, name, choices });
        let preview = preview.await.unwrap_or_else(|oneshot::Canceled| Err(super::connection::GONE.to_owned()))?;
        Ok(*preview)
    }

    /// Loads a file, after those that are being loaded; returns its number. `reading` is that of its preview.
    /// `is_continued` goes on where an earlier attempt ended: see [`FilePreview::loaded`].
    ///
    /// # Errors
    /// Sentences that say why it is not loaded; nothing of it was taken.
    pub async fn load_file(
        &self,
        file: &SourceFile,
        reading: Reading,
        pace: FilePace,
        is_continued: bool,
    ) -> Result<u32, Vec<String>> {
        let connection = self.connection().map_err(|sentence| vec![sentence])?;
        let name = file.name().to_owned();
        let loading = connection.load_file(file, |id| FileRequest::Load { id, name, reading, pace, is_continued });
        loading.await.unwrap_or_else(|oneshot::Canceled| Err(vec![super::connection::GONE.to_owned()]))
    }

    /// Lets the file that is read rest.
    pub fn pause_file(&self) {
        self.control_file(FileControl::Pause);
    }

    /// Lets it go on.
    pub fn resume_file(&self) {
        self.control_file(FileControl::Resume);
    }

    /// Lets it go on elsewhere.
    pub fn seek_file(&self, seek: FileSeek) {
        self.control_file(FileControl::Seek(seek));
    }

    /// Changes the speed of its replay; `None`: the rest of it at once.
    pub fn set_file_speed(&self, speed: Option<f64>) {
        self.control_file(FileControl::Speed(speed));
    }

    /// Whether its replay begins anew at its end.
    pub fn set_file_loop(&self, is_looped: bool) {
        self.control_file(FileControl::Loop(is_looped));
    }

    /// Ends a file, or takes it from those that wait; what was taken of it stays.
    pub fn cancel_file(&self, number: u32) {
        self.control_file(FileControl::Cancel { number });
    }

    /// Removes the files that have ended from the snapshots.
    pub fn clear_ended_files(&self) {
        self.control_file(FileControl::Clear);
    }

    fn control_file(&self, control: FileControl) {
        if let Ok(connection) = self.connection() {
            connection.send(&ToWorker::File(FileRequest::Control(control)));
        }
    }
}
