//! The progress of an export: it is streamed, and its length is not known before it ends.

/// The number of rows in a part of an export, counted without parsing it; `None` for formats without a row separator.
#[must_use]
pub fn rows_in(format: &str, part: &[u8]) -> Option<u64> {
    let mark = match format {
        "csv" | "ndjson" => b'\n',
        "json" => b'{',
        _ => return None,
    };
    Some(part.iter().filter(|byte| **byte == mark).count() as u64)
}

/// The share of all rows, from 0 to 1.
#[must_use]
pub fn share_of(rows: u64, total: u64) -> f64 {
    rows as f64 / total.max(rows).max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::{rows_in, share_of};

    #[test]
    fn rows_are_counted_in_formats_with_a_row_separator() {
        assert_eq!(rows_in("csv", b"id,value\na,1\n"), Some(2));
        assert_eq!(rows_in("ndjson", b"{\"id\":\"a\"}\n"), Some(1));
        assert_eq!(rows_in("json", b"[{\"id\":\"a\"},{\"id\":\"b\"}]"), Some(2));
        assert_eq!(rows_in("arrow", b"\n\n"), None);
    }

    #[test]
    fn a_share_is_at_most_one() {
        assert_eq!([share_of(5, 10), share_of(11, 10), share_of(0, 0)], [0.5, 1.0, 0.0]);
    }
}
