//! A stage of the pipeline.

use leptos::html::Button;
use leptos::prelude::*;

use super::counter::Counter;
use crate::ui::model::stage_health::StageHealth;

/// A stage: name and health, number and rate, note and drawing, and what the stage does. Its button covers all of it, so
/// that a click anywhere opens the stage.
#[component]
pub fn Stage(
    /// Its name.
    name: &'static str,
    /// Its number.
    #[prop(into)]
    count: Signal<u64>,
    /// The test id of the number.
    count_id: &'static str,
    /// What the number counts.
    unit: &'static str,
    /// The rate of its items.
    #[prop(into)]
    rate: Signal<String>,
    /// A short text on its current work.
    #[prop(into)]
    note: Signal<String>,
    /// What it does, in a few words.
    #[prop(into)]
    sentence: Signal<&'static str>,
    /// Its health.
    #[prop(into)]
    health: Signal<StageHealth>,
    /// Whether the inspector shows this stage.
    #[prop(into)]
    is_open: Signal<bool>,
    /// Called on a click, with the button that the focus returns to.
    #[prop(into)]
    on_open: Callback<NodeRef<Button>>,
    /// The drawing.
    children: Children,
) -> impl IntoView {
    let opener = NodeRef::new();
    let health_id = format!("{count_id}-health");
    view! {
        <li class=move || format!("stage stage--{}", health.read().health.class_part())>
            <div class="stage__head">
                <span class="stage__sign" aria-hidden="true"></span>
                <button
                    type="button"
                    class="stage__open"
                    aria-controls="inspector"
                    aria-describedby=health_id.clone()
                    aria-expanded=move || is_open.get().to_string()
                    node_ref=opener
                    on:click=move |_| on_open.run(opener)
                >
                    {name}
                </button>
                <HealthText id=health_id test_id=count_id.replace("count", "health") health/>
            </div>
            <p class="stage__count">
                <Counter value=count test_id=count_id/>
                <span class="stage__unit">{unit}</span>
                <span class="stage__rate">{rate}</span>
            </p>
            <div class="stage__work">
                <span class="stage__note">{note}</span>
                <span class="stage__drawing">{children()}</span>
            </div>
            <p class="stage__sentence">{sentence}</p>
        </li>
    }
}

/// The reason of the health, with a link to help.
#[component]
fn HealthText(
    /// The id of the reason.
    id: String,
    /// The test id of the reason.
    test_id: String,
    /// The health.
    health: Signal<StageHealth>,
) -> impl IntoView {
    let help = move || health.read().help;
    view! {
        <span class="stage__reason" id=id data-testid=test_id title=move || health.get().reason>
            {move || health.get().reason}
        </span>
        <a class="stage__help" hidden=move || help().is_none() href=move || help().map(|help| help.address)>
            {move || help().map(|help| help.label)}
        </a>
    }
}
