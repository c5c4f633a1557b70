//! The form of a live source: the settings that belong to it, and the changes by which it starts.

use super::settings::{FieldLabel, GROUPS, value_of};
use crate::pipeline::Settings;
use crate::pipeline::sniff::{Choices, Reading};

/// What was typed into the form: names of settings with their texts; an empty text is the default.
pub type Typed = Vec<(&'static str, String)>;

/// The settings that belong to the source with this name, in the order of the form; the source itself is the first.
#[must_use]
pub fn fields_of(source: &str) -> &'static [&'static str] {
    match source {
        "websocket" | "sse" => &["source", "source_url"],
        "poll" => &["source", "source_url", "poll_interval"],
        "nats" => &[
            "source",
            "source_url",
            "nats_stream",
            "nats_subject",
            "nats_start",
            "nats_mode",
            "nats_durable",
            "sink_subject",
        ],
        _ => &["source"],
    }
}

/// Whether the source with this name reads from a server.
#[must_use]
pub fn is_live(source: &str) -> bool {
    fields_of(source).len() > 1
}

/// The texts of a setting.
#[must_use]
pub fn field_label(name: &str) -> Option<&'static FieldLabel> {
    GROUPS.iter().flat_map(|group| group.fields).find(|field| field.name == name)
}

/// The name of a live source, as it is shown; `None` for a source that is not live.
#[must_use]
pub fn kind_label(source: &str) -> Option<String> {
    let (field, schema) = field_label("source").zip(Settings::field("source"))?;
    is_live(source).then(|| field.label_of(schema, Some(source)))
}

/// The text of a field: what was typed, else the value in force.
#[must_use]
pub fn text_of(name: &str, typed: &Typed, in_force: &[(String, Option<String>)]) -> String {
    let typed = typed.iter().find(|(known, _)| *known == name).map(|(_, text)| text.as_str());
    typed.or_else(|| value_of(in_force, name)).unwrap_or_default().to_owned()
}

/// Takes a text into what was typed.
pub fn type_in(typed: &mut Typed, name: &'static str, text: String) {
    match typed.iter_mut().find(|(known, _)| *known == name) {
        Some((_, known)) => *known = text,
        None => typed.push((name, text)),
    }
}

/// The changes of the settings by which the source of the form starts: its own fields, as they were typed, and no sink
/// where it has none, since its address is not that of a NATS server.
#[must_use]
pub fn changes(typed: &Typed, in_force: &[(String, Option<String>)]) -> Typed {
    let own = fields_of(&text_of("source", typed, in_force));
    let mut changes: Typed = own.iter().map(|name| (*name, text_of(name, typed, in_force))).collect();
    if own.len() > 1 && !own.contains(&"sink_subject") {
        changes.push(("sink_subject", String::new()));
    }
    changes.push(("paused", "false".to_owned()));
    changes
}

/// The same changes with the reading of the source's first messages. Messages of JSON are told apart one by one,
/// whether each has a line or not, unless a person chose the format.
#[must_use]
pub fn with_reading(mut changes: Typed, reading: &Reading, choices: &Choices) -> Typed {
    for (name, value) in reading.values() {
        let is_guessed_json =
            name == "source_format" && reading.source_format.ends_with("json") && choices.source_format.is_none();
        type_in(&mut changes, name, if is_guessed_json { "auto".to_owned() } else { value.unwrap_or_default() });
    }
    changes
}

/// What is missing from the form, as a sentence: what the settings take, but no connection comes about without.
#[must_use]
pub fn missing(changes: &Typed) -> Option<&'static str> {
    let is_empty = |name: &str| text_of(name, changes, &[]).trim().is_empty();
    match text_of("source", changes, &[]).as_str() {
        source if !is_live(source) => Some("Choose a source that reads from a server."),
        _ if is_empty("source_url") => Some("Name the address of the server."),
        "nats" if is_empty("nats_stream") => Some("Name the stream that is read."),
        _ => None,
    }
}

/// The name of the file of a source's first messages, whose ending counts where its bytes do not tell the format.
#[must_use]
pub fn sample_name(source: &str, address: &str) -> String {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    match path.rsplit('/').next() {
        // What is polled is a file as others are.
        Some(name) if source == "poll" && name.contains('.') && path.matches('/').count() > 2 => name.to_owned(),
        _ => "messages.ndjson".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::SourceKind;

    fn typed(pairs: &[(&'static str, &str)]) -> Typed {
        pairs.iter().map(|(name, text)| (*name, (*text).to_owned())).collect()
    }

    #[test]
    fn every_live_source_has_its_fields_and_every_field_is_a_setting() {
        for source in SourceKind::NAMES {
            let is_known = matches!(*source, "simulated" | "none" | "file");
            assert_eq!((is_live(source), kind_label(source).is_some()), (!is_known, !is_known), "{source}");
            for name in fields_of(source) {
                assert!(Settings::field(name).is_some() && field_label(name).is_some(), "{name}");
            }
        }
        assert_eq!(kind_label("websocket").as_deref(), Some("WebSocket"));
    }

    #[test]
    fn a_source_starts_with_its_own_fields_and_is_accepted() {
        let in_force = [("sink_subject".to_owned(), Some("plant.out".to_owned()))];
        let form = typed(&[
            ("source", "poll"),
            ("source_url", "http://127.0.0.1:8000/now"),
            ("poll_interval", "1s"),
            ("nats_stream", "PLANT"),
        ]);
        let changes = changes(&form, &in_force);
        assert_eq!(text_of("poll_interval", &changes, &[]), "1s");
        assert!(!changes.iter().any(|(name, _)| *name == "nats_stream"), "another kind's");
        let merged = Settings::default()
            .merged([("source", Some("nats")), ("source_url", Some("ws://h")), ("sink_subject", Some("plant.out"))])
            .unwrap()
            .merged(changes.iter().map(|(name, text)| (*name, Some(text.as_str()))))
            .unwrap();
        assert_eq!((merged.source, merged.sink_subject, merged.paused), (SourceKind::Poll, None, false));
    }

    #[test]
    fn the_reading_of_the_sample_is_part_of_the_start() {
        let reading = Reading {
            source_format: "ndjson".into(),
            timestamp_format: "iso".into(),
            timestamp_zone: "utc".into(),
            measures: vec!["flow".into()],
            missing: "reject".into(),
            ..Reading::default()
        };
        let text = |choices: &Choices, name: &str| text_of(name, &with_reading(Typed::new(), &reading, choices), &[]);
        let none = Choices::default();
        assert_eq!((text(&none, "source_format"), text(&none, "measures")), ("auto".to_owned(), "flow".to_owned()));
        let chosen = Choices { source_format: Some("ndjson".into()), ..Choices::default() };
        assert_eq!((text(&chosen, "source_format"), text(&chosen, "id_field")), ("ndjson".to_owned(), String::new()));
    }

    #[test]
    fn a_field_that_was_not_touched_keeps_the_value_in_force() {
        let in_force = [("source_url".to_owned(), Some("ws://h/1".to_owned())), ("nats_durable".to_owned(), None)];
        let mut typed = Typed::new();
        assert_eq!(text_of("source_url", &typed, &in_force), "ws://h/1");
        type_in(&mut typed, "source_url", String::new());
        assert_eq!(text_of("source_url", &typed, &in_force), "", "it was emptied");
        assert_eq!(text_of("nats_durable", &typed, &in_force), "");
    }

    #[test]
    fn what_no_connection_comes_about_without_is_named() {
        let of = |pairs: &[(&'static str, &str)]| missing(&changes(&typed(pairs), &[]));
        assert!(of(&[("source", "none")]).is_some_and(|sentence| sentence.contains("source")));
        assert!(of(&[("source", "sse"), ("source_url", " ")]).is_some_and(|sentence| sentence.contains("address")));
        assert_eq!(of(&[("source", "sse"), ("source_url", "https://h")]), None);
        let nats = [("source", "nats"), ("source_url", "ws://h"), ("nats_stream", "S")];
        assert!(of(&nats[..2]).is_some_and(|sentence| sentence.contains("stream")));
        assert_eq!(of(&nats), None);
    }

    #[test]
    fn only_what_is_polled_has_a_name_of_its_own() {
        assert_eq!(sample_name("poll", "https://h.example/a/now.csv?x=1.txt"), "now.csv");
        for address in ["https://h.example", "https://h.example/", "https://h.example/now"] {
            assert_eq!(sample_name("poll", address), "messages.ndjson");
        }
        assert_eq!(sample_name("websocket", "wss://h.example/a.csv"), "messages.ndjson");
    }
}
