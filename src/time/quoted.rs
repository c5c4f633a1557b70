//! Texts as errors name them.

/// The most characters of a text that an error repeats.
const MAX_CHARS: usize = 200;

/// The text in quotes, cut at 200 characters.
pub(super) fn quoted(text: &str) -> String {
    match text.char_indices().nth(MAX_CHARS) {
        Some((end, _)) => format!("\"{}…\"", &text[..end]),
        None => format!("\"{text}\""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_cut_between_characters() {
        assert_eq!(quoted("ä"), "\"ä\"");
        assert_eq!(quoted(&"ä".repeat(200)), format!("\"{}\"", "ä".repeat(200)));
        assert_eq!(quoted(&"ä".repeat(201)), format!("\"{}…\"", "ä".repeat(200)));
    }
}
