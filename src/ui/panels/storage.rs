//! Storage of the history, and its export.

use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::files::{FileButton, Files};
use super::menu::Clear;
use super::pipeline::{HistoryGauge, once_known};
use super::transfer::{ExportButtons, TransferView};
use crate::browser::animation_frame::next_frame;
use crate::browser::storage::{StorageEstimate, estimate, persist};
use crate::ui::components::question::{Question, QuestionButton};
use crate::ui::components::status_pill::StatusPill;
use crate::ui::model::inspector_text::retention_text;
use crate::ui::model::storage_text::{log_text, newest_notes, quota_text, recovery_text, tier_status};
use crate::ui::navigation::Navigation;
use crate::ui::store::{PageSnapshotStoreFields, Pipeline};

/// Pause between two queries of the browser's storage.
const QUERY_MILLIS: u32 = 10_000;
const UNKNOWN: &str = "the browser does not say";

/// The state of the storage, with export, import and the reset of all data.
#[component]
pub fn StoragePanel() -> impl IntoView {
    let (pipeline, files, navigation) = (Pipeline::expect(), Files::expect(), Navigation::expect());
    let storage = pipeline.page().storage();
    let is_asked = RwSignal::new(false);
    view! {
        <section class="panel storage" aria-labelledby="storage-title">
            <div class="panel__head">
                <h2 class="panel__title" id="storage-title" tabindex="-1">
                    "Storage"
                </h2>
                <StatusPill test_id="storage-state" status=Signal::derive(move || tier_status(&storage.read().tier))/>
            </div>
            <Allowance/>
            <Retention/>
            <Notes/>
            <h3 class="storage__subtitle">"Export and import"</h3>
            <div class="storage__actions">
                <ExportButtons/>
                <FileButton text="Import a file\u{2026}" on_choose=move |chosen| files.bring(chosen, navigation)/>
            </div>
            <TransferView/>
            <h3 class="storage__subtitle">"Delete"</h3>
            <div class="storage__actions">
                <Clear/>
                <QuestionButton is_asked text="Reset everything\u{2026}" disabled=move || pipeline.is_framed()/>
                <Question
                    is_asked
                    sentence="Erase all that this app keeps in this browser?"
                    answer="Erase all"
                    on_answer=move || pipeline.start_over()
                />
            </div>
        </section>
    }
}

/// What the history takes, what the browser allows, and the button that asks the browser to keep it.
#[component]
fn Allowance() -> impl IntoView {
    let storage = Pipeline::expect().page().storage();
    let allowed = RwSignal::new(None::<StorageEstimate>);
    spawn_local(follow_estimate(allowed));
    let space = move || {
        // The browser's own count lags behind the written bytes.
        let written = storage.read().disk_bytes as f64;
        let text = |it: StorageEstimate| quota_text(it.used_bytes.max(written), it.quota_bytes);
        allowed.get().map_or_else(|| UNKNOWN.to_owned(), text)
    };
    let promise = move || match allowed.get() {
        Some(it) if it.is_kept => "yes, it promised",
        Some(_) => "not promised",
        None => UNKNOWN,
    };
    view! {
        <dl class="storage__facts">
            <Fact name="Journal on disk">{move || log_text(&storage.read())}</Fact>
            <Fact name="Recovered">{move || recovery_text(&storage.read())}</Fact>
            <Fact name="Browser's space">{space}</Fact>
            <Fact name="Safe from clearing">{promise}</Fact>
        </dl>
        <KeepRequest allowed/>
    }
}

/// How much of what may be kept is kept, and the way to the settings of it.
#[component]
fn Retention() -> impl IntoView {
    let (pipeline, navigation) = (Pipeline::expect(), Navigation::expect());
    let page = pipeline.page();
    let text = move || {
        let (is_kept, age) = (pipeline.setting("persist") == "true", pipeline.setting("history_age"));
        retention_text(page.history_rows().get().into(), pipeline.setting_number("history_rows"), &age, is_kept)
    };
    view! {
        <dl class="storage__facts">
            <Fact name="Retention">{once_known(pipeline, text)}</Fact>
        </dl>
        <HistoryGauge/>
        <div class="storage__actions">
            <button type="button" class="button button--quiet" on:click=move |_| navigation.open_setting("keeping")>
                "Change how much is kept"
            </button>
        </div>
    }
}

/// A name with its value.
#[component]
fn Fact(
    /// The name.
    name: &'static str,
    /// The value.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="storage__fact">
            <dt>{name}</dt>
            <dd>{children()}</dd>
        </div>
    }
}

/// Updates the browser's storage estimate while the page is visible: hidden pages have no frames.
async fn follow_estimate(allowed: RwSignal<Option<StorageEstimate>>) {
    loop {
        next_frame().await;
        let now = estimate().await;
        allowed.maybe_update(|allowed| std::mem::replace(allowed, now) != now);
        TimeoutFuture::new(QUERY_MILLIS).await;
    }
}

/// Persistence is requested only on a click: some browsers ask the user for permission.
#[component]
fn KeepRequest(
    /// The browser's storage.
    allowed: RwSignal<Option<StorageEstimate>>,
) -> impl IntoView {
    let answer = RwSignal::new("");
    let ask = move |_| {
        spawn_local(async move {
            let is_kept = persist().await;
            answer.set(if is_kept {
                "The browser promised not to clear it by itself."
            } else {
                "The browser did not promise: it may clear this when space is short. Installing the app or visiting it \
                 often helps."
            });
            allowed.update(|allowed| {
                if let Some(allowed) = allowed {
                    allowed.is_kept = is_kept;
                }
            });
        });
    };
    view! {
        <div class="storage__actions storage__keep">
            <button
                type="button"
                class="button"
                hidden=move || allowed.get().is_none_or(|it| it.is_kept)
                on:click=ask
            >
                "Ask the browser to keep it"
            </button>
            <p class="storage__answer" role="status">
                {answer}
            </p>
        </div>
    }
}

/// The worker's notes to the user.
#[component]
fn Notes() -> impl IntoView {
    let storage = Pipeline::expect().page().storage();
    let notes = Memo::new(move |_| newest_notes(&storage.read().notes).to_vec());
    view! {
        <div class="storage__notes" data-testid="storage-notes" role="log" aria-live="polite" aria-label="Notes">
            {move || notes.get().into_iter().map(|note| view! { <p>{note}</p> }).collect_view()}
        </div>
    }
}
