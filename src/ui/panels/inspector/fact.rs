//! A line of details.

use leptos::prelude::*;

use crate::ui::panels::pipeline::once_known;
use crate::ui::store::Pipeline;

/// A name and a text; the text is empty before the first snapshot.
#[component]
pub(super) fn Fact(
    /// The name.
    name: &'static str,
    /// The text.
    #[prop(into)]
    text: Signal<String>,
) -> impl IntoView {
    view! {
        <div class="inspector__fact">
            <dt>{name}</dt>
            <dd>{once_known(Pipeline::expect(), move || text.get())}</dd>
        </div>
    }
}

/// A setting in force.
#[component]
pub(super) fn SettingFact(
    /// The name shown.
    name: &'static str,
    /// The name of the setting.
    setting: &'static str,
    /// The meaning of an unset one.
    #[prop(optional)]
    unset: &'static str,
) -> impl IntoView {
    let pipeline = Pipeline::expect();
    let text = move || match pipeline.setting(setting) {
        value if value.is_empty() => unset.to_owned(),
        value => value,
    };
    view! { <Fact name text/> }
}
