//! The inspector: details of the stage opened in the picture.

use leptos::task::spawn_local;

use super::pipeline::{depth, history_level, queue_level};
use super::tables::pandas_codes;
use crate::browser::animation_frame::next_frame;
use crate::ui::components::data_table::grid;
use crate::ui::components::gauge::gauge;
use crate::ui::components::pandas_line::pandas_line;
use crate::ui::components::slots::slots;
use crate::ui::html::{a, button, dd, div, dl, dt, h2, h3, li, p, section, ul};
use crate::ui::live::{El, Live, State, effect};
use crate::ui::model::inspector_text::{
    completion_text, event_table, event_text, fill_text, last_batch_text, overflow_text, retention_text, schedule_text,
};
use crate::ui::model::quantity::{bytes_text, counted, rate_text};
use crate::ui::model::stage_health::StageKind;
use crate::ui::model::storage_text::{log_text, recovery_text};
use crate::ui::model::table_slice::TableSlice;
use crate::ui::state::{PageSnapshot, Pipeline};

/// Number of events shown of each end of the queue while its stage is open.
const QUEUE_ROWS: u32 = 20;

/// The open stage.
#[derive(Clone, Copy)]
pub struct Opened {
    /// Which one.
    pub stage: State<Option<StageKind>>,
    /// The button that opened it.
    opener: State<Option<El>>,
}

impl Opened {
    /// No stage is open.
    #[must_use]
    pub fn new() -> Self {
        Self { stage: State::new(None), opener: State::new(None) }
    }

    /// Opens a stage, or closes it if it is open.
    pub fn toggle(self, stage: StageKind, opener: &El) {
        let is_open = *self.stage.peek() == Some(stage);
        self.opener.set(Some(opener.clone()));
        self.stage.set((!is_open).then_some(stage));
    }

    /// Closes the open stage and returns the focus to its button; returns whether a stage was open.
    pub fn close(self) -> bool {
        let was_open = self.stage.peek().is_some();
        if was_open {
            self.stage.set(None);
            if let Some(opener) = &*self.opener.peek() {
                opener.focus();
            }
        }
        was_open
    }
}

impl Default for Opened {
    fn default() -> Self {
        Self::new()
    }
}

/// A line of details.
enum Fact {
    /// A setting in force, and the meaning of an unset one.
    Setting(&'static str, &'static str),
    /// Any other text.
    Text(fn(&PageSnapshot) -> String),
}

use Fact::{Setting, Text};

/// The details of a stage.
struct Inside {
    name: &'static str,
    sentence: &'static str,
    facts: &'static [(&'static str, Fact)],
    /// Labels and addresses of related panels.
    links: &'static [(&'static str, &'static str)],
}

const SOURCE: Inside = Inside {
    name: "Source",
    sentence: "Makes readings by a schedule. What is posted comes in beside it.",
    facts: &[
        ("Source", Setting("source", "")),
        ("One event every", Setting("interval", "")),
        ("Ids", Setting("distinct_ids", "a new UUID for each event")),
        ("Seed", Setting("seed", "random")),
        ("Smallest value", Setting("min_value", "")),
        ("Largest value", Setting("max_value", "")),
        ("Newest event", Text(|frame| event_text(frame.snapshot.recent_events.last()))),
        ("Schedule", Text(|frame| schedule_text(&frame.snapshot.counters))),
        ("Late events", Setting("late", "")),
    ],
    links: &[("Change the settings", "#settings-title"), ("Refused rows", "#dead-letters-title")],
};

const QUEUE: Inside = Inside {
    name: "Queue",
    sentence: "Events wait here until a batch takes them, the oldest first.",
    facts: &[
        ("Full", Text(|frame| fill_text(depth(frame), u64::from(frame.snapshot.queue_capacity)))),
        ("When it is full", Text(|frame| overflow_text(frame.setting("overflow").unwrap_or_default()))),
        ("Dropped so far", Text(|frame| counted(frame.snapshot.counters.dropped, "event"))),
    ],
    links: &[("Change the settings", "#settings-title")],
};

const BATCH: Inside = Inside {
    name: "Batch",
    sentence: "Gathers events, so that the transforms work on a table and not on single rows.",
    facts: &[
        ("Batch size", Setting("batch_size", "")),
        ("Longest wait", Setting("batch_wait", "until it is full")),
        (
            "Completed by",
            Text(|frame| {
                completion_text(depth(frame), frame.setting_number("batch_size"), frame.setting("batch_wait"))
            }),
        ),
        ("Last batch", Text(|frame| last_batch_text(frame.snapshot.batch.as_ref()))),
    ],
    links: &[("See its rows", "#tables")],
};

const TRANSFORMS: Inside = Inside {
    name: "Transforms",
    sentence: "Each batch is sorted by time, gains a moving aggregate, and is melted and pivoted.",
    facts: &[
        ("Window", Setting("window", "")),
        ("Closed", Setting("closed", "")),
        ("Moving aggregate", Setting("agg", "")),
        ("Windows reach over", Setting("rolling_scope", "")),
        ("Pivot's aggregate", Setting("aggfunc", "")),
        ("Last batch", Text(|frame| last_batch_text(frame.snapshot.batch.as_ref()))),
    ],
    links: &[("Step through them", "#tables")],
};

const RESULTS: Inside = Inside {
    name: "Results",
    sentence: "Every row that was processed, to be queried, charted and exported.",
    facts: &[
        ("Kept", Text(|frame| counted(u64::from(frame.snapshot.history_rows), "row"))),
        (
            "Retention",
            Text(|frame| {
                let rows = u64::from(frame.snapshot.history_rows);
                retention_text(rows, frame.setting_number("history_rows"), frame.setting("persist") == Some("true"))
            }),
        ),
        ("In memory", Text(|frame| bytes_text(frame.snapshot.history_bytes))),
        ("On disk", Text(|frame| log_text(&frame.snapshot.storage))),
        ("Recovered", Text(|frame| recovery_text(&frame.snapshot.storage))),
        ("Newest row", Text(newest_row)),
    ],
    links: &[("Storage and export", "#storage")],
};

const API: Inside = Inside {
    name: "API",
    sentence: "Answers real HTTP requests from scripts, links and other tabs of this browser.",
    facts: &[
        ("Now", Text(|frame| rate_text(frame.rates.requests))),
        ("Answered", Text(|frame| counted(frame.snapshot.counters.requests, "request"))),
        ("Rate limit a second", Setting("rate_limit", "none")),
        ("Key", Text(|frame| if frame.setting("api_key").is_some() { "asked for" } else { "none" }.to_owned())),
    ],
    links: &[
        ("/latest", "latest"),
        ("/query", "query"),
        ("/stream", "stream"),
        ("/docs", "docs"),
        ("Try requests", "#console"),
    ],
};

fn inside(stage: StageKind) -> &'static Inside {
    match stage {
        StageKind::Source => &SOURCE,
        StageKind::Queue => &QUEUE,
        StageKind::Batch => &BATCH,
        StageKind::Transforms => &TRANSFORMS,
        StageKind::Results => &RESULTS,
        StageKind::Api => &API,
    }
}

/// The values that drawings inside the stages follow.
#[derive(Clone, Copy)]
struct Drawings {
    pipeline: Pipeline,
    queue_level: Live<String>,
    history_level: Live<String>,
    depth: Live<u64>,
    batch_size: Live<u64>,
    codes: [Live<String>; 3],
}

/// The details of the open stage; nothing while none is open.
#[must_use]
pub fn inspector(pipeline: Pipeline, opened: Opened) -> El {
    let drawings = Drawings {
        pipeline,
        queue_level: pipeline.text(queue_level),
        history_level: pipeline.text(history_level),
        depth: pipeline.number(depth),
        batch_size: pipeline.number(|frame| frame.setting_number("batch_size")),
        codes: pandas_codes(pipeline),
    };
    let panel = section("inspector")
        .id("inspector")
        .attr("tabindex", "-1")
        .attr("aria-labelledby", "inspector-title")
        .on_key(move |key| key == "Escape" && opened.close())
        .swap(move || opened.stage.get().map(|stage| contents(drawings, opened, stage)).into_iter().collect());
    let shown = panel.clone();
    effect(move || {
        let stage = opened.stage.get();
        let queue_rows = if stage == Some(StageKind::Queue) { QUEUE_ROWS } else { 1 };
        pipeline.look(|view| view.queue_rows = queue_rows);
        if stage.is_some() {
            spawn_local(enter(shown.clone()));
        }
    });
    panel
}

/// Moves to the inspector, once it is on the page.
async fn enter(panel: El) {
    next_frame().await;
    panel.focus();
}

fn contents(drawings: Drawings, opened: Opened, stage: StageKind) -> El {
    let Inside { name, sentence, facts, links } = inside(stage);
    let pipeline = drawings.pipeline;
    let fact = |(name, fact): &'static (&'static str, Fact)| {
        div("inspector__fact").with([
            dt("").text(name),
            dd("").live(move || pipeline.follow(|frame| fact.text(frame)).unwrap_or_default()),
        ])
    };
    let link = |(name, address): &(&str, &str)| {
        li("").with([match address.strip_prefix('#') {
            Some(_) => a("inspector__link").attr("href", address),
            None => a("inspector__link")
                .attr("href", &format!("{}{address}", pipeline.base_address()))
                .attr("target", "_blank"),
        }
        .text(name)])
    };
    div("panel inspector__panel").test_id("inspector").with([
        div("panel__head").with([
            h2("panel__title").id("inspector-title").text(name),
            button("button button--quiet", "Close").on_click(move || {
                opened.close();
            }),
        ]),
        p("panel__sentence").text(sentence),
        div("inspector__grid").with([
            div("").with([
                dl("inspector__facts").with_all(facts.iter().map(fact)),
                ul("inspector__links").with_all(links.iter().map(link)),
            ]),
            div("inspector__drawing").with_all(drawings.for_stage(stage)),
        ]),
    ])
}

impl Fact {
    fn text(&self, frame: &PageSnapshot) -> String {
        match self {
            Setting(name, unset) => frame.setting(name).unwrap_or(unset).to_owned(),
            Text(text) => text(frame),
        }
    }
}

impl Drawings {
    fn for_stage(self, stage: StageKind) -> Vec<El> {
        match stage {
            StageKind::Queue => vec![
                gauge(self.queue_level),
                self.events("Next to be processed", "queue-next", |frame| {
                    TableSlice::new(event_table(frame.snapshot.next_events.iter()))
                }),
                self.events("Came last", "queue-newest", |frame| {
                    TableSlice::new(event_table(frame.snapshot.recent_events.iter().rev()))
                }),
            ],
            StageKind::Batch => vec![slots(self.depth, self.batch_size)],
            StageKind::Transforms => {
                let [rolling, melt, pivot] = self.codes;
                vec![
                    pandas_line("inspector-rolling", rolling),
                    pandas_line("inspector-melt", melt),
                    pandas_line("inspector-pivot", pivot),
                ]
            }
            StageKind::Results => vec![gauge(self.history_level)],
            StageKind::Source | StageKind::Api => Vec::new(),
        }
    }

    fn events(self, title: &str, test_id: &str, slice: fn(&PageSnapshot) -> TableSlice) -> El {
        let rows = grid(move || self.pipeline.follow(slice).unwrap_or_default(), None).test_id(test_id);
        div("inspector__events").with([
            h3("inspector__subtitle").text(title),
            div("inspector__scroll").attr("tabindex", "0").role("region").label(title).with([rows]),
        ])
    }
}

/// The instant of the newest row, where the page has it.
fn newest_row(frame: &PageSnapshot) -> String {
    let Some(batch) = &frame.snapshot.batch else { return "none yet".to_owned() };
    let latest = TableSlice::new(batch.tables[0].clone());
    match latest.cell_of(latest.page().total_rows.saturating_sub(1), 0) {
        "" => "on another page of the newest batch".to_owned(),
        text => text.replace('T', " "),
    }
}
