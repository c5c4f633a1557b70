//! Start, pause, step, forget.

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::ui::components::copy_button::CopyButton;
use crate::ui::model::share_link::share_link;
use crate::ui::signals::{flag, text};
use crate::ui::state::Pipeline;

/// The buttons that drive the pipeline, with the reason when one did not work.
#[component]
pub fn Transport() -> impl IntoView {
    let pipeline = expect_context::<Pipeline>();
    let is_paused = pipeline.is_paused();
    let is_known = pipeline.is_known();
    let is_unknown = flag(move || !is_known.get());
    let is_asking = RwSignal::new(false);
    let error = RwSignal::new(String::new());
    let toggle = move |_| {
        let paused = (!is_paused.get_untracked()).to_string();
        spawn_local(async move {
            let outcome = pipeline.configure("paused", Some(paused)).await;
            error.set(outcome.err().unwrap_or_default().join(" "));
        });
    };
    let forget = move |_| {
        is_asking.set(false);
        spawn_local(async move { error.set(pipeline.forget_everything().await.err().unwrap_or_default()) });
    };
    let link = Callback::new(move |()| {
        let link = pipeline.peek(|frame| share_link(&pipeline.base_address(), &frame.snapshot.settings));
        link.unwrap_or_else(|| pipeline.base_address())
    });
    view! {
        <div class="transport">
            <button
                type="button"
                class="button button--primary transport__toggle"
                prop:disabled=is_unknown
                on:click=toggle
            >
                {text(move || if is_paused.get() { "Start" } else { "Pause" }.to_owned())}
            </button>
            <button
                type="button"
                class="button"
                title="Produces one event now"
                prop:disabled=is_unknown
                on:click=move |_| pipeline.step()
            >
                "Step"
            </button>
            <span class="transport__rest"></span>
            <CopyButton label="Copy link to this set-up" text=link />
            <button
                type="button"
                class="button button--quiet"
                aria-expanded=text(move || is_asking.get().to_string())
                prop:disabled=is_unknown
                on:click=move |_| is_asking.update(|is_asking| *is_asking = !*is_asking)
            >
                "Forget everything\u{2026}"
            </button>
            <div
                class="transport__question"
                role="group"
                aria-label="Forget everything?"
                hidden=flag(move || !is_asking.get())
            >
                <span>"Forget results, history and dead letters?"</span>
                <button type="button" class="button button--danger" on:click=forget>
                    "Forget all"
                </button>
                <button type="button" class="button" on:click=move |_| is_asking.set(false)>
                    "Keep"
                </button>
            </div>
            <p class="transport__error" role="alert">{text(move || error.get())}</p>
        </div>
    }
}
