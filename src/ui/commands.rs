//! What the keys of the whole page and the entries of the palette do.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::activity_state::Activity;
use super::focus::Focus;
use super::model::chart_range::choice;
use super::model::palette::Command;
use super::model::presets::Preset;
use super::model::shortcuts::Shortcut;
use super::model::view_id::{Place, ViewId};
use super::navigation::Navigation;
use super::panels::bar::toggle_run;
use super::panels::chart::ChartContext;
use super::panels::settings::PresetForm;
use super::panels::tables::Explanation;
use super::panels::tour::Tour;
use super::store::Pipeline;
use super::theme::Theme;
use crate::browser::clipboard::write_text;
use crate::browser::focus::{focus_first, is_focus_in};

/// The field of the history that takes ids.
const FILTER_ID: &str = "history-ids";
/// The regions of the page, in the order of the document.
const REGIONS: [&str; 3] = [".bar", ".page", "#settings"];

/// All that commands act on.
#[derive(Clone, Copy)]
pub struct Commands {
    navigation: Navigation,
    pipeline: Pipeline,
    focus: Focus,
    activity: Activity,
    chart: ChartContext,
    explanation: Explanation,
    theme: Theme,
    tour: Tour,
    form: PresetForm,
}

impl Commands {
    /// Commands on the contexts that `app` provides.
    #[must_use]
    pub fn new() -> Self {
        Self {
            navigation: Navigation::expect(),
            pipeline: Pipeline::expect(),
            focus: Focus::expect(),
            activity: Activity::expect(),
            chart: ChartContext::expect(),
            explanation: Explanation::expect(),
            theme: Theme::expect(),
            tour: Tour::expect(),
            form: PresetForm::new(),
        }
    }

    /// The commands of the page, provided with its keys.
    #[must_use]
    pub fn expect() -> Self {
        expect_context()
    }

    /// Whether a key has something to act on: keys of what only the live view shows rest in the others.
    #[must_use]
    pub fn can_press(self, shortcut: Shortcut) -> bool {
        let is_live = self.navigation.view().get_untracked() == ViewId::Live;
        match shortcut {
            Shortcut::Undo | Shortcut::Redo => self.has_step(shortcut == Shortcut::Undo),
            Shortcut::RunOrPause | Shortcut::Step => self.pipeline.is_known().get_untracked(),
            Shortcut::Leave => {
                let Navigation { is_presenting, is_chart_large, .. } = self.navigation;
                is_presenting.get_untracked() || is_chart_large.get_untracked()
            }
            _ => is_live || !shortcut.is_of_live_view(),
        }
    }

    /// Does what a key does.
    pub fn press(self, shortcut: Shortcut) {
        let Navigation { has_palette, has_keys, is_presenting, is_chart_large, .. } = self.navigation;
        match shortcut {
            Shortcut::View(view) => self.navigation.show(view),
            Shortcut::Palette => {
                has_keys.set(false);
                toggle(has_palette);
            }
            Shortcut::Keys => toggle(has_keys),
            Shortcut::Settings => self.navigation.toggle_settings(),
            Shortcut::RunOrPause => toggle_run(self.pipeline, self.activity),
            Shortcut::Step => self.pipeline.step(),
            Shortcut::Hold => self.explanation.toggle_hold(),
            Shortcut::NextRow => self.explanation.step_row(1),
            Shortcut::PreviousRow => self.explanation.step_row(-1),
            Shortcut::Verb(verb) => self.explanation.choose(verb),
            Shortcut::ShorterSpan => self.chart.choose_span(-1),
            Shortcut::LongerSpan => self.chart.choose_span(1),
            Shortcut::FollowLive => self.chart.follow_live(),
            Shortcut::LargeChart => toggle(is_chart_large),
            Shortcut::Present => toggle(is_presenting),
            Shortcut::Filter => self.navigation.go_to(Place::Part(ViewId::History, FILTER_ID)),
            Shortcut::Undo => self.shift(true),
            Shortcut::Redo => self.shift(false),
            Shortcut::NextRegion => self.turn_region(1),
            Shortcut::PreviousRegion => self.turn_region(REGIONS.len() - 1),
            Shortcut::Leave => {
                is_presenting.set(false);
                is_chart_large.set(false);
            }
        }
    }

    /// Does what an entry of the palette does; where it acts on the live view, that is shown.
    pub fn run(self, command: Command) {
        match command {
            Command::Press(shortcut) => {
                if shortcut.is_of_live_view() {
                    self.look_at_live();
                }
                self.press(shortcut);
            }
            Command::Preset(preset) => spawn_local(self.apply(preset)),
            Command::Setting(name) => self.navigation.open_setting(name),
            Command::Span(index) => {
                self.look_at_live();
                self.focus.range.set(choice(index));
            }
            Command::FreezeChart => {
                self.look_at_live();
                self.chart.toggle_freeze();
            }
            Command::Theme(theme) => self.theme.choose(theme),
            Command::Tour => self.tour.begin(),
            Command::CopyLink => self.copy_link(),
            Command::Clear => self.navigation.show(ViewId::Storage),
            Command::LiveSource => self.navigation.go_to(Place::Part(ViewId::Data, "live-source-title")),
        }
    }

    fn look_at_live(self) {
        if self.navigation.view().get_untracked() != ViewId::Live {
            self.navigation.show(ViewId::Live);
        }
    }

    fn has_step(self, is_back: bool) -> bool {
        self.pipeline.steps().read_untracked().next(is_back).is_some()
    }

    /// Moves the focus some regions on, to the first one that takes it: settings that are closed do not.
    fn turn_region(self, steps: usize) {
        let heading = format!("#{}", self.navigation.view().get_untracked().heading());
        let first = [".bar :is(a[href], button:enabled)", heading.as_str(), "#settings"];
        let here = REGIONS.iter().position(|region| is_focus_in(region)).unwrap_or_default();
        let mut others = (1..REGIONS.len()).map(|turn| (here + turn * steps) % REGIONS.len());
        others.find(|index| focus_first(first[*index]));
    }

    /// Undoes or redoes a change of the settings, which a note names.
    fn shift(self, is_back: bool) {
        let step = self.pipeline.steps().read_untracked().next(is_back).map(|step| step.text());
        let Some(step) = step else { return };
        let done = if is_back { "Undone" } else { "Redone" };
        spawn_local(async move {
            match self.pipeline.shift(is_back).await {
                Ok(()) => self.activity.notify(&format!("{done}: {step}")),
                Err(sentences) => self.activity.fail(&sentences.join(" ")),
            }
        });
    }

    async fn apply(self, preset: &'static Preset) {
        self.form.apply(preset).await;
        let (news, error) = (self.form.news.get_untracked(), self.form.error.get_untracked());
        if error.is_empty() {
            self.activity.notify(&news);
        } else {
            self.activity.fail(&error);
        }
    }

    /// The link is made at once: browsers allow clipboard access only shortly after a key.
    fn copy_link(self) {
        let link = self.pipeline.share_link("");
        spawn_local(async move {
            if write_text(&link).await {
                self.activity.notify("The link to this view is copied");
            } else {
                self.activity.fail("The browser refused to copy the link");
            }
        });
    }
}

impl Default for Commands {
    fn default() -> Self {
        Self::new()
    }
}

fn toggle(signal: RwSignal<bool>) {
    signal.update(|is_on| *is_on = !*is_on);
}
