//! The fields of what the server of a live source is shown.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::state::LiveForm;
use crate::browser::source_file::SourceFile;
use crate::ui::model::live_credentials::Typed;

/// More bytes are no `.creds` file.
const MAX_BYTES: f64 = 65_536.0;

/// A token, a user with a password, or a file; they are kept in memory alone.
#[component]
pub(super) fn CredentialsFields(
    /// What is typed.
    form: LiveForm,
) -> impl IntoView {
    let login = form.login;
    let take_file = move |file: SourceFile| async move {
        match file.start(MAX_BYTES).await {
            Ok(bytes) => login.update(|typed| typed.creds = String::from_utf8_lossy(&bytes).into_owned()),
            Err(sentence) => form.outcome.set(Err(sentence)),
        }
    };
    let user: fn(&mut Typed) -> &mut String = |typed| &mut typed.user;
    let secret: fn(&mut Typed) -> &mut String = |typed| &mut typed.secret;
    let file_text = move || if login.read().creds.is_empty() { ".creds file\u{2026}" } else { ".creds file: chosen" };
    view! {
        <details class="live-credentials">
            <summary>"Credentials, in memory alone"</summary>
            <div class="live-form__fields">
                <SecretField form label="User, if any" read=user/>
                <SecretField form label="Password or token" read=secret is_secret=true/>
            </div>
            <div class="live-form__actions">
                <label class="button file-button">
                    <input
                        class="visually-hidden"
                        type="file"
                        accept=".creds"
                        on:change=move |event| {
                            if let Some(file) = SourceFile::chosen(&event).into_iter().next() {
                                spawn_local(take_file(file));
                            }
                        }
                    />
                    {file_text}
                </label>
                <button
                    type="button"
                    class="button button--quiet"
                    on:click=move |_| spawn_local(form.run(form.forget()))
                >
                    "Forget what was given"
                </button>
            </div>
        </details>
    }
}

/// A field with its label.
#[component]
fn SecretField(
    /// What is typed.
    form: LiveForm,
    /// The label.
    label: &'static str,
    /// The text among what is typed.
    read: fn(&mut Typed) -> &mut String,
    /// Whether it is not shown.
    #[prop(optional)]
    is_secret: bool,
) -> impl IntoView {
    let login = form.login;
    // Browsers offer to save what is typed into a field of a password, unless it is a new one.
    let (kind, autocomplete) = if is_secret { ("password", "new-password") } else { ("text", "off") };
    view! {
        <label class="field">
            <span class="field__label">{label}</span>
            <input
                class="input"
                type=kind
                autocomplete=autocomplete
                spellcheck="false"
                prop:value=move || read(&mut login.get()).clone()
                on:input:target=move |event| login.update(|typed| *read(typed) = event.target().value())
            />
        </label>
    }
}
