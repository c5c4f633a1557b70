//! A console request as code.
//!
//! Read [`SnippetKind::offered`] first: which languages a request is written in.

use serde_json::Value;

use super::endpoints::Endpoint;
use super::response_text::file_name;

/// Milliseconds after which the code stops reading a stream, which has no end of its own.
const STREAM_MILLIS: &str = "10_000";

/// Python that shows the three tables of an answer.
const PRINT_TABLES: &str = r#"tables = {name: pd.DataFrame(rows) for name, rows in answer.items()}
for name, table in tables.items():
    print(name, table, sep="\n")"#;
/// Python that shows the members of an answer, those with rows as tables.
const PRINT_MEMBERS: &str = r#"for name, value in answer.items():
    print(name, pd.DataFrame(value) if isinstance(value, list) else value, sep="\n")"#;

/// A way to send a request from code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SnippetKind {
    /// JavaScript that calls `fetch`.
    Fetch,
    /// JavaScript that listens to a stream.
    EventSource,
    /// TypeScript with the types of the answer.
    TypeScript,
    /// Python that reads the saved answer.
    Python,
}

impl SnippetKind {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::EventSource, Self::Fetch, Self::TypeScript, Self::Python];

    /// The name of its tab.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Fetch => "fetch",
            Self::EventSource => "EventSource",
            Self::TypeScript => "TypeScript",
            Self::Python => "Python",
        }
    }

    /// The label of the button that copies it.
    #[must_use]
    pub fn copy_label(self) -> &'static str {
        match self {
            Self::Fetch => "Copy as fetch",
            Self::EventSource => "Copy as EventSource",
            Self::TypeScript => "Copy as TypeScript",
            Self::Python => "Copy as Python",
        }
    }

    /// The kinds that suit an endpoint, the best first. An `EventSource` sends no headers: it is not offered when a key
    /// must be sent.
    #[must_use]
    pub fn offered(endpoint: &Endpoint, has_key: bool) -> Vec<Self> {
        let is_offered = |kind: &Self| match kind {
            Self::EventSource => endpoint.is_event_stream() && !has_key,
            Self::Fetch => true,
            Self::TypeScript => !endpoint.is_event_stream() || !has_key,
            Self::Python => endpoint.is_data(),
        };
        Self::ALL.into_iter().filter(is_offered).collect()
    }
}

/// What code does with a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// Shows its status: it has no body.
    Status,
    /// Reads its body as text.
    Text,
    /// Reads its body as bytes.
    Bytes,
    /// Reads its body part by part: it has no end.
    Stream,
}

impl Reader {
    /// How the response of an endpoint is read; `format` is the requested format, empty for the default.
    #[must_use]
    pub fn new(endpoint: &Endpoint, format: &str) -> Self {
        match format {
            _ if endpoint.is_event_stream() => Self::Stream,
            // A GET without a body of its own redirects to one.
            _ if endpoint.answers.is_empty() && !endpoint.is_link() => Self::Status,
            "arrow" => Self::Bytes,
            _ => Self::Text,
        }
    }
}

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
    /// How the response is read.
    pub reader: Reader,
}

/// JavaScript that sends the request and reads the response.
#[must_use]
pub fn fetch_snippet(request: SnippetRequest<'_>) -> String {
    let call = fetch_call(request);
    match request.reader {
        Reader::Stream => stream_snippet(&call),
        Reader::Status => format!("const response = await {call};\nconsole.log(response.status);"),
        Reader::Text => format!("const response = await {call};\nconsole.log(await response.text());"),
        Reader::Bytes => {
            format!("const response = await {call};\nconsole.log(new Uint8Array(await response.arrayBuffer()));")
        }
    }
}

/// JavaScript that reads a stream for a while.
fn stream_snippet(call: &str) -> String {
    format!(
        r#"const controller = new AbortController();
const response = await {call};
setTimeout(() => controller.abort(), {STREAM_MILLIS});
try {{
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {{
    const {{ done, value }} = await reader.read();
    if (done) break;
    console.log(value);
  }}
}} catch (error) {{
  if (error.name !== "AbortError") throw error;
}}"#
    )
}

/// The call of `fetch`, without `await`.
fn fetch_call(request: SnippetRequest<'_>) -> String {
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
    if request.reader == Reader::Stream {
        options.push("  signal: controller.signal,".to_owned());
    }
    if options.is_empty() {
        format!("fetch({address})")
    } else {
        format!("fetch({address}, {{\n{}\n}})", options.join("\n"))
    }
}

/// JavaScript that listens to an event stream.
#[must_use]
pub fn event_source_snippet(address: &str) -> String {
    format!(
        r#"const events = new EventSource({});
events.addEventListener("batch", (event) => {{
  console.log(event.lastEventId, JSON.parse(event.data));
}});"#,
        literal(address)
    )
}

/// TypeScript that sends the request, with the types of the answer; `format` is the requested format, empty for the
/// default.
#[must_use]
pub fn typescript_snippet(endpoint: &Endpoint, request: SnippetRequest<'_>, format: &str) -> String {
    let types = &endpoint.types;
    let is_json = matches!(format, "" | "json") && !types.name.is_empty();
    let (answer, read) = match request.reader {
        Reader::Stream => return typescript_stream(endpoint, request.address),
        Reader::Status => ("void", ""),
        Reader::Bytes => ("ArrayBuffer", "\n  return response.arrayBuffer();"),
        Reader::Text if is_json => (types.name.as_str(), "\n  return response.json();"),
        Reader::Text => ("string", "\n  return response.text();"),
    };
    let name = function_name(endpoint);
    let call = fetch_call(request).replace('\n', "\n  ");
    let run = format!("await {name}()");
    let run = if request.reader == Reader::Status { format!("{run};") } else { format!("console.log({run});") };
    let declarations = if is_json { declarations(endpoint) } else { String::new() };
    format!(
        r"{declarations}export async function {name}(): Promise<{answer}> {{
  const response = await {call};
  if (!response.ok) throw new Error(`${{response.status}}: ${{await response.text()}}`);{read}
}}

{run}"
    )
}

fn typescript_stream(endpoint: &Endpoint, address: &str) -> String {
    let kind = if endpoint.types.name.is_empty() { "unknown" } else { &endpoint.types.name };
    format!(
        r#"{}const events = new EventSource({});
events.addEventListener("batch", (event: MessageEvent<string>) => {{
  const batch: {kind} = JSON.parse(event.data);
  console.log(event.lastEventId, batch);
}});"#,
        declarations(endpoint),
        literal(address)
    )
}

/// The declarations before the code that uses them.
fn declarations(endpoint: &Endpoint) -> String {
    let text = &endpoint.types.declarations;
    if text.is_empty() { String::new() } else { format!("{text}\n\n") }
}

/// `getOpenapiJson` for `GET openapi.json`.
fn function_name(endpoint: &Endpoint) -> String {
    let mut name = endpoint.method.to_ascii_lowercase();
    for word in endpoint.path.split(|letter: char| !letter.is_ascii_alphanumeric()) {
        let (first, rest) = word.split_at(word.len().min(1));
        name.push_str(&first.to_ascii_uppercase());
        name.push_str(rest);
    }
    name
}

/// Python that reads a saved response; `format` is the requested format, empty for JSON.
#[must_use]
pub fn python_snippet(endpoint: &Endpoint, address: &str, format: &str) -> String {
    let format = if format.is_empty() { "json" } else { format };
    let file = literal(&file_name(&endpoint.path, format));
    let code = match format {
        "csv" => format!("import pandas as pd\n\nrows = pd.read_csv({file})\nprint(rows)"),
        "ndjson" => format!("import pandas as pd\n\nrows = pd.read_json({file}, lines=True)\nprint(rows)"),
        "arrow" => format!("import pyarrow as pa\n\nrows = pa.ipc.open_stream({file}).read_pandas()\nprint(rows)"),
        _ => {
            let show = if endpoint.has_tables { PRINT_TABLES } else { PRINT_MEMBERS };
            format!(
                "import json\nimport pandas as pd\n\nwith open({file}, encoding=\"utf-8\") as file:\n    \
                 answer = json.load(file)\n{show}"
            )
        }
    };
    // The address holds typed text, but never a line end: it is encoded.
    format!(
        "# Python cannot reach into the tab: send the request here and save the answer as {file}, or open {address} in \
         the browser and save it.\n{code}"
    )
}

/// The text as a string literal: JSON's are JavaScript's and Python's too.
fn literal(text: &str) -> String {
    Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::model::typescript::Types;

    fn get(address: &str, reader: Reader) -> SnippetRequest<'_> {
        SnippetRequest { method: "GET", address, headers: &[], body: None, reader }
    }

    fn endpoint(method: &str, path: &str, answers: &[&str]) -> Endpoint {
        let answers = answers.iter().map(|answer| (*answer).to_owned()).collect();
        Endpoint { method: method.into(), path: path.into(), answers, ..Endpoint::default() }
    }

    #[test]
    fn a_get_is_one_call() {
        assert_eq!(
            fetch_snippet(get("http://a/latest", Reader::Text)),
            "const response = await fetch(\"http://a/latest\");\nconsole.log(await response.text());"
        );
    }

    #[test]
    fn a_body_is_literal() {
        let headers = [("Content-Type".to_owned(), "text/csv".to_owned())];
        let body = Some("id,value\n\"a\",1");
        let text = fetch_snippet(SnippetRequest {
            method: "POST",
            headers: &headers,
            body,
            ..get("http://a/events", Reader::Text)
        });
        assert!(text.contains("method: \"POST\","), "{text}");
        assert!(text.contains(r#"headers: { "Content-Type": "text/csv" },"#), "{text}");
        assert!(text.contains(r#"body: "id,value\n\"a\",1","#), "{text}");
    }

    #[test]
    fn the_response_is_read_as_what_it_is() {
        let query = endpoint("GET", "query", &["application/json"]);
        assert_eq!([Reader::new(&query, ""), Reader::new(&query, "arrow")], [Reader::Text, Reader::Bytes]);
        assert_eq!(Reader::new(&endpoint("DELETE", "events", &[]), ""), Reader::Status);
        assert_eq!(Reader::new(&endpoint("GET", "docs", &[]), ""), Reader::Text);
        assert_eq!(Reader::new(&endpoint("GET", "stream", &["text/event-stream"]), ""), Reader::Stream);
        assert!(fetch_snippet(get("http://a/query", Reader::Bytes)).contains("arrayBuffer()"));
    }

    #[test]
    fn a_stream_is_read_part_by_part_and_then_ended() {
        let text = fetch_snippet(get("http://a/stream", Reader::Stream));
        assert!(text.contains("signal: controller.signal") && text.contains("controller.abort()"), "{text}");
        assert!(text.contains("await reader.read()") && !text.contains("response.text()"), "{text}");
    }

    #[test]
    fn each_endpoint_offers_the_code_that_suits_it() {
        use SnippetKind::{EventSource, Fetch, Python, TypeScript};
        let stream = endpoint("GET", "stream", &["text/event-stream"]);
        assert_eq!(SnippetKind::offered(&stream, false), [EventSource, Fetch, TypeScript]);
        assert_eq!(SnippetKind::offered(&stream, true), [Fetch], "an EventSource sends no key");
        let latest = endpoint("GET", "latest", &["application/json"]);
        assert_eq!(SnippetKind::offered(&latest, false), [Fetch, TypeScript, Python]);
        let delete = endpoint("DELETE", "events", &[]);
        assert_eq!(SnippetKind::offered(&delete, false), [Fetch, TypeScript]);
        assert!(SnippetKind::ALL.iter().all(|kind| kind.copy_label() == format!("Copy as {}", kind.title())));
    }

    #[test]
    fn typescript_names_the_type_of_the_answer() {
        let types = Types { declarations: "export interface Tables {}".into(), name: "Tables".into() };
        let query = Endpoint { types, ..endpoint("GET", "query", &["application/json"]) };
        let text = typescript_snippet(&query, get("http://a/query", Reader::Text), "");
        let expected = "export interface Tables {}\n\nexport async function getQuery(): Promise<Tables> {\n  \
                        const response = await fetch(\"http://a/query\");\n  \
                        if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);\n  \
                        return response.json();\n}\n\nconsole.log(await getQuery());";
        assert_eq!(text, expected);
        let csv = typescript_snippet(&query, get("http://a/query?format=csv", Reader::Text), "csv");
        assert!(csv.starts_with("export async function getQuery(): Promise<string>"), "{csv}");
        let stream = typescript_snippet(&query, get("http://a/stream", Reader::Stream), "");
        assert!(stream.contains("const batch: Tables = JSON.parse(event.data);"), "{stream}");
        let delete = endpoint("DELETE", "events", &[]);
        let text = typescript_snippet(&delete, get("http://a/events", Reader::Status), "");
        assert!(text.contains("deleteEvents(): Promise<void>") && text.ends_with("\nawait deleteEvents();"), "{text}");
        assert_eq!(function_name(&endpoint("GET", "openapi.json", &[])), "getOpenapiJson");
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
            assert!(text.lines().skip(1).all(|line| !line.starts_with('#')), "code follows: {text}");
        }
        let health = Endpoint { path: "health".into(), ..Endpoint::default() };
        assert!(python_snippet(&health, "http://a/health", "").contains("answer = json.load(file)"));
    }
}
