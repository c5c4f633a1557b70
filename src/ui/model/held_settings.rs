//! What settings of an address would take away from what is stored, or send to others.

use super::quantity::{counted, grouped};
use crate::protocol::HeldSetting;

/// The setting by which what comes in is sent to others.
const SINK: &str = "sink_subject";

/// What the address asks for, as a title, and why it was not done.
#[must_use]
pub fn held_title(held: &[HeldSetting]) -> (&'static str, &'static str) {
    let is_sink = |setting: &HeldSetting| setting.name == SINK;
    match (held.iter().any(is_sink), held.iter().all(is_sink)) {
        (false, _) => (
            "The address asks to keep less of what is stored.",
            "It was not done: a link takes nothing away by itself.",
        ),
        (true, true) => {
            ("The address asks to publish what comes in.", "It was not done: a link sends nothing to others by itself.")
        }
        (true, false) => (
            "The address asks to keep less of what is stored, and to publish what comes in.",
            "It was not done: a link takes nothing away and sends nothing to others by itself.",
        ),
    }
}

/// A sentence on what a setting would do: `?history_rows=1 would remove 999 of 1 000 stored rows.`
#[must_use]
pub fn held_text(held: &HeldSetting) -> String {
    let HeldSetting { name, value, in_force, server, removed_rows, stored_rows } = held;
    let stored = counted(*stored_rows, "row");
    let effect = match (name.as_str(), removed_rows) {
        (SINK, _) => {
            let server = server.as_deref().unwrap_or("the server of source_url, once there is one");
            format!("send each processed batch to {server}")
        }
        ("persist", _) if *stored_rows == 0 => "keep new rows in memory only".to_owned(),
        ("persist", _) => format!("keep new rows in memory only, beside {stored} in files"),
        (_, 0) => {
            let in_force = in_force.as_deref().unwrap_or("unset");
            format!("remove rows sooner than {name}={in_force} does; {stored} stored")
        }
        (_, removed) => format!("remove {} of {} stored rows", grouped(*removed), grouped(*stored_rows)),
    };
    format!("?{name}={value} would {effect}.")
}

/// Names and values of the settings, as changes.
#[must_use]
pub fn held_changes(held: &[HeldSetting]) -> Vec<(&str, Option<&str>)> {
    // An empty text is the default.
    held.iter().map(|setting| (setting.name.as_str(), Some(setting.value.as_str()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(name: &str, value: &str, in_force: Option<&str>, removed_rows: u64) -> HeldSetting {
        let in_force = in_force.map(str::to_owned);
        let (name, value) = (name.to_owned(), value.to_owned());
        HeldSetting { name, value, in_force, server: None, removed_rows, stored_rows: 1000 }
    }

    #[test]
    fn a_held_setting_says_what_would_go() {
        let text = |name, value, in_force, removed| held_text(&held(name, value, in_force, removed));
        assert_eq!(
            text("history_rows", "1", Some("1000000"), 999),
            "?history_rows=1 would remove 999 of 1\u{202f}000 stored rows."
        );
        assert_eq!(
            text("history_rows", "2000", Some("1000000"), 0),
            "?history_rows=2000 would remove rows sooner than history_rows=1000000 does; 1\u{202f}000 rows stored."
        );
        assert!(text("history_age", "1d", None, 0).contains("sooner than history_age=unset does"));
        assert_eq!(
            text("persist", "false", Some("true"), 0),
            "?persist=false would keep new rows in memory only, beside 1\u{202f}000 rows in files."
        );
    }

    #[test]
    fn a_held_sink_names_the_server_and_is_no_loss() {
        let sink = HeldSetting { server: Some("https://h:443".to_owned()), ..held("sink_subject", "out", None, 0) };
        assert_eq!(held_text(&sink), "?sink_subject=out would send each processed batch to https://h:443.");
        assert!(held_title(std::slice::from_ref(&sink)).0.ends_with("publish what comes in."));
        assert!(!held_title(&[held("persist", "false", None, 0)]).0.contains("publish"));
        assert!(held_title(&[sink, held("persist", "false", None, 0)]).0.contains("keep less"));
    }

    #[test]
    fn held_settings_are_applied_as_changes() {
        let all = [held("history_rows", "1", None, 0), held("persist", "false", None, 0)];
        assert_eq!(held_changes(&all), [("history_rows", Some("1")), ("persist", Some("false"))]);
    }
}
