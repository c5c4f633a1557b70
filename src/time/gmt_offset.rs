//! Offsets as browsers print them: `GMT+02:00`.

use super::cursor::Cursor;

/// The offset that a text such as `6/5/2026, GMT+02:00` ends with, in seconds east of UTC: `GMT` alone is none, and the
/// mean solar times of old have seconds.
#[must_use]
pub fn gmt_offset(text: &str) -> Option<i32> {
    let (_, offset) = text.rsplit_once("GMT")?;
    // Some languages write the sign as typographers do.
    let offset = offset.replace('\u{2212}', "-");
    let mut cursor = Cursor(offset.as_bytes());
    let is_negative = match cursor.accept(b"+-") {
        Some(sign) => sign == b'-',
        None => return offset.is_empty().then_some(0),
    };
    let mut secs = cursor.number_up_to(2).ok()? * 3600;
    for unit in [60, 1] {
        if cursor.accept(b":").is_some() {
            secs += cursor.number(2).ok()? * unit;
        }
    }
    let secs = i32::try_from(secs).ok().filter(|_| cursor.peek().is_none())?;
    Some(if is_negative { -secs } else { secs })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_are_read_as_browsers_print_them() {
        for (text, expected) in [
            ("6/5/2026, GMT", Some(0)),
            ("6/5/2026, GMT+02:00", Some(7200)),
            ("6/5/2026, GMT-04:30", Some(-16_200)),
            ("6/5/2026, GMT\u{2212}5", Some(-18_000)),
            ("6/5/1880, GMT+00:53:28", Some(3208)),
            ("6/5/2026, UTC", None),
            ("GMT+", None),
            ("GMT+02:00 x", None),
            ("", None),
        ] {
            assert_eq!(gmt_offset(text), expected, "{text}");
        }
    }
}
