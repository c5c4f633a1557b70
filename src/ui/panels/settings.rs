//! The settings drawer: search, presets, undo, and a field for each setting.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::setting::Setting;
use crate::browser::clock;
use crate::client::ConsoleRequest;
use crate::ui::components::deferred::Deferred;
use crate::ui::components::question::{Question, QuestionButton};
use crate::ui::model::payload::Outcome;
use crate::ui::model::presets::{PRESETS, Preset, defaults, messy_csv};
use crate::ui::model::settings::{FieldGroup, FieldLabel, GROUPS, found_settings};
use crate::ui::navigation::Navigation;
use crate::ui::store::{PageSnapshotStoreFields, Pipeline};

const RESET_SENTENCE: &str =
    "Set every setting to its default? If the history holds more than a million rows, the oldest go.";

/// A drawer at the right: search, presets, undo, and all settings in groups.
#[component]
pub fn SettingsPanel() -> impl IntoView {
    let navigation = Navigation::expect();
    let has_settings = navigation.has_settings();
    let form = PresetForm::new();
    let close_on_escape = move |event: KeyboardEvent| {
        if event.key() == "Escape" {
            event.prevent_default();
            navigation.close_settings();
        }
    };
    view! {
        <aside
            class="settings"
            id="settings"
            tabindex="-1"
            aria-labelledby="settings-title"
            hidden=move || !has_settings.get()
            on:keydown=close_on_escape
        >
            <div class="settings__head">
                <h2 class="panel__title" id="settings-title">"Settings"</h2>
                <button type="button" class="button button--quiet" on:click=move |_| navigation.close_settings()>
                    "Close"
                    <span class="visually-hidden">" the settings"</span>
                </button>
            </div>
            // Drafts stay when it is closed.
            <Deferred until=has_settings><SettingsForm form/></Deferred>
        </aside>
    }
}

/// What the drawer holds.
#[component]
fn SettingsForm(
    /// Applies presets and steps.
    form: PresetForm,
) -> impl IntoView {
    let navigation = Navigation::expect();
    view! {
        <SearchField search=navigation.settings_search/>
        <div class="settings__body">
            <ul class="settings__presets" aria-label="Presets" hidden=move || is_searching(navigation)>
                {PRESETS.iter().map(|preset| view! { <PresetItem form preset/> }).collect_view()}
            </ul>
            <Steps form/>
            <p class="settings__news" data-testid="settings-news" role="status">{form.news}</p>
            <p class="settings__error" role="alert">{form.error}</p>
            <Groups search=navigation.settings_search/>
        </div>
    }
}

fn is_searching(navigation: Navigation) -> bool {
    !navigation.settings_search.read().trim().is_empty()
}

/// The field that narrows the settings to those that match.
#[component]
fn SearchField(
    /// Its text.
    search: RwSignal<String>,
) -> impl IntoView {
    view! {
        <div class="settings__search">
            <label class="visually-hidden" for="settings-search">"Search the settings"</label>
            <input
                class="input"
                id="settings-search"
                type="search"
                autocomplete="off"
                spellcheck="false"
                placeholder="Search, such as window or changed"
                bind:value=search
            />
        </div>
    }
}

/// Fieldsets, each with its settings that match the search.
#[component]
fn Groups(
    /// The search.
    search: RwSignal<String>,
) -> impl IntoView {
    let pipeline = Pipeline::expect();
    let found = Memo::new(move |_| {
        let page = pipeline.page();
        found_settings(&search.read(), &page.settings().read())
    });
    let fieldset = |group: &'static FieldGroup| {
        let is_found = move || group.fields.iter().any(|field| found.read().contains(&field.name));
        let setting = |field: &'static FieldLabel| {
            view! {
                <div hidden=move || !found.read().contains(&field.name)>
                    <Setting field/>
                </div>
            }
        };
        view! {
            <fieldset class="settings__group" hidden=move || !is_found()>
                <legend class="settings__group-title">{group.title}</legend>
                {group.fields.iter().map(setting).collect_view()}
            </fieldset>
        }
    };
    view! {
        <div class="settings__groups">{GROUPS.iter().map(fieldset).collect_view()}</div>
        <p class="settings__none" role="status">
            {move || found.read().is_empty().then(|| format!("No setting matches \u{201c}{}\u{201d}.", search.read()))}
        </p>
    }
}

/// A button with a sentence on its effect.
#[component]
fn PresetItem(
    /// Applies the preset.
    form: PresetForm,
    /// The preset.
    preset: &'static Preset,
) -> impl IntoView {
    let is_known = form.pipeline.is_known();
    let sentence_id = format!("preset-{}", preset.title.replace(' ', "-"));
    view! {
        <li class="settings__preset">
            <button
                type="button"
                class="button"
                aria-describedby=sentence_id.clone()
                disabled=move || !is_known.get()
                on:click=move |_| spawn_local(form.apply(preset))
            >
                {preset.title}
            </button>
            <span class="settings__preset-sentence" id=sentence_id>
                {preset.sentence}
            </span>
        </li>
    }
}

/// Undo, redo, and the reset to the defaults.
#[component]
fn Steps(
    /// Applies the steps.
    form: PresetForm,
) -> impl IntoView {
    let is_asked = RwSignal::new(false);
    let (is_known, is_framed) = (form.pipeline.is_known(), form.pipeline.is_framed());
    view! {
        <div class="settings__steps">
            <StepButton form is_back=true verb="Undo"/>
            <StepButton form is_back=false verb="Redo"/>
            <QuestionButton is_asked text="Reset all\u{2026}" disabled=move || !is_known.get() || is_framed/>
            <Question
                is_asked
                sentence=RESET_SENTENCE
                answer="Reset all"
                on_answer=move |()| spawn_local(form.reset())
            />
        </div>
    }
}

/// A button that undoes the newest step, or redoes it, with the step's name.
#[component]
fn StepButton(
    /// Applies the step.
    form: PresetForm,
    /// Whether the step is undone.
    is_back: bool,
    /// What the button does.
    verb: &'static str,
) -> impl IntoView {
    let steps = form.pipeline.steps();
    let text = Memo::new(move |_| match steps.read().next(is_back) {
        Some(step) => format!("{verb}: {}", step.text()),
        None => verb.to_owned(),
    });
    view! {
        <button
            type="button"
            class="button button--quiet settings__step"
            title=text
            disabled=move || steps.read().next(is_back).is_none()
            on:click=move |_| spawn_local(form.shift(is_back))
        >
            <span class="settings__step-text">{text}</span>
        </button>
    }
}

/// The actions that change several settings at once, and their result.
#[derive(Clone, Copy)]
pub struct PresetForm {
    pipeline: Pipeline,
    /// What the newest action changed, as text.
    pub news: RwSignal<String>,
    /// Why the newest action failed; empty after success.
    pub error: RwSignal<String>,
}

impl Default for PresetForm {
    fn default() -> Self {
        Self::new()
    }
}

impl PresetForm {
    /// Without news.
    #[must_use]
    pub fn new() -> Self {
        Self { pipeline: Pipeline::expect(), news: RwSignal::default(), error: RwSignal::default() }
    }

    /// Applies a preset, and posts its rows where it has some.
    pub async fn apply(self, preset: &'static Preset) {
        let is_changed = self.change(preset.title, &preset.all_changes()).await;
        if is_changed && preset.posts {
            let posted = self.post_messy_rows().await;
            self.news.update(|news| *news += &format!(" {posted}"));
        }
    }

    async fn reset(self) {
        self.change("All defaults", &defaults()).await;
    }

    async fn shift(self, is_back: bool) {
        let shifted = self.pipeline.shift(is_back).await;
        self.news.set(String::new());
        self.error.set(shifted.err().unwrap_or_default().join(" "));
    }

    /// Changes settings in one step and shows the changes; returns whether that succeeded.
    async fn change(self, title: &'static str, changes: &[(&str, Option<&str>)]) -> bool {
        let outcome = self.take_step(title, changes).await;
        let is_changed = outcome.is_ok();
        let (news, error) = match outcome {
            Ok(list) if list.is_empty() => (format!("{title}: these settings are in force."), String::new()),
            Ok(list) => (format!("{title}: {list}."), String::new()),
            Err(sentences) => (String::new(), sentences.join(" ")),
        };
        self.news.set(news);
        self.error.set(error);
        is_changed
    }

    /// Changes settings in one step, which can be undone; returns the changes as text.
    async fn take_step(self, title: &'static str, changes: &[(&str, Option<&str>)]) -> Result<String, Vec<String>> {
        let step = self.pipeline.plan(title, changes)?;
        let list = step.list();
        self.pipeline.take(step).await?;
        Ok(list)
    }

    /// Posts prepared rows; returns the result as a sentence.
    async fn post_messy_rows(self) -> String {
        let request = ConsoleRequest {
            method: "POST".to_owned(),
            target: "events".to_owned(),
            content_type: Some("text/csv".to_owned()),
            body: Some(messy_csv(clock::now()).into_bytes()),
            ..ConsoleRequest::default()
        };
        let outcome = match self.pipeline.ask(&request).await {
            Ok(reading) => reading.whole().await.map(|response| Outcome::read(response.status, &response.body)),
            Err(sentence) => Err(sentence),
        };
        match outcome {
            Ok(Outcome::Taken(receipt) | Outcome::NoneValid(receipt)) => format!("{}.", receipt.title()),
            Ok(Outcome::Refused(sentences)) => sentences.join(" "),
            Err(sentence) => sentence,
        }
    }
}
