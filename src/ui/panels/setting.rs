//! One setting: its draft, its refusal, and sending it.

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::ui::components::setting_field::SettingField;
use crate::ui::model::settings::{Field, meant};
use crate::ui::signals::text;
use crate::ui::state::Pipeline;

/// A field that applies live; a refused text stays, with the reason beside it.
#[component]
pub fn Setting(
    /// The setting.
    field: &'static Field,
) -> impl IntoView {
    let pipeline = expect_context::<Pipeline>();
    let applied = pipeline.setting(field.name);
    let draft = RwSignal::new(None::<String>);
    let error = RwSignal::new(String::new());
    let value = text(move || draft.get().unwrap_or_else(|| applied.get()));
    let apply = move |typed: String| {
        draft.set(Some(typed.clone()));
        spawn_local(async move {
            match pipeline.configure(field.name, meant(&typed)).await {
                Ok(()) => {
                    error.set(String::new());
                    draft.set(None);
                }
                Err(sentences) => error.set(sentences.join(" ")),
            }
        });
    };
    view! {
        <SettingField
            field=field
            value=value
            error=error
            on_draft=Callback::new(move |typed| draft.set(Some(typed)))
            on_apply=Callback::new(apply)
        />
    }
}
