//! A console request as code.

use serde_json::Value;

use super::endpoints::Endpoint;

/// The parts of a request that `fetch` needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SnippetRequest<'a> {
    /// The method.
    pub method: &'a str,
    /// The absolute address.
    pub address: &'a str,
    /// Headers, including the content type of the body.
    pub headers: &'a [(String, String)],
    /// The body, if there is one.
    pub body: Option<&'a str>,
}

/// JavaScript that sends the request and reads the response.
#[must_use]
pub fn fetch_snippet(request: SnippetRequest<'_>) -> String {
    let address = literal(request.address);
    let mut options = Vec::new();
    if request.method != "GET" {
        options.push(format!("  method: {},", literal(request.method)));
    }
    if !request.headers.is_empty() {
        let headers: Vec<String> =
            request.headers.iter().map(|(name, value)| format!("{}: {}", literal(name), literal(value))).collect();
        options.push(format!("  headers: {{ {} }},", headers.join(", ")));
    }
    if let Some(body) = request.body {
        options.push(format!("  body: {},", literal(body)));
    }
    let reader = if request.method == "DELETE" { "response.status" } else { "await response.text()" };
    let call = if options.is_empty() {
        format!("fetch({address})")
    } else {
        format!("fetch({address}, {{\n{}\n}})", options.join("\n"))
    };
    format!("const response = await {call};\nconsole.log({reader});")
}

/// JavaScript that listens to an event stream.
#[must_use]
pub fn event_source_snippet(address: &str) -> String {
    format!(
        "const events = new EventSource({});\nevents.addEventListener(\"batch\", (event) => {{\n  console.log(event.lastEventId, JSON.parse(event.data));\n}});",
        literal(address)
    )
}

/// Python that reads a saved response; `format` is the requested format, empty for JSON.
#[must_use]
pub fn python_snippet(endpoint: &Endpoint, address: &str, format: &str) -> String {
    let format = if format.is_empty() { "json" } else { format };
    let stem = endpoint.path.strip_suffix(".json").unwrap_or(&endpoint.path);
    let file = literal(&format!("{stem}.{format}"));
    let code = match format {
        "csv" => format!("import pandas as pd\n\nrows = pd.read_csv({file})\nprint(rows)"),
        "ndjson" => format!("import pandas as pd\n\nrows = pd.read_json({file}, lines=True)\nprint(rows)"),
        "arrow" => format!("import pyarrow as pa\n\nrows = pa.ipc.open_stream({file}).read_pandas()\nprint(rows)"),
        _ if endpoint.has_tables => format!(
            "import json\nimport pandas as pd\n\nwith open({file}, encoding=\"utf-8\") as file:\n    tables = {{name: pd.DataFrame(rows) for name, rows in json.load(file).items()}}\nfor name, table in tables.items():\n    print(name, table, sep=\"\\n\")"
        ),
        _ => format!("import pandas as pd\n\nanswer = pd.read_json({file}, typ=\"series\")\nprint(answer)"),
    };
    // The address holds typed text, but never a line end: it is encoded.
    format!("# Python cannot reach into the tab: open {address} in the browser and save the answer as {file}.\n{code}")
}

/// The text as a string literal: JSON's are JavaScript's and Python's too.
fn literal(text: &str) -> String {
    Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_get_is_one_call() {
        let request = SnippetRequest { method: "GET", address: "http://a/latest", headers: &[], body: None };
        assert_eq!(
            fetch_snippet(request),
            "const response = await fetch(\"http://a/latest\");\nconsole.log(await response.text());"
        );
    }

    #[test]
    fn a_body_is_literal() {
        let headers = [("Content-Type".to_owned(), "text/csv".to_owned())];
        let body = Some("id,value\n\"a\",1");
        let text =
            fetch_snippet(SnippetRequest { method: "POST", address: "http://a/events", headers: &headers, body });
        assert!(text.contains("method: \"POST\","), "{text}");
        assert!(text.contains(r#"headers: { "Content-Type": "text/csv" },"#), "{text}");
        assert!(text.contains(r#"body: "id,value\n\"a\",1","#), "{text}");
    }

    #[test]
    fn python_reads_a_saved_response_in_the_requested_format() {
        let query = Endpoint { path: "query".into(), has_tables: true, ..Endpoint::default() };
        for (format, call) in [
            ("", "json.load(file)"),
            ("csv", "pd.read_csv(\"query.csv\")"),
            ("ndjson", "pd.read_json(\"query.ndjson\", lines=True)"),
            ("arrow", "pa.ipc.open_stream(\"query.arrow\")"),
        ] {
            let text = python_snippet(&query, "http://a/query", format);
            assert!(text.starts_with("# Python cannot reach into the tab") && text.contains(call), "{text}");
        }
        let health = Endpoint { path: "health".into(), ..Endpoint::default() };
        assert!(python_snippet(&health, "http://a/health", "").contains("typ=\"series\""));
    }
}
