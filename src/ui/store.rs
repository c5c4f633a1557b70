//! The page's state and its single writer: [`Pipeline`] starts the client, requests one snapshot a frame, and patches
//! [`PageSnapshot`] with it. Other requests and commands are in `requests`.

mod requests;

use std::sync::Arc;

use futures_channel::oneshot::{self, Sender};
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;
use reactive_stores::{Patch, Store};

use crate::browser::animation_frame::next_frame;
use crate::browser::clock::monotonic_millis;
use crate::browser::location::{is_framed_by_another_site, page_address, user_agent};
use crate::browser::performance::reached;
use crate::browser::pipeline_worker::build;
use crate::browser::{yield_now, zone};
use crate::client::{ApiAccess, Client, ClientEvent, Connection, Drawing, Failure, RecoveryMode};
use crate::protocol::{
    BatchView, Counters, EventRow, FileView, HeldSetting, Provenance, RejectedRow, RowsSlice, RowsView, RunState,
    Snapshot, SourceView, StorageView, View,
};
use crate::time::Clock;
use crate::ui::model::base_address::base_address;
use crate::ui::model::chart_columns::ChartBuffer;
use crate::ui::model::explanation::{Held, Rules};
use crate::ui::model::rates::{RateMeter, Rates};
use crate::ui::model::report::Report;
use crate::ui::model::settings::value_of;
use crate::ui::model::table_page::PAGE_ROWS;
use crate::ui::model::table_slice::TableSlice;
use crate::ui::model::undo::Undo;
use crate::ui::model::update_scheduler::{Part, SCROLLED_MILLIS, STEADY_MILLIS, UpdateScheduler, pause_millis};

/// Pause before the next request after an unchanged snapshot.
const IDLE_MILLIS: u32 = 50;
/// Pause before the next request after a change: the chart moves by less than a pixel meanwhile.
const BUSY_MILLIS: u32 = 40;
/// Pause after a request without a response.
const RETRY_MILLIS: u32 = 250;

/// What the page shows besides chart, tables and history rows. A snapshot of the worker patches it: only followers of
/// fields that changed run again.
#[derive(Debug, Clone, PartialEq, Default, Store, Patch)]
pub struct PageSnapshot {
    /// Whether a snapshot has arrived; all else is empty before.
    pub is_known: bool,
    /// Whether the source is paused.
    pub is_paused: bool,
    /// Counters since the start.
    #[patch(|this, new| *this = new)]
    pub counters: Counters,
    /// What the counters gain in a second.
    #[patch(|this, new| *this = new)]
    pub rates: Rates,
    /// Events waiting in the queue.
    pub queue_depth: u32,
    /// Events that the queue can hold.
    pub queue_capacity: u32,
    /// Rows in the history.
    pub history_rows: u32,
    /// Bytes that the history takes.
    pub history_bytes: u64,
    /// The events that entered the queue last, newest last.
    #[patch(|this, new| *this = new)]
    pub recent_events: Vec<EventRow>,
    /// The events that are next to be processed, oldest first.
    #[patch(|this, new| *this = new)]
    pub next_events: Vec<EventRow>,
    /// The newest batch.
    #[patch(|this, new| *this = new)]
    pub batch: Option<BatchView>,
    /// The version of the settings.
    pub config_version: u64,
    /// All settings in the order of the contract: name and value as text, `None` for unset.
    #[patch(|this, new| *this = new)]
    pub settings: Vec<(String, Option<String>)>,
    /// The query of a page's address that sets the settings that differ from their defaults.
    pub address: String,
    /// The newest refused rows, newest first.
    #[patch(|this, new| *this = new)]
    pub rejected: Vec<RejectedRow>,
    /// Events older than this instant are late; `None` before the first event.
    #[patch(|this, new| *this = new)]
    pub watermark: Option<String>,
    /// Bytes of memory that the pipeline's wasm module holds.
    pub memory_bytes: u64,
    /// Where the history is kept.
    #[patch(|this, new| *this = new)]
    pub storage: StorageView,
    /// The user's own files: those that are loaded or wait, and the newest ones that were.
    #[patch(|this, new| *this = new)]
    pub files: Vec<FileView>,
    /// What the source does, and what hinders it.
    #[patch(|this, new| *this = new)]
    pub source: SourceView,
}

impl PageSnapshot {
    fn new(snapshot: Snapshot, rates: Rates) -> Self {
        Self {
            is_known: true,
            is_paused: snapshot.state == RunState::Paused,
            counters: snapshot.counters,
            rates,
            queue_depth: snapshot.queue_depth,
            queue_capacity: snapshot.queue_capacity,
            history_rows: snapshot.history_rows,
            history_bytes: snapshot.history_bytes,
            recent_events: snapshot.recent_events,
            next_events: snapshot.next_events,
            batch: snapshot.batch,
            config_version: snapshot.config_version,
            settings: snapshot.settings,
            address: snapshot.address,
            rejected: snapshot.rejected,
            watermark: snapshot.watermark,
            memory_bytes: snapshot.memory_bytes,
            storage: snapshot.storage,
            files: snapshot.files,
            source: snapshot.source,
        }
    }

    /// The value of a setting, `None` when unset.
    #[must_use]
    pub fn setting(&self, name: &str) -> Option<&str> {
        value_of(&self.settings, name)
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

/// The page's view of the pipeline: a context that `app` provides once and that lives as long as the page.
#[derive(Clone, Copy)]
pub struct Pipeline {
    client: StoredValue<Client, LocalStorage>,
    page: Store<PageSnapshot>,
    signals: StoredValue<Signals>,
    private: StoredValue<Private, LocalStorage>,
}

/// What the page shows besides [`PageSnapshot`].
#[derive(Clone, Copy)]
struct Signals {
    chart: RwSignal<ChartBuffer>,
    tables: [RwSignal<TableSlice>; 3],
    held: RwSignal<Option<Held>>,
    rows: RwSignal<Option<Arc<AnsweredRows>>>,
    provenance: RwSignal<Option<Provenance>>,
    failure: RwSignal<Option<Trouble>>,
    recovery: RwSignal<RecoveryMode>,
    connection: RwSignal<Connection>,
    api: RwSignal<ApiAccess>,
    problems: RwSignal<Vec<String>>,
    held_settings: RwSignal<Vec<HeldSetting>>,
    is_framed: bool,
    has_update: RwSignal<bool>,
    undo: RwSignal<Undo>,
    fragment: RwSignal<String>,
    updates: Trigger,
}

/// What no view follows.
#[derive(Default)]
struct Private {
    /// The batch that the tables show.
    batch: Option<Held>,
    /// Who waits for a snapshot with this version of the settings.
    awaited_configs: Vec<(u64, Sender<()>)>,
    /// What the next snapshot is asked to hold.
    view: View,
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
    fn new(failure: Failure, counters: Counters) -> Self {
        let report = Report {
            at: &failure.at.to_text(&Clock::Utc),
            reason: &failure.reason,
            build: &build(),
            user_agent: &user_agent(),
            counters,
        };
        Self { report: report.text(), failure }
    }
}

/// What the page shows, for comparison with the next snapshot.
#[derive(Default)]
struct Shown {
    /// The last response and its view.
    encoded: Option<Vec<u8>>,
    view: View,
    rates: Rates,
    /// The schedule of page updates.
    steady: UpdateScheduler,
}

impl Pipeline {
    /// Starts the worker and the loop that requests snapshots.
    #[must_use]
    pub fn start() -> Self {
        let page = Store::new(PageSnapshot::default());
        let signals = Signals {
            chart: RwSignal::default(),
            tables: [(); 3].map(|()| RwSignal::default()),
            held: RwSignal::default(),
            rows: RwSignal::default(),
            provenance: RwSignal::default(),
            failure: RwSignal::default(),
            recovery: RwSignal::new(RecoveryMode::Unneeded),
            connection: RwSignal::new(Connection::Connecting),
            api: RwSignal::new(ApiAccess::Pending),
            problems: RwSignal::default(),
            held_settings: RwSignal::default(),
            is_framed: is_framed_by_another_site(),
            has_update: RwSignal::new(false),
            undo: RwSignal::default(),
            fragment: RwSignal::default(),
            updates: Trigger::new(),
        };
        let client = Client::start(move |event| match event {
            ClientEvent::Connection(now) => signals.connection.set(now),
            ClientEvent::Api(now) => signals.api.set(now),
            ClientEvent::Problem(sentence) => signals.problems.update(|all| all.push(sentence)),
            ClientEvent::HeldSettings(held) => signals.held_settings.set(held),
            ClientEvent::Failure(now) => {
                let counters = page.counters().get_untracked();
                signals.failure.set(Some(Trouble::new(now, counters)));
            }
            ClientEvent::RecoveryMode(now) => signals.recovery.set(now),
            // Written only on a change: a repeated write would be announced again.
            ClientEvent::Update(now) => write_changed(signals.has_update, &now),
        });
        let private = Private { view: View { table_rows: PAGE_ROWS, ..View::default() }, ..Private::default() };
        let pipeline = Self {
            client: StoredValue::new_local(client),
            page,
            signals: StoredValue::new(signals),
            private: StoredValue::new_local(private),
        };
        spawn_local(pipeline.draw_frames());
        pipeline
    }

    /// The pipeline that `app` provides.
    #[must_use]
    pub fn expect() -> Self {
        expect_context()
    }

    fn client(self) -> Client {
        self.client.get_value()
    }

    fn signals(self) -> Signals {
        self.signals.get_value()
    }

    /// Requests at most one snapshot for each frame; a hidden page has no frames, so its one response waits until the
    /// page is visible. The response is written just before the browser paints, together with the user's changes, so
    /// that there is one layout for each frame.
    async fn draw_frames(self) {
        let mut meter = RateMeter::default();
        let mut shown = Shown::default();
        let mut is_interactive = false;
        loop {
            let view = self.private.with_value(|private| private.view.clone());
            let answer = self.client().snapshot(&view).await;
            let came_millis = monotonic_millis();
            next_frame().await;
            let drawing_since_millis = monotonic_millis();
            let shortest_millis =
                match answer.map(|drawing| self.show(drawing, view, came_millis, &mut meter, &mut shown)) {
                    Ok(true) => BUSY_MILLIS,
                    Ok(false) => IDLE_MILLIS,
                    Err(_) => RETRY_MILLIS,
                };
            if !is_interactive && self.page.is_known().get_untracked() {
                is_interactive = true;
                next_frame().await;
                reached("millrace:interactive");
            }
            // The browser lays out and paints before other tasks have their turn.
            yield_now().await;
            let drawing_took_millis = monotonic_millis() - drawing_since_millis;
            TimeoutFuture::new(pause_millis(shortest_millis, drawing_took_millis)).await;
        }
    }

    /// Writes the changes; returns whether there were any. The chart is updated at once, and so is everything else
    /// after a change of the view or of a setting; otherwise numbers and texts are updated part by part, with a minimum
    /// time in between.
    fn show(self, drawing: Drawing, mut view: View, at_millis: f64, meter: &mut RateMeter, shown: &mut Shown) -> bool {
        let Drawing { mut snapshot, encoded, chart } = drawing;
        let signals = self.signals();
        let rows = view.rows.take().zip(snapshot.rows.take());
        let rows = rows.map(|(asked, slice)| AnsweredRows { asked, slice });
        // While the history is scrolled, its rows have priority over the rest of the page.
        let is_known =
            |rows: &AnsweredRows| signals.rows.read_untracked().as_ref().is_some_and(|known| known.asked == rows.asked);
        let is_turned = rows.as_ref().is_some_and(|rows| !is_known(rows));
        let rates = meter.advance(at_millis, &snapshot.counters);
        let is_new = shown.encoded.as_ref() != Some(&encoded) || shown.view != view;
        if is_new {
            let buffer = ChartBuffer::new(chart.to_vec(), snapshot.chart, &view.chart.measures, &view.chart.ids);
            signals.chart.set(buffer.with_waiting(std::mem::take(&mut snapshot.waiting)));
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
            self.page.patch(PageSnapshot::new(snapshot, rates));
            signals.updates.notify();
        }
        if let Some(version) = self.config_version() {
            // A dropped sender ends the wait.
            self.private.update_value(|private| private.awaited_configs.retain(|(awaited, _)| *awaited > version));
        }
        (shown.encoded, shown.view, shown.rates) = (Some(encoded), view, rates);
        is_new || shown.steady.is_behind()
    }

    fn show_rows(self, rows: AnsweredRows) {
        let shown = self.signals().rows;
        if shown.read_untracked().as_deref() != Some(&rows) {
            shown.set(Some(Arc::new(rows)));
        }
    }

    /// The version of the settings that the page shows.
    fn config_version(self) -> Option<u64> {
        self.peek(|page| page.config_version)
    }

    /// Waits until the page shows these settings or later ones.
    async fn until_config(self, version: u64) {
        if self.config_version().is_some_and(|shown| shown >= version) {
            return;
        }
        let (sender, shown) = oneshot::channel();
        self.private.update_value(|private| private.awaited_configs.push((version, sender)));
        // The sender is kept until then.
        let _ = shown.await;
    }

    /// Shows the newest batch and the provenance of the selected cell; a held batch stays.
    fn show_batch(self, snapshot: &Snapshot, view: &View) {
        let signals = self.signals();
        write_changed(signals.provenance, &snapshot.batch.as_ref().and_then(|batch| batch.provenance.clone()));
        let Some(batch) = &snapshot.batch else { return self.clear_tables() };
        if signals.held.read_untracked().is_none() {
            let shown = Held { number: batch.number, rules: Rules::from_settings(&snapshot.settings) };
            self.private.update_value(|private| private.batch = Some(shown));
            self.show_tables(batch, view);
        }
    }

    /// A table that is now shorter than the offset of its page is shown from its first row.
    fn show_tables(self, batch: &BatchView, view: &View) {
        for (index, (table, shown)) in batch.tables.iter().zip(self.signals().tables).enumerate() {
            let is_same = shown.read_untracked().is_of(table);
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
        let signals = self.signals();
        self.private.update_value(|private| private.batch = None);
        write_changed(signals.held, &None);
        for shown in signals.tables {
            if shown.read_untracked().visible_rows() > 0 {
                shown.set(TableSlice::default());
            }
        }
    }

    /// What the page shows besides chart, tables and history rows.
    #[must_use]
    pub fn page(self) -> Store<PageSnapshot> {
        self.page
    }

    /// The value of a setting, empty when unset; tracked.
    #[must_use]
    pub fn setting(self, name: &str) -> String {
        value_of(&self.page.settings().read(), name).unwrap_or_default().to_owned()
    }

    /// The value of a numeric setting, 0 when unset; tracked.
    #[must_use]
    pub fn setting_number(self, name: &str) -> u64 {
        self.setting(name).parse().unwrap_or(0)
    }

    /// Reads what the page shows once, `None` before the first snapshot; not tracked.
    pub fn peek<T>(self, read: impl FnOnce(&PageSnapshot) -> T) -> Option<T> {
        let page = self.page.read_untracked();
        page.is_known.then(|| read(&page))
    }

    /// The clock that the pipeline parses and prints times with; UTC before the first snapshot.
    #[must_use]
    pub fn clock(self) -> &'static Clock {
        zone::clock(self.peek(|page| page.setting("clock") == Some("utc")).unwrap_or(true))
    }

    /// Whether a snapshot has arrived.
    #[must_use]
    pub fn is_known(self) -> Signal<bool> {
        Signal::derive(move || self.page.is_known().get())
    }

    /// Whether the source is paused.
    #[must_use]
    pub fn is_paused(self) -> Signal<bool> {
        Signal::derive(move || self.page.is_paused().get())
    }

    /// The chart's columns.
    #[must_use]
    pub fn chart(self) -> RwSignal<ChartBuffer> {
        self.signals().chart
    }

    /// Follows the updates of the page's numbers and texts: a few a second, while the chart changes with each frame.
    pub fn track_updates(self) {
        self.signals().updates.track();
    }

    /// The rows of the history for the view's last query.
    #[must_use]
    pub fn rows(self) -> RwSignal<Option<Arc<AnsweredRows>>> {
        self.signals().rows
    }

    /// The provenance of the cell that the view names.
    #[must_use]
    pub fn provenance(self) -> RwSignal<Option<Provenance>> {
        self.signals().provenance
    }

    /// The worker's last failure; it can be cleared once it was read.
    #[must_use]
    pub fn failure(self) -> RwSignal<Option<Trouble>> {
        self.signals().failure
    }

    /// The recovery that is possible after the last failure.
    #[must_use]
    pub fn recovery(self) -> RwSignal<RecoveryMode> {
        self.signals().recovery
    }

    /// The visible part of a table, by its index among `latest`, `melted` and `pivoted`.
    #[must_use]
    pub fn table(self, index: usize) -> RwSignal<TableSlice> {
        self.signals().tables[index]
    }

    /// The batch that the tables hold, if any.
    #[must_use]
    pub fn held(self) -> RwSignal<Option<Held>> {
        self.signals().held
    }

    /// Holds the batch that the tables show, or follows the newest again.
    pub fn hold(self, is_held: bool) {
        let batch = self.private.with_value(|private| private.batch.clone());
        self.held().set(batch.filter(|_| is_held));
    }

    /// What the page is connected to.
    #[must_use]
    pub fn connection(self) -> RwSignal<Connection> {
        self.signals().connection
    }

    /// Whether `fetch` requests of other pages reach the pipeline.
    #[must_use]
    pub fn api(self) -> RwSignal<ApiAccess> {
        self.signals().api
    }

    /// Settings of the address that were refused.
    #[must_use]
    pub fn problems(self) -> RwSignal<Vec<String>> {
        self.signals().problems
    }

    /// Clears the problems.
    pub fn dismiss_problems(self) {
        self.problems().set(Vec::new());
    }

    /// Settings of the address that were not applied, since they would take stored rows away; none once the user has
    /// decided.
    #[must_use]
    pub fn held_settings(self) -> RwSignal<Vec<HeldSetting>> {
        self.signals().held_settings
    }

    /// Whether a page of another site shows this one in a frame: nothing stored is removed from here then.
    #[must_use]
    pub fn is_framed(self) -> bool {
        self.signals().is_framed
    }

    /// Whether a newer version of the app is available.
    #[must_use]
    pub fn has_update(self) -> RwSignal<bool> {
        self.signals().has_update
    }

    /// Activates the newer version, in all tabs.
    pub fn update(self) {
        self.client().update();
    }

    /// Changes the view that the page requests.
    pub fn look(self, change: impl FnOnce(&mut View)) {
        self.private.update_value(|private| change(&mut private.view));
    }

    /// The address that API paths are relative to; ends with `/`.
    #[must_use]
    pub fn base_address(self) -> String {
        base_address(&page_address())
    }

    /// The page's address with the settings that differ from their defaults, the query part `more` and the view.
    #[must_use]
    pub fn share_link(self, more: &str) -> String {
        let query = self.page.address().get_untracked();
        let fragment = self.fragment().get_untracked();
        let mut link = self.base_address();
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
    pub fn fragment(self) -> RwSignal<String> {
        self.signals().fragment
    }
}

/// Writes only a changed value: its followers recreate parts of the page.
fn write_changed<T: Clone + PartialEq + Send + Sync + 'static>(signal: RwSignal<T>, now: &T) {
    if *signal.read_untracked() != *now {
        signal.set(now.clone());
    }
}
