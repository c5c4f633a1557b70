//! Indented JSON without a parser, for whole and truncated responses.

/// Indents the JSON text and stops after about `max_bytes` of output; rows of numbers and short objects keep one line.
#[must_use]
pub fn pretty_json(text: &str, max_bytes: usize) -> String {
    let mut out = String::with_capacity(text.len().min(max_bytes) + 256);
    let mut depth = 0_usize;
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        if out.len() >= max_bytes {
            break;
        }
        let taken = match first {
            '{' | '[' => open(&mut out, rest, &mut depth),
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                new_line(&mut out, depth);
                out.push(first);
                1
            }
            ',' => {
                out.push(',');
                new_line(&mut out, depth);
                1
            }
            ':' => {
                out.push_str(": ");
                1
            }
            '"' => copy(&mut out, rest, string_end(rest)),
            _ if first.is_ascii_whitespace() => first.len_utf8(),
            _ => {
                out.push(first);
                first.len_utf8()
            }
        };
        rest = from(rest, taken);
    }
    out
}

const LINE_BYTES: usize = 160;

/// Opens an object or array: a short one without nested ones is written on one line.
fn open(out: &mut String, rest: &str, depth: &mut usize) -> usize {
    if let Some(end) = flat_end(rest) {
        spaced(out, rest.get(..end).unwrap_or_default());
        return end;
    }
    copy(out, rest, 1);
    *depth += 1;
    new_line(out, *depth);
    1
}

/// The end of a short object or array without nested ones.
fn flat_end(rest: &str) -> Option<usize> {
    let mut at = 1;
    while at < rest.len().min(LINE_BYTES) {
        match rest.as_bytes()[at] {
            b'{' | b'[' => return None,
            b'}' | b']' => return Some(at + 1),
            b'"' => at += string_end(from(rest, at)),
            _ => at += 1,
        }
    }
    None
}

fn spaced(out: &mut String, flat: &str) {
    let mut at = 0;
    while at < flat.len() {
        match flat.as_bytes()[at] {
            b'"' => at += copy(out, from(flat, at), string_end(from(flat, at))),
            mark @ (b',' | b':') => {
                out.push(char::from(mark));
                out.push(' ');
                at += 1;
            }
            b' ' | b'\n' | b'\r' | b'\t' => at += 1,
            _ => {
                let length = from(flat, at).chars().next().map_or(1, char::len_utf8);
                at += copy(out, from(flat, at), length);
            }
        }
    }
}

/// Bytes of the string that starts here, quotes included.
fn string_end(text: &str) -> usize {
    let mut is_escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

fn copy(out: &mut String, text: &str, length: usize) -> usize {
    out.push_str(text.get(..length).unwrap_or_default());
    length
}

fn from(text: &str, at: usize) -> &str {
    text.get(at..).unwrap_or_default()
}

fn new_line(out: &mut String, depth: usize) {
    out.push('\n');
    out.extend(std::iter::repeat_n("  ", depth));
}

#[cfg(test)]
mod tests {
    use super::pretty_json;

    #[test]
    fn rows_keep_one_line_and_nesting_is_indented() {
        let text = r#"{"latest":[{"id":"a, {b}","value":1.5},{"id":"é\"","value":null}],"melted":[]}"#;
        let expected = "{\n  \"latest\": [\n    {\"id\": \"a, {b}\", \"value\": 1.5},\n    {\"id\": \"é\\\"\", \"value\": null}\n  ],\n  \"melted\": []\n}";
        assert_eq!(pretty_json(text, 10_000), expected);
    }

    #[test]
    fn a_truncated_text_is_indented_up_to_its_end() {
        assert_eq!(
            pretty_json(r#"{"latest":[{"id":"a"},{"id":"#, 10_000),
            "{\n  \"latest\": [\n    {\"id\": \"a\"},\n    {\n      \"id\": "
        );
        assert!(pretty_json(&"[[1],".repeat(10_000), 1_000).len() < 1_000 + 20_100);
    }

    #[test]
    fn plain_values_pass_through() {
        assert_eq!(pretty_json("{}", 100), "{}");
        assert_eq!(pretty_json(" 12.5\n", 100), "12.5");
    }
}
