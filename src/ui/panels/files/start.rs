//! How the rows of a file come, and the button that loads it.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::Files;
use super::state::PACES;
use crate::ui::components::offers::Offers;
use crate::ui::components::segmented::Segmented;
use crate::ui::model::file_progress::{SPEEDS, read_speed};

const SPEED_ID: &str = "file-speed";
const SPEEDS_ID: &str = "file-speeds";
const SPEED_ERROR_ID: &str = "file-speed-error";

/// The choice of the pace with what belongs to it, and the button.
#[component]
pub(super) fn StartForm(
    /// The chosen files.
    files: Files,
) -> impl IntoView {
    let is_replay = move || files.pace.get() == 1;
    let can_go_on = Memo::new(move |_| files.of_preview(|file| file.loaded.is_some_and(|loaded| !loaded.is_done)));
    let is_ready = Memo::new(move |_| files.shown().is_some_and(|file| file.is_ready()));
    let speed_error = move || read_speed(&files.speed.read()).err().unwrap_or_default();
    let is_live = Memo::new(move |_| files.shown().is_some_and(|file| file.live.is_some()));
    let text = move || match (files.is_starting.get(), is_live.get()) {
        (true, _) => "Starting\u{2026}",
        (false, true) => "Start this source",
        (false, false) => "Load this file",
    };
    view! {
        <form
            class="file-start"
            on:submit=move |event| {
                event.prevent_default();
                spawn_local(files.load_shown());
            }
        >
            <div class="file-start__pace" hidden=is_live>
                <span class="field__label">"Load it"</span>
                <Segmented
                    legend="How its rows come"
                    name="file-pace"
                    options=PACES.to_vec()
                    selected=files.pace
                    on_select=move |pace| files.pace.set(pace)
                />
            </div>
            <div class="file-start__replay" hidden=move || is_live.get() || !is_replay()>
                <label class="field__label" for=SPEED_ID>"times its own pace"</label>
                <input
                    class="input file-start__speed"
                    id=SPEED_ID
                    inputmode="decimal"
                    autocomplete="off"
                    list=SPEEDS_ID
                    aria-describedby=SPEED_ERROR_ID
                    aria-invalid=move || (!speed_error().is_empty()).to_string()
                    bind:value=files.speed
                />
                <Offers id=SPEEDS_ID offers=SPEEDS/>
                <label class="check">
                    <input class="check__box" type="checkbox" bind:checked=files.is_looped/>
                    "again and again"
                </label>
                <span class="field__error" id=SPEED_ERROR_ID aria-live="polite">{speed_error}</span>
            </div>
            <label class="check" hidden=move || is_live.get() || !can_go_on.get()>
                <input class="check__box" type="checkbox" bind:checked=files.is_continued/>
                "go on where it ended"
            </label>
            <button
                type="submit"
                class="button button--primary"
                disabled=move || !is_ready.get() || files.is_starting.get()
            >
                {text}
            </button>
        </form>
    }
}
