//! One setting: its draft, its refusal, and sending it.

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::ui::components::setting_field::SettingField;
use crate::ui::model::settings::{Field, meant};
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
    let error = RwSignal::new(None::<String>);
    let value = Signal::derive(move || draft.get().or_else(|| applied.get()).unwrap_or_default());
    let apply = move |text: String| {
        draft.set(Some(text.clone()));
        spawn_local(async move {
            match pipeline.configure(field.name, meant(&text)).await {
                Ok(()) => {
                    error.set(None);
                    draft.set(None);
                }
                Err(sentences) => error.set(Some(sentences.join(" "))),
            }
        });
    };
    view! {
        <SettingField
            field=field
            value=value
            error=error
            on_draft=Callback::new(move |text| draft.set(Some(text)))
            on_apply=Callback::new(apply)
        />
    }
}
