//! The single writer of the page's state: it starts the client, requests snapshots, and holds what the page shows.
//! Other requests and commands are in `orders`.

mod orders;

use std::cell::RefCell;
use std::sync::Arc;

use futures_channel::oneshot::{self, Sender};
use gloo_timers::future::TimeoutFuture;
use leptos::task::spawn_local;

use crate::browser::animation_frame::next_frame;
use crate::browser::clock::monotonic_millis;
use crate::browser::location::{page_address, user_agent};
use crate::browser::performance::reached;
use crate::browser::pipeline_worker::build;
use crate::client::{ApiAccess, Client, ClientEvent, Connection, Drawing, Failure, RecoveryMode};
use crate::protocol::{
    BatchView, Encoded, Provenance, RejectedRow, RowsSlice, RowsView, RunState, Snapshot, Tier, View,
};
use crate::time::Clock;
use crate::ui::live::{Live, State};
use crate::ui::model::base_address::base_address;
use crate::ui::model::chart_columns::ChartBuffer;
use crate::ui::model::explanation::{Held, Rules};
use crate::ui::model::rates::{RateMeter, Rates};
use crate::ui::model::report::Report;
use crate::ui::model::settings::value_of;
use crate::ui::model::table_page::PAGE_ROWS;
use crate::ui::model::table_slice::TableSlice;
use crate::ui::model::undo::Undo;
use crate::ui::model::update_scheduler::{Part, SCROLLED_MILLIS, STEADY_MILLIS, UpdateScheduler};

/// Pause before the next request after an unchanged snapshot.
const IDLE_MILLIS: u32 = 50;
/// Pause before the next request after a change: the chart moves by less than a pixel meanwhile.
const BUSY_MILLIS: u32 = 25;
/// Pause after a request without a response.
const RETRY_MILLIS: u32 = 250;

/// The data of one frame on screen, besides chart and tables.
pub struct PageSnapshot {
    /// The worker's snapshot.
    pub snapshot: Snapshot,
    /// The current rates.
    pub rates: Rates,
}

impl PageSnapshot {
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

/// Rows of the history, with their query: the current query may differ.
#[derive(PartialEq)]
pub struct AnsweredRows {
    /// The query.
    pub asked: RowsView,
    /// The rows.
    pub slice: RowsSlice,
}

/// The page's view of the pipeline, passed to each panel; it is created once and lives as long as the page.
#[derive(Clone, Copy)]
pub struct Pipeline(&'static Shared);

struct Shared {
    client: Client,
    frame: State<Option<PageSnapshot>>,
    chart: State<ChartBuffer>,
    tables: [State<TableSlice>; 3],
    /// The batch that the tables show.
    batch: RefCell<Option<Held>>,
    held: State<Option<Held>>,
    rows: State<Option<Arc<AnsweredRows>>>,
    provenance: State<Option<Provenance>>,
    rejected: State<Vec<RejectedRow>>,
    tier: State<Tier>,
    notes: State<Vec<String>>,
    failure: State<Option<Trouble>>,
    recovery: State<RecoveryMode>,
    connection: State<Connection>,
    api: State<ApiAccess>,
    problems: State<Vec<String>>,
    has_update: State<bool>,
    undo: State<Undo>,
    fragment: State<String>,
    /// Who waits for a snapshot with this version of the settings.
    awaited_configs: RefCell<Vec<(u64, Sender<()>)>>,
    view: RefCell<View>,
    base_address: String,
}

/// The worker's last failure, until it is dismissed.
#[derive(Clone)]
pub struct Trouble {
    /// The failure.
    pub failure: Failure,
    /// The report to copy.
    pub report: String,
}

impl Trouble {
    fn new(failure: Failure, frame: Option<&PageSnapshot>) -> Self {
        let report = Report {
            at: &failure.at.to_text(&Clock::Utc),
            reason: &failure.reason,
            build: &build(),
            user_agent: &user_agent(),
            counters: frame.map(|frame| frame.snapshot.counters).unwrap_or_default(),
        };
        Self { report: report.text(), failure }
    }
}

/// What the page shows, for comparison with the next snapshot.
#[derive(Default)]
struct Shown {
    /// The last response and its view.
    encoded: Option<Encoded>,
    view: View,
    rates: Rates,
    /// The schedule of page updates.
    steady: UpdateScheduler,
}

impl Pipeline {
    /// Starts the worker and the loop that requests snapshots.
    #[must_use]
    pub fn start() -> Self {
        let connection = State::new(Connection::Connecting);
        let api = State::new(ApiAccess::Pending);
        let problems = State::new(Vec::new());
        let frame = State::new(None);
        let (failure, recovery) = (State::new(None), State::new(RecoveryMode::Unneeded));
        let has_update = State::new(false);
        let client = Client::start(move |event| match event {
            ClientEvent::Connection(now) => connection.set(now),
            ClientEvent::Api(now) => api.set(now),
            ClientEvent::Problem(sentence) => problems.update(|all| all.push(sentence)),
            ClientEvent::Failure(now) => {
                let trouble = Trouble::new(now, frame.peek().as_ref());
                failure.set(Some(trouble));
            }
            ClientEvent::RecoveryMode(now) => recovery.set(now),
            // Written only on a change: a repeated write would be announced again.
            ClientEvent::Update(now) if now != *has_update.peek() => has_update.set(now),
            ClientEvent::Update(_) => {}
        });
        let pipeline = Self(Box::leak(Box::new(Shared {
            client,
            frame,
            chart: State::new(ChartBuffer::default()),
            tables: [(); 3].map(|()| State::new(TableSlice::default())),
            batch: RefCell::new(None),
            held: State::new(None),
            rows: State::new(None),
            provenance: State::new(None),
            rejected: State::new(Vec::new()),
            tier: State::new(Tier::Pending),
            notes: State::new(Vec::new()),
            failure,
            recovery,
            connection,
            api,
            problems,
            has_update,
            undo: State::new(Undo::default()),
            fragment: State::new(String::new()),
            awaited_configs: RefCell::default(),
            view: RefCell::new(View { table_rows: PAGE_ROWS, ..View::default() }),
            base_address: base_address(&page_address()),
        })));
        spawn_local(pipeline.draw_for_ever());
        pipeline
    }

    /// Requests at most one snapshot for each frame; a hidden page has no frames, so its one response waits until the
    /// page is visible. The response is written just before the browser paints, together with the user's changes, so
    /// that there is one layout for each frame.
    async fn draw_for_ever(self) {
        let mut meter = RateMeter::default();
        let mut shown = Shown::default();
        let mut is_interactive = false;
        loop {
            let view = self.0.view.borrow().clone();
            let answer = self.0.client.snapshot(&view).await;
            let came_millis = monotonic_millis();
            next_frame().await;
            let rest_millis = match answer.map(|drawing| self.show(drawing, view, came_millis, &mut meter, &mut shown))
            {
                Ok(true) => BUSY_MILLIS,
                Ok(false) => IDLE_MILLIS,
                Err(_) => RETRY_MILLIS,
            };
            if !is_interactive && self.0.frame.peek().is_some() {
                is_interactive = true;
                next_frame().await;
                reached("millrace:interactive");
            }
            TimeoutFuture::new(rest_millis).await;
        }
    }

    /// Writes the changes; returns whether there were any. The chart is updated at once, and so is everything else
    /// after a change of the view or of a setting; otherwise numbers and texts are updated part by part, with a minimum
    /// time in between.
    fn show(self, drawing: Drawing, mut view: View, at_millis: f64, meter: &mut RateMeter, shown: &mut Shown) -> bool {
        let Drawing { mut snapshot, encoded, chart } = drawing;
        let rows = view.rows.take().zip(snapshot.rows.take());
        let rows = rows.map(|(asked, slice)| AnsweredRows { asked, slice });
        // While the history is scrolled, its rows have priority over the rest of the page.
        let is_known = |rows: &AnsweredRows| self.0.rows.peek().as_ref().is_some_and(|known| known.asked == rows.asked);
        let is_turned = rows.as_ref().is_some_and(|rows| !is_known(rows));
        let counters = snapshot.counters;
        let rates = meter.advance(at_millis, &counters);
        let is_new = shown.encoded.as_ref() != Some(&encoded) || shown.view != view;
        if is_new {
            self.0.chart.set(ChartBuffer::new(chart.to_vec(), snapshot.chart, view.chart.ids.clone()));
        }
        let is_awaited = shown.view != view || self.config_version() != Some(snapshot.config_version);
        let stand_millis = if is_turned { SCROLLED_MILLIS } else { STEADY_MILLIS };
        let due = shown.steady.due(is_new || shown.rates != rates, (!is_awaited).then_some(stand_millis), at_millis);
        if let Some(rows) = rows.filter(|_| is_turned || due.contains(&Part::Rows)) {
            self.show_rows(rows);
        }
        if due.contains(&Part::Tables) {
            self.show_batch(&snapshot, &view);
        }
        if due.contains(&Part::Words) {
            write_changed(self.0.rejected, &snapshot.rejected);
            write_changed(self.0.tier, &snapshot.storage.tier);
            write_changed(self.0.notes, &snapshot.storage.notes);
            self.0.frame.set(Some(PageSnapshot { snapshot, rates }));
        }
        if let Some(version) = self.config_version() {
            // A dropped sender ends the wait.
            self.0.awaited_configs.borrow_mut().retain(|(awaited, _)| *awaited > version);
        }
        (shown.encoded, shown.view, shown.rates) = (Some(encoded), view, rates);
        is_new || shown.steady.is_behind()
    }

    fn show_rows(self, rows: AnsweredRows) {
        if self.0.rows.peek().as_deref() != Some(&rows) {
            self.0.rows.set(Some(Arc::new(rows)));
        }
    }

    /// Whether the page shows these settings.
    /// The version of the settings that the page shows.
    fn config_version(self) -> Option<u64> {
        self.0.frame.peek().as_ref().map(|frame| frame.snapshot.config_version)
    }

    /// Waits until the page shows these settings or later ones.
    async fn until_config(self, version: u64) {
        if self.config_version().is_some_and(|shown| shown >= version) {
            return;
        }
        let (sender, shown) = oneshot::channel();
        self.0.awaited_configs.borrow_mut().push((version, sender));
        // The sender is kept until then.
        let _ = shown.await;
    }

    /// Shows the newest batch and the provenance of the selected cell; a held batch stays.
    fn show_batch(self, snapshot: &Snapshot, view: &View) {
        write_changed(self.0.provenance, &snapshot.batch.as_ref().and_then(|batch| batch.provenance.clone()));
        let Some(batch) = &snapshot.batch else { return self.clear_tables() };
        if self.0.held.peek().is_none() {
            self.0.batch.replace(Some(Held { number: batch.number, rules: Rules::from_settings(&snapshot.settings) }));
            self.show_tables(batch, view);
        }
    }

    /// A table that is now shorter than the offset of its page is shown from its first row.
    fn show_tables(self, batch: &BatchView, view: &View) {
        for (index, (table, shown)) in batch.tables.iter().zip(self.0.tables).enumerate() {
            let is_same = shown.peek().is_of(table);
            if !is_same {
                shown.set(TableSlice::new(table.clone()));
            }
            if view.table_offsets[index] > 0 && view.table_offsets[index] >= table.total_rows {
                self.look(|view| view.table_offsets[index] = 0);
            }
        }
    }

    /// Clears the tables before the first batch and after all data was cleared, and a held batch with them.
    fn clear_tables(self) {
        self.0.batch.replace(None);
        if self.0.held.peek().is_some() {
            self.0.held.set(None);
        }
        for shown in self.0.tables {
            if shown.peek().visible_rows() > 0 {
                shown.set(TableSlice::default());
            }
        }
    }

    /// A slice of the newest frame; the default before the first one. A plain function, not a closure, so that each
    /// type of slice is compiled once.
    fn select<T: Default>(self, slice: fn(&PageSnapshot) -> T) -> Live<T> {
        Live::new(move || self.0.frame.read().as_ref().map(slice).unwrap_or_default())
    }

    /// A text of the newest frame.
    #[must_use]
    pub fn text(self, slice: fn(&PageSnapshot) -> String) -> Live<String> {
        self.select(slice)
    }

    /// A number of the newest frame.
    #[must_use]
    pub fn number(self, slice: fn(&PageSnapshot) -> u64) -> Live<u64> {
        self.select(slice)
    }

    /// A condition of the newest frame.
    #[must_use]
    pub fn flag(self, slice: fn(&PageSnapshot) -> bool) -> Live<bool> {
        self.select(slice)
    }

    /// The value of a setting, empty when unset.
    #[must_use]
    pub fn setting(self, name: &str) -> String {
        self.0.frame.read().as_ref().and_then(|frame| frame.setting(name)).unwrap_or_default().to_owned()
    }

    /// The chart's columns.
    #[must_use]
    pub fn chart(self) -> State<ChartBuffer> {
        self.0.chart
    }

    /// The rows of the history for the view's last query.
    #[must_use]
    pub fn rows(self) -> State<Option<Arc<AnsweredRows>>> {
        self.0.rows
    }

    /// The provenance of the cell that the view names.
    #[must_use]
    pub fn provenance(self) -> State<Option<Provenance>> {
        self.0.provenance
    }

    /// The newest dead letters.
    #[must_use]
    pub fn rejected(self) -> State<Vec<RejectedRow>> {
        self.0.rejected
    }

    /// The durability of the history.
    #[must_use]
    pub fn tier(self) -> State<Tier> {
        self.0.tier
    }

    /// Notes on the journal, oldest first.
    #[must_use]
    pub fn notes(self) -> State<Vec<String>> {
        self.0.notes
    }

    /// The worker's last failure; it can be cleared once it was read.
    #[must_use]
    pub fn failure(self) -> State<Option<Trouble>> {
        self.0.failure
    }

    /// The recovery that is possible after the last failure.
    #[must_use]
    pub fn recovery(self) -> State<RecoveryMode> {
        self.0.recovery
    }

    /// The visible part of a table, by its index among `latest`, `melted` and `pivoted`.
    #[must_use]
    pub fn table(self, index: usize) -> State<TableSlice> {
        self.0.tables[index]
    }

    /// The batch that the tables hold, if any.
    #[must_use]
    pub fn held(self) -> State<Option<Held>> {
        self.0.held
    }

    /// Holds the batch that the tables show, or follows the newest again.
    pub fn hold(self, is_held: bool) {
        self.0.held.set(self.0.batch.borrow().clone().filter(|_| is_held));
    }

    /// Whether a snapshot has arrived.
    #[must_use]
    pub fn is_known(self) -> Live<bool> {
        self.flag(|_| true)
    }

    /// Whether the source is paused.
    #[must_use]
    pub fn is_paused(self) -> Live<bool> {
        self.flag(PageSnapshot::is_paused)
    }

    /// Reads the newest frame, if there is one; an effect that does so runs again for the next frame.
    pub fn follow<T>(self, read: impl FnOnce(&PageSnapshot) -> T) -> Option<T> {
        self.0.frame.read().as_ref().map(read)
    }

    /// Reads the newest frame once, if there is one.
    pub fn peek<T>(self, read: impl FnOnce(&PageSnapshot) -> T) -> Option<T> {
        self.0.frame.peek().as_ref().map(read)
    }

    /// What the page is connected to.
    #[must_use]
    pub fn connection(self) -> State<Connection> {
        self.0.connection
    }

    /// Whether `fetch` requests of other pages reach the pipeline.
    #[must_use]
    pub fn api(self) -> State<ApiAccess> {
        self.0.api
    }

    /// Settings of the address that were refused.
    #[must_use]
    pub fn problems(self) -> State<Vec<String>> {
        self.0.problems
    }

    /// Clears the problems.
    pub fn dismiss_problems(self) {
        self.0.problems.set(Vec::new());
    }

    /// Whether a newer version of the app is available.
    #[must_use]
    pub fn has_update(self) -> State<bool> {
        self.0.has_update
    }

    /// Activates the newer version, in all tabs.
    pub fn update(self) {
        self.0.client.update();
    }

    /// Changes the view that the page requests.
    pub fn look(self, change: impl FnOnce(&mut View)) {
        change(&mut self.0.view.borrow_mut());
    }

    /// The address that API paths are relative to; ends with `/`.
    #[must_use]
    pub fn base_address(self) -> &'static str {
        &self.0.base_address
    }

    /// The page's address with the settings that differ from their defaults, the query part `more` and the view.
    #[must_use]
    pub fn share_link(self, more: &str) -> String {
        let query = self.peek(|frame| frame.snapshot.address.clone()).unwrap_or_default();
        let fragment = self.0.fragment.peek();
        let mut link = self.0.base_address.clone();
        for (mark, part) in [("?", query.as_str()), (if query.is_empty() { "?" } else { "&" }, more), ("#", &fragment)]
        {
            if !part.is_empty() {
                link.push_str(mark);
                link.push_str(part);
            }
        }
        link
    }

    /// The part of the page's address after `#`, before it is written.
    #[must_use]
    pub fn fragment(self) -> State<String> {
        self.0.fragment
    }
}

/// Writes only a changed value: its followers recreate parts of the page.
fn write_changed<T: Clone + PartialEq>(state: State<T>, now: &T) {
    if *state.peek() != *now {
        state.set(now.clone());
    }
}
