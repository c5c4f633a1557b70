//! A minimal JSON parser and writer: the responses that the page parses are short and few.

/// A JSON value. Numbers stay text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Json {
    /// A string.
    Text(String),
    /// A number, `true`, `false` or `null`, as it was written.
    Word(String),
    /// An array.
    List(Vec<Json>),
    /// An object, in order.
    Object(Vec<(String, Json)>),
}

/// Maximum depth; more than any response of the API has.
const MAX_DEPTH: usize = 16;

impl Json {
    /// Parses a text; `None` when it is not valid JSON.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut rest = text;
        let value = value(&mut rest, 0)?;
        rest.trim_start().is_empty().then_some(value)
    }

    /// A member of an object.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => members.iter().find(|(known, _)| known == name).map(|(_, value)| value),
            _ => None,
        }
    }

    /// The text of an object's member.
    #[must_use]
    pub fn text_of(&self, name: &str) -> Option<&str> {
        self.get(name)?.text()
    }

    /// The items of an array member; empty when it is no array.
    #[must_use]
    pub fn list_of(&self, name: &str) -> &[Self] {
        match self.get(name) {
            Some(Self::List(items)) => items,
            _ => &[],
        }
    }

    /// The text of a string, number, `true`, `false` or `null`.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::Word(text) => Some(text),
            _ => None,
        }
    }

    /// The members of an object; empty for any other value.
    #[must_use]
    pub fn members(&self) -> &[(String, Self)] {
        match self {
            Self::Object(members) => members,
            _ => &[],
        }
    }

    /// The value as JSON, without whitespace.
    #[must_use]
    pub fn write(&self) -> String {
        let list = |items: Vec<String>, [start, end]: [&str; 2]| [start, &items.join(","), end].concat();
        match self {
            Self::Text(text) => quoted(text),
            Self::Word(word) => word.clone(),
            Self::List(items) => list(items.iter().map(Self::write).collect(), ["[", "]"]),
            Self::Object(members) => {
                let member = |(name, value): &(String, Self)| [&quoted(name), ":", &value.write()].concat();
                list(members.iter().map(member).collect(), ["{", "}"])
            }
        }
    }
}

/// A text as a JSON string, which is also a JavaScript string literal, even in engines with two more line terminators.
#[must_use]
pub fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for sign in text.chars() {
        match sign {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\0'..'\u{20}' | '\u{2028}' | '\u{2029}' => out.push_str(&format!("\\u{:04x}", u32::from(sign))),
            _ => out.push(sign),
        }
    }
    out.push('"');
    out
}

fn value(rest: &mut &str, depth: usize) -> Option<Json> {
    *rest = rest.trim_start();
    match rest.chars().next().filter(|_| depth < MAX_DEPTH)? {
        '"' => string(rest).map(Json::Text),
        '[' => members(rest, ['[', ']'], |rest| value(rest, depth + 1)).map(Json::List),
        '{' => members(rest, ['{', '}'], |rest| {
            let name = string(rest)?;
            take(rest, ':')?;
            Some((name, value(rest, depth + 1)?))
        })
        .map(Json::Object),
        _ => word(rest).map(Json::Word),
    }
}

/// The items between two brackets, separated by commas.
fn members<T>(
    rest: &mut &str,
    [start, end]: [char; 2],
    mut member: impl FnMut(&mut &str) -> Option<T>,
) -> Option<Vec<T>> {
    take(rest, start)?;
    let mut all = Vec::new();
    while take(rest, end).is_none() {
        if !all.is_empty() {
            take(rest, ',')?;
        }
        *rest = rest.trim_start();
        all.push(member(rest)?);
    }
    Some(all)
}

/// A number, `true`, `false` or `null`.
fn word(rest: &mut &str) -> Option<String> {
    let end = rest
        .find(|sign: char| !matches!(sign, '+' | '-' | '.' | '0'..='9' | 'A'..='Z' | 'a'..='z'))
        .unwrap_or(rest.len());
    let (word, after) = rest.split_at_checked(end)?;
    *rest = after;
    (!word.is_empty()).then(|| word.to_owned())
}

fn string(rest: &mut &str) -> Option<String> {
    take(rest, '"')?;
    let mut text = String::new();
    let mut signs = rest.chars();
    loop {
        match signs.next()? {
            '"' => break,
            '\\' => text.push(escaped(&mut signs)?),
            sign => text.push(sign),
        }
    }
    *rest = signs.as_str();
    Some(text)
}

fn escaped(signs: &mut std::str::Chars<'_>) -> Option<char> {
    Some(match signs.next()? {
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'u' => {
            let first = unit(signs)?;
            let code = match first {
                // A surrogate pair: two UTF-16 units for one character.
                0xd800..0xdc00 => {
                    signs.next().filter(|sign| *sign == '\\')?;
                    signs.next().filter(|sign| *sign == 'u')?;
                    0x10000 + ((first - 0xd800) << 10) + unit(signs)?.checked_sub(0xdc00)?
                }
                code => code,
            };
            char::from_u32(code)?
        }
        sign => sign,
    })
}

fn unit(signs: &mut std::str::Chars<'_>) -> Option<u32> {
    (0..4).try_fold(0, |code, _| Some(code * 16 + signs.next()?.to_digit(16)?))
}

/// Consumes a character and the whitespace before it.
fn take(rest: &mut &str, sign: char) -> Option<()> {
    *rest = rest.trim_start().strip_prefix(sign)?;
    Some(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Json, quoted};

    #[test]
    fn members_are_found_by_name() {
        let json = Json::parse(
            r#" {"accepted": 2, "rejected": [{"row": 0, "reason": "é \"x\" \u00e9\ud83d\ude00\n"}, {}] } "#,
        );
        let json = json.expect("this is JSON");
        assert_eq!(json.text_of("accepted"), Some("2"));
        let rejected = json.list_of("rejected");
        assert_eq!(rejected[0].text_of("reason"), Some("é \"x\" é😀\n"));
        assert_eq!((rejected.len(), rejected[1].text_of("reason")), (2, None));
    }

    #[test]
    fn a_parsed_text_is_written_back() {
        let text = r#"{"a":[1.50,"1.50",null,{}],"b":"\"","c":[]}"#;
        assert_eq!(Json::parse(text).map(|json| json.write()).as_deref(), Some(text));
    }

    #[test]
    fn invalid_texts_are_refused() {
        for text in
            ["", "<!doctype html>", "{\"a\" 1}", "[1 2]", "\"open", "{} {}", "\"\\ud800\"", &"[".repeat(100_000)]
        {
            assert_eq!(Json::parse(text), None, "{text:.20}");
        }
    }

    proptest! {
        #![proptest_config(crate::tests::form::cases(256))]

        #[test]
        fn a_quoted_text_parses_back(text in ".*") {
            let literal = quoted(&text);
            prop_assert_eq!(serde_json::from_str::<String>(&literal).ok(), Some(text.clone()));
            prop_assert_eq!(Json::parse(&literal), Some(Json::Text(text)));
        }
    }
}
