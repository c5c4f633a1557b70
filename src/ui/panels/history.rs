//! The table of the whole history.

use std::sync::Arc;

use gloo_timers::future::TimeoutFuture;
use leptos::task::spawn_local;

use super::history_filter::{Bound, filter_form};
use super::history_tools::{copy_rows, tools};
use super::transfer::Transfer;
use crate::browser::clock;
use crate::browser::number::number_text;
use crate::browser::on_screen::OnScreenWatch;
use crate::protocol::{RowsSlice, RowsSort, RowsView};
use crate::ui::activity_state::{Activity, Job};
use crate::ui::components::virtual_table::VirtualTable;
use crate::ui::focus::Focus;
use crate::ui::html::{button, div, h2, p, section, span};
use crate::ui::live::{El, Live, State, effect, keep};
use crate::ui::model::history_table::{COLUMNS, Hold, Page, Question, newer_text, range_text, waiting_text};
use crate::ui::model::pandas::rolling_name;
use crate::ui::model::row_selection::RowSelection;
use crate::ui::model::virtual_scroll::{ASKED_ROWS, VirtualScroll};
use crate::ui::state::{AnsweredRows, Pipeline};

/// Shorter waits are not shown.
const SHORT_MILLIS: u32 = 200;

/// The state of the history table.
#[derive(Clone, Copy)]
pub(super) struct History {
    pub(super) pipeline: Pipeline,
    pub(super) focus: Focus,
    pub(super) activity: Activity,
    /// Order and time range; the ids are in the focus.
    asked: State<Question>,
    pub(super) bounds: [Bound; 2],
    hold: State<Hold>,
    pub(super) scroll: State<VirtualScroll>,
    pub(super) selection: State<RowSelection>,
    page: State<Page>,
    newer: State<u32>,
    /// Which columns are shown.
    pub(super) columns: State<[bool; COLUMNS]>,
    pub(super) has_whole_ids: State<bool>,
    is_on_screen: State<bool>,
    /// The number of changes of the question, and the number of the last one answered.
    turns: State<(u32, u32)>,
    /// Whether the wait for an answer is shown.
    is_waiting: State<bool>,
    /// Whether rows are being fetched for a copy: the rows on the page stay meanwhile.
    pub(super) is_copying: State<bool>,
}

/// The table of the whole history, newest row first, with its filter, copy and export.
#[must_use]
pub fn history_panel(pipeline: Pipeline, focus: Focus, transfer: Transfer, activity: Activity) -> El {
    let history = History {
        pipeline,
        focus,
        activity,
        asked: State::new(Question::default()),
        bounds: Bound::both(),
        hold: State::new(Hold::after(clock::now().as_nanos() as u32)),
        scroll: State::new(VirtualScroll::default()),
        selection: State::new(RowSelection::default()),
        page: State::new(Page::default()),
        newer: State::new(0),
        columns: State::new([true; COLUMNS]),
        has_whole_ids: State::new(false),
        is_on_screen: State::new(false),
        turns: State::new((0, 0)),
        is_waiting: State::new(false),
        is_copying: State::new(false),
    };
    history.ask_on_change();
    history.take_answers();
    history.tell_of_waiting();
    let is_on_screen = history.is_on_screen;
    let panel = section("panel history").id("history").attr("aria-labelledby", "history-title").with([
        div("panel__head").with([
            h2("panel__title").id("history-title").text("History"),
            span("panel__aside history__range").test_id("history-range").live(move || history.range_text()),
        ]),
        filter_form(history),
        tools(history, transfer),
        history.stage(),
    ]);
    keep(OnScreenWatch::new(&panel, move |is_seen| is_on_screen.set(is_seen)));
    panel
}

impl History {
    /// The question, with the ids in focus.
    pub(super) fn question(self) -> Question {
        Question { ids: self.focus.ids.get(), ..self.asked.get() }
    }

    /// Changes order or time range.
    pub(super) fn ask(self, change: impl FnOnce(&mut Question)) {
        self.asked.update(change);
    }

    /// Clears the filter.
    pub(super) fn clear(self) {
        self.focus.ids.set(Vec::new());
        for bound in self.bounds {
            bound.read(self, String::new());
        }
    }

    fn kept_rows(self) -> Live<u64> {
        self.pipeline.number(|frame| u64::from(frame.snapshot.history_rows))
    }

    pub(super) fn rolling_name(self) -> String {
        rolling_name(&self.pipeline.setting("agg"))
    }

    /// Requests the rows in view, and none while the table is off screen.
    fn ask_on_change(self) {
        let mut known = Question::default();
        effect(move || {
            let (question, is_seen, is_copying) = (self.question(), self.is_on_screen.get(), self.is_copying.get());
            // Tracked before they are written.
            let _ = (self.scroll.get(), self.selection.get());
            if question != known {
                known = question;
                self.to_top();
            }
            let scroll = *self.scroll.peek();
            let is_at_top = self.selection.peek().is_empty() && scroll.first_row() == 0;
            let mut hold = *self.hold.peek();
            hold.settle(known.is_stream() && is_at_top);
            if *self.hold.peek() != hold {
                self.hold.set(hold);
            }
            if !is_copying {
                let rows = if is_seen { ASKED_ROWS } else { 0 };
                let view = known.view(scroll.asked_row(), rows, hold.as_of());
                // A snapshot is requested even off screen, without rows, so that the worker keeps it.
                self.look(Some(view).filter(|view| is_seen || view.as_of.is_some()));
            }
        });
    }

    fn to_top(self) {
        self.selection.set(RowSelection::default());
        self.scroll.update(|scroll| scroll.go_to_row(0));
    }

    /// Shows the rows that arrived since the snapshot.
    fn renew(self) {
        self.hold.update(Hold::renew);
        self.to_top();
    }

    fn look(self, rows: Option<RowsView>) {
        let mut is_new = false;
        self.pipeline.look(|view| {
            is_new = view.rows != rows;
            view.rows = rows;
        });
        if is_new {
            let turn = self.turns.peek().0 + 1;
            self.turns.update(|turns| turns.0 = turn);
            spawn_local(async move {
                TimeoutFuture::new(SHORT_MILLIS).await;
                let is_late = self.turns.peek().1 < turn && !self.is_answered() && *self.is_on_screen.peek();
                if is_late && !*self.is_waiting.peek() {
                    self.is_waiting.set(true);
                }
            });
        }
    }

    /// Whether the newest answer is for the current request. The same rows, requested again when the table comes back
    /// into view, change nothing, so that [`Self::take_answers`] does not run.
    fn is_answered(self) -> bool {
        let known = self.pipeline.rows().peek();
        let mut is_answered = false;
        self.pipeline.look(|view| is_answered = known.as_ref().map(|answer| &answer.asked) == view.rows.as_ref());
        is_answered
    }

    /// Whether the rows match the question and the snapshot, and whether they are those requested last.
    pub(super) fn fits(self, asked: &RowsView) -> (bool, bool) {
        let wanted = self.question().view(asked.offset, asked.rows, self.hold.get().as_of());
        let mut is_last = false;
        self.pipeline.look(|view| is_last = view.rows.as_ref() == Some(asked));
        (wanted == *asked && asked.rows > 0, is_last)
    }

    fn take_answers(self) {
        let mut shown: Option<(Arc<AnsweredRows>, bool)> = None;
        effect(move || {
            let (Some(answer), has_whole_ids) = (self.pipeline.rows().get(), self.has_whole_ids.get()) else { return };
            let (is_wanted, is_last) = self.fits(&answer.asked);
            if !is_wanted || *self.is_copying.peek() {
                return;
            }
            // During scrolling the next request is sent before the last answer arrives; that answer counts all the
            // same.
            self.turns.update(|(asked, answered)| *answered = *asked - u32::from(!is_last).min(*asked));
            if *self.is_waiting.peek() {
                self.is_waiting.set(false);
            }
            let slice = &answer.slice;
            if self.scroll.peek().total_rows() != slice.total {
                self.scroll.update(|scroll| scroll.set_total(slice.total));
            }
            if *self.newer.peek() != slice.newer {
                self.newer.set(slice.newer);
            }
            let is_same = shown.as_ref().is_some_and(|(known, had_whole_ids)| {
                *had_whole_ids == has_whole_ids && has_same_rows(&known.slice, slice)
            });
            if !is_same {
                self.page.set(Page::new(slice, has_whole_ids, number_text));
                shown = Some((answer, has_whole_ids));
            }
        });
    }

    /// Reports a long wait as running work; cancelling it returns to the stream.
    fn tell_of_waiting(self) {
        let job = State::new(None::<Job>);
        effect(move || {
            let is_waiting = self.is_waiting.get();
            let known = job.peek().as_ref().copied();
            match known {
                Some(known) if !is_waiting => {
                    known.end();
                    job.set(None);
                }
                None if is_waiting => job.set(Some(self.activity.begin(&self.waiting_text(), true))),
                _ => {}
            }
        });
        effect(move || {
            if job.get().is_some_and(Job::is_stopped) {
                self.clear();
                self.ask(|asked| *asked = Question::default());
            }
        });
    }

    fn waiting_text(self) -> String {
        waiting_text(&self.question(), self.pipeline.peek(|frame| u64::from(frame.snapshot.history_rows)).unwrap_or(0))
    }

    fn range_text(self) -> String {
        let scroll = self.scroll.get();
        range_text(scroll.first_row(), scroll.last_row(), scroll.total_rows(), self.hold.get().as_of().is_some())
    }

    /// The table and its overlays.
    fn stage(self) -> El {
        let table = VirtualTable {
            label: "Rows of the history",
            page: self.page,
            scroll: self.scroll,
            selection: self.selection,
        };
        let headings = [
            self.heading("timestamp", RowsSort::Time),
            self.heading("id", RowsSort::Id),
            self.heading("value", RowsSort::Value),
            div("").live(move || self.rolling_name()),
        ];
        let is_empty = move || self.scroll.read().total_rows() == 0;
        let kept = self.kept_rows();
        div("history__stage").live_attr("data-columns", move || self.columns_text()).with([
            table.view(headings, move || copy_rows(self)),
            div("history__empty").hidden_when(move || !is_empty() || self.is_waiting.get()).with([
                p("")
                    .role("status")
                    .live(move || if is_empty() { self.question().empty_text(kept.get()) } else { String::new() }),
                button("button", "Clear filters")
                    .hidden_when(move || !self.question().is_filtered())
                    .on_click(move || self.clear()),
            ]),
            p("history__waiting")
                .hidden_when(move || !self.is_waiting.get())
                .live(move || if self.is_waiting.get() { self.waiting_text() } else { String::new() }),
        ])
    }

    /// The button that shows the rows since the snapshot; its place is reserved before it is visible.
    pub(super) fn newer_button(self) -> El {
        let has_newer = move || *self.newer.read() > 0 && self.hold.read().as_of().is_some();
        let class = move || if has_newer() { "button button--primary history__newer" } else { "history__newer" };
        button("", "")
            .live_class(move || class().to_owned())
            .live(move || newer_text(self.newer.get()))
            .on_click(move || self.renew())
    }

    fn heading(self, name: &'static str, sort: RowsSort) -> El {
        div("").live_attr("aria-sort", move || self.asked.read().order_of(sort).to_owned()).with([button(
            "virtual-table__sort",
            name,
        )
        .on_click(move || self.ask(|asked| asked.turn(sort)))])
    }

    /// Visible columns and whether ids are whole, as text for the style sheet.
    fn columns_text(self) -> String {
        let columns = self.columns.get();
        let mut text = String::new();
        for (name, is_shown) in ["timestamp ", "id ", "value ", "moving "].into_iter().zip(columns) {
            if !is_shown {
                text.push_str("no-");
                text.push_str(name);
            }
        }
        if self.has_whole_ids.get() {
            text.push_str("whole-ids");
        }
        text
    }
}

fn has_same_rows(known: &RowsSlice, slice: &RowsSlice) -> bool {
    known.offset == slice.offset && known.rows == slice.rows
}
