//! One setting: its draft, its refusal, and sending it.

use leptos::task::spawn_local;

use crate::ui::components::setting_field::SettingField;
use crate::ui::live::{El, Live, State};
use crate::ui::model::settings::{Field, meant};
use crate::ui::state::Pipeline;

/// A field that applies live; a refused text stays, with the reason beside it.
#[must_use]
pub fn setting(pipeline: Pipeline, field: &'static Field) -> El {
    let draft = State::new(None::<String>);
    let error = State::new(String::new());
    let value = Live::new(move || draft.get().unwrap_or_else(|| pipeline.setting(field.name)));
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
    SettingField { field, value, error }.view(move |typed| draft.set(Some(typed)), apply)
}
