//! Start, pause, step, forget.

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::ui::components::copy_button::CopyButton;
use crate::ui::model::share_link::share_link;
use crate::ui::state::Pipeline;

/// The buttons that drive the pipeline, with the reason when one did not work.
#[component]
pub fn Transport() -> impl IntoView {
    let pipeline = expect_context::<Pipeline>();
    let is_paused = pipeline.is_paused();
    let is_known = pipeline.is_known();
    let is_asking = RwSignal::new(false);
    let error = RwSignal::new(None::<String>);
    let toggle = move |_| {
        let paused = (!is_paused.get_untracked()).to_string();
        spawn_local(async move {
            let outcome = pipeline.configure("paused", Some(paused)).await;
            error.set(outcome.err().map(|sentences| sentences.join(" ")));
        });
    };
    let forget = move |_| {
        is_asking.set(false);
        spawn_local(async move { error.set(pipeline.forget_everything().await.err()) });
    };
    let settings = pipeline.select(|snapshot| snapshot.settings.clone());
    let link = Callback::new(move |()| share_link(&pipeline.base_address(), &settings.get_untracked()));
    let question = move || {
        is_asking.get().then(|| {
            view! {
                <div class="transport__question" role="group" aria-label="Forget everything?">
                    <span>"Forget results, history and dead letters?"</span>
                    <button type="button" class="button button--danger" on:click=forget>
                        "Forget all"
                    </button>
                    <button type="button" class="button" on:click=move |_| is_asking.set(false)>
                        "Keep"
                    </button>
                </div>
            }
        })
    };
    view! {
        <div class="transport">
            <button
                type="button"
                class="button button--primary transport__toggle"
                prop:disabled=move || !is_known.get()
                on:click=toggle
            >
                {move || if is_paused.get() { "Start" } else { "Pause" }}
            </button>
            <button
                type="button"
                class="button"
                title="Produces one event now"
                prop:disabled=move || !is_known.get()
                on:click=move |_| pipeline.step()
            >
                "Step"
            </button>
            <span class="transport__rest"></span>
            <CopyButton label="Copy link to this set-up" text=link />
            <button
                type="button"
                class="button button--quiet"
                aria-expanded=move || is_asking.get().to_string()
                prop:disabled=move || !is_known.get()
                on:click=move |_| is_asking.update(|is_asking| *is_asking = !*is_asking)
            >
                "Forget everything\u{2026}"
            </button>
            {question}
            <p class="transport__error" role="alert">{move || error.get()}</p>
        </div>
    }
}
