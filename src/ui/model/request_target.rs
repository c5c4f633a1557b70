//! Path and query of a request, built from the fields of a form and parsed back.

/// Joins a path with the non-empty parameters, in order, in form encoding. Blanks around a value go, but those of ids are
/// part of them.
#[must_use]
pub fn request_target<'a>(path: &str, parameters: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut target = path.to_owned();
    let mut mark = '?';
    for (name, value) in parameters {
        let is_list = name == "ids" && !value.is_empty();
        let value = if is_list { value } else { value.trim() };
        if !value.is_empty() {
            target.push(mark);
            target.push_str(name);
            target.push('=');
            target.push_str(&encode(value, b"").replace("%20", "+"));
            mark = '&';
        }
    }
    target
}

/// Method, path and parameters of a request such as `GET query?limit=5`, and the content type of its body, if it has
/// one.
#[must_use]
pub fn read_request(text: &str) -> (&str, &str, Vec<(String, String)>, &str) {
    let mut words = text.split(' ');
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let parameters = form_urlencoded::parse(query.as_bytes());
    let parameters = parameters.map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
    (method, path.trim_start_matches('/'), parameters, words.next().unwrap_or_default())
}

/// Encodes a text as the value of a part after `#`; only characters that would end the part are escaped.
#[must_use]
pub fn encode_fragment(text: &str) -> String {
    encode(text, b"/?=@!~")
}

/// Decodes a value that was encoded by this module or by a form.
#[must_use]
pub fn read_form(value: &str) -> String {
    // A text without a name is parsed as a name.
    form_urlencoded::parse(["=", &value.replace('&', "%26")].concat().as_bytes())
        .next()
        .map(|(_, text)| text.into_owned())
        .unwrap_or_default()
}

/// Colons and commas stay unescaped: they are valid in an address, and times and lists are easier to read.
fn encode(text: &str, also_plain: &[u8]) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'*' | b'-' | b'.' | b'_' | b':' | b',' => {
                out.push(char::from(byte));
            }
            _ if also_plain.contains(&byte) => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{read_request, request_target};

    #[test]
    fn a_request_parses_back_into_the_fields_of_a_form() {
        let (method, path, parameters, content_type) = read_request("GET /query?start=2025-06-01T21:15&ids=a%20b");
        assert_eq!((method, path, content_type), ("GET", "query", ""));
        assert_eq!(parameters, [("start", "2025-06-01T21:15"), ("ids", "a b")].map(|(a, b)| (a.into(), b.into())));
        assert_eq!(read_request("POST events text/csv"), ("POST", "events", Vec::new(), "text/csv"));
        assert_eq!(read_request(""), ("", "", Vec::new(), ""));
    }

    #[test]
    fn empty_parameters_are_left_out_and_others_encoded() {
        let fields = [("start", "2025-06-01T21:15:07+02:00"), ("end", " "), ("ids", "a,b")];
        assert_eq!(request_target("query", fields), "query?start=2025-06-01T21:15:07%2B02:00&ids=a,b");
        assert_eq!(request_target("latest", []), "latest");
        assert_eq!(request_target("query", [("ids", " a "), ("views", " latest ")]), "query?ids=+a+&views=latest");
    }

    proptest! {
        #![proptest_config(crate::tests::form::cases(256))]

        #[test]
        fn any_value_parses_back(value in "\\PC*") {
            let target = request_target("query", [("window", value.as_str())]);
            let query = target.strip_prefix("query").unwrap_or_default().trim_start_matches('?');
            let read: Vec<_> = form_urlencoded::parse(query.as_bytes()).map(|(_, value)| value.into_owned()).collect();
            let meant: Vec<_> = Some(value.trim().to_owned()).filter(|value| !value.is_empty()).into_iter().collect();
            prop_assert_eq!(read, meant);
        }
    }
}
