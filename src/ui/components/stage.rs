//! A stage of the pipeline picture.

use leptos::html::Button;
use leptos::prelude::*;

use super::counter::Counter;
use crate::ui::model::stage_health::StageHealth;

/// A stage: name, number, rate, note, health, and further content. Its button covers all of it, so that a click
/// anywhere opens the stage.
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
    /// Its health.
    #[prop(into)]
    health: Signal<StageHealth>,
    /// Whether the inspector shows this stage.
    #[prop(into)]
    is_open: Signal<bool>,
    /// Called on a click, with the button that the focus returns to.
    #[prop(into)]
    on_open: Callback<NodeRef<Button>>,
    /// The further content.
    children: Children,
) -> impl IntoView {
    let opener = NodeRef::new();
    let health_id = format!("{count_id}-health");
    view! {
        <li class="stage">
            <p class="stage__head">
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
                <span class="stage__unit">{unit}</span>
            </p>
            <p class="stage__count">
                <Counter value=count test_id=count_id/>
            </p>
            <p class="stage__note">
                <span class="stage__rate">{rate}</span>
                <span>{note}</span>
            </p>
            <HealthLine id=health_id test_id=count_id.replace("count", "health") health/>
            <div class="stage__drawing">{children()}</div>
        </li>
    }
}

/// A symbol and the reason, with a link to help.
#[component]
fn HealthLine(
    /// The id of the reason.
    id: String,
    /// The test id of the reason.
    test_id: String,
    /// The health.
    health: Signal<StageHealth>,
) -> impl IntoView {
    let help = move || health.read().help;
    view! {
        <p class=move || format!("stage__health stage__health--{}", health.read().health.class_part())>
            <span class="stage__sign" aria-hidden="true"></span>
            <span class="stage__reason" id=id data-testid=test_id>
                {move || health.get().reason}
            </span>
            <a class="stage__help" hidden=move || help().is_none() href=move || help().map(|help| help.address)>
                {move || help().map(|help| help.label)}
            </a>
        </p>
    }
}
