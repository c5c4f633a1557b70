//! The schemas of what `POST /events` reads.
//!
//! A body is accepted when at least one of its rows is; the others are refused one by one. So a schema asks for one row
//! that fits, and says nothing of the rest. JSON Schema knows no lines: the bodies that are text have a pattern for their
//! plainest forms.

use super::write::Writer;
use crate::frame::write_number;
use crate::time::TIMESTAMP_PATTERN;

/// Numbers since the epoch, in the unit that their size tells, within the range of times: the largest number of each
/// unit, and the smallest one that is not read as the unit before.
const EPOCHS: [(&str, &str); 4] = [
    ("0", "9223372036.85"),
    ("20000000000", "9223372036854.7"),
    ("20000000000000", "9223372036854775"),
    ("20000000000000000", "9223372036854775000"),
];

/// A finite number as text; digits are limited so that it cannot overflow.
const NUMBER: &str = r"[+-]?([0-9]{1,200}(\.[0-9]{0,200})?|\.[0-9]{1,200})([eE]([+]?[0-9]{1,2}|-[0-9]{1,3}))?";
/// A plain number in a line of text, as JSON has it too.
const PLAIN_NUMBER: &str = r"-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,9})?";
/// A plain time in a line of text.
const PLAIN_TIME: &str =
    "2[01][0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z";

/// `Event`, `Events` and the bodies that are text.
pub(super) fn write(out: &mut Writer) {
    out.key("Event");
    write_event(out);
    out.key("Events");
    out.raw(
        r##"{"description":"An event, or an array with at least one; elements that are none are refused one by one.","anyOf":[{"$ref":"#/components/schemas/Event"},{"type":"array","contains":{"$ref":"#/components/schemas/Event"}}]}"##,
    );
    let json = format!(
        r#"(^|\n)\{{("timestamp": ?"{PLAIN_TIME}", ?)?("id": ?"[^"\\\x00-\x1f]{{1,64}}", ?)?"value": ?{PLAIN_NUMBER}\}}\r?(\n|$)"#
    );
    write_text(
        out,
        "EventLines",
        "An event a line. The pattern stands for the plainest lines, of which one is enough.",
        &json,
    );
    for (name, delimiter) in [("EventsCsv", ","), ("EventsTsv", r"\t")] {
        let id = format!(r#"[^"\r\n{delimiter}]{{1,64}}"#);
        let rows = [("", ""), ("id", &id), ("timestamp", PLAIN_TIME)];
        let with = |(head, row): (&str, &str), (next, more): (&str, &str)| {
            let joint = if next.is_empty() { "" } else { delimiter };
            (format!("{next}{joint}{head}"), format!("{more}{joint}{row}"))
        };
        let value = ("value", PLAIN_NUMBER);
        let (head, row) = with(value, rows[1]);
        let forms = [with(value, rows[0]), with(value, rows[1]), with(value, rows[2]), with((&head, &row), rows[2])];
        let forms = forms.map(|(head, row)| format!(r"{head}(\r?\n{row})+")).join("|");
        let description = "A header row with the column value, then a row a line. The pattern stands for the plainest ones: \
                           columns in other orders, quotes and other delimiters are read too.";
        write_text(out, name, description, &format!(r"^({forms})(\r?\n)?$"));
    }
}

fn write_event(out: &mut Writer) {
    out.raw(r#"{"type":"object","description":"Other members are ignored.","required":["value"],"additionalProperties":true"#);
    out.key("properties");
    out.open(b'{');
    out.key("timestamp");
    out.open(b'{');
    let description = "Text as the pattern says, or seconds, milliseconds, microseconds or nanoseconds since the epoch, by size; \
                       missing: the time of arrival.";
    out.text_member("description", description);
    out.key("anyOf");
    out.open(b'[');
    out.raw(r#"{"type":"null"}"#);
    out.open(b'{');
    out.text_member("type", "string");
    out.text_member("pattern", TIMESTAMP_PATTERN);
    out.close(b'}');
    for (least, most) in EPOCHS {
        out.raw(&format!(r#"{{"type":"number","minimum":{least},"maximum":{most}}}"#));
        out.raw(&format!(r#"{{"type":"number","minimum":-{most},"maximum":-{least}}}"#));
    }
    out.close(b']');
    out.close(b'}');
    out.key("id");
    // JSON Schema counts characters: of up to 64 no text has more than 256 bytes, and of ASCII every character is a byte.
    out.raw(
        r#"{"type":["string","null"],"minLength":1,"description":"1 to 256 bytes of UTF-8, kept to the letter; missing: a random UUID.","anyOf":[{"maxLength":64},{"maxLength":256,"pattern":"^[\\x00-\\x7f]*$"}]}"#,
    );
    out.key("value");
    out.open(b'{');
    out.text_member("description", "Finite; as a number or as its text.");
    out.key("anyOf");
    out.open(b'[');
    let (least, most) = (write_number(f64::MIN), write_number(f64::MAX));
    out.raw(&format!(r#"{{"type":"number","minimum":{least},"maximum":{most}}}"#));
    out.open(b'{');
    out.text_member("type", "string");
    out.text_member("pattern", &format!(r"^[ \t\r\n]*{NUMBER}[ \t\r\n]*$"));
    out.close(b'}');
    out.close(b']');
    out.close(b'}');
    out.close(b'}');
    out.close(b'}');
}

fn write_text(out: &mut Writer, name: &str, description: &str, pattern: &str) {
    out.key(name);
    out.open(b'{');
    out.text_member("type", "string");
    out.text_member("description", description);
    out.text_member("pattern", pattern);
    out.close(b'}');
}
