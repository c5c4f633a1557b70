//! The settings as form fields: labels and texts that are not in [`Settings::FIELDS`].
//!
//! Kind, limits, choices, default and meaning are defined there, for `PATCH /config` and `openapi.json` too; this file
//! holds only labels, units and effects.

use serde_json::{Map, Value};

use super::quantity::grouped;
use super::undo::Step;
use crate::pipeline::{Field as Schema, Kind, Limits, SettingError, Settings};
use crate::time::Duration;

/// A setting as the form shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldLabel {
    /// The name in the API.
    pub name: &'static str,
    /// The label.
    pub label: &'static str,
    /// The unit; empty for choices and plain numbers.
    pub unit: &'static str,
    /// The visible effect, in a sentence.
    pub effect: &'static str,
    /// What an empty field means, where it is not the default.
    pub unset: &'static str,
    /// Values that are suggested while typing.
    pub offers: &'static [&'static str],
    /// Labels of the choices, in their order; empty: the choices themselves.
    pub labels: &'static [&'static str],
}

/// A headed group of fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldGroup {
    /// The heading.
    pub title: &'static str,
    /// The fields.
    pub fields: &'static [FieldLabel],
}

const fn field(name: &'static str, label: &'static str, effect: &'static str) -> FieldLabel {
    FieldLabel { name, label, effect, unit: "", unset: "", offers: &[], labels: &[] }
}

const fn counted(name: &'static str, label: &'static str, unit: &'static str, effect: &'static str) -> FieldLabel {
    FieldLabel { unit, ..field(name, label, effect) }
}

const YES_NO: &[&str] = &["yes", "no"];

/// All settings, the most used ones first.
pub const GROUPS: &[FieldGroup] = &[
    FieldGroup {
        title: "Source",
        fields: &[
            FieldLabel {
                labels: &[
                    "simulated",
                    "none, only posted",
                    "files",
                    "WebSocket",
                    "server-sent events",
                    "polling",
                    "NATS JetStream",
                ],
                ..field("source", "Source", "Without one, the pipeline waits for what is posted.")
            },
            FieldLabel {
                offers: &["1s", "200ms", "50ms", "1ms", "100us", "10us"],
                ..field("interval", "Interval", "Shorter: more events a second.")
            },
            FieldLabel {
                unset: "a new UUID each",
                ..counted("distinct_ids", "Distinct ids", "ids", "Few ids: the pivot averages several rows of each.")
            },
            FieldLabel {
                unset: "random",
                ..field("seed", "Seed", "A link with a seed shows the same ids and values elsewhere.")
            },
        ],
    },
    FieldGroup {
        title: "Events",
        fields: &[
            field("measures", "Measures", "Each has a column, a moving aggregate, and a line in the chart."),
            FieldLabel {
                labels: &["events are refused", "events are taken with the others"],
                ..field("missing", "When a measure is missing", "Taken: the tables have gaps.")
            },
            field("timestamp_field", "Field of the time", "Without it, an event happens when it arrives."),
            field("id_field", "Field of the id", "Without it, an event gets a random one."),
        ],
    },
    FieldGroup {
        title: "Batch",
        fields: &[
            counted("batch_size", "Batch size", "events", "Larger batches come less often."),
            FieldLabel {
                unset: "until it is full",
                offers: &["1s", "5s", "30s"],
                ..field("batch_wait", "Batch wait", "With one, a slow stream shows something sooner.")
            },
        ],
    },
    FieldGroup {
        title: "Rolling",
        fields: &[
            FieldLabel {
                offers: &["500ms", "5s", "30s", "1min", "1h"],
                ..field("window", "Window", "Longer: a smoother line in the chart.")
            },
            field("agg", "Aggregate", "Changes the chart's second line and a column of latest."),
            FieldLabel {
                labels: &[
                    "right  (t\u{2212}w, t]",
                    "left  [t\u{2212}w, t)",
                    "both  [t\u{2212}w, t]",
                    "neither  (t\u{2212}w, t)",
                ],
                ..field("closed", "Closed", "Matters to rows exactly at an edge.")
            },
            FieldLabel {
                labels: &["whole stream", "each batch afresh"],
                ..field("rolling_scope", "Scope", "Afresh: every batch starts with a window of one row.")
            },
            FieldLabel {
                labels: &["all rows together", "each id by itself"],
                ..field("rolling_by", "Windows of", "By itself: an id's line is not moved by the others.")
            },
        ],
    },
    FieldGroup {
        title: "Values and time",
        fields: &[
            field("min_value", "Smallest value", "Moves the lower edge of the chart."),
            field("max_value", "Largest value", "Moves the upper edge of the chart."),
            FieldLabel {
                labels: &["local time", "UTC"],
                ..field("clock", "Clock", "Changes every time that is shown or answered.")
            },
            FieldLabel { labels: YES_NO, ..field("paused", "Paused", "The same as Pause in the bar.") },
        ],
    },
    FieldGroup {
        title: "Transforms",
        fields: &[
            counted("min_periods", "Fewest rows", "rows", "More: each window starts with a gap."),
            field("aggfunc", "Pivot aggregate", "Changes the values of pivoted."),
        ],
    },
    FieldGroup {
        title: "Queue",
        fields: &[
            counted("queue_capacity", "Queue capacity", "events", "A small queue shows backpressure early."),
            FieldLabel {
                labels: &["the source waits", "refuse new (503)", "drop the oldest", "drop the newest"],
                ..field("overflow", "When full", "Matters when events come faster than they are processed.")
            },
            FieldLabel {
                offers: &["10s", "1min", "1h", "1d"],
                ..field("lateness", "Lateness", "Shorter: more events count as late.")
            },
            field("late", "Late events", "Rejected ones are listed under Refused rows."),
        ],
    },
    FieldGroup {
        title: "Keeping",
        fields: &[
            counted("history_rows", "History rows", "rows", "Fewer: the oldest are gone at once, for good."),
            FieldLabel {
                unset: "of any age",
                offers: &["1h", "1d", "7d", "30d"],
                ..field("history_age", "History age", "Shorter: older rows are gone at once, for good.")
            },
            counted("memory_rows", "Rows in memory", "rows", "Fewer: less memory, slower queries of old rows."),
            FieldLabel {
                labels: YES_NO,
                ..field("persist", "Outlives the tab", "No: what comes in is in memory only.")
            },
        ],
    },
    FieldGroup {
        title: "Files",
        fields: &[
            FieldLabel {
                labels: &["as it shows", "JSON", "NDJSON", "CSV", "Arrow", "Parquet"],
                ..field("source_format", "Format", "A file that is loaded under Data sets these itself.")
            },
            FieldLabel {
                offers: &["auto", ",", ";", "tab", "|"],
                ..field("delimiter", "Delimiter", "A wrong one makes one column of all.")
            },
            FieldLabel {
                labels: &["as it shows", "point", "comma"],
                ..field("decimal", "Decimal mark", "With a comma, 1.234 is no number.")
            },
            FieldLabel {
                labels: &["as it shows", "names the columns", "is a row like the others"],
                ..field("header", "First row", "Without names, columns are column0, column1 and so on.")
            },
            FieldLabel {
                offers: &["auto", "iso", "epoch", "%d.%m.%Y %H:%M:%S", "%m/%d/%Y %H:%M"],
                ..field("timestamp_format", "Times are written as", "Times in another form are refused.")
            },
            FieldLabel {
                offers: &["clock", "local", "utc", "Europe/Berlin", "America/New_York"],
                ..field("timestamp_zone", "Zone of times without an offset", "Moves these times by hours.")
            },
            FieldLabel {
                unset: "at once",
                offers: &["1", "10", "100", "1000"],
                ..counted(
                    "replay_speed",
                    "Replay speed",
                    "times its pace",
                    "Faster: a day of a file passes in minutes.",
                )
            },
        ],
    },
    FieldGroup {
        title: "Live sources",
        fields: &[
            FieldLabel {
                unset: "none",
                offers: &["ws://127.0.0.1:8080/", "wss://example.org/stream", "https://example.org/events"],
                ..field("source_url", "Address", "Under Data, a connection can be tested before it is used.")
            },
            FieldLabel {
                offers: &["1s", "5s", "1min"],
                ..field("poll_interval", "Time between requests", "Shorter: fresher, and more work for the server.")
            },
            FieldLabel { unset: "none", ..field("nats_stream", "Stream", "Each has a position of its own.") },
            FieldLabel { offers: &[">"], ..field("nats_subject", "Subject", "Others are not read.") },
            FieldLabel {
                offers: &["new", "all"],
                ..field("nats_start", "Start", "A stream that was read before goes on where it was left.")
            },
            FieldLabel {
                labels: &["each sees all messages", "each message goes to one"],
                ..field("nats_mode", "Several pipelines", "Sharing needs a durable consumer.")
            },
            FieldLabel {
                unset: "none",
                ..field("nats_durable", "Durable consumer", "Pipelines that name it share it.")
            },
            FieldLabel {
                unset: "none",
                ..field("sink_subject", "Publish batches to", "Other programs read the results there.")
            },
        ],
    },
    FieldGroup {
        title: "API",
        fields: &[
            FieldLabel {
                unset: "none",
                ..field("api_key", "API key", "Scripts then send Authorization: Bearer and the key. No link holds it.")
            },
            FieldLabel {
                unset: "none",
                ..counted("rate_limit", "Rate limit", "requests a second", "What comes faster is answered 429.")
            },
        ],
    },
];

impl FieldLabel {
    /// The meaning of the setting, and its visible effect.
    #[must_use]
    pub fn meaning(&self, schema: &Schema) -> String {
        // An unset value is null in the API and an empty field in a form.
        [&schema.doc.replace("null", "empty"), " ", self.effect].concat()
    }

    /// Its default and limits: `Default: 10; 1 to 1 000 000 events`.
    #[must_use]
    pub fn facts(&self, schema: &Schema) -> String {
        let default = self.label_of(schema, schema.get(&Settings::default()).as_deref());
        let limits = match schema.limits {
            Limits::Whole(_, u64::MAX) => "; a whole number".to_owned(),
            Limits::Whole(least, most) => ["; ", &grouped(least), " to ", &grouped(most)].concat(),
            Limits::Duration(least) if least > 1 => ["; at least ", &Duration::from_nanos(least).to_string()].concat(),
            _ if self.unit.is_empty() => String::new(),
            _ => ";".to_owned(),
        };
        let unit = if self.unit.is_empty() { String::new() } else { [" ", self.unit].concat() };
        ["Default: ", &default, &limits, &unit].concat()
    }

    /// The label of a value.
    #[must_use]
    pub fn label_of(&self, schema: &Schema, value: Option<&str>) -> String {
        let Some(value) = value else { return self.unset.to_owned() };
        self.options(schema).find(|(known, _)| *known == value).map_or(value, |(_, label)| label).to_owned()
    }

    /// The allowed values, each with its label; empty: any value within the limits.
    pub fn options(&self, schema: &Schema) -> impl Iterator<Item = (&'static str, &'static str)> {
        let values: &[&str] = if schema.kind == Kind::Bool { &["true", "false"] } else { schema.choices };
        let labels = if self.labels.is_empty() { values } else { self.labels };
        values.iter().copied().zip(labels.iter().copied())
    }
}

/// The value of a setting in a snapshot's list.
#[must_use]
pub fn value_of<'a>(settings: &'a [(String, Option<String>)], name: &str) -> Option<&'a str> {
    settings.iter().find(|(known, _)| known == name).and_then(|(_, value)| value.as_deref())
}

/// The names of the settings that match a search: all of its words are in the name, the texts or the group; `changed`
/// finds those that differ from their defaults.
#[must_use]
pub fn found_settings(search: &str, in_force: &[(String, Option<String>)]) -> Vec<&'static str> {
    let words: Vec<String> = search.split_whitespace().map(str::to_lowercase).collect();
    let all = GROUPS.iter().flat_map(|group| group.fields.iter().map(move |field| (group, field)));
    let is_found = |group: &FieldGroup, field: &FieldLabel| {
        let Some(schema) = Settings::field(field.name) else { return false };
        let is_changed = value_of(in_force, field.name) != schema.get(&Settings::default()).as_deref();
        let mark = if is_changed && !in_force.is_empty() { "changed" } else { "" };
        let text = [field.name, field.label, group.title, schema.doc, field.effect, mark].join(" ").to_lowercase();
        words.iter().all(|word| text.contains(word.as_str()))
    };
    all.filter(|(group, field)| is_found(group, field)).map(|(_, field)| field.name).collect()
}

/// The step from the settings in a snapshot's list to the same with these changes; an empty text is the default.
///
/// # Errors
/// As [`Settings::merged`]: values that are refused, by themselves or in combination.
pub fn plan(
    title: &'static str,
    in_force: &[(String, Option<String>)],
    changes: &[(&str, Option<&str>)],
) -> Result<Step, Vec<SettingError>> {
    let in_force: Vec<(&str, Option<&str>)> =
        in_force.iter().map(|(name, value)| (name.as_str(), value.as_deref())).collect();
    let before = Settings::default().merged(in_force)?;
    let after = before.merged(changes.iter().copied())?;
    Ok(Step::between(title, &before, &after))
}

/// The body of a `PATCH config` with these values, each of the JSON type that its setting has.
#[must_use]
pub fn patch<'a>(changes: impl IntoIterator<Item = (&'a str, Option<&'a str>)>) -> String {
    let typed = |name: &str, text: &str| match Settings::field(name).map(|field| field.kind) {
        // From bytes: the reader of `str` links tables of printable characters.
        Some(Kind::Number | Kind::Bool) => serde_json::from_slice(text.as_bytes()).unwrap_or_else(|_| text.into()),
        _ => text.into(),
    };
    let members: Map<String, Value> = changes
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.map_or(Value::Null, |text| typed(name, text))))
        .collect();
    Value::Object(members).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields() -> impl Iterator<Item = &'static FieldLabel> {
        GROUPS.iter().flat_map(|group| group.fields)
    }

    #[test]
    fn the_form_has_one_field_for_each_setting_of_the_api() {
        let mut shown: Vec<&str> = fields().map(|field| field.name).collect();
        let mut known: Vec<&str> = Settings::FIELDS.iter().map(|schema| schema.name).collect();
        shown.sort_unstable();
        known.sort_unstable();
        assert_eq!(shown, known);
    }

    #[test]
    fn choices_have_labels_and_optional_settings_explain_an_empty_field() {
        for field in fields() {
            let schema = Settings::field(field.name).unwrap();
            let choices = if schema.kind == Kind::Bool { 2 } else { schema.choices.len() };
            assert!(field.labels.is_empty() || field.labels.len() == choices, "{}", field.name);
            assert_eq!(schema.get(&Settings::default()).is_none(), !field.unset.is_empty(), "{}", field.name);
            assert!(!field.effect.is_empty() && field.effect.ends_with('.'), "{}", field.name);
        }
    }

    #[test]
    fn every_suggested_value_is_accepted() {
        for field in fields() {
            for offer in field.offers {
                assert!(Settings::default().merged([(field.name, Some(*offer))]).is_ok(), "{} {offer}", field.name);
            }
        }
    }

    #[test]
    fn facts_name_default_limits_and_unit() {
        let facts = |name| {
            let field = fields().find(|field| field.name == name).unwrap();
            field.facts(Settings::field(name).unwrap())
        };
        assert_eq!(facts("batch_size"), "Default: 10; 1 to 1\u{202f}000\u{202f}000 events");
        assert_eq!(facts("window"), "Default: 5s");
        assert_eq!(facts("interval"), "Default: 1s; at least 1us");
        assert_eq!(facts("seed"), "Default: random; a whole number");
        assert_eq!(facts("persist"), "Default: yes");
        assert_eq!(facts("rate_limit"), "Default: none; requests a second");
        assert_eq!(facts("source"), "Default: simulated");
    }

    #[test]
    fn a_value_is_refused_by_itself_and_in_combination() {
        let in_force = [("batch_size".to_owned(), Some("20".to_owned()))];
        let refused = |name, text| plan("", &in_force, &[(name, Some(text))]).unwrap_err()[0].message.clone();
        assert_eq!(refused("batch_size", "x"), "\"x\" is not a whole number from 1 to 1000000");
        assert!(refused("queue_capacity", "15").contains("batch_size 20"), "{}", refused("queue_capacity", "15"));
        assert!(plan("", &in_force, &[("queue_capacity", Some("20"))]).is_ok());
    }

    #[test]
    fn a_search_finds_names_labels_texts_and_changes() {
        let found = |search| found_settings(search, &[]);
        assert_eq!(found("").len(), Settings::FIELDS.len());
        assert_eq!(found("batch_size"), ["batch_size"]);
        assert_eq!(found("Pivot AGG"), ["aggfunc"]);
        assert!(found("no such thing").is_empty());
        let mut in_force: Vec<(String, Option<String>)> =
            Settings::FIELDS.iter().map(|it| (it.name.to_owned(), it.get(&Settings::default()))).collect();
        assert!(found_settings("changed", &in_force).iter().all(|name| *name != "seed"));
        in_force.iter_mut().filter(|(name, _)| name == "seed").for_each(|(_, value)| *value = Some("7".into()));
        assert!(found_settings("changed seed", &in_force).contains(&"seed"));
    }

    #[test]
    fn an_empty_field_is_the_default() {
        let in_force = [("seed".to_owned(), Some("7".to_owned()))];
        assert_eq!(plan("", &in_force, &[("seed", Some(" "))]).unwrap().text(), "seed 7 \u{2192} unset");
        assert_eq!(patch([("seed", None), ("window", Some("5\""))]), r#"{"seed":null,"window":"5\""}"#);
        let typed =
            [("batch_size", Some("20")), ("paused", Some("true")), ("min_value", Some("-1.5")), ("seed", Some("x"))];
        assert_eq!(patch(typed), r#"{"batch_size":20,"paused":true,"min_value":-1.5,"seed":"x"}"#);
    }
}
