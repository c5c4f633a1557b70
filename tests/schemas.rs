//! Texts that fit a schema of `openapi.json`, for tests that ask what the document describes.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::string::string_regex;
use serde_json::{Value, json};

/// The texts of a list of a schema.
pub(crate) fn names(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Texts of a parameter or a string that fit its schema.
pub(crate) fn fitting(schema: &Value) -> BoxedStrategy<String> {
    if schema["enum"].is_array() {
        return select(names(&schema["enum"])).boxed();
    }
    if schema["items"]["enum"].is_array() {
        let names = names(&schema["items"]["enum"]);
        return vec(select(names), 1..3).prop_map(|names| names.join(",")).boxed();
    }
    if schema["type"][0] == "integer" && schema["type"][1] == "string" {
        let most = schema["maximum"].as_u64().expect("a count has a limit");
        return prop_oneof![0..=most.min(30), 0..=most, Just(most)].prop_map(|number| number.to_string()).boxed();
    }
    matching(schema["pattern"].as_str().unwrap_or_else(|| panic!("{schema} has no pattern")))
}

/// Texts of a pattern; what it looks ahead for at its start is left to the caller.
pub(crate) fn matching(pattern: &str) -> BoxedStrategy<String> {
    // A generator knows no anchors, and whatever it makes is the whole text.
    let plain = pattern.trim_start_matches("^$|").replace("(^|\\n)", "").replace("(\\n|$)", "");
    let mut plain = plain.strip_prefix('^').unwrap_or(&plain);
    while let Some(behind) = plain.strip_prefix("(?!") {
        let mut depth = 1;
        let end = behind.find(|letter: char| {
            depth += i32::from(letter == '(') - i32::from(letter == ')');
            depth == 0
        });
        plain = &behind[end.expect("each bracket is closed") + 1..];
    }
    let plain = plain.strip_suffix('$').unwrap_or(plain);
    string_regex(plain).unwrap_or_else(|error| panic!("{pattern}: {error}")).boxed()
}

/// A text with a few characters taken away, put in or changed.
pub(crate) fn nearly(texts: BoxedStrategy<String>) -> BoxedStrategy<String> {
    let odd = select("0159-+:.,;TZzWsmhdnu eE\"'\t\n|xäé\u{2003}\0".chars().collect::<Vec<_>>());
    let change = (any::<prop::sample::Index>(), 0..3, odd);
    (texts, vec(change, 1..3))
        .prop_map(|(text, changes)| {
            let mut letters: Vec<char> = text.chars().collect();
            for (place, kind, odd) in changes {
                let place = place.index(letters.len() + 1);
                match kind {
                    0 if place < letters.len() => drop(letters.remove(place)),
                    1 if place < letters.len() => letters[place] = odd,
                    _ => letters.insert(place, odd),
                }
            }
            letters.into_iter().collect()
        })
        .boxed()
}

/// Texts that nobody would send as a time, a length or a name.
pub(crate) fn garbage() -> BoxedStrategy<String> {
    let odd = vec!["garbage", "-1", "NaN", "null", "true", "\0", "soon", "ns", "s", "P1D", "5", "0x10", "1e999", "[]"];
    prop_oneof![select(odd).prop_map(str::to_owned), "\\PC{1,12}", "[a-z]{1,8}"].boxed()
}

/// The JSON value of a parameter's text, as its schema describes it.
pub(crate) fn instance(schema: &Value, text: &str) -> Value {
    if schema["type"] == "array" {
        return json!(text.split(',').collect::<Vec<_>>());
    }
    json!(text)
}
