//! The one writer: starts the client, asks for a snapshot a frame, and keeps what the page shows.

use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::browser::animation_frame::next_frame;
use crate::browser::location::page_address;
use crate::client::{ApiAccess, Client, ClientEvent, Connection, ConsoleRequest, ConsoleResponse, Drawing};
use crate::protocol::{RejectedRow, RunState, Snapshot, View};
use crate::ui::model::base_address::base_address;
use crate::ui::model::chart_columns::ChartBuffer;
use crate::ui::model::payload::refusal;
use crate::ui::model::rates::{RateMeter, Rates};
use crate::ui::model::settings::{change, value_of};
use crate::ui::model::table_page::PAGE_ROWS;
use crate::ui::model::table_slice::TableSlice;

/// Rest before the next question when nothing has changed.
const IDLE_MILLIS: u32 = 50;
/// Rest after a question that was not answered.
const RETRY_MILLIS: u32 = 250;

/// What one frame on screen draws.
pub struct Frame {
    /// The worker's answer.
    pub snapshot: Snapshot,
    /// The chart's columns.
    pub chart: ChartBuffer,
    /// How fast things flow.
    pub rates: Rates,
    /// When it was asked for, in milliseconds since the page was opened.
    pub at_millis: f64,
    /// What was asked.
    view: View,
}

impl Frame {
    /// The value of a setting, `None` when unset.
    #[must_use]
    pub fn setting(&self, name: &str) -> Option<&str> {
        value_of(&self.snapshot.settings, name)
    }

    /// The value of a numeric setting, 0 when unset.
    #[must_use]
    pub fn setting_number(&self, name: &str) -> u64 {
        self.setting(name).and_then(|text| text.parse().ok()).unwrap_or(0)
    }

    /// Whether the source is paused.
    #[must_use]
    pub fn is_paused(&self) -> bool {
        self.snapshot.state == RunState::Paused
    }
}

/// The page's view of the pipeline, given to each panel.
#[derive(Clone, Copy)]
pub struct Pipeline {
    client: StoredValue<Client, LocalStorage>,
    frame: RwSignal<Option<Frame>>,
    connection: RwSignal<Connection>,
    api: RwSignal<ApiAccess>,
    problems: RwSignal<Vec<String>>,
    view: StoredValue<View>,
    base_address: &'static str,
}

impl Pipeline {
    /// Starts the worker and the loop that asks it.
    #[must_use]
    pub fn start() -> Self {
        let connection = RwSignal::new(Connection::Connecting);
        let api = RwSignal::new(ApiAccess::Pending);
        let problems = RwSignal::new(Vec::new());
        let client = Client::start(move |event| match event {
            ClientEvent::Connection(now) => connection.set(now),
            ClientEvent::Api(now) => api.set(now),
            ClientEvent::Problem(sentence) => problems.update(|all| all.push(sentence)),
        });
        let pipeline = Self {
            client: StoredValue::new_local(client),
            frame: RwSignal::new(None),
            connection,
            api,
            problems,
            view: StoredValue::new(View { table_rows: PAGE_ROWS, ..View::default() }),
            base_address: base_address(&page_address()).leak(),
        };
        spawn_local(pipeline.draw_for_ever());
        pipeline
    }

    /// Asks once a frame: never while the page is hidden, since hidden pages have no frames.
    async fn draw_for_ever(self) {
        let client = self.client.get_value();
        let mut meter = RateMeter::default();
        loop {
            let now_millis = next_frame().await;
            let view = self.view.get_value();
            let answer = client.snapshot(&view).await;
            let rest_millis = match answer.map(|drawing| self.show(drawing, view, now_millis, &mut meter)) {
                Ok(true) => 0,
                Ok(false) => IDLE_MILLIS,
                Err(_) => RETRY_MILLIS,
            };
            if rest_millis > 0 {
                TimeoutFuture::new(rest_millis).await;
            }
        }
    }

    /// Writes the signal, unless the page already shows exactly this.
    fn show(self, drawing: Drawing, view: View, at_millis: f64, meter: &mut RateMeter) -> bool {
        let counters = drawing.snapshot.counters;
        let events = counters.produced + counters.posted;
        let rates = meter.advance(at_millis, events, counters.batches, counters.requests);
        let snapshot = drawing.snapshot;
        let chart = self.frame.with_untracked(|shown| match shown {
            Some(shown) if shown.view == view && shown.snapshot == snapshot => {
                (shown.rates != rates).then(|| shown.chart.clone())
            }
            _ => Some(ChartBuffer::new(drawing.chart.to_vec())),
        });
        let Some(chart) = chart else { return false };
        self.return_to_first_pages(&snapshot, &view);
        self.frame.set(Some(Frame { snapshot, chart, rates, at_millis, view }));
        true
    }

    /// A table that became shorter than the page that is looked at is shown from its first row.
    fn return_to_first_pages(self, snapshot: &Snapshot, view: &View) {
        let Some(batch) = &snapshot.batch else { return };
        for (index, table) in batch.tables.iter().enumerate() {
            if view.table_offsets[index] > 0 && view.table_offsets[index] >= table.total_rows {
                self.look(|view| view.table_offsets[index] = 0);
            }
        }
    }

    /// A slice of the newest frame; the default before the first one. A plain function, not a closure, so that each
    /// type of slice is compiled once.
    fn select<T>(self, slice: fn(&Frame) -> T) -> Signal<T>
    where
        T: Default + Send + Sync + 'static,
    {
        Signal::derive(move || self.frame.with(|frame| frame.as_ref().map(slice).unwrap_or_default()))
    }

    /// A text of the newest frame.
    #[must_use]
    pub fn text(self, slice: fn(&Frame) -> String) -> Signal<String> {
        self.select(slice)
    }

    /// A number of the newest frame.
    #[must_use]
    pub fn number(self, slice: fn(&Frame) -> u64) -> Signal<u64> {
        self.select(slice)
    }

    /// A condition of the newest frame.
    #[must_use]
    pub fn flag(self, slice: fn(&Frame) -> bool) -> Signal<bool> {
        self.select(slice)
    }

    /// The chart's columns.
    #[must_use]
    pub fn chart(self) -> Signal<ChartBuffer> {
        self.select(|frame| frame.chart.clone())
    }

    /// The newest refused rows.
    #[must_use]
    pub fn rejected(self) -> Signal<Vec<RejectedRow>> {
        Memo::new(move |_| {
            self.frame.with(|frame| frame.as_ref().map(|frame| frame.snapshot.rejected.clone()).unwrap_or_default())
        })
        .into()
    }

    /// The value of a setting, empty when unset.
    #[must_use]
    pub fn setting(self, name: &str) -> String {
        self.frame.with(|frame| frame.as_ref().and_then(|frame| frame.setting(name)).unwrap_or_default().to_owned())
    }

    /// The visible part of a table, by its place among `latest`, `melted` and `pivoted`. When batches fly by it changes
    /// a few times a second only: nobody reads faster, and laying out tables is the dearest thing on the page.
    #[must_use]
    pub fn table(self, index: usize) -> Signal<TableSlice> {
        Memo::new(move |shown: Option<&TableSlice>| {
            self.frame.with(|frame| {
                let batch = frame.as_ref().and_then(|frame| Some((frame.snapshot.batch.as_ref()?, frame.at_millis)));
                batch.map_or_else(TableSlice::default, |(batch, at_millis)| {
                    TableSlice::next(shown, &batch.tables[index], at_millis)
                })
            })
        })
        .into()
    }

    /// Whether a snapshot has come.
    #[must_use]
    pub fn is_known(self) -> Signal<bool> {
        self.flag(|_| true)
    }

    /// Whether the source is paused.
    #[must_use]
    pub fn is_paused(self) -> Signal<bool> {
        self.flag(Frame::is_paused)
    }

    /// Reads the newest frame once, if there is one.
    pub fn peek<T>(self, read: impl FnOnce(&Frame) -> T) -> Option<T> {
        self.frame.with_untracked(|frame| frame.as_ref().map(read))
    }

    /// What the page is connected to.
    #[must_use]
    pub fn connection(self) -> RwSignal<Connection> {
        self.connection
    }

    /// Whether anybody's `fetch` reaches the pipeline.
    #[must_use]
    pub fn api(self) -> RwSignal<ApiAccess> {
        self.api
    }

    /// Settings of the address that were refused.
    #[must_use]
    pub fn problems(self) -> RwSignal<Vec<String>> {
        self.problems
    }

    /// Forgets the problems that somebody has read.
    pub fn dismiss_problems(self) {
        self.problems.set(Vec::new());
    }

    /// Changes what the page asks to see.
    pub fn look(self, change: impl FnOnce(&mut View)) {
        self.view.update_value(change);
    }

    /// The address that paths of the API are relative to; ends with `/`.
    #[must_use]
    pub fn base_address(self) -> &'static str {
        self.base_address
    }

    /// The page's address with the settings that differ from their defaults.
    #[must_use]
    pub fn share_link(self) -> String {
        let query = self.peek(|frame| frame.snapshot.address.clone()).unwrap_or_default();
        let mark = if query.is_empty() { "" } else { "?" };
        format!("{}{mark}{query}", self.base_address)
    }

    /// Sends a request to the API.
    ///
    /// # Errors
    /// A sentence, when nothing answered.
    pub async fn request(self, request: ConsoleRequest) -> Result<ConsoleResponse, String> {
        let client = self.client.get_value();
        client.request(request).await
    }

    /// Changes one setting (`None` means the default) and waits until a snapshot can show it.
    ///
    /// # Errors
    /// One sentence for each refused value.
    pub async fn configure(self, name: &str, value: Option<String>) -> Result<(), Vec<String>> {
        let request = ConsoleRequest {
            method: "PATCH".to_owned(),
            target: "config".to_owned(),
            content_type: Some("application/json".to_owned()),
            body: Some(change(name, value.as_deref()).into_bytes()),
        };
        let client = self.client.get_value();
        let response = client.command(&request).await.map_err(|sentence| vec![sentence])?;
        if response.status != 200 {
            return Err(refusal(response.status, &response.body));
        }
        // The question of this frame may have been asked before the change, that of the next one was not.
        TimeoutFuture::new(2 * IDLE_MILLIS).await;
        Ok(())
    }

    /// Produces one event now.
    pub fn step(self) {
        self.client.with_value(Client::step);
    }

    /// Forgets results, history, dead letters and rolling state.
    ///
    /// # Errors
    /// A sentence, when that did not work.
    pub async fn forget_everything(self) -> Result<(), String> {
        let request = ConsoleRequest { method: "DELETE".into(), target: "events".into(), ..ConsoleRequest::default() };
        let response = self.request(request).await?;
        if response.status < 300 { Ok(()) } else { Err(format!("the answer was {}", response.status)) }
    }
}
