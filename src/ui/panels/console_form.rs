//! What the console is about to send.

use crate::client::ConsoleRequest;
use crate::protocol::Snapshot;
use crate::ui::live::State;
use crate::ui::model::endpoints::{ENDPOINTS, Endpoint};
use crate::ui::model::request_target::request_target;
use crate::ui::model::snippet::{SnippetRequest, fetch_snippet};

/// The fields of the console; they stay while another endpoint is looked at.
#[derive(Clone, Copy)]
pub struct ConsoleForm {
    /// The chosen endpoint, by its place in the list.
    pub endpoint: State<usize>,
    /// What is filled in: parameter and text.
    pub parameters: State<Vec<(&'static str, String)>>,
    /// Content type of the body.
    pub content_type: State<String>,
    /// The body.
    pub body: State<String>,
}

impl ConsoleForm {
    /// An empty form at the first endpoint.
    #[must_use]
    pub fn new() -> Self {
        Self {
            endpoint: State::new(0),
            parameters: State::new(Vec::new()),
            content_type: State::new(String::new()),
            body: State::new(String::new()),
        }
    }

    /// The chosen endpoint.
    #[must_use]
    pub fn chosen(self) -> Endpoint {
        ENDPOINTS[self.endpoint.get()]
    }

    /// Turns to another endpoint, with its sample body.
    pub fn choose(self, index: usize) {
        let endpoint = ENDPOINTS[index];
        self.content_type.set(endpoint.content_types.first().copied().unwrap_or_default().to_owned());
        self.body.set(endpoint.sample_body.to_owned());
        self.endpoint.set(index);
    }

    /// What is filled in for a parameter.
    #[must_use]
    pub fn parameter(self, name: &str) -> String {
        self.parameters
            .read()
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, text)| text.clone())
            .unwrap_or_default()
    }

    /// Fills a parameter in.
    pub fn fill(self, name: &'static str, text: String) {
        self.parameters.update(|all| {
            all.retain(|(known, _)| *known != name);
            all.push((name, text));
        });
    }

    /// Fills `start` and `end` with what the newest batch covers, as far as it is visible.
    pub fn fill_bounds(self, snapshot: &Snapshot) {
        let rows = snapshot.batch.as_ref().map(|batch| batch.tables[0].rows.as_slice()).unwrap_or_default();
        let stamp =
            |row: Option<&Vec<Option<String>>>| row.and_then(|row| row.first().cloned().flatten()).unwrap_or_default();
        self.fill("start", stamp(rows.first()));
        self.fill("end", stamp(rows.last()));
    }

    /// Path and query.
    #[must_use]
    pub fn target(self) -> String {
        let endpoint = self.chosen();
        let filled: Vec<(&str, String)> =
            endpoint.parameters.iter().map(|parameter| (parameter.name, self.parameter(parameter.name))).collect();
        request_target(endpoint.path, filled.iter().map(|(name, text)| (*name, text.as_str())))
    }

    /// Method and address, as the request will say them.
    #[must_use]
    pub fn line(self, base_address: &str) -> String {
        format!("{} {base_address}{}", self.chosen().method, self.target())
    }

    /// The request.
    #[must_use]
    pub fn request(self) -> ConsoleRequest {
        let endpoint = self.chosen();
        let has_body = !endpoint.content_types.is_empty();
        ConsoleRequest {
            method: endpoint.method.to_owned(),
            target: self.target(),
            content_type: has_body.then(|| self.content_type.get()),
            body: has_body.then(|| self.body.get().into_bytes()),
        }
    }

    /// The request as JavaScript.
    #[must_use]
    pub fn snippet(self, base_address: &str) -> String {
        let endpoint = self.chosen();
        let (content_type, body) = (self.content_type.get(), self.body.get());
        fetch_snippet(SnippetRequest {
            method: endpoint.method,
            address: &format!("{base_address}{}", self.target()),
            body: (!endpoint.content_types.is_empty()).then_some((content_type.as_str(), body.as_str())),
        })
    }
}

impl Default for ConsoleForm {
    fn default() -> Self {
        Self::new()
    }
}
