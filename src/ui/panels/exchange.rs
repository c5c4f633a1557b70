//! The console's current request and its response.

use std::rc::Rc;

use gloo_timers::future::TimeoutFuture;
use leptos::html;
use leptos::prelude::*;

use crate::browser::scroll::scroll_near;
use crate::client::{ConsoleRequest, ConsoleResponse, Reading};
use crate::ui::components::response_view::{EventStreamView, ResponseView};
use crate::ui::model::event_tail::EventTail;
use crate::ui::model::response_text::is_event_stream;
use crate::ui::store::Pipeline;

/// Pause between two parts of an event stream: faster text is not readable, and parts that are not requested are not
/// produced.
const REST_MILLIS: u32 = 50;

/// The request that was sent last.
#[derive(Clone, Copy)]
pub struct Exchange {
    answer: RwSignal<Answer>,
    /// The newest events of a stream.
    events: RwSignal<String>,
    /// The state of the stream, as a sentence.
    standing: RwSignal<&'static str>,
    /// The open stream.
    reading: RwSignal<Option<Rc<Reading>>, LocalStorage>,
    /// Whether a response is awaited or a stream is open.
    pub is_sending: RwSignal<bool>,
}

/// What the area beside the console's form shows.
#[derive(Clone, Default)]
struct Answer {
    /// Counts the answers.
    number: u32,
    /// The method of the request.
    method: String,
    /// Path and query of the request, which may differ from those in the form by now.
    target: String,
    /// The response, or why there is none; `None` before the first request.
    outcome: Option<Result<ConsoleResponse, String>>,
}

impl Exchange {
    /// Before the first request.
    #[must_use]
    pub fn new() -> Self {
        Self {
            answer: RwSignal::default(),
            events: RwSignal::default(),
            standing: RwSignal::new(""),
            reading: RwSignal::new_local(None),
            is_sending: RwSignal::new(false),
        }
    }

    /// Sends a request and shows the response, and events as they arrive.
    pub async fn send(self, pipeline: Pipeline, request: ConsoleRequest) {
        self.is_sending.set(true);
        if let Err(sentence) = self.receive(pipeline, &request).await {
            self.show(&request, Err(sentence));
        }
        self.reading.set(None);
        self.is_sending.set(false);
    }

    async fn receive(self, pipeline: Pipeline, request: &ConsoleRequest) -> Result<(), String> {
        let reading = Rc::new(pipeline.open(request).await?);
        if !is_event_stream(&reading.response.headers) {
            self.show(request, Ok(reading.whole().await?));
            return Ok(());
        }
        self.events.set(String::new());
        self.standing.set("Listening; the newest event is at the end.");
        self.show(request, Ok(reading.response.clone()));
        self.reading.set(Some(Rc::clone(&reading)));
        let is_whole = self.listen(&reading).await.is_ok();
        self.standing.set(match (reading.is_stopped(), is_whole) {
            (true, _) => "Stopped.",
            (false, true) => "The stream has ended.",
            (false, false) => "The stream broke off: the pipeline was started anew, or its tab was closed.",
        });
        Ok(())
    }

    async fn listen(self, reading: &Reading) -> Result<(), String> {
        let mut tail = EventTail::default();
        loop {
            let part = reading.next().await?;
            if part.is_empty() {
                return Ok(());
            }
            tail.push(&part);
            self.events.set(tail.text());
            TimeoutFuture::new(REST_MILLIS).await;
        }
    }

    fn show(self, request: &ConsoleRequest, outcome: Result<ConsoleResponse, String>) {
        let (method, target) = (request.method.clone(), request.target.clone());
        self.answer.update(|answer| {
            *answer = Answer { number: answer.number + 1, method, target, outcome: Some(outcome) };
        });
    }

    /// Whether a stream is open.
    #[must_use]
    pub fn is_listening(self) -> bool {
        self.reading.read().is_some()
    }

    /// Closes the stream.
    pub fn stop(self) {
        if let Some(reading) = self.reading.get_untracked() {
            reading.stop();
        }
    }
}

impl Default for Exchange {
    fn default() -> Self {
        Self::new()
    }
}

/// The response, or why there is none.
#[component]
pub fn ExchangeView(
    /// The request and its response.
    exchange: Exchange,
) -> impl IntoView {
    let content = move |answer: Answer| match answer.outcome {
        None => view! {
            <p class="console__empty">"Send a request to see its status, headers and body here."</p>
        }
        .into_any(),
        Some(Ok(response)) if is_event_stream(&response.headers) => {
            view! { <EventStreamView response events=exchange.events standing=exchange.standing/> }.into_any()
        }
        Some(Ok(response)) => view! { <ResponseView response target=answer.target/> }.into_any(),
        Some(Err(sentence)) => view! {
            <p class="console__error" role="alert">
                <strong data-testid="console-status">"No answer"</strong>
                ": "
                {sentence}
            </p>
        }
        .into_any(),
    };
    let asked = move || {
        let answer = exchange.answer.read();
        if answer.outcome.is_some() { format!("{} /{}", answer.method, answer.target) } else { String::new() }
    };
    let node = NodeRef::<html::Div>::new();
    // Where the answer stands below the form, it is out of view.
    Effect::new(move |_| {
        let is_answered = exchange.answer.read().outcome.is_some();
        if let Some(node) = node.get_untracked().filter(|_| is_answered) {
            scroll_near(&node);
        }
    });
    // The key recreates the elements for each answer, so that all of it is announced, not only the changed words.
    view! {
        <div class="console__answer" node_ref=node>
            <h3 class="console__subtitle">
                "Response "
                <code class="console__asked">{asked}</code>
            </h3>
            <div class="console__outcome" aria-live="polite">
                <For each=move || [exchange.answer.get()] key=|answer| answer.number children=content/>
            </div>
        </div>
    }
}
