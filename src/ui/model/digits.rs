//! A number in groups of three digits; the concatenated groups stay a plain number.

/// Maximum number of groups: up to 999,999,999,999,999.
pub const GROUPS: usize = 5;

/// The group of three digits at `index`, counted from the left of [`GROUPS`]; empty where the number is shorter.
#[must_use]
pub fn digit_group(number: u64, index: usize) -> String {
    let power = u32::try_from(GROUPS.saturating_sub(index + 1)).unwrap_or(0);
    let rest = number / 1000_u64.pow(power);
    let is_first = index == 0 || rest < 1000;
    match (rest, power) {
        (0, 1..) => String::new(),
        _ if is_first => rest.to_string(),
        _ => format!("{:03}", rest % 1000),
    }
}

#[cfg(test)]
mod tests {
    use super::{GROUPS, digit_group};

    fn text(number: u64) -> String {
        (0..GROUPS).map(|index| digit_group(number, index)).collect()
    }

    #[test]
    fn groups_joined_are_the_plain_number() {
        for number in [0, 7, 999, 1000, 1_000_000, 1_002_003, 123_456_789_012_345, 9_123_456_789_012_345] {
            assert_eq!(text(number), number.to_string());
        }
    }

    #[test]
    fn leading_groups_are_empty() {
        let groups: Vec<String> = (0..GROUPS).map(|index| digit_group(12_034, index)).collect();
        assert_eq!(groups, ["", "", "", "12", "034"]);
    }
}
