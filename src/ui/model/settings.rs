//! The settings as fields of a form: label, hint, kind and default of each.

use super::json::quoted;

/// How a setting is filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// One of these values, each with its label.
    Choice(&'static [(&'static str, &'static str)]),
    /// A number.
    Number,
    /// A duration such as `5s`; the texts are offered.
    Duration(&'static [&'static str]),
    /// Any text.
    Text,
}

/// A setting as the form shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// The name in the contract.
    pub name: &'static str,
    /// The name in words.
    pub label: &'static str,
    /// What it does.
    pub hint: &'static str,
    /// How it is filled in.
    pub kind: FieldKind,
    /// The default, `None` for unset.
    pub default: Option<&'static str>,
    /// What an empty field means.
    pub placeholder: &'static str,
}

/// A headed group of fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldGroup {
    /// The heading.
    pub title: &'static str,
    /// The fields.
    pub fields: &'static [Field],
}

const fn field(
    name: &'static str,
    label: &'static str,
    kind: FieldKind,
    default: &'static str,
    hint: &'static str,
) -> Field {
    Field { name, label, hint, kind, default: Some(default), placeholder: default }
}

const fn optional(
    name: &'static str,
    label: &'static str,
    kind: FieldKind,
    placeholder: &'static str,
    hint: &'static str,
) -> Field {
    Field { name, label, hint, kind, default: None, placeholder }
}

const AGGREGATES: &[(&str, &str)] = &[
    ("mean", "mean"),
    ("median", "median"),
    ("sum", "sum"),
    ("min", "min"),
    ("max", "max"),
    ("count", "count"),
    ("std", "std"),
    ("var", "var"),
];

const PIVOT_AGGREGATES: &[(&str, &str)] = &[
    ("mean", "mean"),
    ("median", "median"),
    ("sum", "sum"),
    ("min", "min"),
    ("max", "max"),
    ("count", "count"),
    ("std", "std"),
    ("first", "first"),
    ("last", "last"),
];

/// What most people change.
pub const MAIN_GROUPS: &[FieldGroup] = &[
    FieldGroup {
        title: "Source",
        fields: &[
            field(
                "source",
                "Source",
                FieldKind::Choice(&[("simulated", "simulated"), ("none", "none, only posted")]),
                "simulated",
                "where events come from",
            ),
            field(
                "interval",
                "Interval",
                FieldKind::Duration(&["1s", "200ms", "50ms", "1ms", "100us", "10us"]),
                "1s",
                "time between events, down to 1us",
            ),
            optional("distinct_ids", "Distinct ids", FieldKind::Number, "a new UUID each", "how many ids recur"),
            optional("seed", "Seed", FieldKind::Number, "random", "a number makes runs repeat"),
        ],
    },
    FieldGroup {
        title: "Batch",
        fields: &[
            field("batch_size", "Batch size", FieldKind::Number, "10", "events in a batch"),
            optional(
                "batch_wait",
                "Batch wait",
                FieldKind::Duration(&["1s", "5s", "30s"]),
                "until it is full",
                "longest wait for a full batch",
            ),
        ],
    },
    FieldGroup {
        title: "Rolling",
        fields: &[
            field(
                "window",
                "Window",
                FieldKind::Duration(&["500ms", "5s", "30s", "1min", "1h"]),
                "5s",
                "how far the average looks back",
            ),
            field("agg", "Aggregate", FieldKind::Choice(AGGREGATES), "mean", "what the window computes"),
            field(
                "closed",
                "Closed",
                FieldKind::Choice(&[
                    ("right", "right  (t\u{2212}w, t]"),
                    ("left", "left  [t\u{2212}w, t)"),
                    ("both", "both  [t\u{2212}w, t]"),
                    ("neither", "neither  (t\u{2212}w, t)"),
                ]),
                "right",
                "which ends belong to it",
            ),
            field(
                "rolling_scope",
                "Scope",
                FieldKind::Choice(&[("stream", "whole stream"), ("batch", "each batch afresh")]),
                "stream",
                "what the window may see",
            ),
        ],
    },
];

/// The rest, under "more settings".
pub const MORE_GROUPS: &[FieldGroup] = &[
    FieldGroup {
        title: "Values and time",
        fields: &[
            field("min_value", "Smallest value", FieldKind::Number, "10", "of simulated events"),
            field("max_value", "Largest value", FieldKind::Number, "100", "of simulated events"),
            field(
                "clock",
                "Clock",
                FieldKind::Choice(&[("local", "local time"), ("utc", "UTC")]),
                "local",
                "how times are read and shown",
            ),
        ],
    },
    FieldGroup {
        title: "Transforms",
        fields: &[
            field("min_periods", "Fewest rows", FieldKind::Number, "1", "that a window needs (min_periods)"),
            field(
                "aggfunc",
                "Pivot aggregate",
                FieldKind::Choice(PIVOT_AGGREGATES),
                "mean",
                "for several rows of one id (aggfunc)",
            ),
        ],
    },
    FieldGroup {
        title: "Queue",
        fields: &[
            field("queue_capacity", "Queue capacity", FieldKind::Number, "100000", "events that may wait"),
            field(
                "overflow",
                "When full",
                FieldKind::Choice(&[
                    ("block", "the source waits"),
                    ("reject", "refuse new (503)"),
                    ("drop_oldest", "drop the oldest"),
                    ("drop_newest", "drop the newest"),
                ]),
                "block",
                "what happens to the next event",
            ),
            field(
                "lateness",
                "Lateness",
                FieldKind::Duration(&["1min", "1h", "1d"]),
                "1h",
                "behind the newest that is not a day ahead",
            ),
            field(
                "late",
                "Late events",
                FieldKind::Choice(&[("accept", "accept"), ("reject", "reject")]),
                "accept",
                "taken or put to the dead letters",
            ),
        ],
    },
    FieldGroup {
        title: "Keeping",
        fields: &[
            field("history_rows", "History rows", FieldKind::Number, "1000000", "kept; the oldest go first"),
            field("memory_rows", "Rows in memory", FieldKind::Number, "1000000", "others are read from disk"),
            field(
                "persist",
                "Outlives the tab",
                FieldKind::Choice(&[("true", "yes"), ("false", "no")]),
                "true",
                "what comes in is written to disk",
            ),
        ],
    },
    FieldGroup {
        title: "API",
        fields: &[
            optional("api_key", "API key", FieldKind::Text, "none", "requests send it: Authorization: Bearer \u{2026}"),
            optional("rate_limit", "Rate limit", FieldKind::Number, "none", "requests a second, and at once"),
        ],
    },
];

/// The value of a setting in a snapshot's list.
#[must_use]
pub fn value_of<'a>(settings: &'a [(String, Option<String>)], name: &str) -> Option<&'a str> {
    settings.iter().find(|(known, _)| known == name).and_then(|(_, value)| value.as_deref())
}

/// What a field's text means to the contract: empty is unset, which is the default.
#[must_use]
pub fn meant(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// The body of a `PATCH config` that changes one setting.
#[must_use]
pub fn change(name: &str, value: Option<&str>) -> String {
    format!("{{{}:{}}}", quoted(name), value.map_or_else(|| "null".to_owned(), quoted))
}

#[cfg(test)]
mod tests {
    use super::{FieldKind, MAIN_GROUPS, MORE_GROUPS, change, meant};

    #[test]
    fn every_setting_that_has_an_effect_has_one_field() {
        let names: Vec<&str> =
            MAIN_GROUPS.iter().chain(MORE_GROUPS).flat_map(|group| group.fields).map(|field| field.name).collect();
        let contract = "source interval distinct_ids seed min_value max_value clock batch_size batch_wait window min_periods closed agg \
                        rolling_scope aggfunc queue_capacity overflow lateness late history_rows memory_rows persist api_key rate_limit";
        for name in contract.split_whitespace() {
            assert_eq!(names.iter().filter(|known| **known == name).count(), 1, "{name}");
        }
        assert_eq!(names.len(), contract.split_whitespace().count());
    }

    #[test]
    fn the_default_of_a_choice_is_one_of_its_values() {
        for field in MAIN_GROUPS.iter().chain(MORE_GROUPS).flat_map(|group| group.fields) {
            if let FieldKind::Choice(values) = field.kind {
                assert!(values.iter().any(|(value, _)| Some(*value) == field.default), "{}", field.name);
            }
        }
    }

    #[test]
    fn an_empty_field_is_unset() {
        assert_eq!(meant("  "), None);
        assert_eq!(meant(" 5s "), Some("5s".into()));
        assert_eq!(change("seed", meant(" ").as_deref()), r#"{"seed":null}"#);
        assert_eq!(change("window", Some("5\"")), r#"{"window":"5\""}"#);
    }
}
