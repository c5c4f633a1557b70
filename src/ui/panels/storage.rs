//! Storage of the history, and its export.

use gloo_timers::future::TimeoutFuture;
use leptos::task::spawn_local;

use super::transfer::Transfer;
use crate::browser::animation_frame::next_frame;
use crate::browser::storage::{StorageEstimate, estimate, persist};
use crate::ui::components::question::{question, question_button};
use crate::ui::components::status_pill::status_pill;
use crate::ui::html::{button, div, dl, h2, p, section};
use crate::ui::live::{El, Follow, State};
use crate::ui::model::storage_text::{log_text, newest_notes, quota_text, recovery_text, tier_status};
use crate::ui::state::Pipeline;

/// Pause between two queries of the browser's storage.
const ASK_MILLIS: u32 = 10_000;
const UNKNOWN: &str = "the browser does not say";

/// The state of the storage, with export, import and the reset of all data.
#[must_use]
pub fn storage_panel(pipeline: Pipeline, transfer: Transfer) -> El {
    let (tier, notes) = (pipeline.tier(), pipeline.notes());
    let lent = State::new(None::<StorageEstimate>);
    let log_bytes = pipeline.number(|frame| frame.snapshot.storage.disk_bytes);
    spawn_local(ask_for_ever(lent));
    let is_asked = State::new(false);
    let start_over = move || pipeline.start_over();
    section("panel storage").id("storage").attr("tabindex", "-1").attr("aria-labelledby", "storage-title").with([
        div("panel__head").with([
            h2("panel__title").id("storage-title").text("Storage"),
            status_pill("storage-state", move || tier_status(&tier.read())),
        ]),
        dl("storage__facts").with([
            fact("Journal on disk", pipeline.text(|frame| log_text(&frame.snapshot.storage))),
            fact("Recovered", pipeline.text(|frame| recovery_text(&frame.snapshot.storage))),
            // The browser's own count lags behind the written bytes.
            fact("Browser's space", move || {
                let written = log_bytes.get() as f64;
                lent.read().as_ref().map_or_else(
                    || UNKNOWN.to_owned(),
                    |lent| quota_text(lent.used_bytes.max(written), lent.quota_bytes),
                )
            }),
            fact("Safe from clearing", move || {
                match &*lent.read() {
                    Some(lent) if lent.is_kept => "yes, it promised",
                    Some(_) => "not promised",
                    None => UNKNOWN,
                }
                .to_owned()
            }),
        ]),
        keep_request(lent),
        div("storage__notes")
            .test_id("storage-notes")
            .role("log")
            .attr("aria-live", "polite")
            .label("Notes")
            .swap(move || newest_notes(&notes.read()).iter().map(|note| p("").text(note)).collect()),
        div("storage__actions").with([transfer.export_buttons(), transfer.import_button()]),
        transfer.view(),
        div("storage__actions").with([
            question_button(is_asked, "Reset everything\u{2026}"),
            question(is_asked, "Erase all that this app keeps in this browser?", "Erase all", start_over),
        ]),
    ])
}

fn fact(name: &str, value: impl Follow<String>) -> El {
    div("storage__fact").with([El::new("dt").text(name), El::new("dd").live(value)])
}

/// Updates the browser's storage estimate while the page is visible: hidden pages have no frames.
async fn ask_for_ever(lent: State<Option<StorageEstimate>>) {
    loop {
        next_frame().await;
        let now = estimate().await;
        if *lent.peek() != now {
            lent.set(now);
        }
        TimeoutFuture::new(ASK_MILLIS).await;
    }
}

/// Persistence is requested only on a click: some browsers ask the user for permission.
fn keep_request(lent: State<Option<StorageEstimate>>) -> El {
    let answer = State::new(String::new());
    let ask = move || {
        spawn_local(async move {
            let is_kept = persist().await;
            answer.set(
                if is_kept {
                    "The browser promised not to clear it by itself."
                } else {
                    "The browser did not promise: it may clear this when space is short. Installing the app or \
                     visiting it often helps."
                }
                .to_owned(),
            );
            lent.update(|lent| {
                if let Some(lent) = lent {
                    lent.is_kept = is_kept;
                }
            });
        });
    };
    div("storage__actions storage__keep").with([
        button("button", "Ask the browser to keep it")
            .hidden_when(move || lent.read().is_none_or(|lent| lent.is_kept))
            .on_click(ask),
        p("storage__answer").role("status").live(answer),
    ])
}
