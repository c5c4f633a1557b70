//! How much of an export is there: it streams, and nobody knows its length before it ends.

/// Rows that a part of an export holds, as far as one can tell without reading it; `None` where rows leave no mark.
#[must_use]
pub fn rows_in(format: &str, part: &[u8]) -> Option<u64> {
    let mark = match format {
        "csv" | "ndjson" => b'\n',
        "json" => b'{',
        _ => return None,
    };
    Some(part.iter().filter(|byte| **byte == mark).count() as u64)
}

/// The share of all rows.
#[must_use]
pub fn share_of(rows: u64, total: u64) -> f64 {
    rows as f64 / total.max(rows).max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::{rows_in, share_of};

    #[test]
    fn rows_are_counted_where_they_leave_a_mark() {
        assert_eq!(rows_in("csv", b"id,value\na,1\n"), Some(2));
        assert_eq!(rows_in("ndjson", b"{\"id\":\"a\"}\n"), Some(1));
        assert_eq!(rows_in("json", b"[{\"id\":\"a\"},{\"id\":\"b\"}]"), Some(2));
        assert_eq!(rows_in("arrow", b"\n\n"), None);
    }

    #[test]
    fn no_share_is_more_than_all() {
        assert_eq!([share_of(5, 10), share_of(11, 10), share_of(0, 0)], [0.5, 1.0, 0.0]);
    }
}
