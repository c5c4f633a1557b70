//! The settings.

use leptos::prelude::*;

use super::setting::Setting;
use crate::ui::model::settings::{FieldGroup, MAIN_GROUPS, MORE_GROUPS};

/// The main settings, and the rest under "More settings".
#[component]
pub fn SettingsPanel() -> impl IntoView {
    view! {
        <section class="panel settings" aria-labelledby="settings-title">
            <h2 class="panel__title" id="settings-title">
                "Settings"
            </h2>
            <div class="settings__groups">{groups(MAIN_GROUPS)}</div>
            <details class="settings__more">
                <summary>"More settings"</summary>
                <div class="settings__groups">{groups(MORE_GROUPS)}</div>
            </details>
        </section>
    }
}

fn groups(groups: &'static [FieldGroup]) -> impl IntoView {
    let group = |group: &'static FieldGroup| {
        let fields = group.fields.iter().map(|field| view! { <Setting field=field /> }).collect_view();
        view! {
            <fieldset class="settings__group">
                <legend class="settings__group-title">{group.title}</legend>
                {fields}
            </fieldset>
        }
    };
    groups.iter().map(group).collect_view()
}
