//! One setting: its draft, its validation, and its request.

use leptos::task::spawn_local;

use crate::pipeline::Settings;
use crate::ui::components::setting_field::SettingField;
use crate::ui::live::{El, Live, State};
use crate::ui::model::settings::FieldLabel;
use crate::ui::state::Pipeline;

/// A field that validates while typing and applies a finished change live; a refused text stays, with the reason beside
/// it.
#[must_use]
pub fn setting(pipeline: Pipeline, field: &'static FieldLabel) -> Option<El> {
    let schema = Settings::field(field.name)?;
    let default = schema.get(&Settings::default()).unwrap_or_default();
    let draft = State::new(None::<String>);
    let error = State::new(String::new());
    let in_force = move || pipeline.setting(field.name);
    let value = Live::new(move || draft.get().unwrap_or_else(in_force));
    let is_known = pipeline.is_known();
    let is_changed = Live::new(move || is_known.get() && in_force() != default);
    let type_in = move |typed: String| {
        error.set(pipeline.refusals(&[(field.name, Some(&typed))]).join(" "));
        draft.set(Some(typed).filter(|typed| *typed != in_force()));
    };
    let apply = move |typed: String| spawn_local(apply(pipeline, field.name, typed, draft, error));
    Some(SettingField { field, schema, value, error, is_changed }.view(type_in, apply))
}

async fn apply(
    pipeline: Pipeline,
    name: &'static str,
    typed: String,
    draft: State<Option<String>>,
    error: State<String>,
) {
    draft.set(Some(typed.clone()));
    pipeline.until_known().await;
    let planned = pipeline.plan("", &[(name, Some(&typed))]);
    let outcome = match planned {
        Ok(step) => pipeline.take(step).await,
        Err(sentences) => Err(sentences),
    };
    match outcome {
        Ok(()) => {
            error.set(String::new());
            draft.set(None);
        }
        Err(sentences) => error.set(sentences.join(" ")),
    }
}
