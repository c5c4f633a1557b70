//! The filter of the history table: ids and a time range.

use super::history::History;
use crate::browser::zone;
use crate::protocol::ChartRange;
use crate::time::{Clock, Timestamp};
use crate::ui::html::{button, div, form, input, label, span};
use crate::ui::live::{El, State};
use crate::ui::model::history_table::{Question, read_bound, read_ids};

/// A field for an instant.
#[derive(Clone, Copy)]
pub(super) struct Bound {
    name: &'static str,
    label: &'static str,
    place: fn(&mut Question) -> &mut Option<i64>,
    text: State<String>,
    error: State<String>,
}

impl Bound {
    fn new(name: &'static str, label: &'static str, place: fn(&mut Question) -> &mut Option<i64>) -> Self {
        Self { name, label, place, text: State::new(String::new()), error: State::new(String::new()) }
    }

    /// The fields that bound the time.
    pub(super) fn both() -> [Self; 2] {
        [Self::new("from", "From", |asked| &mut asked.from), Self::new("until", "To", |asked| &mut asked.until)]
    }

    /// Applies typed text; an invalid text changes only the message beside the field.
    pub(super) fn read(self, history: History, text: String) {
        let clock = if text.is_empty() { Clock::Utc } else { clock(history) };
        match read_bound(&text, &clock) {
            Ok(bound) => {
                self.error.set(String::new());
                history.ask(|asked| *(self.place)(asked) = bound);
            }
            Err(sentence) => self.error.set(sentence),
        }
        self.text.set(text);
    }

    fn view(self, history: History) -> El {
        let (id, note) = (format!("history-{}", self.name), format!("history-{}-note", self.name));
        let is_refused = move || !self.error.read().is_empty();
        let entry = entry(&id, "2025-06-01T21:15:07")
            .attr("aria-describedby", &note)
            .live_attr("aria-invalid", move || is_refused().to_string())
            .live_value(self.text)
            .on_change(move |text| self.read(history, text));
        div("field").with([
            label("field__label").attr("for", &id).text(self.label),
            entry,
            span("field__error").id(&note).attr("aria-live", "polite").live(self.error),
        ])
    }
}

/// The filter: each field applies on leaving it, or with Enter.
pub(super) fn filter_form(history: History) -> El {
    let [from, until] = history.bounds;
    let range = history.focus.range;
    form("history__filter").label("Filter").on("submit", |event| event.prevent_default()).with([
        ids_field(history),
        from.view(history),
        until.view(history),
        div("history__filter-actions").with([
            button("button", "Use the chart\u{2019}s range")
                .disabled_when(move || !matches!(*range.read(), ChartRange::Fixed { .. }))
                .attr("title", "Of a chart that was zoomed or moved")
                .on_click(move || {
                    let ChartRange::Fixed { from: first, until: last } = *range.peek() else { return };
                    let clock = clock(history);
                    let text = |nanos| Timestamp::from_nanos(nanos).to_text(&clock);
                    from.read(history, text(first));
                    until.read(history, text(last));
                }),
            button("button button--quiet", "Clear filters")
                .disabled_when(move || {
                    let is_refused = history.bounds.iter().any(|bound| !bound.error.read().is_empty());
                    !history.question().is_filtered() && !is_refused
                })
                .on_click(move || history.clear()),
        ]),
    ])
}

fn ids_field(history: History) -> El {
    let ids = history.focus.ids;
    let offers = El::new("datalist").id("history-ids-offers");
    let offered = offers.clone();
    div("field").with([
        label("field__label").attr("for", "history-ids").text("Ids"),
        entry("history-ids", "all; several with commas")
            .attr("list", "history-ids-offers")
            .live_value(move || ids.read().join(", "))
            .on_change(move |text| ids.set(read_ids(&text)))
            .on("focus", move |_| offer(history, &offered)),
        offers,
    ])
}

/// Suggests the ids of the newest batch.
fn offer(history: History, offers: &El) {
    let latest = history.pipeline.table(0);
    let latest = latest.peek();
    let Some(column) = latest.columns().iter().position(|name| name == "id") else { return };
    offers.clear();
    for row in 0..latest.visible_rows() {
        let id = latest.cell(row, column);
        if (0..row).all(|before| latest.cell(before, column) != id) {
            offers.push(&El::new("option").attr("value", id));
        }
    }
}

fn entry(id: &str, placeholder: &str) -> El {
    input("input")
        .id(id)
        .attr("type", "text")
        .attr("autocomplete", "off")
        .attr("spellcheck", "false")
        .attr("placeholder", placeholder)
}

/// The clock that the pipeline parses and prints times with.
fn clock(history: History) -> Clock {
    match history.pipeline.peek(|frame| frame.setting("clock") == Some("utc")) {
        Some(false) => Clock::Local(zone::local()),
        _ => Clock::Utc,
    }
}
