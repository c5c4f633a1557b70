//! The endpoints that the console offers, as the HTTP contract names them.

/// How a parameter is filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParameterKind {
    /// Free text, with an example.
    Text(&'static str),
    /// One of these, or none.
    Choice(&'static [&'static str]),
}

/// A query parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parameter {
    /// Its name in the query.
    pub name: &'static str,
    /// How it is filled in.
    pub kind: ParameterKind,
    /// What it does, in a few words.
    pub hint: &'static str,
}

/// Something to ask the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Endpoint {
    /// The method.
    pub method: &'static str,
    /// The path relative to the app's base.
    pub path: &'static str,
    /// What it answers, in one line.
    pub summary: &'static str,
    /// Query parameters.
    pub parameters: &'static [Parameter],
    /// Content types of the body, when it takes one; the first is offered.
    pub content_types: &'static [&'static str],
    /// A body to start from.
    pub sample_body: &'static str,
}

impl Endpoint {
    /// `GET latest`, as the list of endpoints shows it.
    #[must_use]
    pub fn label(&self) -> String {
        format!("{} /{}", self.method, self.path)
    }

    /// Whether a link opens it.
    #[must_use]
    pub fn is_link(&self) -> bool {
        self.method == "GET"
    }
}

const fn get(path: &'static str, summary: &'static str, parameters: &'static [Parameter]) -> Endpoint {
    Endpoint { method: "GET", path, summary, parameters, content_types: &[], sample_body: "" }
}

const fn text(name: &'static str, example: &'static str, hint: &'static str) -> Parameter {
    Parameter { name, kind: ParameterKind::Text(example), hint }
}

const fn choice(name: &'static str, of: &'static [&'static str], hint: &'static str) -> Parameter {
    Parameter { name, kind: ParameterKind::Choice(of), hint }
}

const QUERY: &[Parameter] = &[
    text("start", "2025-06-01T21:15:07", "from this instant on, inclusive"),
    text("end", "2025-06-01T21:16:07", "up to this instant, inclusive"),
    text("ids", "id, another id", "only these ids"),
    choice("views", &["latest", "melted", "pivoted", "latest,melted"], "only these tables"),
    text("limit", "100", "at most so many rows"),
    text("offset", "0", "rows to skip first"),
];

/// Every endpoint, the everyday ones first.
pub const ENDPOINTS: &[Endpoint] = &[
    get("latest", "The newest batch: latest, melted and pivoted.", &[]),
    get("query", "Rows of the whole history between two instants, transformed anew.", QUERY),
    get("trigger", "Says that the pipeline runs.", &[]),
    Endpoint {
        method: "POST",
        path: "events",
        summary: "Puts events of yours into the queue.",
        parameters: &[],
        content_types: super::payload::CONTENT_TYPES,
        sample_body: "[{\"id\": \"a\", \"value\": 12.5}, {\"id\": \"b\", \"value\": 73}]",
    },
    Endpoint { method: "DELETE", ..get("events", "Forgets results, history, dead letters and rolling state.", &[]) },
    get("rejected", "The refused rows with their reasons.", &[]),
    get("metrics", "Counters and latencies for Prometheus.", &[]),
    get("health", "State, version, storage and uptime.", &[]),
    get("config", "All settings.", &[]),
    Endpoint {
        method: "PATCH",
        path: "config",
        summary: "Changes settings; they apply at once.",
        parameters: &[],
        content_types: &["application/json"],
        sample_body: "{\"interval\": \"100ms\", \"batch_size\": 20}",
    },
];

#[cfg(test)]
mod tests {
    use super::ENDPOINTS;

    #[test]
    fn endpoints_are_told_apart_by_their_label() {
        let mut labels: Vec<String> = ENDPOINTS.iter().map(super::Endpoint::label).collect();
        labels.sort();
        labels.dedup();
        assert_eq!(labels.len(), ENDPOINTS.len());
    }

    #[test]
    fn every_endpoint_is_one_that_the_router_knows() {
        for endpoint in ENDPOINTS {
            assert!(crate::api::App::paths().any(|path| path == endpoint.path), "{}", endpoint.label());
        }
    }

    #[test]
    fn only_endpoints_with_a_content_type_have_a_body() {
        for endpoint in ENDPOINTS {
            assert_eq!(endpoint.content_types.is_empty(), endpoint.sample_body.is_empty(), "{}", endpoint.label());
        }
    }
}
