//! The form of the console.

use leptos::prelude::*;

use crate::client::ConsoleRequest;
use crate::protocol::BatchView;
use crate::ui::model::endpoints::{Endpoint, Parameter};
use crate::ui::model::request_target::{read_request, request_target};
use crate::ui::model::snippet::{
    Reader, SnippetKind, SnippetRequest, event_source_snippet, fetch_snippet, python_snippet, typescript_snippet,
};

/// The fields of the console; they stay when another endpoint is chosen.
#[derive(Clone, Copy)]
pub struct ConsoleForm {
    /// The endpoints; empty until they are loaded.
    pub endpoints: RwSignal<Vec<Endpoint>>,
    /// The index of the chosen endpoint.
    pub chosen: RwSignal<usize>,
    /// The chosen endpoint; an empty one until they are loaded.
    pub endpoint: Memo<Endpoint>,
    /// The filled parameters: name and text.
    pub parameters: RwSignal<Vec<(String, String)>>,
    /// Content type of the body.
    pub content_type: RwSignal<String>,
    /// The body.
    pub body: RwSignal<String>,
    /// Whether the form was changed by the user.
    pub is_touched: RwSignal<bool>,
    /// Whether the request is that of an address, and no operation was chosen since.
    pub is_from_link: RwSignal<bool>,
    /// The `start` and `end` that the page filled in: it may replace those, but not typed ones.
    own_bounds: StoredValue<[String; 2]>,
    /// The bounds of the chart's range; empty while it follows the clock.
    range: StoredValue<[String; 2]>,
}

/// The parameters that bound the time.
const BOUNDS: [&str; 2] = ["start", "end"];
/// The header of the key in code.
const KEY_PLACEHOLDER: &str = "Bearer YOUR_API_KEY";

impl ConsoleForm {
    /// An empty form.
    #[must_use]
    pub fn new() -> Self {
        let endpoints = RwSignal::new(Vec::<Endpoint>::new());
        let chosen = RwSignal::new(0);
        Self {
            endpoints,
            chosen,
            endpoint: Memo::new(move |_| endpoints.read().get(chosen.get()).cloned().unwrap_or_default()),
            parameters: RwSignal::default(),
            content_type: RwSignal::default(),
            body: RwSignal::default(),
            is_touched: RwSignal::new(false),
            is_from_link: RwSignal::new(false),
            own_bounds: StoredValue::default(),
            range: StoredValue::default(),
        }
    }

    /// Sets the endpoints and selects the first, or the one that was chosen before.
    pub fn offer(self, endpoints: Vec<Endpoint>) {
        let label = self.endpoint.read_untracked().label();
        let index = endpoints.iter().position(|endpoint| endpoint.label() == label);
        self.endpoints.set(endpoints);
        self.choose(index.unwrap_or(0));
    }

    /// Selects another endpoint, with its sample body.
    pub fn choose(self, index: usize) {
        self.chosen.set(index);
        let sample = self.endpoint.with_untracked(|endpoint| endpoint.bodies.first().cloned()).unwrap_or_default();
        self.content_type.set(sample.content_type);
        self.body.set(sample.text);
    }

    /// Selects another content type; an unchanged sample is replaced by that of the new type.
    pub fn choose_content_type(self, content_type: String) {
        let [shown, wanted] = self.endpoint.with_untracked(|endpoint| {
            [&*self.content_type.read_untracked(), &content_type].map(|name| endpoint.sample(name).to_owned())
        });
        if *self.body.read_untracked() == shown {
            self.body.set(wanted);
        }
        self.content_type.set(content_type);
    }

    /// The text of a parameter.
    #[must_use]
    pub fn parameter(self, name: &str) -> String {
        let parameters = self.parameters.read();
        parameters.iter().find(|(known, _)| *known == name).map(|(_, text)| text.clone()).unwrap_or_default()
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
        if *self.range.read_value() == bounds {
            return;
        }
        let own_bounds = self.own_bounds.get_value();
        for ((name, own), bound) in BOUNDS.iter().zip(own_bounds).zip(&bounds) {
            let shown = untrack(|| self.parameter(name));
            if shown.is_empty() || shown == own {
                self.fill(name, bound.clone());
            }
        }
        self.own_bounds.set_value(bounds.clone());
        self.range.set_value(bounds);
    }

    /// Fills `start` and `end` with the range of the newest batch's visible rows.
    pub fn fill_bounds(self, batch: Option<&BatchView>) {
        let rows = batch.map(|batch| batch.tables[0].rows.as_slice()).unwrap_or_default();
        let bounds = [rows.first(), rows.last()]
            .map(|row| row.and_then(|row| row.first()).cloned().flatten().unwrap_or_default());
        for (name, bound) in BOUNDS.iter().zip(&bounds) {
            self.fill(name, bound.clone());
        }
        self.own_bounds.set_value(bounds);
    }

    /// The request as text for the page's address.
    #[must_use]
    pub fn to_address(self) -> String {
        let (endpoint, content_type) = (self.endpoint.read(), self.content_type.read());
        let mut text = [endpoint.method.as_str(), " ", &self.target()].concat();
        if endpoint.bodies.first().is_some_and(|body| body.content_type != *content_type) {
            text.push(' ');
            text.push_str(&content_type);
        }
        text
    }

    /// Restores the request of a page's address; returns whether its endpoint exists.
    pub fn restore(self, request: &str) -> bool {
        let (method, path, parameters, content_type) = read_request(request);
        let place = self
            .endpoints
            .with_untracked(|all| all.iter().position(|known| known.method == method && known.path == path));
        let Some(index) = place else { return false };
        self.choose(index);
        if self.endpoint.with_untracked(|endpoint| endpoint.reads(content_type)) {
            self.choose_content_type(content_type.to_owned());
        }
        self.parameters.set(parameters);
        self.is_touched.set(true);
        self.is_from_link.set(true);
        true
    }

    /// Selects the first operation with nothing filled in but the chart's range: where an address names a request that
    /// is none, no earlier one stays ready to be sent.
    pub fn reset(self) {
        self.is_touched.set(false);
        self.is_from_link.set(false);
        self.choose(0);
        self.parameters.set(Vec::new());
        for (name, bound) in BOUNDS.iter().zip(self.range.get_value()) {
            self.fill(name, bound);
        }
    }

    /// The filled parameters of one place.
    fn filled(self, is_wanted: fn(&Parameter) -> bool) -> Vec<(String, String)> {
        let endpoint = self.endpoint.read();
        let wanted = endpoint.parameters.iter().filter(|parameter| is_wanted(parameter));
        wanted.map(|parameter| (parameter.name.clone(), self.parameter(&parameter.name))).collect()
    }

    /// Path and query.
    #[must_use]
    pub fn target(self) -> String {
        let filled = self.filled(|parameter| !parameter.is_header);
        request_target(&self.endpoint.read().path, filled.iter().map(|(name, text)| (name.as_str(), text.as_str())))
    }

    /// Absolute address of the request.
    #[must_use]
    pub fn address(self, base_address: &str) -> String {
        [base_address, &self.target()].concat()
    }

    /// The request.
    #[must_use]
    pub fn request(self) -> ConsoleRequest {
        let endpoint = self.endpoint.read();
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

    /// The request as code; with `has_key` it sends a placeholder of the key, which no code and no link holds.
    #[must_use]
    pub fn code(self, kind: SnippetKind, base_address: &str, has_key: bool) -> String {
        let (request, body, endpoint) = (self.request(), self.body.read(), self.endpoint.read());
        let address = self.address(base_address);
        let format = self.filled(|parameter| parameter.name == "format").pop().unwrap_or_default().1;
        let mut headers = request.headers();
        headers.extend(has_key.then(|| ("Authorization".to_owned(), KEY_PLACEHOLDER.to_owned())));
        let request = SnippetRequest {
            method: &request.method,
            address: &address,
            headers: &headers,
            body: request.body.is_some().then_some(&body),
            reader: Reader::new(&endpoint, &format),
        };
        match kind {
            SnippetKind::Fetch => fetch_snippet(request),
            SnippetKind::EventSource => event_source_snippet(&address),
            SnippetKind::TypeScript => typescript_snippet(&endpoint, request, &format),
            SnippetKind::Python => python_snippet(&endpoint, &address, &format),
        }
    }
}

impl Default for ConsoleForm {
    fn default() -> Self {
        Self::new()
    }
}
