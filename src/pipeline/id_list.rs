//! Lists of ids as one CSV record, as `ids=` has them: `pump-1,"a,b"`.
//!
//! An id is kept to the letter, so nothing is trimmed, and a comma, a quote or a newline in it stands between quotes
//! (RFC 4180). The csv crate reads records leniently; here a record that has more than one reading is refused, since the
//! rows of another id would be the answer otherwise.

use std::borrow::Cow;

use super::{EventError, Id};

/// What [`read_ids`] accepts, for the openapi document. A pattern counts characters and an id has up to
/// [`MAX_ID_BYTES`](super::MAX_ID_BYTES) bytes: up to 64 of any characters, or 256 of ASCII, are never too many; other ids
/// of more than 64 characters are read, but not described.
pub const IDS_PATTERN: &str = concat!(
    r#"^(?:[^",\r\n][^,\r\n]{0,63}|[ !#-+\--~][ -+\--~]{0,255}|"(?:[^"]|""){1,64}")"#,
    r#"(?:,(?:[^",\r\n][^,\r\n]{0,63}|[ !#-+\--~][ -+\--~]{0,255}|"(?:[^"]|""){1,64}"))*$"#
);

/// Characters of a text that an error quotes.
const QUOTED_CHARS: usize = 40;

/// Reads the ids of one record, each once or more.
///
/// # Errors
/// A sentence, for an open quote, text behind a closing quote, an unquoted newline, and an id that is empty or too long.
pub fn read_ids(text: &str) -> Result<Vec<Id>, String> {
    let fields = read_record(text, "id")?;
    let ids = fields.iter().enumerate().map(|(position, field)| {
        Id::parse(field).map_err(|error| match error {
            EventError::EmptyId => {
                format!("id {} of the list is empty; name one between each two commas", position + 1)
            }
            error => format!("\"{}\": {error}", start_of(field)),
        })
    });
    ids.collect()
}

/// Reads the fields of one record of names of this kind, such as `id`.
///
/// # Errors
/// A sentence, for an open quote, text behind a closing quote and an unquoted newline.
pub(super) fn read_record<'a>(text: &'a str, kind: &str) -> Result<Vec<Cow<'a, str>>, String> {
    let mut fields = Vec::new();
    let mut rest = Some(text);
    while let Some(text) = rest {
        let (field, behind) = read_field(text, kind)?;
        fields.push(field);
        rest = behind;
    }
    Ok(fields)
}

/// Writes ids as one record that [`read_ids`] reads. Ids with blanks at an end are quoted too: forms trim what is typed.
pub fn write_ids<'a>(ids: impl IntoIterator<Item = &'a str>) -> String {
    let fields = ids.into_iter().map(|id| {
        let is_plain = !id.is_empty() && id.trim() == id && !id.contains([',', '"', '\n', '\r']);
        if is_plain { Cow::Borrowed(id) } else { Cow::Owned(["\"", &id.replace('"', "\"\""), "\""].concat()) }
    });
    fields.collect::<Vec<_>>().join(",")
}

/// The first field of a record, and the text behind the comma that ends it, if one does.
fn read_field<'a>(text: &'a str, kind: &str) -> Result<(Cow<'a, str>, Option<&'a str>), String> {
    let Some(mut rest) = text.strip_prefix('"') else {
        let (field, behind) = text.split_once(',').map_or((text, None), |(field, behind)| (field, Some(behind)));
        if field.contains(['\n', '\r']) {
            return Err(format!(
                "\"{}\" has a newline outside of quotes; quote the {kind} that holds it",
                start_of(field)
            ));
        }
        return Ok((Cow::Borrowed(field), behind));
    };
    let mut field = String::new();
    loop {
        let Some((part, behind)) = rest.split_once('"') else {
            return Err(format!(
                "the quote before \"{}\" never ends; close it, or double it inside of quotes",
                start_of(rest)
            ));
        };
        field.push_str(part);
        // A doubled quote is one of the id's.
        let Some(next) = behind.strip_prefix('"') else {
            return match behind.strip_prefix(',') {
                None if !behind.is_empty() => Err(format!(
                    "\"{}\" follows a closing quote; put a comma there, or double each quote of the {kind}",
                    start_of(behind)
                )),
                next => Ok((Cow::Owned(field), next)),
            };
        };
        field.push('"');
        rest = next;
    }
}

/// The start of a text, as far as an error quotes it.
pub(super) fn start_of(text: &str) -> &str {
    text.char_indices().nth(QUOTED_CHARS).map_or(text, |(end, _)| &text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Result<Vec<String>, String> {
        read_ids(text).map(|ids| ids.iter().map(|id| id.text().to_string()).collect())
    }

    #[test]
    fn an_id_is_kept_to_the_letter() {
        for (text, ids) in [
            ("a", vec!["a"]),
            (" a ,a", vec![" a ", "a"]),
            (" ", vec![" "]),
            ("\"a,b\",c", vec!["a,b", "c"]),
            ("\"a\"\"b\",\"c\nd\",\"\r\n\"", vec!["a\"b", "c\nd", "\r\n"]),
            ("3/4\" pipe,a\"", vec!["3/4\" pipe", "a\""]),
            ("\" a \"", vec![" a "]),
            (" \"a\"", vec![" \"a\""]),
            ("a,a", vec!["a", "a"]),
        ] {
            assert_eq!(
                read(text).as_deref(),
                Ok(&ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>()[..]),
                "{text}"
            );
        }
    }

    #[test]
    fn a_record_with_more_than_one_reading_is_refused_with_its_reason() {
        let long = "x".repeat(257);
        for (text, reason) in [
            ("\"a,b", "the quote before \"a,b\" never ends"),
            ("a,\"", "never ends"),
            ("\"a\"b,c", "\"b,c\" follows a closing quote"),
            ("\"a\" ,c", "follows a closing quote"),
            ("a\nb", "newline outside of quotes"),
            ("a,b\r\n", "newline outside of quotes"),
            ("a,,b", "id 2 of the list is empty"),
            (",a", "id 1 of the list is empty"),
            ("a,", "id 2 of the list is empty"),
            ("a,\"\"", "id 2 of the list is empty"),
            ("", "id 1 of the list is empty"),
            (&long, "id has 257 bytes"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.contains(reason) && error.len() < 250, "{text:?}: {error}");
        }
    }

    proptest! {
        #![proptest_config(crate::tests::form::cases(256))]

        #[test]
        fn what_is_written_reads_back_also_when_a_form_trims_it(
            ids in prop::collection::vec("\\PC{1,20}|[,\"\r\n a]{1,5}", 1..6),
        ) {
            let text = write_ids(ids.iter().map(String::as_str));
            prop_assert_eq!(read(&text), Ok(ids.clone()));
            prop_assert_eq!(read(text.trim()), Ok(ids));
        }

        #[test]
        fn what_the_pattern_describes_is_read(
            text in proptest::string::string_regex(IDS_PATTERN.trim_matches(['^', '$'])).unwrap(),
        ) {
            prop_assert!(read(&text).is_ok(), "{:?}: {:?}", text, read(&text));
        }

        #[test]
        fn what_is_read_is_what_the_csv_crate_reads(text in "[a,\"\r\n b]{0,12}") {
            if let Ok(ids) = read(&text) {
                let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
                let records: Vec<Vec<String>> = reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect();
                prop_assert_eq!(records, [ids]);
            }
        }
    }
}
