//! Requests after which less is stored: those that a page in a frame of another site does not send.

use serde_json::Value;

use crate::pipeline::{KEEPING, Settings};

/// Why a page in a frame of another site does not act.
pub const FRAMED: &str = "a page of another site shows this one, so that nothing stored is removed from here; open it \
                          in a tab of its own";

/// Whether less is stored after a request: it clears everything, or changes a setting so that less is kept than by
/// those in force. Where that cannot be told, it is so.
#[must_use]
pub fn takes_away(method: &str, target: &str, body: &[u8], in_force: &[(String, Option<String>)]) -> bool {
    let path = target.split('?').next().unwrap_or_default().trim_matches('/');
    match (method, path) {
        ("DELETE", _) => true,
        ("PATCH", "config") => keeps_less(body, in_force),
        _ => false,
    }
}

/// Whether a `PATCH config` with this body changes a setting so that less is kept.
fn keeps_less(body: &[u8], in_force: &[(String, Option<String>)]) -> bool {
    // The API refuses all other bodies.
    let Ok(Value::Object(members)) = serde_json::from_slice::<Value>(body) else { return false };
    let text = |value: &Value| match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    };
    let changes: Vec<_> = members
        .iter()
        .filter(|(name, _)| KEEPING.contains(&name.as_str()))
        .map(|(name, value)| (name.as_str(), text(value)))
        .collect();
    if changes.is_empty() {
        return false;
    }
    let known = in_force.iter().map(|(name, value)| (name.as_str(), value.as_deref()));
    let before = Settings::default().merged(known).ok().filter(|_| !in_force.is_empty());
    let changed = |before: &Settings| before.merged(changes.iter().map(|(name, value)| (*name, value.as_deref()))).ok();
    let after = before.as_ref().and_then(changed);
    before.zip(after).is_none_or(|(before, after)| !before.keeps_less(&after).is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_force() -> Vec<(String, Option<String>)> {
        let settings =
            Settings::default().merged([("history_rows", Some("500")), ("history_age", Some("1h"))]).unwrap();
        Settings::FIELDS.iter().map(|field| (field.name.to_owned(), field.get(&settings))).collect()
    }

    fn patch_takes_away(body: &str) -> bool {
        takes_away("PATCH", "config", body.as_bytes(), &in_force())
    }

    #[test]
    fn a_delete_takes_away_and_reading_and_adding_do_not() {
        assert!(takes_away("DELETE", "events", b"", &in_force()));
        assert!(takes_away("DELETE", "/events/?x=1", b"", &[]));
        for (method, target) in [("GET", "events"), ("POST", "events"), ("PATCH", "events"), ("GET", "config")] {
            assert!(!takes_away(method, target, br#"{"history_rows":1}"#, &in_force()), "{method} {target}");
        }
    }

    #[test]
    fn a_change_takes_away_where_less_is_kept_than_now() {
        for body in [
            r#"{"history_rows":499}"#,
            r#"{"window":"5s","history_age":"59min"}"#,
            r#"{"persist":false}"#,
            r#"{"history_rows":"1"}"#,
            r#"{"history_rows":1.0}"#,
            r#"{"history_rows":[]}"#,
        ] {
            assert!(patch_takes_away(body), "{body}");
        }
        for body in [
            r#"{"history_rows":500,"history_age":null,"persist":true}"#,
            r#"{"history_rows":null,"memory_rows":1,"paused":true}"#,
            "{}",
            "[1]",
            "not JSON",
        ] {
            assert!(!patch_takes_away(body), "{body}");
        }
    }

    #[test]
    fn before_the_settings_are_known_any_change_of_what_is_kept_counts() {
        assert!(takes_away("PATCH", "config", br#"{"history_rows":50000000}"#, &[]));
        assert!(!takes_away("PATCH", "config", br#"{"window":"5s"}"#, &[]));
    }
}
