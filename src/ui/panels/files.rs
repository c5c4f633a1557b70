//! The user's own files: chosen or dropped, looked at, corrected, and loaded.
//!
//! Read [`Files`] first, the state; the parts below arrange it from the drop zone to the progress.

mod chosen;
mod columns;
mod drop_zone;
mod loads;
mod preview;
mod reading;
mod sample;
mod start;
mod state;

use leptos::prelude::*;

use self::chosen::ChosenList;
use self::drop_zone::DropZone;
pub use self::drop_zone::FileButton;
use self::loads::FileLoads;
use self::preview::PreviewPane;
pub use self::state::{Files, LiveStart};

/// The drop zone, the chosen files with the preview of one, and the files that are loaded.
#[component]
pub fn FilesArea() -> impl IntoView {
    let files = Files::expect();
    view! {
        <div class="files">
            <DropZone files/>
            <ChosenList files/>
            <PreviewPane files/>
            <FileLoads files/>
        </div>
    }
}
