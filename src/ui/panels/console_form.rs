//! The form of the console.

use std::rc::Rc;

use leptos::prelude::untrack;

use crate::client::ConsoleRequest;
use crate::protocol::Snapshot;
use crate::ui::live::State;
use crate::ui::model::endpoints::{Endpoint, Parameter};
use crate::ui::model::request_target::{read_request, request_target};
use crate::ui::model::snippet::{SnippetRequest, event_source_snippet, fetch_snippet, python_snippet};

/// The fields of the console; they stay when another endpoint is chosen.
#[derive(Clone, Copy)]
pub struct ConsoleForm {
    /// The endpoints; empty until they are loaded.
    pub endpoints: State<Vec<Rc<Endpoint>>>,
    /// The chosen endpoint; an empty one until they are loaded.
    endpoint: State<Rc<Endpoint>>,
    /// The filled parameters: name and text.
    pub parameters: State<Vec<(String, String)>>,
    /// Content type of the body.
    pub content_type: State<String>,
    /// The body.
    pub body: State<String>,
    /// Whether the form was changed by the user.
    pub is_touched: State<bool>,
    /// The `start` and `end` that the page filled in: it may replace those, but not typed ones.
    own_bounds: State<[String; 2]>,
    /// The bounds of the chart's range; empty while it follows the clock.
    range: State<[String; 2]>,
}

/// The parameters that bound the time.
const BOUNDS: [&str; 2] = ["start", "end"];

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
            is_touched: State::new(false),
            own_bounds: State::new(Default::default()),
            range: State::new(Default::default()),
        }
    }

    /// Sets the endpoints and selects the first, or the one that was chosen before.
    pub fn offer(self, endpoints: Vec<Endpoint>) {
        let label = self.endpoint.peek().label();
        let index = endpoints.iter().position(|endpoint| endpoint.label() == label);
        self.endpoints.set(endpoints.into_iter().map(Rc::new).collect());
        self.choose(index.unwrap_or(0));
    }

    /// Whether this is the chosen endpoint, untracked.
    #[must_use]
    pub fn is_chosen(self, endpoint: &Rc<Endpoint>) -> bool {
        Rc::ptr_eq(endpoint, &self.endpoint.peek())
    }

    /// The chosen endpoint.
    #[must_use]
    pub fn chosen(self) -> Rc<Endpoint> {
        self.endpoint.get()
    }

    /// Selects another endpoint, with its sample body.
    pub fn choose(self, index: usize) {
        let Some(endpoint) = self.endpoints.peek().get(index).map(Rc::clone) else { return };
        let sample = endpoint.bodies.first().map(|body| (body.content_type.clone(), body.text.clone()));
        let (content_type, text) = sample.unwrap_or_default();
        self.content_type.set(content_type);
        self.body.set(text);
        self.endpoint.set(endpoint);
    }

    /// Selects another content type; an unchanged sample is replaced by that of the new type.
    pub fn choose_content_type(self, content_type: String) {
        let endpoint = Rc::clone(&self.endpoint.peek());
        if *self.body.peek() == endpoint.sample(&self.content_type.peek()) {
            self.body.set(endpoint.sample(&content_type).to_owned());
        }
        self.content_type.set(content_type);
    }

    /// The text of a parameter.
    #[must_use]
    pub fn parameter(self, name: &str) -> String {
        self.parameters
            .read()
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, text)| text.clone())
            .unwrap_or_default()
    }

    /// Sets the text of a parameter.
    pub fn fill(self, name: &str, text: String) {
        self.parameters.update(|all| {
            all.retain(|(known, _)| known != name);
            if !text.is_empty() {
                all.push((name.to_owned(), text));
            }
        });
    }

    /// Fills `start` and `end` with the chart's range while it is fixed, and clears them otherwise; typed text stays.
    pub fn follow_range(self, bounds: [String; 2]) {
        if *self.range.peek() == bounds {
            return;
        }
        for (place, name) in BOUNDS.iter().enumerate() {
            let shown = untrack(|| self.parameter(name));
            if shown.is_empty() || shown == self.own_bounds.peek()[place] {
                self.fill(name, bounds[place].clone());
            }
        }
        self.own_bounds.set(bounds.clone());
        self.range.set(bounds);
    }

    /// The request as text for the page's address.
    #[must_use]
    pub fn to_address(self) -> String {
        let (endpoint, content_type) = (self.chosen(), self.content_type.get());
        let mut text = [endpoint.method.as_str(), " ", &self.target()].concat();
        if endpoint.bodies.first().is_some_and(|body| body.content_type != content_type) {
            text.push(' ');
            text.push_str(&content_type);
        }
        text
    }

    /// Restores the request of a page's address; returns whether its endpoint exists.
    pub fn restore(self, request: &str) -> bool {
        let (method, path, parameters, content_type) = read_request(request);
        let place = self.endpoints.peek().iter().position(|known| known.method == method && known.path == path);
        let Some(index) = place else { return false };
        self.choose(index);
        if self.endpoint.peek().bodies.iter().any(|body| body.content_type == content_type) {
            self.choose_content_type(content_type.to_owned());
        }
        self.parameters.set(parameters);
        self.is_touched.set(true);
        // Updates the list's selection.
        self.endpoints.update(|_| {});
        true
    }

    /// Fills `start` and `end` with the range of the newest batch's visible rows.
    pub fn fill_bounds(self, snapshot: &Snapshot) {
        let rows = snapshot.batch.as_ref().map(|batch| batch.tables[0].rows.as_slice()).unwrap_or_default();
        let stamp =
            |row: Option<&Vec<Option<String>>>| row.and_then(|row| row.first().cloned().flatten()).unwrap_or_default();
        let bounds = [stamp(rows.first()), stamp(rows.last())];
        for (name, text) in BOUNDS.iter().zip(&bounds) {
            self.fill(name, text.clone());
        }
        self.own_bounds.set(bounds);
    }

    /// The filled parameters of one place.
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

    /// Method and absolute address of the request.
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

    /// Python that reads the saved response.
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
