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
    if let Some(number) = short_number(text) {
        return Ok(number);
    }
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

/// The powers of ten of which [`short_number`] has need; floats hold each exactly.
const POWERS_OF_TEN: [f64; SHORT_DIGITS + 1] =
    [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];
/// Floats hold each whole number of so many digits exactly.
const SHORT_DIGITS: usize = 15;

/// The number that few digits say, with or without a sign and a point, as most numbers of a table do. The standard library
/// reads the same from any text, and takes longer. Digits and power of ten are exact, so that their quotient, which is
/// rounded once, is the float that is nearest to the text.
#[inline]
fn short_number(text: &str) -> Option<f64> {
    let (is_negative, digits) = match text.as_bytes() {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    if digits.len() > SHORT_DIGITS + 1 {
        return None;
    }
    let (mut whole, mut count, mut decimals) = (0_u64, 0, None);
    for byte in digits {
        match byte {
            b'0'..=b'9' => {
                whole = whole * 10 + u64::from(byte - b'0');
                count += 1;
            }
            b'.' if decimals.is_none() => decimals = Some(count),
            _ => return None,
        }
    }
    if !(1..=SHORT_DIGITS).contains(&count) {
        return None;
    }
    let number = whole as f64 / POWERS_OF_TEN[decimals.map_or(0, |before| count - before)];
    Some(if is_negative { -number } else { number })
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
    use proptest::prelude::*;

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

    proptest! {
        #![proptest_config(crate::tests::form::cases(10_000))]

        #[test]
        fn a_short_number_is_the_one_of_the_standard_library(
            text in "-?([0-9]{0,17}[.]?[0-9]{0,17}|[0-9.+eE-]{0,6}|0{0,9}[0-9]{1,4}[.][0-9]{1,3})",
        ) {
            if let Some(number) = short_number(&text) {
                prop_assert_eq!(Ok(number.to_bits()), text.parse().map(f64::to_bits));
            }
            let is_short = !text.is_empty() && text.len() <= 15 && text.bytes().all(|byte| byte.is_ascii_digit());
            prop_assert!(short_number(&text).is_some() || !is_short);
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
