//! Start, pause, step, clear.

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::browser::random;
use crate::ui::components::copy_button::CopyButton;
use crate::ui::components::question::{Question, QuestionButton};
use crate::ui::store::Pipeline;

/// The buttons that control the pipeline, with the reason of a failure.
#[component]
pub fn Transport() -> impl IntoView {
    let pipeline = Pipeline::expect();
    let is_known = pipeline.is_known();
    let is_unknown = Signal::derive(move || !is_known.get());
    let has_seed = Memo::new(move |_| !pipeline.setting("seed").is_empty());
    let is_asked = RwSignal::new(false);
    let error = RwSignal::new(String::new());
    let copied = move || {
        if has_seed.get() { "Copied, with the same ids and values" } else { "Copied, ids and values will differ" }
    };
    let clear = move |()| {
        spawn_local(async move {
            let outcome = pipeline.clear_everything().await;
            error.set(outcome.err().unwrap_or_default());
        });
    };
    view! {
        <div class="transport">
            <PauseButton is_unknown error/>
            <button
                type="button"
                class="button"
                title="Produces one event now"
                disabled=is_unknown
                on:click=move |_| pipeline.step()
            >
                "Step"
            </button>
            <span class="transport__rest"></span>
            <RepeatableRun is_unknown has_seed/>
            <CopyButton label="Copy link to this view" text=move |()| pipeline.share_link("") copied/>
            <QuestionButton is_asked text="Forget everything\u{2026}" disabled=is_unknown/>
            <Question
                is_asked
                sentence="Forget results, history and dead letters?"
                answer="Forget all"
                on_answer=clear
            />
            <p class="transport__error" role="alert">{error}</p>
        </div>
    }
}

/// The button that pauses the source, or starts it again.
#[component]
fn PauseButton(
    /// Whether no snapshot has arrived yet.
    is_unknown: Signal<bool>,
    /// The reason of a failure.
    error: RwSignal<String>,
) -> impl IntoView {
    let pipeline = Pipeline::expect();
    let is_paused = pipeline.is_paused();
    let toggle = move |_| {
        let paused = (!is_paused.get_untracked()).to_string();
        spawn_local(async move {
            let outcome = pipeline.configure("paused", &paused).await;
            error.set(outcome.err().unwrap_or_default().join(" "));
        });
    };
    view! {
        <button type="button" class="button button--primary transport__toggle" disabled=is_unknown on:click=toggle>
            {move || if is_paused.get() { "Start" } else { "Pause" }}
        </button>
    }
}

/// Makes the run repeatable, or says that it is. Both have the same place: which of them is visible is known late, and
/// nothing may move then.
#[component]
fn RepeatableRun(
    /// Whether no snapshot has arrived yet.
    is_unknown: Signal<bool>,
    /// Whether the run has a seed.
    has_seed: Memo<bool>,
) -> impl IntoView {
    let pipeline = Pipeline::expect();
    view! {
        <span class="transport__repeat">
            <CopyButton
                label="Copy repeatable link"
                title="Sets a seed first: the link then shows the same ids and values on another machine"
                text=move |()| repeatable_link(pipeline)
                disabled=is_unknown
                hidden=has_seed
            />
            <span
                class="transport__note"
                title="A link to this view shows the same ids and values on another machine"
                hidden=move || !has_seed.get()
            >
                {move || has_seed.get().then(|| format!("Repeatable: seed {}", pipeline.setting("seed")))}
            </span>
        </span>
    }
}

/// Sets a seed for the run, and returns a link that repeats it. The link is made at once: browsers allow clipboard
/// access only shortly after a click.
fn repeatable_link(pipeline: Pipeline) -> String {
    let seed = ((random::unit() * 1e6) as u32).to_string();
    let link = pipeline.share_link(&format!("seed={seed}"));
    let planned = pipeline.plan("", &[("seed", Some(&seed))]);
    spawn_local(async move {
        if let Ok(step) = planned {
            // A seed is always valid. Without a running pipeline, the rest of the page reports that.
            let _ = pipeline.take(step).await;
        }
    });
    link
}
