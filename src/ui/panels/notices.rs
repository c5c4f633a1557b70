//! Messages for the whole page: a newer version, failures, refused settings of the address, another tab's pipeline, a
//! full disk, a frame of another site.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::transfer::{ExportButtons, RawButton, TransferView};
use super::update_notice::UpdateNotice;
use crate::client::{ApiAccess, Connection, RecoveryMode};
use crate::protocol::{StorageAction, Tier};
use crate::ui::components::copy_button::CopyButton;
use crate::ui::components::held_notice::HeldNotice;
use crate::ui::components::notice::Notice;
use crate::ui::model::connection::Health;
use crate::ui::model::file_progress::lost_text;
use crate::ui::store::{PageSnapshotStoreFields, Pipeline, Trouble};

/// The messages at the top of the page; none while everything works.
#[component]
pub fn NoticesPanel() -> impl IntoView {
    // Each has its own element, so that a change of one does not announce another again.
    view! {
        <div class="notices">
            <UpdateNotice/>
            <div class="notices__place"><FrameNotice/></div>
            <div class="notices__place"><ConnectionNotice/></div>
            <div class="notices__place"><StorageNotice/></div>
            <div class="notices__place"><ApiNotice/></div>
            <div class="notices__place"><HeldSettings/></div>
            <div class="notices__place"><AddressNotice/></div>
            <div class="notices__place"><LostFilesNotice/></div>
        </div>
    }
}

/// Who runs the pipeline, where it is not this tab.
#[component]
fn ConnectionNotice() -> impl IntoView {
    let pipeline = Pipeline::expect();
    let (connection, failure) = (pipeline.connection(), pipeline.failure());
    move || match (connection.get(), failure.get()) {
        (Connection::Failed(sentence), trouble) => view! { <StoppedNotice sentence trouble/> }.into_any(),
        (_, Some(trouble)) => view! { <RestartNotice trouble/> }.into_any(),
        (Connection::Attached, None) => view! { <AttachedNotice/> }.into_any(),
        (Connection::Connecting | Connection::Owner, None) => ().into_any(),
    }
}

/// The pipeline cannot run; after a failure with its report, and what can be saved.
#[component]
fn StoppedNotice(
    /// Why it cannot, and what to do.
    sentence: String,
    /// The failure, if it was one.
    trouble: Option<Trouble>,
) -> impl IntoView {
    let actions = trouble.map(|trouble| {
        view! {
            <ReportButton trouble/>
            <Rescue/>
            <TransferView/>
        }
    });
    view! {
        <Notice health=Health::Broken title="The pipeline does not run.">
            <p>{sentence}</p>
            <div class="notice__actions">{actions}</div>
        </Notice>
    }
}

/// The pipeline runs again after a failure.
#[component]
fn RestartNotice(
    /// The failure.
    trouble: Trouble,
) -> impl IntoView {
    let failure = Pipeline::expect().failure();
    let headline = trouble.failure.headline().to_owned();
    view! {
        <Notice health=Health::Limited title="The pipeline was restarted.">
            <p>"Its worker stopped: "{headline}". It goes on from what is stored."</p>
            <div class="notice__actions">
                <ReportButton trouble/>
                <button type="button" class="button button--quiet" on:click=move |_| failure.set(None)>
                    "Dismiss"
                </button>
            </div>
        </Notice>
    }
}

/// Another tab runs the pipeline.
#[component]
fn AttachedNotice() -> impl IntoView {
    view! {
        <Notice health=Health::Pending title="Another tab runs the pipeline.">
            "This tab is a window onto it: what you change here changes there. \
             It takes over when the other tab is closed."
        </Notice>
    }
}

/// Copies the report of a failure.
#[component]
fn ReportButton(
    /// The failure.
    trouble: Trouble,
) -> impl IntoView {
    view! { <CopyButton label="Copy report" text=move |()| trouble.report.clone()/> }
}

/// The possible actions while the pipeline does not run.
#[component]
fn Rescue() -> impl IntoView {
    let recovery = Pipeline::expect().recovery();
    move || match recovery.get() {
        RecoveryMode::Unneeded => "Looking for what is stored\u{2026}".into_any(),
        RecoveryMode::Requests => view! { <ExportButtons/> }.into_any(),
        RecoveryMode::Files => view! { <RawButton/> }.into_any(),
        RecoveryMode::Nothing => "What is stored cannot be read from here; it stays in this browser.".into_any(),
    }
}

/// Why the history is not durable.
#[component]
fn StorageNotice() -> impl IntoView {
    let page = Pipeline::expect().page();
    let tier = Memo::new(move |_| page.storage().read().tier.clone());
    move || match tier.get() {
        Tier::Pending | Tier::Durable | Tier::Off => ().into_any(),
        Tier::Memory(reason) => view! { <MemoryNotice reason/> }.into_any(),
        Tier::Full(reason) => view! { <FullNotice reason/> }.into_any(),
        Tier::Refused(reason) => view! { <RefusedNotice reason/> }.into_any(),
    }
}

/// The history cannot be kept.
#[component]
fn MemoryNotice(
    /// Why.
    reason: String,
) -> impl IntoView {
    view! {
        <Notice health=Health::Limited title="History is kept in memory only.">
            <p>{reason}</p>
        </Notice>
    }
}

/// The disk is full: persistence waits for the user's choice.
#[component]
fn FullNotice(
    /// What the browser says.
    reason: String,
) -> impl IntoView {
    view! {
        <Notice health=Health::Broken title="The disk is full, and new rows are not kept until you choose.">
            <p>"The browser says: "{reason}</p>
            <div class="notice__actions">
                <ActionButton text="Drop the oldest" action=StorageAction::DropOldest/>
                <a class="button" href="#storage">"Export\u{2026}"</a>
                <ActionButton text="Try again" action=StorageAction::Retry/>
                <ActionButton text="Go on in memory" action=StorageAction::Memory/>
            </div>
        </Notice>
    }
}

/// The files are of a version that this build cannot read.
#[component]
fn RefusedNotice(
    /// The sentence that names it.
    reason: String,
) -> impl IntoView {
    view! {
        <Notice health=Health::Limited title="What is stored is of a version that this one cannot read.">
            <p>{reason}" The pipeline goes on in memory; the files stay as they are."</p>
            <div class="notice__actions">
                <RawButton/>
                <TransferView/>
            </div>
        </Notice>
    }
}

/// Chooses what happens on a full disk.
#[component]
fn ActionButton(
    /// Its text.
    text: &'static str,
    /// The choice.
    action: StorageAction,
) -> impl IntoView {
    let pipeline = Pipeline::expect();
    let is_refused = pipeline.is_framed() && action != StorageAction::Retry;
    view! {
        <button type="button" class="button" disabled=is_refused on:click=move |_| pipeline.decide(action)>
            {text}
        </button>
    }
}

/// Why only this page's console reaches the pipeline.
#[component]
fn ApiNotice() -> impl IntoView {
    let api = Pipeline::expect().api();
    move || match api.get() {
        ApiAccess::ConsoleOnly(sentence) => Some(view! {
            <Notice health=Health::Limited title="The API answers only the console on this page.">
                {sentence}
            </Notice>
        }),
        ApiAccess::Pending | ApiAccess::Live => None,
    }
}

/// A page of another site shows this one in a frame.
#[component]
fn FrameNotice() -> impl IntoView {
    let pipeline = Pipeline::expect();
    pipeline.is_framed().then(|| {
        view! {
            <Notice health=Health::Limited title="Another site shows this page in a frame.">
                <p>"It could lead a click astray, so that nothing stored can be removed from here."</p>
                <div class="notice__actions">
                    <a class="button" href=pipeline.base_address() target="_blank" rel="noopener">
                        "Open in a tab of its own"
                    </a>
                </div>
            </Notice>
        }
    })
}

/// Settings of the address that wait for the user's consent.
#[component]
fn HeldSettings() -> impl IntoView {
    let pipeline = Pipeline::expect();
    let held = pipeline.held_settings();
    let error = RwSignal::new(String::new());
    let apply = move |()| {
        spawn_local(async move {
            let applied = pipeline.apply_held_settings().await;
            error.set(applied.err().unwrap_or_default().join(" "));
        });
    };
    let keep = move |()| held.set(Vec::new());
    view! { <HeldNotice held error is_framed=pipeline.is_framed() on_apply=apply on_keep=keep/> }
}

/// Files that were being loaded when the pipeline stopped: no page may open them again by itself.
#[component]
fn LostFilesNotice() -> impl IntoView {
    let pipeline = Pipeline::expect();
    let files = pipeline.page().files();
    let lost = Memo::new(move |_| lost_text(&files.read()));
    view! {
        <Show when=move || !lost.read().is_empty()>
            <Notice health=Health::Limited title="A file was not read to its end.">
                <p data-testid="lost-files">
                    {lost} ": choose it again to go on where it stopped. What was taken of it is there."
                </p>
                <div class="notice__actions">
                    <a class="button" href="#own-data">"Choose it again"</a>
                    <button type="button" class="button button--quiet" on:click=move |_| pipeline.clear_ended_files()>
                        "Leave it"
                    </button>
                </div>
            </Notice>
        </Show>
    }
}

/// The parts of the address that were refused.
#[component]
fn AddressNotice() -> impl IntoView {
    let pipeline = Pipeline::expect();
    let problems = pipeline.problems();
    let items = move || problems.get().into_iter().map(|problem| view! { <li>{problem}</li> }).collect_view();
    view! {
        <Show when=move || !problems.read().is_empty()>
            <Notice health=Health::Limited title="About the address">
                <ul class="notice__list" data-testid="problems">
                    {items}
                </ul>
                <button type="button" class="button button--quiet" on:click=move |_| pipeline.dismiss_problems()>
                    "Dismiss"
                </button>
            </Notice>
        </Show>
    }
}
