//! What the console is about to send.

use std::rc::Rc;

use crate::client::ConsoleRequest;
use crate::protocol::Snapshot;
use crate::ui::live::State;
use crate::ui::model::endpoints::{Endpoint, Parameter};
use crate::ui::model::request_target::request_target;
use crate::ui::model::snippet::{SnippetRequest, event_source_snippet, fetch_snippet, python_snippet};

/// The fields of the console; they stay while another endpoint is looked at.
#[derive(Clone, Copy)]
pub struct ConsoleForm {
    /// What can be asked; empty until it is known.
    pub endpoints: State<Vec<Rc<Endpoint>>>,
    /// The chosen endpoint, an empty one while nothing is known.
    endpoint: State<Rc<Endpoint>>,
    /// What is filled in: parameter and text.
    pub parameters: State<Vec<(String, String)>>,
    /// Content type of the body.
    pub content_type: State<String>,
    /// The body.
    pub body: State<String>,
}

impl ConsoleForm {
    /// An empty form.
    #[must_use]
    pub fn new() -> Self {
        Self {
            endpoints: State::new(Vec::new()),
            endpoint: State::new(Rc::default()),
            parameters: State::new(Vec::new()),
            content_type: State::new(String::new()),
            body: State::new(String::new()),
        }
    }

    /// Takes the endpoints in and turns to the first.
    pub fn offer(self, endpoints: Vec<Endpoint>) {
        self.endpoints.set(endpoints.into_iter().map(Rc::new).collect());
        self.choose(0);
    }

    /// The chosen endpoint.
    #[must_use]
    pub fn chosen(self) -> Rc<Endpoint> {
        self.endpoint.get()
    }

    /// Turns to another endpoint, with its sample body.
    pub fn choose(self, index: usize) {
        let Some(endpoint) = self.endpoints.peek().get(index).map(Rc::clone) else { return };
        let sample = endpoint.bodies.first().map(|body| (body.content_type.clone(), body.text.clone()));
        let (content_type, text) = sample.unwrap_or_default();
        self.content_type.set(content_type);
        self.body.set(text);
        self.endpoint.set(endpoint);
    }

    /// Turns to another type of body; a sample that nobody has changed becomes that type's.
    pub fn choose_content_type(self, content_type: String) {
        let endpoint = Rc::clone(&self.endpoint.peek());
        if *self.body.peek() == endpoint.sample(&self.content_type.peek()) {
            self.body.set(endpoint.sample(&content_type).to_owned());
        }
        self.content_type.set(content_type);
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
    pub fn fill(self, name: &str, text: String) {
        self.parameters.update(|all| {
            all.retain(|(known, _)| known != name);
            all.push((name.to_owned(), text));
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

    /// The parameters of one place that are filled in.
    fn filled(self, is_wanted: fn(&Parameter) -> bool) -> Vec<(String, String)> {
        let endpoint = self.chosen();
        let wanted = endpoint.parameters.iter().filter(|parameter| is_wanted(parameter));
        wanted.map(|parameter| (parameter.name.clone(), self.parameter(&parameter.name))).collect()
    }

    /// Path and query.
    #[must_use]
    pub fn target(self) -> String {
        let filled = self.filled(|parameter| !parameter.is_header);
        request_target(&self.chosen().path, filled.iter().map(|(name, text)| (name.as_str(), text.as_str())))
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
        let has_body = !endpoint.bodies.is_empty();
        let mut more_headers = self.filled(|parameter| parameter.is_header);
        more_headers.retain(|(_, text)| !text.trim().is_empty());
        ConsoleRequest {
            method: endpoint.method.clone(),
            target: self.target(),
            content_type: has_body.then(|| self.content_type.get()),
            body: has_body.then(|| self.body.get().into_bytes()),
            more_headers,
        }
    }

    /// The request as JavaScript.
    #[must_use]
    pub fn snippet(self, base_address: &str) -> String {
        let (request, body) = (self.request(), self.body.get());
        fetch_snippet(SnippetRequest {
            method: &request.method,
            address: &format!("{base_address}{}", request.target),
            headers: &request.headers(),
            body: request.body.is_some().then_some(&body),
        })
    }

    /// JavaScript that listens to the stream.
    #[must_use]
    pub fn event_source(self, base_address: &str) -> String {
        event_source_snippet(&format!("{base_address}{}", self.target()))
    }

    /// Python that reads the saved answer.
    #[must_use]
    pub fn python(self, base_address: &str) -> String {
        let address = format!("{base_address}{}", self.target());
        let format = self.filled(|parameter| parameter.name == "format").pop().unwrap_or_default().1;
        python_snippet(&self.chosen(), &address, &format)
    }
}

impl Default for ConsoleForm {
    fn default() -> Self {
        Self::new()
    }
}
