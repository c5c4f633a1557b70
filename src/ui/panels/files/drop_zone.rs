//! Where files are dropped, and the buttons that choose them.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::Files;
use crate::browser::source_file::SourceFile;
use crate::ui::components::button::Button;

/// The names of files that are offered first; any other can be chosen too.
const ACCEPTED: &str = ".csv,.tsv,.tab,.txt,.json,.ndjson,.jsonl,.arrow,.arrows,.feather,.ipc,.parquet,.gz,.zst,\
                        text/csv,text/tab-separated-values,application/json";

/// The place for files; they can be dropped anywhere on the page.
#[component]
pub(super) fn DropZone(
    /// The chosen files.
    files: Files,
) -> impl IntoView {
    let pick = move || spawn_local(async move { files.add_all(SourceFile::pick().await) });
    let can_be_followed = SourceFile::can_be_followed_here();
    view! {
        <div class="drop-zone" class=("drop-zone--over", files.is_dragged)>
            <p class="drop-zone__title">"Drop files or a folder here"</p>
            <p class="drop-zone__sentence">
                "CSV, NDJSON, JSON, Arrow or Parquet, also packed by gzip or zstd, of any size. They stay on this machine, \
                 and nothing is taken before you have seen what becomes of it."
            </p>
            <div class="drop-zone__buttons">
                <FileButton text="Choose files\u{2026}" on_choose=move |chosen| files.add(chosen)/>
                <FileButton text="Choose a folder\u{2026}" is_folder=true on_choose=move |chosen| files.add(chosen)/>
                <Button text="Choose a file to follow\u{2026}" hidden=!can_be_followed on_press=pick/>
            </div>
            <p class="field__error" role="alert">{files.refusal}</p>
        </div>
    }
}

/// A button that chooses files, or all files of a folder.
#[component]
pub fn FileButton(
    /// The text.
    text: &'static str,
    /// Takes what was chosen.
    #[prop(into)]
    on_choose: Callback<Vec<SourceFile>>,
    /// Whether it chooses a folder.
    #[prop(optional)]
    is_folder: bool,
) -> impl IntoView {
    view! {
        <label class="button file-button">
            <input
                class="visually-hidden"
                type="file"
                multiple
                accept=(!is_folder).then_some(ACCEPTED)
                prop:webkitdirectory=is_folder
                on:change=move |event| on_choose.run(SourceFile::chosen(&event))
            />
            {text}
        </label>
    }
}
