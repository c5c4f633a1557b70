//! The settings panel: presets, undo, and a field for each setting.

use leptos::task::spawn_local;

use super::setting::setting;
use crate::browser::clock;
use crate::client::ConsoleRequest;
use crate::ui::components::question::{question, question_button};
use crate::ui::html::{button, details, div, fieldset, h2, li, p, section, span, ul};
use crate::ui::live::{El, Live, State};
use crate::ui::model::payload::Outcome;
use crate::ui::model::presets::{PRESETS, Preset, defaults, messy_csv};
use crate::ui::model::settings::{FieldGroup, MAIN_GROUPS, MORE_GROUPS};
use crate::ui::model::undo::Undo;
use crate::ui::state::Pipeline;

/// Presets, undo and the main settings; the rest under "More settings".
#[must_use]
pub fn settings_panel(pipeline: Pipeline) -> El {
    let form = PresetForm { pipeline, news: State::new(String::new()), error: State::new(String::new()) };
    let groups = |groups: &'static [FieldGroup]| {
        div("settings__groups").with_all(groups.iter().map(|group| fields_of(pipeline, group)))
    };
    section("panel settings").id("settings").attr("tabindex", "-1").attr("aria-labelledby", "settings-title").with([
        h2("panel__title").id("settings-title").text("Settings"),
        ul("settings__presets").label("Presets").with_all(PRESETS.iter().map(|preset| form.preset(preset))),
        form.steps(),
        p("settings__news").test_id("settings-news").role("status").live(form.news),
        p("settings__error").role("alert").live(form.error),
        groups(MAIN_GROUPS),
        details("settings__more").with([El::new("summary").text("More settings"), groups(MORE_GROUPS)]),
    ])
}

fn fields_of(pipeline: Pipeline, group: &'static FieldGroup) -> El {
    fieldset("settings__group")
        .with([El::new("legend").class("settings__group-title").text(group.title)])
        .with_all(group.fields.iter().filter_map(|field| setting(pipeline, field)))
}

/// The actions that change several settings at once, and their result.
#[derive(Clone, Copy)]
struct PresetForm {
    pipeline: Pipeline,
    news: State<String>,
    error: State<String>,
}

impl PresetForm {
    /// A button with a sentence on its effect.
    fn preset(self, preset: &'static Preset) -> El {
        let is_known = self.pipeline.is_known();
        let sentence_id = ["preset-", &preset.title.replace(' ', "-")].concat();
        li("settings__preset").with([
            button("button", preset.title)
                .attr("aria-describedby", &sentence_id)
                .disabled_when(move || !is_known.get())
                .on_click(move || spawn_local(self.put_in_force(preset))),
            span("settings__preset-sentence").id(&sentence_id).text(preset.sentence),
        ])
    }

    async fn put_in_force(self, preset: &'static Preset) {
        if self.change(preset.title, &preset.all_changes()).await && preset.posts {
            let posted = self.post_messy_rows().await;
            self.news.update(|news| *news = [news, " ", &posted].concat());
        }
    }

    /// Changes settings in one step and reports the changes; returns whether that succeeded.
    async fn change(self, title: &'static str, changes: &[(&str, Option<&str>)]) -> bool {
        let planned = self.pipeline.plan(title, changes);
        let outcome = match planned {
            Ok(step) => {
                let list = step.list();
                self.pipeline.take(step).await.map(|()| list)
            }
            Err(sentences) => Err(sentences),
        };
        let is_done = outcome.is_ok();
        let (news, error) = match outcome {
            Ok(list) if list.is_empty() => ([title, ": these settings are in force."].concat(), String::new()),
            Ok(list) => ([title, ": ", &list, "."].concat(), String::new()),
            Err(sentences) => (String::new(), sentences.join(" ")),
        };
        self.news.set(news);
        self.error.set(error);
        is_done
    }

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
            Ok(Outcome::Taken(receipt)) => [&receipt.title(), "."].concat(),
            Ok(Outcome::Refused(sentences)) => sentences.join(" "),
            Err(sentence) => sentence,
        }
    }

    /// Undo, redo, and the reset to the defaults.
    fn steps(self) -> El {
        let (is_asking, is_known) = (State::new(false), self.pipeline.is_known());
        let reset = move || {
            spawn_local(async move {
                self.change("All defaults", &defaults()).await;
            });
        };
        let sentence =
            "Set every setting to its default? If the history holds more than a million rows, the oldest go.";
        div("settings__steps").with([
            self.step(true, "Undo"),
            self.step(false, "Redo"),
            question_button(is_asking, "Reset all\u{2026}").disabled_when(move || !is_known.get()),
            question(is_asking, sentence, "Reset all", reset),
        ])
    }

    /// A button that undoes the newest step, or redoes it, with the step's name.
    fn step(self, is_back: bool, verb: &'static str) -> El {
        let steps = self.pipeline.steps();
        let text = Live::new(move || step_text(verb, &steps.read(), is_back));
        let act = move || {
            spawn_local(async move {
                let outcome = self.pipeline.shift(is_back).await;
                self.news.set(String::new());
                self.error.set(outcome.err().unwrap_or_default().join(" "));
            });
        };
        button("button button--quiet settings__step", "")
            .with([span("settings__step-text").live(text)])
            .live_attr("title", text)
            .disabled_when(move || steps.read().next(is_back).is_none())
            .on_click(act)
    }
}

fn step_text(verb: &str, steps: &Undo, is_back: bool) -> String {
    match steps.next(is_back) {
        Some(step) => [verb, ": ", &step.text()].concat(),
        None => verb.to_owned(),
    }
}
