//! What the text of a field says, and the true reason when it says nothing that can be kept. Blanks around a timestamp
//! and a value do not count; all else is kept to the letter.

use std::borrow::Cow;

use crate::pipeline::EventError;
use crate::time::{Clock, Timestamp};

/// Characters of a text that a reason repeats.
const SHOWN_CHARS: usize = 200;

pub(super) fn timestamp(text: &str, clock: &Clock) -> Result<Timestamp, EventError> {
    // A text that is cut is none that can be read.
    Timestamp::parse(text.trim(), clock).map_err(|error| EventError::Unreadable(format!("timestamp {error}")))
}

/// A finite number in decimal digits.
pub(super) fn number(text: &str) -> Result<f64, EventError> {
    let text = text.trim();
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() => Ok(number),
        // "inf" and "nan" are read as well; they have no digit.
        Ok(_) if text.bytes().any(|byte| byte.is_ascii_digit()) => {
            unreadable(format!("value {} is not finite: it exceeds the largest number of 64 bits", brief(text)))
        }
        Ok(_) => unreadable(format!("value {text} is not finite; send a finite number")),
        Err(_) if text.is_empty() => unreadable("value is empty; send a finite number".to_owned()),
        Err(_) => unreadable(format!("value {} is not a number; send a decimal number such as 12.5", brief(text))),
    }
}

/// A finite number with a comma before its fraction, or a point.
pub(super) fn number_with_comma(text: &str) -> Result<f64, EventError> {
    match text.split_once(',') {
        Some((whole, fraction)) if !text.contains('.') && !fraction.contains(',') => {
            let with_point = format!("{whole}.{fraction}");
            number(&with_point).map_err(|error| match with_point.trim().parse::<f64>() {
                Ok(_) => error,
                Err(_) => not_a_number_with_comma(text),
            })
        }
        Some(_) => Err(not_a_number_with_comma(text)),
        None => number(text),
    }
}

fn not_a_number_with_comma(text: &str) -> EventError {
    let text = brief(text.trim());
    EventError::Unreadable(format!(
        "value {text} is not a number; send a decimal number such as 12,5, without grouping"
    ))
}

pub(super) fn unreadable<T>(sentence: String) -> Result<T, EventError> {
    Err(EventError::Unreadable(sentence))
}

/// A text as a message shows it: 200 characters of it, and a mark where it goes on.
#[must_use]
pub fn brief(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(SHOWN_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]).into(),
        None => text.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_value_is_cut_between_characters() {
        assert_eq!(brief(&"é".repeat(200)), "é".repeat(200));
        assert_eq!(brief(&"é".repeat(201)), format!("{}…", "é".repeat(200)));
    }

    #[test]
    fn numbers_are_decimal_and_finite() {
        for (text, expected) in [("1.5", 1.5), (" -2e3 ", -2000.0), ("+.5", 0.5), ("5.", 5.0), ("1E-400", 0.0)] {
            assert_eq!(number(text), Ok(expected), "{text}");
        }
        for (text, part) in [
            ("", "is empty"),
            ("  ", "is empty"),
            ("NaN", "value NaN is not finite"),
            ("-Infinity", "not finite"),
            ("1e999", "value 1e999 is not finite: it exceeds"),
            ("0x10", "0x10 is not a number"),
            ("1_000", "1_000 is not a number"),
            ("1,5", "1,5 is not a number"),
            ("n/a", "n/a is not a number"),
        ] {
            let reason = number(text).expect_err(text).to_string();
            assert!(reason.contains(part), "{reason}");
        }
    }

    #[test]
    fn a_decimal_comma_is_no_grouping() {
        for (text, expected) in [("1,5", 1.5), (" -2,5e3", -2500.0), ("7", 7.0), ("7.25", 7.25), (",5", 0.5)] {
            assert_eq!(number_with_comma(text), Ok(expected), "{text}");
        }
        for text in ["1.234,5", "1,234.5", "1,234,567", ",", "a,b"] {
            assert!(number_with_comma(text).expect_err(text).to_string().contains(text), "{text}");
        }
    }

    #[test]
    fn a_long_text_is_cut_at_200_characters() {
        let reason = number(&"ä".repeat(201)).unwrap_err().to_string();
        assert!(reason.contains(&format!(" {}… ", "ä".repeat(200))), "{reason}");
        let reason = timestamp(&"9".repeat(3000), &Clock::Utc).unwrap_err().to_string();
        assert!(reason.len() < 500, "{reason}");
    }
}
