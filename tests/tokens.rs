//! The tokens of the style sheet that the canvas of the chart is drawn with: a canvas understands a plain colour, and a
//! token that is not registered has its text as its value, `light-dark(…)`.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect("it can be read")
}

/// The names that follow each `start` in a text.
fn names_after<'a>(text: &'a str, start: &str) -> BTreeSet<&'a str> {
    let is_part = |sign: char| sign.is_ascii_alphanumeric() || sign == '-';
    let name = |rest: &'a str| &rest[..rest.find(|sign| !is_part(sign)).unwrap_or(rest.len())];
    text.split(start).skip(1).map(name).collect()
}

#[test]
fn every_token_of_the_canvas_is_a_registered_colour() {
    let (source, sheet) = (read("src/ui/components/chart_picture.rs"), read("style/tokens.css"));
    let mut used = names_after(&source, "style_token(\"");
    assert!(used.contains("--chart-value"), "the sources are found");
    let registered = names_after(&sheet, "@property ");
    used.extend(names_after(&sheet, "\n  --").into_iter().filter(|name| name.starts_with("series-")));
    let missing: Vec<&str> = used
        .into_iter()
        .filter(|name| !registered.iter().any(|known| known.trim_start_matches('-') == name.trim_start_matches('-')))
        .collect();
    assert!(missing.is_empty(), "style/tokens.css has no @property for {missing:?}");
}

#[test]
fn no_theme_has_a_block_of_its_own() {
    let sheet = read("style/tokens.css");
    assert!(!sheet.contains("prefers-color-scheme"), "a choice of the user would not reach it: use light-dark()");
}
