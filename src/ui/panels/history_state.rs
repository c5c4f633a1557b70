//! The state of the history table: the rows that are asked for, and the newest answer.

use std::sync::Arc;
use std::time::Duration;

use leptos::prelude::*;

use super::history_filter::Bound;
use crate::browser::clock;
use crate::browser::number::number_text;
use crate::protocol::{RowsSort, RowsView};
use crate::ui::activity_state::Activity;
use crate::ui::focus::Focus;
use crate::ui::model::history_table::{
    DetailRow, Hold, KINDS, Page, Question, column_names, detail_row, is_loading, range_text, waiting_text,
};
use crate::ui::model::measures::measure_names;
use crate::ui::model::row_selection::RowSelection;
use crate::ui::model::virtual_scroll::VirtualScroll;
use crate::ui::store::{AnsweredRows, PageSnapshotStoreFields, Pipeline};

/// Shorter waits are not shown.
const SHORT_WAIT: Duration = Duration::from_millis(200);
const LOADING: &str = "Loading\u{2026}";

/// The state of the history table.
#[derive(Clone, Copy)]
pub(super) struct History {
    pub(super) pipeline: Pipeline,
    pub(super) focus: Focus,
    pub(super) activity: Activity,
    /// The part of the question that is asked here: order and time range.
    asked: RwSignal<Question>,
    /// The question, with the ids in focus.
    pub(super) question: Memo<Question>,
    /// The fields of the time range.
    pub(super) bounds: [Bound; 2],
    /// A text of the field for ids that is refused, and why; `None` if it is not.
    pub(super) refused_ids: RwSignal<Option<(String, String)>>,
    /// Whether a snapshot of the rows is shown, and which.
    hold: RwSignal<Hold>,
    pub(super) scroll: RwSignal<VirtualScroll>,
    pub(super) selection: RwSignal<RowSelection>,
    /// Whether any part of the panel is in view.
    pub(super) is_on_screen: RwSignal<bool>,
    /// The rows in view, and some around them; none while the table is off screen.
    wanted: Memo<Option<RowsView>>,
    /// The newest answer to the question.
    answer: Memo<Option<Arc<AnsweredRows>>>,
    /// The rows of the answer as text.
    pub(super) page: Memo<Page>,
    /// The selected row, if it is only one.
    pub(super) detail: Memo<Option<DetailRow>>,
    /// Rows that arrived since the snapshot.
    pub(super) newer: Memo<u32>,
    /// Whether an answer has been awaited for a while.
    pub(super) is_waiting: RwSignal<bool>,
    /// Whether rows are being fetched for a copy: the rows on the page stay meanwhile.
    pub(super) is_copying: RwSignal<bool>,
    /// The names of the measures of the answer; those of the settings before the first one.
    pub(super) measures: Memo<Vec<String>>,
    /// Which kinds of columns are shown.
    pub(super) columns: [RwSignal<bool>; KINDS],
    pub(super) has_whole_ids: RwSignal<bool>,
}

impl History {
    /// The live stream, before the first answer.
    pub(super) fn new() -> Self {
        let (pipeline, focus) = (Pipeline::expect(), Focus::expect());
        let (is_on_screen, is_copying, has_whole_ids) =
            (RwSignal::new(false), RwSignal::new(false), RwSignal::new(false));
        let scroll = RwSignal::<VirtualScroll>::default();
        let hold = RwSignal::new(Hold::after(clock::now().as_nanos() as u32));
        let asked = RwSignal::<Question>::default();
        let question = Memo::new(move |_| Question { ids: focus.ids.get(), ..asked.get() });
        let wanted = Memo::new(move |_| {
            let scroll = scroll.get();
            let rows = if is_on_screen.get() { scroll.asked_rows() } else { 0 };
            let view = question.read().view(scroll.asked_row(), rows, hold.read().as_of());
            // A snapshot is requested even off screen, without rows, so that the worker keeps it.
            Some(view).filter(|view| view.rows > 0 || view.as_of.is_some())
        });
        let answer = Memo::new(move |before: Option<&Option<Arc<AnsweredRows>>>| {
            let fits = |answer: &Arc<AnsweredRows>| answers(&answer.asked, &question.read(), hold.read().as_of());
            let newest = pipeline.rows().get().filter(|answer| !is_copying.get_untracked() && fits(answer));
            newest.or_else(|| before.cloned().flatten())
        });
        let page = Memo::new(move |_| {
            let answer = answer.read();
            answer.as_ref().map(|answer| Page::new(&answer.slice, has_whole_ids.get(), number_text)).unwrap_or_default()
        });
        let selection = RwSignal::<RowSelection>::default();
        let detail = Memo::new(move |before: Option<&Option<DetailRow>>| {
            let selection = selection.get();
            let active = selection.active().filter(|_| selection.len() == 1)?;
            let answer = answer.get()?;
            detail_row(Some(active), &answer.slice, before.and_then(Option::as_ref))
        });
        let history = Self {
            pipeline,
            focus,
            activity: Activity::expect(),
            asked,
            question,
            bounds: Bound::both(),
            refused_ids: RwSignal::new(None),
            hold,
            scroll,
            selection,
            is_on_screen,
            wanted,
            answer,
            page,
            detail,
            newer: Memo::new(move |_| answer.read().as_ref().map_or(0, |answer| answer.slice.newer)),
            is_waiting: RwSignal::new(false),
            is_copying,
            measures: Memo::new(move |_| {
                let named = answer.read().as_ref().map(|answer| answer.slice.measures.clone()).unwrap_or_default();
                if named.is_empty() { measure_names(&pipeline.page().settings().read()) } else { named }
            }),
            columns: [(); KINDS].map(|()| RwSignal::new(true)),
            has_whole_ids,
        };
        history.settle();
        history.request_rows();
        history.follow_total();
        history.time_waits();
        history.report_waits();
        history
    }

    /// Changes order or time range.
    pub(super) fn ask(self, change: impl FnOnce(&mut Question)) {
        self.asked.update(change);
    }

    /// Clears the filter.
    pub(super) fn clear(self) {
        self.focus.ids.set(Vec::new());
        self.refused_ids.set(None);
        for bound in self.bounds {
            bound.apply(self, String::new());
        }
    }

    /// Shows the rows that arrived since the snapshot.
    pub(super) fn renew(self) {
        self.hold.update(Hold::renew);
        self.go_to_top();
    }

    fn go_to_top(self) {
        self.selection.set(RowSelection::default());
        self.scroll.update(|scroll| scroll.go_to_row(0));
    }

    /// Whether a snapshot of the rows is shown.
    pub(super) fn is_held(self) -> bool {
        self.hold.read().as_of().is_some()
    }

    /// Whether the table has no row.
    pub(super) fn is_empty(self) -> bool {
        self.scroll.read().total_rows() == 0
    }

    /// The order of a column, as a value of `aria-sort`.
    pub(super) fn order_of(self, sort: RowsSort) -> &'static str {
        self.asked.read().order_of(sort)
    }

    /// The names of the columns.
    pub(super) fn column_names(self) -> Vec<String> {
        column_names(&self.measures.read(), &self.pipeline.setting("agg"))
    }

    /// Whether the table is empty because its rows have not arrived yet.
    pub(super) fn is_loading(self) -> bool {
        if !self.is_empty() {
            return false;
        }
        let (as_of, question) = (self.hold.read().as_of(), self.question.read());
        let is_answered = self.answer.read().as_ref().is_some_and(|answer| answers(&answer.asked, &question, as_of));
        is_loading(is_answered, as_of.is_none() && question.is_stream(), self.kept_rows())
    }

    fn kept_rows(self) -> u64 {
        self.pipeline.page().history_rows().get().into()
    }

    /// The rows in view.
    pub(super) fn range_text(self) -> String {
        if self.is_loading() {
            return LOADING.to_owned();
        }
        let scroll = self.scroll.get();
        range_text(scroll.first_row(), scroll.last_row(), scroll.total_rows(), self.is_held())
    }

    /// What the worker does while an answer is awaited; the number of rows stays.
    pub(super) fn waiting_text(self) -> String {
        let kept_rows = self.pipeline.page().history_rows().get_untracked().into();
        waiting_text(&self.question.read(), kept_rows, &self.measures.read_untracked())
    }

    /// Why the table is empty.
    pub(super) fn empty_text(self) -> String {
        if self.is_loading() {
            return LOADING.to_owned();
        }
        self.question.read().empty_text(self.kept_rows())
    }

    /// The newest answer, if it is one to the question; not tracked.
    pub(super) fn newest_answer(self) -> Option<Arc<AnsweredRows>> {
        let as_of = self.hold.read_untracked().as_of();
        let newest = self.pipeline.rows().get_untracked();
        newest.filter(|answer| answers(&answer.asked, &self.question.read_untracked(), as_of))
    }

    /// Goes to the top for each new question. The table follows the stream at its top, and holds a snapshot elsewhere.
    fn settle(self) {
        Effect::watch(move || self.question.get(), move |_, _, _| self.go_to_top(), false);
        Effect::new(move || {
            let is_at_top = self.selection.read().is_empty() && self.scroll.read().first_row() == 0;
            let is_at_top_of_stream = is_at_top && self.question.read().is_stream();
            self.hold.maybe_update(|hold| {
                let before = *hold;
                hold.settle(is_at_top_of_stream);
                *hold != before
            });
        });
    }

    /// Requests the wanted rows, unless others are being fetched for a copy.
    fn request_rows(self) {
        Effect::new(move || {
            let wanted = self.wanted.get();
            if !self.is_copying.get() {
                self.pipeline.look(|view| view.rows = wanted);
            }
        });
    }

    /// The number of rows that match can change with each answer.
    fn follow_total(self) {
        let total = Memo::new(move |_| self.answer.read().as_ref().map_or(0, |answer| answer.slice.total));
        Effect::watch(
            move || total.get(),
            move |total, _, _| self.scroll.update(|scroll| scroll.set_total(*total)),
            false,
        );
    }

    /// Each answer ends a wait, and begins another one unless it is the answer to the last request: during scrolling,
    /// the next request is sent before the answer arrives.
    fn time_waits(self) {
        let is_awaiting = Memo::new(move |_| {
            let newest = self.pipeline.rows().read();
            let is_answered = newest.as_ref().map(|answer| &answer.asked) == self.wanted.read().as_ref();
            self.is_on_screen.get() && !self.is_copying.get() && !is_answered
        });
        Effect::new(move || {
            self.pipeline.rows().track();
            self.is_waiting.maybe_update(std::mem::take);
            if is_awaiting.get() {
                let timer = set_timeout_with_handle(move || self.is_waiting.set(true), SHORT_WAIT).ok();
                on_cleanup(move || {
                    if let Some(timer) = timer {
                        timer.clear();
                    }
                });
            }
        });
    }

    /// Reports a long wait as running work; cancelling it returns to the stream.
    fn report_waits(self) {
        Effect::new(move || {
            if !self.is_waiting.get() {
                return;
            }
            let job = untrack(|| self.activity.begin(&self.waiting_text(), true));
            on_cleanup(move || job.end());
            Effect::new(move || {
                self.activity.news.track();
                if job.is_stopped() {
                    self.clear();
                    self.asked.set(Question::default());
                }
            });
        });
    }
}

/// Whether an answer has rows, and is one to this question about this snapshot.
fn answers(asked: &RowsView, question: &Question, as_of: Option<u32>) -> bool {
    asked.rows > 0 && *asked == question.view(asked.offset, asked.rows, as_of)
}
