//! Formatted quantities: bytes, rates, short durations, plurals.

use super::decimal::fixed;

/// `1 row`, `2 rows`.
#[must_use]
pub fn counted(number: u64, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{} {noun}s", grouped(number)) }
}

/// A whole number with thin spaces between thousands.
#[must_use]
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

/// Bytes in steps of 1024, with one decimal below ten.
#[must_use]
pub fn bytes_text(bytes: u64) -> String {
    scaled(bytes as f64, 1024.0, &[" B", " KB", " MB", " GB"])
}

/// A rate per second: `0.8/s`, `120/s`, `98k/s`.
#[must_use]
pub fn rate_text(per_second: f64) -> String {
    scaled(per_second, 1000.0, &["/s", "k/s", "M/s"])
}

/// A duration, from microseconds.
#[must_use]
pub fn micros_text(micros: f64) -> String {
    scaled(micros, 1000.0, &[" µs", " ms", " s"])
}

/// A duration, from milliseconds.
#[must_use]
pub fn millis_text(millis: f64) -> String {
    micros_text(millis * 1000.0)
}

fn scaled(amount: f64, step: f64, units: &[&str]) -> String {
    let mut amount = amount.max(0.0);
    let mut unit = 0;
    while amount >= step && unit + 1 < units.len() {
        amount /= step;
        unit += 1;
    }
    let is_short = amount >= 10.0 || amount.fract() == 0.0;
    let number = fixed(amount, if is_short { 0 } else { 1 });
    format!("{number}{}", units[unit])
}

#[cfg(test)]
mod tests {
    use super::{bytes_text, counted, grouped, micros_text, rate_text};

    #[test]
    fn amounts_keep_two_significant_digits_and_a_unit() {
        assert_eq!(bytes_text(0), "0 B");
        assert_eq!(bytes_text(1536), "1.5 KB");
        assert_eq!(bytes_text(48 * 1024 * 1024), "48 MB");
        assert_eq!(rate_text(98_765.0), "99k/s");
        assert_eq!(rate_text(1.0), "1/s");
        assert_eq!(micros_text(420.4), "420 µs");
        assert_eq!(micros_text(1240.0), "1.2 ms");
    }

    #[test]
    fn one_is_singular() {
        assert_eq!(counted(1, "row"), "1 row");
        assert_eq!(counted(0, "row"), "0 rows");
        assert_eq!(grouped(1_234_567), "1\u{202f}234\u{202f}567");
    }
}
