//! Numbers as text.

/// The shortest text that reads back to the same number; a whole one has no point.
pub fn write_number(number: f64) -> String {
    let mut text = zmij::Buffer::new().format(number).to_owned();
    if text.ends_with(".0") {
        text.truncate(text.len() - 2);
    }
    text
}

/// The number with at most six decimals, as tables show it. Huge and tiny numbers keep all of their digits.
pub fn round_shown(number: f64) -> f64 {
    let rounded = (number * 1e6).round() / 1e6;
    if rounded.abs() < 1e15 && rounded != 0.0 { rounded } else { number }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn whole_numbers_have_no_point() {
        for (number, text) in [(10.0, "10"), (-0.5, "-0.5"), (0.1, "0.1"), (1e12, "1000000000000"), (0.0, "0")] {
            assert_eq!(write_number(number), text);
        }
    }

    proptest! {
        #![proptest_config(crate::tests::form::cases(256))]

        #[test]
        fn a_number_reads_back_as_itself(bits in any::<u64>()) {
            let number = f64::from_bits(bits);
            prop_assume!(number.is_finite());
            prop_assert_eq!(write_number(number).parse().map(f64::to_bits), Ok(bits));
        }
    }
}
