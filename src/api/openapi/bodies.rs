//! The schemas of what `POST /events`, `POST /source/seek` and `PUT /credentials` read.
//!
//! A body is accepted when at least one of its rows is; the others are refused one by one. So a schema asks for one row
//! that fits, and says nothing of the rest. JSON Schema knows no lines: the bodies that are text have a pattern for their
//! plainest forms. The settings say which fields a row has.

use super::write::Writer;
use crate::frame::write_number;
use crate::pipeline::records::MISSING_MARKS;
use crate::pipeline::{CREDS_PATTERN, MAX_CREDS_CHARS, MAX_SECRET_CHARS, Missing, SOURCE_URL_PATTERN, Settings};
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

/// A text without control characters.
const ONE_LINE: &str = r"^[^\x00-\x1f\x7f-\x9f]*$";

/// Characters that mean something in a pattern.
const SYNTAX: &str = r"\^$.*+?()[]{}|";
/// Characters for which a field of CSV stands in quotes: the delimiters are among them, whichever is found.
const QUOTED: &[char] = &['"', '\r', '\n', ',', ';', '\t', '|', ' '];

/// The fields of a row, by the names that its sender uses.
struct Fields<'a> {
    timestamp: &'a str,
    id: &'a str,
    measures: Vec<&'a str>,
    /// Whether one measure of several is enough.
    may_miss: bool,
}

/// `Event`, `Events` and the bodies that are text, under these settings, `SourceSeek` and `Credentials`.
pub(super) fn write(out: &mut Writer, settings: &Settings) {
    let fields = Fields {
        timestamp: settings.timestamp_field.as_str(),
        id: settings.id_field.as_str(),
        measures: settings.measures.names().collect(),
        may_miss: settings.missing == Missing::Allow,
    };
    out.key("Event");
    write_event(out, &fields);
    out.key("Events");
    out.raw(
        r##"{"description":"An event, or an array with at least one; elements that are none are refused one by one.","anyOf":[{"$ref":"#/components/schemas/Event"},{"type":"array","contains":{"$ref":"#/components/schemas/Event"}}]}"##,
    );
    write_text(
        out,
        "EventLines",
        "An event a line. The pattern stands for the plainest lines, of which one is enough.",
        &lines_pattern(&fields),
    );
    for (name, delimiter) in [("EventsCsv", ","), ("EventsTsv", r"\t")] {
        let description = format!(
            "A header row with {}, then a row a line. The pattern stands for the plainest ones: columns in other orders, \
             quotes and other delimiters are read too.",
            match fields.measures.len() {
                1 => format!("the column {}", fields.measures[0]),
                count => format!("the columns of the {count} measures"),
            },
        );
        write_text(out, name, &description, &table_pattern(&fields, delimiter));
    }
    write_seek(out);
    write_credentials(out);
}

/// Lines of JSON with all measures, in order.
fn lines_pattern(fields: &Fields<'_>) -> String {
    let member = |name: &str, value: &str| format!("{}: ?{value}", literal(&quoted(name)));
    let timestamp = member(fields.timestamp, &format!(r#""{PLAIN_TIME}""#));
    let id = member(fields.id, r#""[^"\\\x00-\x1f]{1,64}""#);
    let measures: Vec<String> = fields.measures.iter().map(|name| member(name, PLAIN_NUMBER)).collect();
    let measures = measures.join(", ?");
    format!(r"(^|\n)\{{({timestamp}, ?)?({id}, ?)?{measures}\}}\r?(\n|$)")
}

/// A header row and rows that have all measures, in order, behind the timestamp and the id or without them.
fn table_pattern(fields: &Fields<'_>, delimiter: &str) -> String {
    let id = format!(r#"[^"\r\n{delimiter}]{{1,64}}"#);
    let with = |(head, row): (&str, &str), (name, value): (&str, &str)| {
        (format!("{}{delimiter}{head}", literal(&csv_field(name))), format!("{value}{delimiter}{row}"))
    };
    let heads: Vec<String> = fields.measures.iter().map(|name| literal(&csv_field(name))).collect();
    let (head, row) = (heads.join(delimiter), vec![PLAIN_NUMBER; heads.len()].join(delimiter));
    let (id, timestamp) = ((fields.id, id.as_str()), (fields.timestamp, PLAIN_TIME));
    let measures = (head.as_str(), row.as_str());
    let identified = with(measures, id);
    let forms = [
        (head.clone(), row.clone()),
        identified.clone(),
        with(measures, timestamp),
        with((&identified.0, &identified.1), timestamp),
    ];
    let forms = forms.map(|(head, row)| format!(r"{head}(\r?\n{row})+")).join("|");
    format!(r"^({forms})(\r?\n)?$")
}

/// A name as JSON text.
fn quoted(name: &str) -> String {
    // Writing text to memory cannot fail.
    serde_json::to_string(name).unwrap_or_default()
}

/// A name as a field of CSV.
fn csv_field(name: &str) -> String {
    if name.contains(QUOTED) { format!("\"{}\"", name.replace('"', "\"\"")) } else { name.to_owned() }
}

/// The pattern of exactly this text.
fn literal(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    for letter in text.chars() {
        if SYNTAX.contains(letter) {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern
}

fn write_event(out: &mut Writer, fields: &Fields<'_>) {
    out.open(b'{');
    out.text_member("type", "object");
    out.text_member("description", "Other members are ignored.");
    if !fields.may_miss {
        out.texts_member("required", &fields.measures);
    }
    out.raw_member("additionalProperties", "true");
    out.key("properties");
    out.open(b'{');
    out.key(fields.timestamp);
    out.open(b'{');
    let description = "Text as the pattern says, or seconds, milliseconds, microseconds or nanoseconds since the epoch, by size; \
                       missing: the time of arrival.";
    out.text_member("description", description);
    out.key("anyOf");
    out.open(b'[');
    out.raw(r#"{"type":"null"}"#);
    write_times(out);
    out.close(b']');
    out.close(b'}');
    out.key(fields.id);
    // JSON Schema counts characters: of up to 64 no text has more than 256 bytes, and of ASCII every character is a byte.
    out.raw(
        r#"{"type":["string","null"],"minLength":1,"description":"1 to 256 bytes of UTF-8, kept to the letter; missing: a random UUID.","anyOf":[{"maxLength":64},{"maxLength":256,"pattern":"^[\\x00-\\x7f]*$"}]}"#,
    );
    for name in &fields.measures {
        out.key(name);
        write_measure(out, fields.may_miss);
    }
    out.close(b'}');
    if fields.may_miss {
        out.key("anyOf");
        out.open(b'[');
        for name in &fields.measures {
            out.open(b'{');
            out.texts_member("required", &[*name]);
            out.key("properties");
            out.open(b'{');
            out.key(name);
            write_measure(out, false);
            out.close(b'}');
            out.close(b'}');
        }
        out.close(b']');
    }
    out.close(b'}');
}

/// The forms of a time.
fn write_times(out: &mut Writer) {
    out.open(b'{');
    out.text_member("type", "string");
    out.text_member("pattern", TIMESTAMP_PATTERN);
    out.close(b'}');
    for (least, most) in EPOCHS {
        out.raw(&format!(r#"{{"type":"number","minimum":{least},"maximum":{most}}}"#));
        out.raw(&format!(r#"{{"type":"number","minimum":-{most},"maximum":-{least}}}"#));
    }
}

/// `SourceSeek`: where a source goes on.
fn write_seek(out: &mut Writer) {
    out.key("SourceSeek");
    out.raw(r#"{"type":"object","oneOf":[{"required":["position"]},{"required":["time"]}],"properties":{"position":{"type":"integer","minimum":0,"maximum":9007199254740991,"description":"As in the cursor."}"#);
    out.key("time");
    out.open(b'{');
    out.text_member("description", "The first row of at least this time is the next one.");
    out.key("anyOf");
    out.open(b'[');
    write_times(out);
    out.close(b']');
    out.close(b'}');
    out.close(b'}');
    out.close(b'}');
}

/// `Credentials`: one of three kinds, or none.
fn write_credentials(out: &mut Writer) {
    out.key("Credentials");
    out.raw(
        r#"{"type":"object","additionalProperties":false,"oneOf":[{"required":["token"],"not":{"anyOf":[{"required":["user"]},{"required":["password"]},{"required":["creds"]}]}},{"required":["user","password"],"not":{"anyOf":[{"required":["token"]},{"required":["creds"]}]}},{"required":["creds"],"not":{"anyOf":[{"required":["token"]},{"required":["user"]},{"required":["password"]}]}},{"maxProperties":0}]"#,
    );
    out.key("properties");
    out.open(b'{');
    for (name, least, most, pattern, description) in [
        ("token", "1", MAX_SECRET_CHARS, ONE_LINE, "Of NATS, or a Bearer token; it fills {token} in the address."),
        ("user", "1", MAX_SECRET_CHARS, ONE_LINE, "Of NATS, or of HTTP's Basic scheme."),
        ("password", "0", MAX_SECRET_CHARS, ONE_LINE, "Of this user."),
        ("creds", "1", MAX_CREDS_CHARS, CREDS_PATTERN, "The text of a .creds file of NATS."),
    ] {
        out.key(name);
        out.open(b'{');
        out.text_member("type", "string");
        out.raw_member("writeOnly", "true");
        out.raw_member("minLength", least);
        out.raw_member("maxLength", &most.to_string());
        out.text_member("pattern", pattern);
        out.text_member("description", description);
        out.close(b'}');
    }
    write_text(
        out,
        "source_url",
        "The only server that is shown them; without it, that of the setting.",
        SOURCE_URL_PATTERN,
    );
    out.close(b'}');
    out.close(b'}');
}

/// A finite number, as itself or as its text; nothing, or a text for that, only where a measure may be missing.
fn write_measure(out: &mut Writer, may_miss: bool) {
    out.open(b'{');
    let description = if may_miss {
        "Finite; as a number or as its text; null or a text such as NaN: missing, which not all measures may be."
    } else {
        "Finite; as a number or as its text."
    };
    out.text_member("description", description);
    out.key("anyOf");
    out.open(b'[');
    if may_miss {
        out.raw(r#"{"type":"null"}"#);
        out.open(b'{');
        out.texts_member("enum", &MISSING_MARKS);
        out.close(b'}');
    }
    let (least, most) = (write_number(f64::MIN), write_number(f64::MAX));
    out.raw(&format!(r#"{{"type":"number","minimum":{least},"maximum":{most}}}"#));
    out.open(b'{');
    out.text_member("type", "string");
    out.text_member("pattern", &format!(r"^[ \t\r\n]*{NUMBER}[ \t\r\n]*$"));
    out.close(b'}');
    out.close(b']');
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
