//! The files that are loaded, wait to be, or were: how far each is, and what can be done with it.

use leptos::prelude::*;

use super::Files;
use crate::protocol::{ChartRange, FilePace, FileSeek, FileState, FileView};
use crate::ui::components::button::Button;
use crate::ui::components::offers::Offers;
use crate::ui::focus::Focus;
use crate::ui::model::decimal::fixed;
use crate::ui::model::file_progress::{
    SPEEDS, can_rest, chart_span, ignored_text, position_text, progress_text, read_speed, share_of, speed_text,
    state_text,
};
use crate::ui::model::view_id::{Place, ViewId};
use crate::ui::navigation::Navigation;
use crate::ui::store::{PageSnapshotStoreFields, Pipeline};

const SPEEDS_ID: &str = "file-speeds-offered";
/// Steps of the slider that seeks.
const SEEK_STEPS: f64 = 1000.0;

/// All files, the newest last.
#[component]
pub(super) fn FileLoads(
    /// The chosen files.
    files: Files,
) -> impl IntoView {
    let pipeline = files.pipeline;
    let loads = pipeline.page().files();
    let numbers = Memo::new(move |_| loads.read().iter().map(|file| file.number).collect::<Vec<_>>());
    let has_ended = Memo::new(move |_| loads.read().iter().any(|file| file.state.is_ended()));
    view! {
        <section class="file-loads" aria-labelledby="file-loads-title" hidden=move || numbers.read().is_empty()>
            <div class="panel__head">
                <h3 class="panel__title" id="file-loads-title" tabindex="-1">"Files in the pipeline"</h3>
                <Button
                    class="button button--quiet"
                    text="Clear those that ended"
                    hidden=move || !has_ended.get()
                    on_press=move || pipeline.clear_ended_files()
                />
            </div>
            <Offers id=SPEEDS_ID offers=SPEEDS/>
            <ul class="file-loads__list">
                <For each=move || numbers.get() key=|number| *number let:number>
                    <FileLoad pipeline number/>
                </For>
            </ul>
        </section>
    }
}

/// A file with its progress and its controls.
#[component]
fn FileLoad(
    /// The pipeline.
    pipeline: Pipeline,
    /// Its number.
    number: u32,
) -> impl IntoView {
    let loads = pipeline.page().files();
    let file = Memo::new(move |before: Option<&Option<FileView>>| {
        let now = loads.read().iter().find(|file| file.number == number).cloned();
        now.or_else(|| before.cloned().flatten())
    });
    let text = move |read: fn(&FileView) -> String| file.read().as_ref().map(read).unwrap_or_default();
    let name = Memo::new(move |_| text(|file| file.name.clone()));
    let state = Memo::new(move |_| text(|file| state_text(file).to_owned()));
    let problem = Memo::new(move |_| text(|file| file.problem.clone().unwrap_or_default()));
    let ignored = Memo::new(move |_| text(|file| ignored_text(&file.ignored)));
    let share = Memo::new(move |_| file.read().as_ref().and_then(share_of));
    let is_replay =
        Memo::new(move |_| file.read().as_ref().is_some_and(|file| matches!(file.pace, FilePace::Replay { .. })));
    let is_ended = Memo::new(move |_| file.read().as_ref().is_none_or(|file| file.state.is_ended()));
    view! {
        <li class="file-load" data-testid="file-load">
            <div class="file-load__head">
                <strong class="file-load__name">{name}</strong>
                <span class="file-load__state" role="status">{state}</span>
            </div>
            <progress
                aria-label=move || format!("Progress of {}", name.read())
                value=move || share.get().map(|share| fixed(share, 3))
            ></progress>
            <p class="file-load__progress" data-testid="file-progress">{move || text(progress_text)}</p>
            <p class="field__error" role="alert">{problem}</p>
            <p class="field__hint" hidden=move || ignored.read().is_empty()>{ignored}</p>
            <Show when=move || is_replay.get() && !is_ended.get()>
                <ReplayControls pipeline file/>
            </Show>
            <div class="file-load__actions">
                <RestButton pipeline file/>
                <Button
                    text="Cancel"
                    label=move || format!("Cancel {}", name.read())
                    hidden=is_ended
                    on_press=move || pipeline.cancel_file(number)
                />
                <Links file/>
            </div>
        </li>
    }
}

/// The button that lets the file rest, or go on.
#[component]
fn RestButton(
    /// The pipeline.
    pipeline: Pipeline,
    /// The file.
    file: Memo<Option<FileView>>,
) -> impl IntoView {
    let can_be_pressed = Memo::new(move |_| file.read().as_ref().is_some_and(can_rest));
    let is_resting = Memo::new(move |_| file.read().as_ref().is_some_and(|file| file.state == FileState::Paused));
    let text = move || if is_resting.get() { "Go on" } else { "Pause" };
    view! {
        <Button
            text
            label=move || format!("{} this file", text())
            hidden=move || !can_be_pressed.get()
            on_press=move || pipeline.rest_file(!is_resting.get_untracked())
        />
    }
}

/// Position, speed and repetition of a replay.
#[component]
fn ReplayControls(
    /// The pipeline.
    pipeline: Pipeline,
    /// The file.
    file: Memo<Option<FileView>>,
) -> impl IntoView {
    let position = move || {
        pipeline.track_updates();
        file.read().as_ref().map(|file| position_text(file, pipeline.clock())).unwrap_or_default()
    };
    let place = Memo::new(move |_| {
        let share = file.read().as_ref().and_then(share_of).unwrap_or_default();
        fixed(share * SEEK_STEPS, 0)
    });
    let speed = Memo::new(move |_| match file.read().as_ref().map(|file| file.pace) {
        Some(FilePace::Replay { speed, .. }) => speed_text(speed),
        _ => String::new(),
    });
    let is_looped = Memo::new(move |_| {
        matches!(file.read().as_ref().map(|file| file.pace), Some(FilePace::Replay { is_looped: true, .. }))
    });
    let error = RwSignal::new(String::new());
    let set_speed = move |text: String| match read_speed(&text) {
        Ok(speed) => {
            error.set(String::new());
            pipeline.set_file_speed(Some(speed));
        }
        Err(sentence) => error.set(sentence),
    };
    // While it is dragged, the slider does not follow the replay.
    let dragged = RwSignal::new(None::<String>);
    let seek = move |text: String| {
        dragged.set(None);
        if let Ok(step) = text.parse::<f64>() {
            pipeline.seek_file(FileSeek::Share((step / SEEK_STEPS).clamp(0.0, 1.0)));
        }
    };
    view! {
        <div class="file-load__replay" role="group" aria-label="Replay">
            <span class="file-load__position" data-testid="file-position">{position}</span>
            <label class="file-load__seek">
                <span class="visually-hidden">"Position in the file"</span>
                <input
                    type="range"
                    min="0"
                    max="1000"
                    prop:value=move || dragged.get().unwrap_or_else(|| place.get())
                    aria-valuetext=position
                    on:input:target=move |event| dragged.set(Some(event.target().value()))
                    on:change:target=move |event| seek(event.target().value())
                />
            </label>
            <label class="file-load__speed">
                <span class="field__label">"\u{d7}"<span class="visually-hidden">" its own pace"</span></span>
                <input
                    class="input"
                    inputmode="decimal"
                    autocomplete="off"
                    list=SPEEDS_ID
                    prop:value=speed
                    on:change:target=move |event| set_speed(event.target().value())
                />
            </label>
            <label class="check">
                <input
                    class="check__box"
                    type="checkbox"
                    prop:checked=is_looped
                    on:change=move |_| pipeline.set_file_loop(!is_looped.get_untracked())
                />
                "again and again"
            </label>
            <Button
                class="button button--quiet"
                text="The rest at once"
                on_press=move || pipeline.set_file_speed(None)
            />
            <span class="field__error" role="alert">{error}</span>
        </div>
    }
}

/// The ways from the file to its rows.
#[component]
fn Links(
    /// The file.
    file: Memo<Option<FileView>>,
) -> impl IntoView {
    let (navigation, focus) = (Navigation::expect(), Focus::expect());
    let span = Memo::new(move |_| file.read().as_ref().and_then(chart_span));
    let is_empty = Memo::new(move |_| file.read().as_ref().is_none_or(|file| file.accepted == 0));
    let has_refused = Memo::new(move |_| file.read().as_ref().is_some_and(|file| file.refused > 0));
    let show_chart = move || {
        focus.range.set(span.get_untracked().map_or(ChartRange::All, |span| span.range()));
        navigation.go_to(Place::Part(ViewId::Live, "chart-title"));
    };
    view! {
        <Button class="button button--quiet" text="Show in the chart" hidden=is_empty on_press=show_chart/>
        <Button
            class="button button--quiet"
            text="Show its rows"
            hidden=is_empty
            on_press=move || navigation.show(ViewId::History)
        />
        <a class="inspector__link" href="#refused" hidden=move || !has_refused.get()>"Refused rows"</a>
    }
}
