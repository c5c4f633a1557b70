//! The palette: every command of the page, found by words of its title.

use super::chart_range::{ALL_NAME, SPANS};
use super::presets::{PRESETS, Preset};
use super::settings::GROUPS;
use super::shortcuts::Shortcut;
use super::theme::ThemePreference;
use super::view_id::ViewId;

/// What an entry of the palette does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// The same as a key.
    Press(Shortcut),
    /// Applies a preset.
    Preset(&'static Preset),
    /// Opens the settings at the one with this name.
    Setting(&'static str),
    /// Shows a span of the chart by its index among the choices.
    Span(usize),
    /// Freezes the chart, or lets it follow the clock again.
    FreezeChart,
    /// Changes the theme.
    Theme(ThemePreference),
    /// Starts the tour.
    Tour,
    /// Copies the link to this view.
    CopyLink,
    /// Goes to where everything can be cleared.
    Clear,
    /// Goes to the form of a live source.
    LiveSource,
}

/// An entry of the palette.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What it does, in a few words.
    pub title: String,
    /// What it belongs to.
    pub group: &'static str,
    /// Further words that it is found by.
    pub words: String,
    /// What it does.
    pub command: Command,
}

/// What the titles of the entries depend on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PaletteState {
    /// Whether the source is paused.
    pub is_paused: bool,
    /// Whether the batch is held.
    pub is_held: bool,
}

impl Entry {
    fn new(group: &'static str, title: impl Into<String>, command: Command) -> Self {
        Self { title: title.into(), group, words: String::new(), command }
    }

    fn found_by(self, words: impl Into<String>) -> Self {
        Self { words: words.into(), ..self }
    }

    /// The key that does the same.
    #[must_use]
    pub fn key(&self) -> Option<&'static str> {
        match self.command {
            Command::Press(shortcut) => shortcut.key(),
            _ => None,
        }
    }

    /// How well a word in lower case matches; `None` when it does not.
    fn score_of(&self, word: &str) -> Option<u32> {
        let title = self.title.to_lowercase();
        let others = [self.group, " ", &self.words].concat().to_lowercase();
        let starts = |text: &str| text.split(|sign: char| !sign.is_alphanumeric()).any(|part| part.starts_with(word));
        if title.starts_with(word) {
            Some(5)
        } else if starts(&title) {
            Some(4)
        } else if title.contains(word) {
            Some(3)
        } else if starts(&others) {
            Some(2)
        } else {
            others.contains(word).then_some(1)
        }
    }
}

/// All entries, the most used first.
#[must_use]
pub fn entries(state: PaletteState) -> Vec<Entry> {
    let views = ViewId::ALL.map(|view| press("View", format!("Go to {}", view.title()), Shortcut::View(view)));
    let presets = PRESETS
        .iter()
        .map(|preset| Entry::new("Preset", preset.title, Command::Preset(preset)).found_by(preset.sentence));
    let parts = [pipeline_entries(state), batch_entries(state), chart_entries(), page_entries()];
    views.into_iter().chain(parts.into_iter().flatten()).chain(presets).chain(setting_entries()).collect()
}

fn press(group: &'static str, title: impl Into<String>, shortcut: Shortcut) -> Entry {
    Entry::new(group, title, Command::Press(shortcut))
}

fn pipeline_entries(state: PaletteState) -> Vec<Entry> {
    let run = if state.is_paused { "Start the source" } else { "Pause the source" };
    vec![
        press("Pipeline", run, Shortcut::RunOrPause).found_by("run pause start stop resume"),
        press("Pipeline", "Step: make one event", Shortcut::Step),
        Entry::new("Pipeline", "Connect a live source", Command::LiveSource)
            .found_by("websocket sse polling nats jetstream server stream"),
        Entry::new("Pipeline", "Clear everything\u{2026}", Command::Clear).found_by("delete forget reset storage"),
    ]
}

fn batch_entries(state: PaletteState) -> Vec<Entry> {
    let hold = if state.is_held { "Follow the newest batch" } else { "Hold this batch" };
    vec![
        press("Newest batch", hold, Shortcut::Hold).found_by("hold freeze"),
        press("Newest batch", "Choose rolling", Shortcut::Verb(0)).found_by("latest window aggregate"),
        press("Newest batch", "Choose melt", Shortcut::Verb(1)).found_by("wide to long unpivot"),
        press("Newest batch", "Choose pivot_table", Shortcut::Verb(2)).found_by("group by id long to wide"),
        press("Newest batch", "Explain the next row", Shortcut::NextRow),
        press("Newest batch", "Explain the row before", Shortcut::PreviousRow),
    ]
}

fn chart_entries() -> Vec<Entry> {
    let spans = SPANS.iter().map(|(_, name)| format!("Show the last {name}"));
    let spans = spans.chain([format!("Show {}, all that is kept", ALL_NAME.to_lowercase())]);
    let spans =
        spans.enumerate().map(|(index, title)| Entry::new("Chart", title, Command::Span(index)).found_by("span"));
    let mut all: Vec<Entry> = spans.collect();
    all.push(press("Chart", "Back to live", Shortcut::FollowLive).found_by("reset zoom now"));
    all.push(Entry::new("Chart", "Freeze the chart, or let it run", Command::FreezeChart).found_by("pause resume"));
    all.push(press("Chart", "Large chart", Shortcut::LargeChart).found_by("maximise full screen"));
    all
}

fn page_entries() -> Vec<Entry> {
    let mut all = vec![
        press("Page", "Settings", Shortcut::Settings),
        press("Page", "Undo the newest change of the settings", Shortcut::Undo),
        press("Page", "Redo the change of the settings", Shortcut::Redo),
        press("Page", "Filter the history by id", Shortcut::Filter).found_by("search find"),
        Entry::new("Page", "Copy link to this view", Command::CopyLink).found_by("share address"),
        press("Page", "Keys", Shortcut::Keys).found_by("keyboard shortcuts help"),
        press("Page", "Present", Shortcut::Present).found_by("projector enlarge presentation"),
        Entry::new("Page", "Take the tour", Command::Tour).found_by("help introduction"),
    ];
    all.extend(ThemePreference::ALL.map(|theme| {
        Entry::new("Page", format!("Theme: {}", theme.title().to_lowercase()), Command::Theme(theme))
            .found_by("colours mode")
    }));
    all
}

fn setting_entries() -> impl Iterator<Item = Entry> {
    GROUPS.iter().flat_map(|group| {
        group.fields.iter().map(|field| {
            let words = [group.title, " ", field.name, " ", field.effect].concat();
            Entry::new("Setting", field.label, Command::Setting(field.name)).found_by(words)
        })
    })
}

/// The positions of the entries that match every word of a query, the best first; all for an empty query.
#[must_use]
pub fn found(entries: &[Entry], query: &str) -> Vec<usize> {
    let query = query.to_lowercase();
    let words: Vec<&str> = query.split_whitespace().collect();
    let score = |entry: &Entry| words.iter().map(|word| entry.score_of(word)).sum::<Option<u32>>();
    let mut scored: Vec<(usize, u32)> =
        entries.iter().enumerate().filter_map(|(index, entry)| Some((index, score(entry)?))).collect();
    // Of equal scores, the order of the entries stays.
    scored.sort_by_key(|(_, score)| std::cmp::Reverse(*score));
    scored.into_iter().map(|(index, _)| index).collect()
}

/// The position some steps from `position` among `count` ones; it goes round at the ends.
#[must_use]
pub fn turned(position: usize, steps: isize, count: usize) -> usize {
    if count == 0 { 0 } else { (position.min(count - 1) as isize + steps).rem_euclid(count as isize) as usize }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::pipeline::Settings;

    fn all() -> Vec<Entry> {
        entries(PaletteState::default())
    }

    fn titles(query: &str) -> Vec<String> {
        let all = all();
        found(&all, query).into_iter().map(|index| all[index].title.clone()).collect()
    }

    #[test]
    fn an_empty_query_finds_everything_in_order() {
        assert_eq!(found(&all(), " "), (0..all().len()).collect::<Vec<_>>());
        assert_eq!(titles("")[0], "Go to Live");
    }

    #[test]
    fn the_title_goes_before_other_words() {
        assert_eq!(titles("history")[0], "History rows");
        assert_eq!(titles("go hist")[0], "Go to History");
        assert_eq!(titles("interval")[0], "Interval");
        assert_eq!(titles("batch_size"), ["Batch size"]);
    }

    #[test]
    fn a_command_is_found_by_what_others_call_it() {
        for (query, title) in [
            ("dark", "Theme: dark"),
            ("shortcuts", "Keys"),
            ("unpivot", "Choose melt"),
            ("share", "Copy link to this view"),
            ("forget", "Clear everything\u{2026}"),
            ("1,000 sens", "1,000 sensors"),
            ("LAST 15", "Show the last 15 min"),
            ("projector", "Present"),
        ] {
            assert_eq!(titles(query).first().map(String::as_str), Some(title), "{query}");
        }
    }

    #[test]
    fn every_word_has_to_match() {
        assert_eq!(titles("theme nonsense"), Vec::<String>::new());
    }

    #[test]
    fn every_setting_is_an_entry_and_no_two_entries_are_alike() {
        let settings = all().iter().filter(|entry| matches!(entry.command, Command::Setting(_))).count();
        assert_eq!(settings, Settings::FIELDS.len());
        let names: BTreeSet<(&str, String)> = all().into_iter().map(|entry| (entry.group, entry.title)).collect();
        assert_eq!(names.len(), all().len());
    }

    #[test]
    fn titles_follow_the_state() {
        let texts = |state| entries(state).into_iter().map(|entry| entry.title).collect::<Vec<_>>();
        let stopped = texts(PaletteState { is_paused: true, is_held: true });
        for title in ["Start the source", "Follow the newest batch"] {
            assert!(stopped.iter().any(|known| known == title), "{title}");
            assert!(!texts(PaletteState::default()).iter().any(|known| known == title), "{title}");
        }
    }

    #[test]
    fn the_active_entry_goes_round_at_the_ends() {
        assert_eq!([turned(0, -1, 3), turned(2, 1, 3), turned(7, 0, 3), turned(5, 1, 0)], [2, 0, 2, 0]);
    }
}
