//! One setting: its draft, its validation, and its request.

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::pipeline::Settings;
use crate::ui::components::setting_field::SettingField;
use crate::ui::model::settings::FieldLabel;
use crate::ui::store::Pipeline;

/// A field that validates while typing and applies a finished change live; a refused text stays, with the reason beside
/// it.
#[component]
pub fn Setting(
    /// The texts of the setting.
    field: &'static FieldLabel,
) -> impl IntoView {
    let pipeline = Pipeline::expect();
    let schema = Settings::field(field.name)?;
    let default = schema.get(&Settings::default()).unwrap_or_default();
    let is_known = pipeline.is_known();
    let in_force = Memo::new(move |_| pipeline.setting(field.name));
    let is_changed = Memo::new(move |_| is_known.get() && *in_force.read() != default);
    let draft = RwSignal::new(None::<String>);
    let error = RwSignal::new(String::new());
    let value = Signal::derive(move || draft.get().unwrap_or_else(|| in_force.get()));
    let check = move |typed: String| {
        error.set(pipeline.refusals(&[(field.name, Some(&typed))]).join(" "));
        // Before the first snapshot nothing is in force yet: what is typed then is a draft too, also an empty text.
        draft.set(Some(typed).filter(|typed| !is_known.get_untracked() || *typed != *in_force.read_untracked()));
    };
    let apply = move |typed: String| {
        draft.set(Some(typed.clone()));
        spawn_local(async move {
            let outcome = change(pipeline, field.name, &typed).await;
            if outcome.is_ok() {
                draft.set(None);
            }
            error.set(outcome.err().unwrap_or_default().join(" "));
        });
    };
    Some(view! { <SettingField field schema value error is_changed on_draft=check on_apply=apply/> })
}

/// Changes the setting in one step, which can be undone; an empty text is the default.
async fn change(pipeline: Pipeline, name: &str, text: &str) -> Result<(), Vec<String>> {
    pipeline.until_known().await;
    let step = pipeline.plan("", &[(name, Some(text))])?;
    pipeline.take(step).await
}
