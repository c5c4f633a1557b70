//! The form of a live source.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::credentials::CredentialsFields;
use super::state::LiveForm;
use crate::pipeline::Settings;
use crate::ui::components::setting_field::SettingField;
use crate::ui::model::live_form::{field_label, fields_of, is_live};

/// The source with its settings, the credentials, and the buttons that test the source and start it. A source without a
/// server has neither credentials nor a test.
#[component]
pub(super) fn SourceForm(
    /// What is typed.
    form: LiveForm,
) -> impl IntoView {
    let is_known = form.pipeline.is_known();
    let fields = Memo::new(move |_| fields_of(&form.text("source")));
    let has_server = Memo::new(move |_| is_live(&form.text("source")));
    let is_disabled = move || form.is_busy.get() || !is_known.get();
    let test_text = move || if form.is_busy.get() { "Connecting\u{2026}" } else { "Test the connection" };
    let start_text = move || if has_server.get() { "Start without a preview" } else { "Use this source" };
    let outcome = move || form.outcome.get().unwrap_or_else(|sentence| sentence);
    view! {
        <form
            class="live-form"
            on:submit=move |event| {
                event.prevent_default();
                spawn_local(form.run(form.test()));
            }
        >
            <div class="live-form__fields">
                <For each=move || fields.get().iter().copied() key=|name| *name let:name>
                    <LiveField form name/>
                </For>
            </div>
            <Show when=move || has_server.get()>
                <CredentialsFields form/>
            </Show>
            <div class="live-form__actions">
                <Show when=move || has_server.get()>
                    <button type="submit" class="button button--primary" disabled=is_disabled>
                        {test_text}
                    </button>
                </Show>
                <button
                    type="button"
                    class="button"
                    disabled=is_disabled
                    on:click=move |_| spawn_local(form.run(form.start()))
                >
                    {start_text}
                </button>
            </div>
            <p class=("field__error", move || form.outcome.read().is_err()) role="status" data-testid="live-outcome">
                {outcome}
            </p>
        </form>
    }
}

/// A setting of the source: nothing is applied before it starts.
#[component]
fn LiveField(
    /// What is typed.
    form: LiveForm,
    /// The name of the setting.
    name: &'static str,
) -> impl IntoView {
    let (field, schema) = field_label(name).zip(Settings::field(name))?;
    let default = schema.default().unwrap_or_default();
    let value = Memo::new(move |_| form.text(name));
    let error = Memo::new(move |_| {
        let refusals = form.refusals();
        refusals.into_iter().filter(|refusal| refusal.name == name).map(|refusal| refusal.message).collect::<String>()
    });
    let is_changed = Memo::new(move |_| !value.read().is_empty() && *value.read() != default);
    let type_in = move |text: String| form.type_in(name, text);
    let place = "form";
    Some(view! { <SettingField place field schema value error is_changed on_draft=type_in on_apply=type_in/> })
}
