//! The keys of the whole page: what each does, and the list that the page shows of them.
//!
//! Keys of a single part (the chart, a table, a form) are handled there; [`GROUPS`] lists them too.

use super::view_id::ViewId;

/// What a key does on the whole page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shortcut {
    /// Shows a view.
    View(ViewId),
    /// Opens the palette, or closes it.
    Palette,
    /// Opens the list of keys, or closes it.
    Keys,
    /// Opens the settings, or closes them.
    Settings,
    /// Pauses the source, or starts it again.
    RunOrPause,
    /// Makes one event.
    Step,
    /// Holds the batch, or follows the newest again.
    Hold,
    /// Explains the next row of the batch.
    NextRow,
    /// Explains the row before.
    PreviousRow,
    /// Chooses a verb of the newest batch by its index.
    Verb(usize),
    /// Shows a shorter span in the chart.
    ShorterSpan,
    /// Shows a longer span in the chart.
    LongerSpan,
    /// Lets the chart follow the clock again.
    FollowLive,
    /// Lets the chart take the whole view, or gives it back.
    LargeChart,
    /// Enlarges the page for a projector, or ends that.
    Present,
    /// Goes to the filter of the history.
    Filter,
    /// Undoes the newest change of the settings.
    Undo,
    /// Redoes the change that was undone last.
    Redo,
    /// Moves the focus to the next region of the page.
    NextRegion,
    /// Moves the focus to the region before.
    PreviousRegion,
    /// Leaves the large chart and the presentation.
    Leave,
}

/// A pressed key with its modifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct KeyPress<'a> {
    /// The browser's name of the key, or the character that it writes.
    pub key: &'a str,
    /// Whether Ctrl or the command key is held.
    pub is_command: bool,
    /// Whether Alt is held.
    pub is_alt: bool,
    /// Whether Shift is held.
    pub is_shift: bool,
}

/// What a pressed key does, `None` for a key without a meaning.
///
/// Letters go by Shift and not by their case, which Caps Lock changes. Digits and signs go by the character: which
/// modifiers write it depends on the layout.
#[must_use]
pub fn of_key(press: &KeyPress) -> Option<Shortcut> {
    let KeyPress { key, is_command, is_alt, is_shift } = *press;
    let lower = key.to_lowercase();
    match (is_command, is_alt) {
        (true, false) => command(&lower, is_shift),
        (false, false) => {
            letter(&lower, is_shift).or_else(|| digit(key)).or_else(|| named(key, is_shift)).or_else(|| sign(key))
        }
        // Alt, or Ctrl and Alt as AltGr, write signs on many layouts.
        (_, true) => sign(key),
    }
}

fn command(lower: &str, is_shift: bool) -> Option<Shortcut> {
    match (lower, is_shift) {
        ("k", false) => Some(Shortcut::Palette),
        ("z", false) => Some(Shortcut::Undo),
        ("z", true) => Some(Shortcut::Redo),
        _ => None,
    }
}

fn letter(lower: &str, is_shift: bool) -> Option<Shortcut> {
    match (lower, is_shift) {
        ("h", false) => Some(Shortcut::Hold),
        ("j", false) => Some(Shortcut::NextRow),
        ("k", false) => Some(Shortcut::PreviousRow),
        ("r", false) => Some(Shortcut::Verb(0)),
        ("m", false) => Some(Shortcut::Verb(1)),
        ("p", false) => Some(Shortcut::Verb(2)),
        ("f", false) => Some(Shortcut::LargeChart),
        ("p", true) => Some(Shortcut::Present),
        _ => None,
    }
}

fn digit(key: &str) -> Option<Shortcut> {
    match key.parse::<usize>().ok().filter(|_| key.len() == 1)? {
        0 => Some(Shortcut::FollowLive),
        number => ViewId::at(number - 1).map(Shortcut::View),
    }
}

fn named(key: &str, is_shift: bool) -> Option<Shortcut> {
    match (key, is_shift) {
        (" ", false) => Some(Shortcut::RunOrPause),
        ("F6", false) => Some(Shortcut::NextRegion),
        ("F6", true) => Some(Shortcut::PreviousRegion),
        ("Escape", false) => Some(Shortcut::Leave),
        _ => None,
    }
}

fn sign(key: &str) -> Option<Shortcut> {
    match key {
        "?" => Some(Shortcut::Keys),
        "," => Some(Shortcut::Settings),
        "." => Some(Shortcut::Step),
        "[" => Some(Shortcut::ShorterSpan),
        "]" => Some(Shortcut::LongerSpan),
        "/" => Some(Shortcut::Filter),
        _ => None,
    }
}

impl Shortcut {
    /// Whether it has a single key that writes a character: such keys rest in fields, and can be switched off.
    #[must_use]
    pub fn is_single(self) -> bool {
        use Shortcut::{Leave, NextRegion, Palette, PreviousRegion, Redo, Undo};
        !matches!(self, Palette | Undo | Redo | NextRegion | PreviousRegion | Leave)
    }

    /// Whether it acts again while its key is held.
    #[must_use]
    pub fn is_repeated(self) -> bool {
        matches!(self, Self::NextRow | Self::PreviousRow | Self::Step)
    }

    /// Whether it acts on what only the live view shows.
    #[must_use]
    pub fn is_of_live_view(self) -> bool {
        use Shortcut::{FollowLive, Hold, LargeChart, LongerSpan, NextRow, PreviousRow, ShorterSpan, Verb};
        matches!(self, FollowLive | Hold | LargeChart | LongerSpan | NextRow | PreviousRow | ShorterSpan | Verb(_))
    }

    /// The key that the list shows for it.
    #[must_use]
    pub fn key(self) -> Option<&'static str> {
        let keys = GROUPS.iter().flat_map(|group| group.rows).flat_map(|row| row.keys);
        keys.copied().find(|(_, shortcut)| *shortcut == Some(self)).map(|(key, _)| key)
    }
}

/// A headed group of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyGroup {
    /// The heading.
    pub title: &'static str,
    /// The rows.
    pub rows: &'static [KeyRow],
}

/// Keys, and what they do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyRow {
    /// The keys as they are written on the page; without a shortcut where a part of the page handles them.
    pub keys: &'static [(&'static str, Option<Shortcut>)],
    /// What they do, in a few words.
    pub effect: &'static str,
}

const fn row(keys: &'static [(&'static str, Option<Shortcut>)], effect: &'static str) -> KeyRow {
    KeyRow { keys, effect }
}

/// The list of all keys.
pub const GROUPS: &[KeyGroup] = &[
    KeyGroup {
        title: "Page",
        rows: &[
            row(&[("Ctrl+K", Some(Shortcut::Palette))], "Find a command, a setting or a view"),
            row(&[("?", Some(Shortcut::Keys))], "This list"),
            row(
                &[
                    ("1", Some(Shortcut::View(ViewId::Live))),
                    ("2", Some(Shortcut::View(ViewId::History))),
                    ("3", Some(Shortcut::View(ViewId::Api))),
                    ("4", Some(Shortcut::View(ViewId::Data))),
                    ("5", Some(Shortcut::View(ViewId::Storage))),
                ],
                "Live, History, API, Data, Storage",
            ),
            row(&[(",", Some(Shortcut::Settings))], "Open the settings, or close them"),
            row(&[("/", Some(Shortcut::Filter))], "Filter the history by id"),
            row(&[("Shift+P", Some(Shortcut::Present))], "Present: enlarge the page for a projector, or end it"),
            row(
                &[("F6", Some(Shortcut::NextRegion)), ("Shift+F6", Some(Shortcut::PreviousRegion))],
                "Next region, region before: bar, view, settings",
            ),
            row(&[("Esc", Some(Shortcut::Leave))], "Close what is open, leave the large chart and Present"),
        ],
    },
    KeyGroup {
        title: "Pipeline",
        rows: &[
            row(
                &[("Space", Some(Shortcut::RunOrPause))],
                "Pause the source, or start it, while no control has the focus",
            ),
            row(&[(".", Some(Shortcut::Step))], "Make one event"),
            row(
                &[("Ctrl+Z", Some(Shortcut::Undo)), ("Ctrl+Shift+Z", Some(Shortcut::Redo))],
                "Undo the newest change of the settings, redo it",
            ),
        ],
    },
    KeyGroup {
        title: "Newest batch",
        rows: &[
            row(
                &[("r", Some(Shortcut::Verb(0))), ("m", Some(Shortcut::Verb(1))), ("p", Some(Shortcut::Verb(2)))],
                "Choose rolling, melt, pivot_table",
            ),
            row(
                &[("j", Some(Shortcut::NextRow)), ("k", Some(Shortcut::PreviousRow))],
                "Explain the next row, the row before",
            ),
            row(&[("h", Some(Shortcut::Hold))], "Hold the batch, or follow the newest again"),
        ],
    },
    KeyGroup {
        title: "Chart",
        rows: &[
            row(
                &[("[", Some(Shortcut::ShorterSpan)), ("]", Some(Shortcut::LongerSpan))],
                "A shorter span, a longer one",
            ),
            row(&[("0", Some(Shortcut::FollowLive))], "Back to live"),
            row(&[("f", Some(Shortcut::LargeChart))], "Large chart, or the whole view again"),
            row(&[("\u{2190}", None), ("\u{2192}", None)], "Read column by column, in the chart"),
            row(&[("Shift+\u{2190}", None), ("Shift+\u{2192}", None)], "Move, in the chart"),
            row(&[("+", None), ("\u{2212}", None)], "Zoom, in the chart"),
        ],
    },
    KeyGroup { title: "API", rows: &[row(&[("Ctrl+Enter", None)], "Send the request, in its form")] },
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn press(key: &str) -> Option<Shortcut> {
        of_key(&KeyPress { key, ..KeyPress::default() })
    }

    /// The press that a key of the list describes.
    fn written(text: &str) -> KeyPress<'_> {
        let (mut key, mut press) = (text, KeyPress::default());
        while let Some((modifier, rest)) = key.split_once('+').filter(|(modifier, _)| !modifier.is_empty()) {
            press.is_command |= modifier == "Ctrl";
            press.is_shift |= modifier == "Shift";
            key = rest;
        }
        press.key = match key {
            "Space" => " ",
            "Esc" => "Escape",
            key => key,
        };
        press
    }

    fn listed() -> impl Iterator<Item = (&'static str, Shortcut)> {
        let keys = GROUPS.iter().flat_map(|group| group.rows).flat_map(|row| row.keys);
        keys.filter_map(|(key, shortcut)| Some((*key, (*shortcut)?)))
    }

    #[test]
    fn every_listed_key_does_what_the_list_says() {
        for (key, shortcut) in listed() {
            assert_eq!(of_key(&written(key)), Some(shortcut), "{key}");
        }
    }

    #[test]
    fn every_key_with_a_meaning_is_listed() {
        let names = ["Escape", "F6", "Enter", "Tab", "ArrowLeft", "Home", "Delete"].map(str::to_owned);
        let keys: Vec<String> = (' '..='~').map(String::from).chain(names).collect();
        let known: BTreeSet<String> = listed().map(|(_, shortcut)| format!("{shortcut:?}")).collect();
        for key in &keys {
            for modifiers in 0..8 {
                let [is_command, is_alt, is_shift] = [1, 2, 4].map(|bit| modifiers & bit != 0);
                if let Some(shortcut) = of_key(&KeyPress { key, is_command, is_alt, is_shift }) {
                    assert!(known.contains(&format!("{shortcut:?}")), "{key} {shortcut:?}");
                }
            }
        }
    }

    #[test]
    fn letters_go_by_shift_and_not_by_caps_lock() {
        let shifted = |key| of_key(&KeyPress { key, is_shift: true, ..KeyPress::default() });
        assert_eq!((press("p"), press("P")), (Some(Shortcut::Verb(2)), Some(Shortcut::Verb(2))));
        assert_eq!((shifted("P"), shifted("p")), (Some(Shortcut::Present), Some(Shortcut::Present)));
        assert_eq!(shifted("H"), None);
    }

    #[test]
    fn signs_go_by_the_character_whatever_writes_it() {
        let shifted = KeyPress { key: "/", is_shift: true, ..KeyPress::default() };
        let alt_gr = KeyPress { key: "[", is_command: true, is_alt: true, is_shift: false };
        assert_eq!(of_key(&shifted), Some(Shortcut::Filter));
        assert_eq!(of_key(&alt_gr), Some(Shortcut::ShorterSpan));
    }

    #[test]
    fn the_keys_of_the_browser_are_left_alone() {
        for key in ["r", "f", "p", "1", "0", ",", "[", "F6"] {
            assert_eq!(of_key(&KeyPress { key, is_command: true, ..KeyPress::default() }), None, "{key}");
        }
        for key in ["1", "f", " ", "F6"] {
            assert_eq!(of_key(&KeyPress { key, is_alt: true, ..KeyPress::default() }), None, "{key}");
        }
        for key in ["Enter", "Tab", "Dead", "Process", "10", "6", ""] {
            assert_eq!(press(key), None, "{key}");
        }
    }

    #[test]
    fn a_shortcut_knows_its_key() {
        assert_eq!(Shortcut::Palette.key(), Some("Ctrl+K"));
        assert_eq!(Shortcut::View(ViewId::Data).key(), Some("4"));
        assert!(!Shortcut::Palette.is_single() && Shortcut::RunOrPause.is_single());
    }
}
