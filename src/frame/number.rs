//! Numbers as text.

/// The shortest text that reads back to the same number; a whole one has no point.
pub fn write_number(number: f64) -> String {
    let mut text = zmij::Buffer::new().format(number).to_owned();
    if text.ends_with(".0") {
        text.truncate(text.len() - 2);
    }
    text
}

/// The number with six decimals at most, as tables show it. Huge and tiny numbers keep all of their digits.
pub fn round_shown(number: f64) -> f64 {
    let rounded = (number * 1e6).round() / 1e6;
    if rounded.abs() < 1e15 && rounded != 0.0 { rounded } else { number }
}

/// The number that a text names in the spellings of Rust's own `parse`, to the last bit.
///
/// The standard library reads floats by way of ten kilobytes of powers of five; every visitor would download them.
pub fn read_number(text: &str) -> Option<f64> {
    lexical_parse_float::FromLexical::from_lexical(text.as_bytes()).ok()
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

    #[test]
    fn reads_and_refuses_what_the_standard_library_does() {
        for text in [
            "1",
            "+1",
            "-1",
            ".5",
            "5.",
            "007",
            "1e5",
            "1E+5",
            "1e-400",
            "1e400",
            "inf",
            "-Infinity",
            "NaN",
            "nan",
            "",
            ".",
            "+",
            "e5",
            "1e",
            "1_0",
            " 1",
            "1 ",
            "0x10",
            "1.5.2",
            "--1",
            "1,5",
            "infin",
            "2.2250738585072011e-308",
            "9007199254740993",
            "1.7976931348623159e308",
        ] {
            assert_eq!(read_number(text).map(f64::to_bits), text.parse().ok().map(f64::to_bits), "{text}");
        }
    }

    proptest! {
        #![proptest_config(crate::tests::form::cases(256))]

        #[test]
        fn a_number_reads_back_as_itself(bits in any::<u64>()) {
            let number = f64::from_bits(bits);
            prop_assume!(number.is_finite());
            prop_assert_eq!(read_number(&write_number(number)).map(f64::to_bits), Some(bits));
        }

        #[test]
        fn reads_any_digits_as_the_standard_library_does(text in "[+-]?[0-9]{0,25}(\\.[0-9]{0,25})?(e[+-]?[0-9]{1,3})?") {
            prop_assert_eq!(read_number(&text).map(f64::to_bits), text.parse().ok().map(f64::to_bits));
        }
    }
}
