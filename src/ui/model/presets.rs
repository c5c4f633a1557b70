//! Presets: settings for a purpose, applied at once.

use crate::pipeline::Settings;
use crate::time::{Clock, Duration, Timestamp};

/// A set of settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Preset {
    /// Its name.
    pub title: &'static str,
    /// What it shows, in a sentence.
    pub sentence: &'static str,
    /// Whether all other settings that affect the stream are reset to their defaults.
    pub is_afresh: bool,
    /// The settings that it changes.
    pub changes: &'static [(&'static str, &'static str)],
    /// Whether [`messy_csv`] is posted afterwards.
    pub posts: bool,
}

/// The presets, in order.
pub const PRESETS: &[Preset] = &[
    Preset {
        title: "As in the original",
        sentence: "An event a second in batches of ten; windows start afresh with each batch.",
        is_afresh: true,
        changes: &[("rolling_scope", "batch")],
        posts: false,
    },
    Preset {
        title: "Five sensors",
        sentence: "Five ids that recur, so that the pivot puts several rows of each together.",
        is_afresh: false,
        changes: &[("source", "simulated"), ("distinct_ids", "5")],
        posts: false,
    },
    Preset {
        title: "1,000 sensors",
        sentence: "A thousand ids that recur, a thousand events a second in batches of 100.",
        is_afresh: false,
        changes: &[("source", "simulated"), ("distinct_ids", "1000"), ("interval", "1ms"), ("batch_size", "100")],
        posts: false,
    },
    Preset {
        title: "100,000 events a second",
        sentence: "As much as most machines can take, from 100 ids in batches of 1,000.",
        is_afresh: false,
        changes: &[("source", "simulated"), ("distinct_ids", "100"), ("interval", "10us"), ("batch_size", "1000")],
        posts: false,
    },
    Preset {
        title: "Late and messy",
        sentence: "Refuses what is over a minute late. The simulated source never is, so 50 prepared rows are posted: 15 \
                   good, 30 late, 5 unreadable.",
        is_afresh: false,
        changes: &[("lateness", "1min"), ("late", "reject")],
        posts: true,
    },
];

/// The preset whose ids recur, for those who see a pivot that puts nothing together.
pub const FIVE_SENSORS: &Preset = &PRESETS[1];

/// Settings that do not affect the stream: storage, access, rate limit, and whether the source is paused.
const APART: [&str; 7] = ["history_rows", "history_age", "memory_rows", "persist", "api_key", "rate_limit", "paused"];

impl Preset {
    /// Names and values of its changes; `None` is the default.
    #[must_use]
    pub fn all_changes(&self) -> Vec<(&'static str, Option<&'static str>)> {
        let others = Settings::FIELDS.iter().map(|field| field.name).filter(|name| !APART.contains(name));
        let mut all: Vec<_> = others.filter(|_| self.is_afresh).map(|name| (name, None)).collect();
        all.extend(self.changes.iter().map(|(name, value)| (*name, Some(*value))));
        all
    }
}

/// Names of all settings, each with its default.
#[must_use]
pub fn defaults() -> Vec<(&'static str, Option<&'static str>)> {
    Settings::FIELDS.iter().map(|field| (field.name, None)).collect()
}

/// Fifty rows of a faulty sender: ten valid ones, five duplicates, thirty that are hours late, and five unreadable
/// ones.
#[must_use]
pub fn messy_csv(now: Timestamp) -> String {
    const UNREADABLE: &str =
        "yesterday,pump-1,20\n2025-02-30T12:00:00Z,pump-2,20\n,pump-3,n/a\n,pump-4,high\n,pump-5,\n";
    let mut csv = "timestamp,id,value\n".to_owned();
    let mut row = |secs_ago: i64, number: i64| {
        let at = now.saturating_sub(Duration::from_secs(secs_ago)).to_text(&Clock::Utc);
        csv.push_str(&format!("{at},pump-{},{}.5\n", number % 5 + 1, 20 + 7 * number % 60));
    };
    (0..10).for_each(|number| row(10 - number, number));
    (0..5).for_each(|number| row(10 - number, number));
    (0..30).for_each(|number| row(7200 + 60 * number, number));
    csv + UNREADABLE
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{App, Request};
    use crate::time::Zone;
    use crate::ui::model::payload::Outcome;

    fn settings_of(preset: &Preset, before: &Settings) -> Settings {
        before.merged(preset.all_changes()).unwrap()
    }

    #[test]
    fn every_preset_is_accepted() {
        for preset in PRESETS {
            settings_of(preset, &Settings::default());
        }
    }

    #[test]
    fn the_original_resets_to_defaults_with_windows_by_batch_and_keeps_storage_settings() {
        let before = Settings::default().merged([("seed", Some("7")), ("history_rows", Some("500"))]).unwrap();
        let wanted =
            Settings::default().merged([("rolling_scope", Some("batch")), ("history_rows", Some("500"))]).unwrap();
        assert_eq!(settings_of(&PRESETS[0], &before), wanted);
        assert_eq!(before.merged(defaults()), Ok(Settings::default()));
    }

    #[test]
    fn the_messy_rows_change_counters_and_dead_letters_as_described() {
        let now = Timestamp::from_nanos(1_780_000_000_123_456_789);
        let mut app = App::in_memory(settings_of(&PRESETS[4], &Settings::default()), Zone::UTC, [0; 32], now).unwrap();
        let mut request = Request::new("POST", "events");
        request.headers.push(("content-type".into(), "text/csv".into()));
        request.body = messy_csv(now).into_bytes();
        let response = app.handle(&request, now);
        let (status, body) = (response.status, response.into_bytes(app.service(), now));
        let Outcome::Taken(receipt) = Outcome::read(status, &body) else {
            panic!("{}", String::from_utf8_lossy(&body))
        };
        assert_eq!(receipt.title(), "15 events accepted, 35 rejected");
        assert_eq!((app.service().engine().counters().late, app.service().engine().dead_letters().total()), (30, 35));
    }
}
