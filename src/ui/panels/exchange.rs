//! The console's current request and its response.

use std::rc::Rc;

use gloo_timers::future::TimeoutFuture;

use crate::client::{ConsoleRequest, ConsoleResponse, Reading};
use crate::ui::components::response_view::{event_stream_view, response_view};
use crate::ui::html::p;
use crate::ui::live::{El, State};
use crate::ui::model::event_tail::EventTail;
use crate::ui::model::response_text::is_event_stream;
use crate::ui::state::Pipeline;

/// Pause between two parts of an event stream: faster text is not readable, and parts that are not requested are not
/// produced.
const REST_MILLIS: u32 = 50;

/// The area below the console's form.
#[derive(Clone, Copy)]
pub struct Exchange {
    outcome: State<Option<Result<ConsoleResponse, String>>>,
    /// The newest events of a stream.
    events: State<String>,
    /// The state of the stream, as a sentence.
    standing: State<&'static str>,
    /// The open stream.
    reading: State<Option<Rc<Reading>>>,
    /// Whether a response is awaited or a stream is open.
    pub is_sending: State<bool>,
}

impl Exchange {
    /// Before the first request.
    #[must_use]
    pub fn new() -> Self {
        Self {
            outcome: State::new(None),
            events: State::new(String::new()),
            standing: State::new(""),
            reading: State::new(None),
            is_sending: State::new(false),
        }
    }

    /// Sends a request and shows the response, and events as they arrive.
    pub async fn send(self, pipeline: Pipeline, request: ConsoleRequest) {
        self.is_sending.set(true);
        if let Err(sentence) = self.receive(pipeline, &request).await {
            self.outcome.set(Some(Err(sentence)));
        }
        self.reading.set(None);
        self.is_sending.set(false);
    }

    async fn receive(self, pipeline: Pipeline, request: &ConsoleRequest) -> Result<(), String> {
        let reading = Rc::new(pipeline.open(request).await?);
        if !is_event_stream(&reading.response.headers) {
            let response = reading.whole().await?;
            self.outcome.set(Some(Ok(response)));
            return Ok(());
        }
        self.events.set(String::new());
        self.standing.set("Listening; the newest event is at the end.");
        self.outcome.set(Some(Ok(reading.response.clone())));
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

    /// Whether a stream is open.
    #[must_use]
    pub fn is_listening(self) -> bool {
        self.reading.read().is_some()
    }

    /// Closes the stream.
    pub fn stop(self) {
        if let Some(reading) = &*self.reading.peek() {
            reading.stop();
        }
    }

    /// The response.
    #[must_use]
    pub fn view(self) -> El {
        match &*self.outcome.read() {
            None => p("console__empty").text("Send a request to see its status, headers and body here."),
            Some(Ok(response)) if is_event_stream(&response.headers) => {
                event_stream_view(response, self.events, move || self.standing.get().to_owned())
            }
            Some(Ok(response)) => response_view(response),
            Some(Err(sentence)) => p("console__error")
                .role("alert")
                .with([El::new("strong").test_id("console-status").text("No answer")])
                .text(": ")
                .text(sentence),
        }
    }
}

impl Default for Exchange {
    fn default() -> Self {
        Self::new()
    }
}
