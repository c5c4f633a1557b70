//! Instants without what all rows of a table have in common.

/// The time of day of an instant as the API prints it, to the millisecond: `2025-06-01T20:28:32.916321+02:00` is
/// `20:28:32.916`. What is no such instant is returned whole.
#[must_use]
pub fn short_instant(text: &str) -> &str {
    let Some((date, rest)) = text.split_once('T') else { return text };
    let is_date = date.len() >= 10 && date.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    let digits = rest.bytes().take_while(|byte| byte.is_ascii_digit() || matches!(byte, b':' | b'.')).count();
    if !is_date || digits < 8 {
        return text;
    }
    // Up to three digits of a second.
    &rest[..digits.min(12)]
}

/// The date of an instant as the API prints it; empty for any other text.
#[must_use]
pub fn date_of(text: &str) -> &str {
    if short_instant(text) == text { "" } else { text.split_once('T').map_or("", |(date, _)| date) }
}

#[cfg(test)]
mod tests {
    use super::{date_of, short_instant};

    #[test]
    fn an_instant_loses_date_microseconds_and_offset() {
        assert_eq!(short_instant("2025-06-01T20:28:32.916321+02:00"), "20:28:32.916");
        assert_eq!(short_instant("2025-06-01T20:28:32Z"), "20:28:32");
        assert_eq!(date_of("2025-06-01T20:28:32Z"), "2025-06-01");
    }

    #[test]
    fn other_texts_stay_whole() {
        for text in ["", "T", "pump-T1", "2025-06-01", "2025-06-01Tsoon", "Tests"] {
            assert_eq!((short_instant(text), date_of(text)), (text, ""), "{text}");
        }
    }
}
