//! Splits a large file of events into bodies that are sent one after the other.

/// Bytes read of a file at a time: few enough that the pipeline ingests them without a visible pause, even when all
/// events are late.
pub const SLICE_BYTES: f64 = (1 << 20) as f64;

/// Splits the bytes of a file at line ends. Each slice of CSV begins with the header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slices {
    is_csv: bool,
    /// The header line, once it is read.
    header: Vec<u8>,
    /// The start of a line that continues in the next part.
    rest: Vec<u8>,
}

impl Slices {
    /// For a file of this content type.
    #[must_use]
    pub fn new(content_type: &str) -> Self {
        Self { is_csv: content_type == "text/csv", header: Vec::new(), rest: Vec::new() }
    }

    /// Appends the next bytes of the file; returns the body to send, empty when no line has ended yet.
    pub fn next(&mut self, bytes: &[u8], is_last: bool) -> Vec<u8> {
        self.rest.extend_from_slice(bytes);
        let end = if is_last { self.rest.len() } else { self.last_line_end() };
        if end == 0 {
            return Vec::new();
        }
        let rest = self.rest.split_off(end);
        let lines = std::mem::replace(&mut self.rest, rest);
        if !self.is_csv {
            return lines;
        }
        if self.header.is_empty() {
            let header = lines.iter().position(|byte| *byte == b'\n').map_or(lines.len(), |at| at + 1);
            self.header = lines[..header].to_vec();
            return lines;
        }
        [self.header.as_slice(), &lines].concat()
    }

    /// The end of the last line; line ends within quotes do not count, and NDJSON has none there.
    fn last_line_end(&self) -> usize {
        let (mut end, mut is_quoted) = (0, false);
        for (at, byte) in self.rest.iter().enumerate() {
            match byte {
                b'"' => is_quoted ^= self.is_csv,
                b'\n' if !is_quoted => end = at + 1,
                _ => {}
            }
        }
        end
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Slices;

    /// The bodies of a file that is read `step` bytes at a time.
    fn bodies(content_type: &str, text: &str, step: usize) -> Vec<String> {
        let mut slices = Slices::new(content_type);
        let parts = text.len().div_ceil(step).max(1);
        let body = |part: usize| {
            let range = part * step..((part + 1) * step).min(text.len());
            String::from_utf8(slices.next(&text.as_bytes()[range], part + 1 == parts)).unwrap()
        };
        (0..parts).map(body).filter(|body| !body.is_empty()).collect()
    }

    #[test]
    fn lines_stay_whole() {
        assert_eq!(
            bodies("application/x-ndjson", "{\"a\":1}\n{\"b\":2}\n{\"c\":3}", 10),
            ["{\"a\":1}\n", "{\"b\":2}\n", "{\"c\":3}"]
        );
    }

    #[test]
    fn each_slice_of_csv_has_the_header() {
        assert_eq!(bodies("text/csv", "id,value\na,1\nb,2\n", 13), ["id,value\na,1\n", "id,value\nb,2\n"]);
    }

    #[test]
    fn a_quoted_line_end_is_no_line_end() {
        let text = "id,value\n\"a\nb\",1\nc,2\n";
        assert_eq!(bodies("text/csv", text, 13), ["id,value\n", "id,value\n\"a\nb\",1\nc,2\n"]);
    }

    proptest! {
        #![proptest_config(crate::tests::form::cases(256))]

        #[test]
        fn nothing_is_lost(lines in prop::collection::vec("[ -~]{0,9}", 0..9), step in 1_usize..30) {
            let text = lines.join("\n");
            prop_assert_eq!(bodies("application/x-ndjson", &text, step).concat(), text);
        }
    }
}
