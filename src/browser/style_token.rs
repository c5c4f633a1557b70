//! Reads tokens of the style sheet, for drawing outside of CSS (a canvas).

/// The value of a custom property of the whole page, such as `--ink-soft`; empty where it is not set.
///
/// A colour that `tokens.css` registers with `@property` is a plain colour, in the theme of this moment. Any other
/// property is the text of the style sheet, such as `light-dark(…)`, which a canvas does not understand.
#[must_use]
pub fn style_token(name: &str) -> String {
    let read = || {
        let window = web_sys::window()?;
        let root = window.document()?.document_element()?;
        window.get_computed_style(&root).ok()??.get_property_value(name).ok()
    };
    read().map(|value| value.trim().to_owned()).unwrap_or_default()
}
