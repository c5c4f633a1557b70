//! What the text of a number says, and the true reason when it says nothing that can be kept. Blanks around it do not
//! count.

use std::borrow::Cow;

use crate::pipeline::{Decimal, EventError};

/// Characters of a text that a reason repeats.
const SHOWN_CHARS: usize = 200;

/// Texts that say that there is no number: those of pandas' `read_csv`.
pub(crate) const MISSING_MARKS: [&str; 19] = [
    "", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A", "NA",
    "NULL", "NaN", "None", "n/a", "nan", "null",
];

/// Whether a text says that there is no number, as pandas reads it.
pub(crate) fn is_missing_mark(text: &str) -> bool {
    MISSING_MARKS.contains(&text)
}

/// The finite number that is written in decimal digits as the measure of this name. Where the decimal mark is not said,
/// it is a point or a comma. Points and commas that group digits are no part of a number.
pub(super) fn number(name: &str, text: &str, decimal: Decimal) -> Result<f64, EventError> {
    match decimal {
        Decimal::Point => number_with_point(name, text),
        Decimal::Auto if !text.contains(',') => number_with_point(name, text),
        Decimal::Auto | Decimal::Comma => number_with_comma(name, text),
    }
}

fn number_with_point(name: &str, text: &str) -> Result<f64, EventError> {
    // Few numbers stand between blanks.
    let parsed = text.parse::<f64>().or_else(|_| text.trim().parse());
    if let Ok(number) = parsed
        && number.is_finite()
    {
        return Ok(number);
    }
    let text = text.trim();
    match parsed {
        // "inf" and "nan" are read as well; they have no digit.
        Ok(_) if text.bytes().any(|byte| byte.is_ascii_digit()) => {
            unreadable(format!("{name} {} is not finite: it exceeds the largest number of 64 bits", brief(text)))
        }
        Ok(_) => unreadable(format!("{name} {text} is not finite; send a finite number")),
        Err(_) if text.is_empty() => unreadable(format!("{name} is empty; send a finite number")),
        Err(_) => unreadable(format!("{name} {} is not a number; send a decimal number such as 12.5", brief(text))),
    }
}

/// The same with a comma before the fraction, if there is one.
fn number_with_comma(name: &str, text: &str) -> Result<f64, EventError> {
    let with_point = match text.split_once(',') {
        _ if text.contains('.') => None,
        Some((_, fraction)) if fraction.contains(',') => None,
        Some((whole, fraction)) => Some(Cow::Owned(format!("{whole}.{fraction}"))),
        None => Some(Cow::Borrowed(text)),
    };
    let number = with_point.map(|text| (number_with_point(name, &text), text));
    match number {
        Some((Ok(number), _)) => Ok(number),
        // What is wrong with it has nothing to do with its mark.
        Some((Err(error), text)) if text.trim().is_empty() || text.trim().parse::<f64>().is_ok() => Err(error),
        _ => {
            let text = brief(text.trim());
            unreadable(format!("{name} {text} is not a number; send a decimal number such as 12,5, without grouping"))
        }
    }
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

    fn number(text: &str) -> Result<f64, EventError> {
        super::number("value", text, Decimal::Point)
    }

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
        let number = |text, decimal| super::number("rpm", text, decimal);
        for (text, expected) in [("1,5", 1.5), (" -2,5e3", -2500.0), ("7", 7.0), (",5", 0.5)] {
            assert_eq!(number(text, Decimal::Auto), Ok(expected), "{text}");
            assert_eq!(number(text, Decimal::Comma), Ok(expected), "{text}");
        }
        assert_eq!(number("7.25", Decimal::Auto), Ok(7.25));
        for text in ["1.234,5", "1,234.5", "1,234,567", ",", "a,b"] {
            for decimal in [Decimal::Auto, Decimal::Comma] {
                let reason = number(text, decimal).expect_err(text).to_string();
                assert_eq!(
                    reason,
                    format!("rpm {text} is not a number; send a decimal number such as 12,5, without grouping")
                );
            }
        }
    }

    #[test]
    fn a_mark_that_is_said_is_the_only_one() {
        assert!(super::number("rpm", "7.25", Decimal::Comma).unwrap_err().to_string().contains("such as 12,5"));
        assert!(super::number("rpm", "n/a", Decimal::Comma).unwrap_err().to_string().contains("such as 12,5"));
        assert!(super::number("rpm", "7,25", Decimal::Point).unwrap_err().to_string().contains("such as 12.5"));
        for decimal in [Decimal::Auto, Decimal::Comma, Decimal::Point] {
            let reason = super::number("rpm", "1e999", decimal).unwrap_err().to_string();
            assert!(reason.contains("1e999 is not finite: it exceeds"), "{reason}");
        }
    }

    #[test]
    fn a_long_text_is_cut_at_200_characters() {
        let reason = number(&"ä".repeat(201)).unwrap_err().to_string();
        assert!(reason.contains(&format!(" {}… ", "ä".repeat(200))), "{reason}");
    }
}
