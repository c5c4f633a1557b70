//! A console request as code that anybody can paste.

use super::json::quoted;

/// What a snippet says: the parts of a request that matter to `fetch`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SnippetRequest<'a> {
    /// The method.
    pub method: &'a str,
    /// The whole address.
    pub address: &'a str,
    /// Content type and body, if there is a body.
    pub body: Option<(&'a str, &'a str)>,
}

/// JavaScript that sends the request and reads the answer.
#[must_use]
pub fn fetch_snippet(request: SnippetRequest<'_>) -> String {
    let address = quoted(request.address);
    let mut options = Vec::new();
    if request.method != "GET" {
        options.push(format!("  method: {},", quoted(request.method)));
    }
    if let Some((content_type, body)) = request.body {
        options.push(format!("  headers: {{ \"Content-Type\": {} }},", quoted(content_type)));
        options.push(format!("  body: {},", quoted(body)));
    }
    let reader = if request.method == "DELETE" { "response.status" } else { "await response.text()" };
    let call = if options.is_empty() {
        format!("fetch({address})")
    } else {
        format!("fetch({address}, {{\n{}\n}})", options.join("\n"))
    };
    format!("const response = await {call};\nconsole.log({reader});")
}

#[cfg(test)]
mod tests {
    use super::{SnippetRequest, fetch_snippet};

    #[test]
    fn a_get_is_one_call() {
        let request = SnippetRequest { method: "GET", address: "http://a/latest", body: None };
        assert_eq!(
            fetch_snippet(request),
            "const response = await fetch(\"http://a/latest\");\nconsole.log(await response.text());"
        );
    }

    #[test]
    fn a_body_is_quoted() {
        let body = Some(("text/csv", "id,value\n\"a\",1"));
        let text = fetch_snippet(SnippetRequest { method: "POST", address: "http://a/events", body });
        assert!(text.contains("method: \"POST\","), "{text}");
        assert!(text.contains(r#"body: "id,value\n\"a\",1","#), "{text}");
    }
}
