//! Decimal numbers with a fixed count of places.
//!
//! The float formatting of the standard library is exact and needs tables for every exponent; for two places, this code
//! is a tenth of that download.

/// From this magnitude on no decimal places are shown.
const LARGE: f64 = 1e15;

/// The number with `places` decimal places (three at most), rounded half away from zero; very large ones as `1.23e45`.
#[must_use]
pub fn fixed(value: f64, places: u32) -> String {
    if !value.is_finite() {
        return "\u{2013}".to_owned();
    }
    let sign = if value < 0.0 { "-" } else { "" };
    let mut size = value.abs();
    if size >= LARGE {
        let mut exponent = 0;
        while size >= 9.995 {
            size /= 10.0;
            exponent += 1;
        }
        return format!("{sign}{}e{exponent}", fixed(size, 2));
    }
    let step = 10_u64.pow(places);
    let steps = (size * step as f64 + 0.5) as u64;
    let sign = if steps == 0 { "" } else { sign };
    match places {
        0 => format!("{sign}{steps}"),
        _ => format!("{sign}{}.{:0width$}", steps / step, steps % step, width = places as usize),
    }
}

#[cfg(test)]
mod tests {
    use super::fixed;

    #[test]
    fn places_are_kept_and_rounded() {
        assert_eq!(fixed(73.148, 2), "73.15");
        assert_eq!(fixed(0.996, 2), "1.00");
        assert_eq!(fixed(-12.3, 1), "-12.3");
        assert_eq!(fixed(-0.001, 2), "0.00");
        assert_eq!(fixed(1.0, 3), "1.000");
        assert_eq!(fixed(419.6, 0), "420");
    }

    #[test]
    fn large_and_non_finite_numbers_are_readable() {
        assert_eq!(fixed(1e12, 2), "1000000000000.00");
        assert_eq!(fixed(1.234e24, 2), "1.23e24");
        assert_eq!(fixed(f64::NAN, 2), "\u{2013}");
    }
}
