//! The filter of the history table: ids and a time range.

use leptos::prelude::*;

use super::history_state::History;
use crate::protocol::ChartRange;
use crate::time::Timestamp;
use crate::ui::model::history_table::{Question, ids_text, read_bound, read_ids};
use crate::ui::store::Pipeline;

/// An end of the time range, as it is typed.
#[derive(Clone, Copy)]
pub(super) struct Bound {
    /// Its name in ids of the page.
    name: &'static str,
    label: &'static str,
    /// Its field of the question.
    field: fn(&mut Question) -> &mut Option<i64>,
    text: RwSignal<String>,
    /// Why the text is refused; empty if it is not.
    error: RwSignal<String>,
}

impl Bound {
    fn new(name: &'static str, label: &'static str, field: fn(&mut Question) -> &mut Option<i64>) -> Self {
        Self { name, label, field, text: RwSignal::default(), error: RwSignal::default() }
    }

    /// The start and the end.
    pub(super) fn both() -> [Self; 2] {
        [Self::new("from", "From", |asked| &mut asked.from), Self::new("until", "To", |asked| &mut asked.until)]
    }

    /// Applies typed text; an invalid text changes only the message beside the field.
    pub(super) fn apply(self, history: History, text: String) {
        match read_bound(&text, history.pipeline.clock()) {
            Ok(instant) => {
                self.error.set(String::new());
                history.ask(|asked| *(self.field)(asked) = instant);
            }
            Err(sentence) => self.error.set(sentence),
        }
        self.text.set(text);
    }

    fn is_refused(self) -> bool {
        !self.error.read().is_empty()
    }
}

/// The filter: each field applies on leaving it, or with Enter.
#[component]
pub(super) fn HistoryFilter(
    /// The state of the panel.
    history: History,
) -> impl IntoView {
    let [from, until] = history.bounds;
    let range = history.focus.range;
    let use_range = move |_| {
        let ChartRange::Fixed { from: first, until: last } = range.get_untracked() else { return };
        let clock = history.pipeline.clock();
        for (bound, nanos) in [(from, first), (until, last)] {
            bound.apply(history, Timestamp::from_nanos(nanos).to_text(clock));
        }
    };
    let has_refused = move || history.refused_ids.read().is_some() || history.bounds.iter().any(|it| it.is_refused());
    let is_clear = move || !history.question.read().is_filtered() && !has_refused();
    view! {
        <form class="history__filter" aria-label="Filter" on:submit=move |event| event.prevent_default()>
            <IdsField history/>
            <BoundField history bound=from/>
            <BoundField history bound=until/>
            <div class="history__filter-actions">
                <button
                    type="button"
                    class="button"
                    title="Of a chart that was zoomed or moved"
                    disabled=move || !matches!(*range.read(), ChartRange::Fixed { .. })
                    on:click=use_range
                >
                    "Use the chart\u{2019}s range"
                </button>
                <button
                    type="button"
                    class="button button--quiet"
                    disabled=is_clear
                    on:click=move |_| history.clear()
                >
                    "Clear filters"
                </button>
            </div>
        </form>
    }
}

/// The field for ids; it suggests those of the newest batch.
#[component]
fn IdsField(
    /// The state of the panel.
    history: History,
) -> impl IntoView {
    let (ids, refused) = (history.focus.ids, history.refused_ids);
    let apply = move |text: String| match read_ids(&text) {
        Ok(read) => {
            refused.set(None);
            ids.set(read);
        }
        Err(sentence) => refused.set(Some((text, sentence))),
    };
    // A refused text stays in the field, to be mended.
    let text = move || refused.read().as_ref().map_or_else(|| ids_text(&ids.read()), |(text, _)| text.clone());
    let suggestions = RwSignal::<Vec<String>>::default();
    view! {
        <div class="field">
            <label class="field__label" for="history-ids">
                "Ids"
            </label>
            <input
                class="input"
                id="history-ids"
                type="text"
                autocomplete="off"
                spellcheck="false"
                placeholder="all; several as pump-1,pump-2"
                list="history-ids-offers"
                aria-describedby="history-ids-note"
                aria-invalid=move || refused.read().is_some().to_string()
                prop:value=text
                on:change:target=move |event| apply(event.target().value())
                on:focus=move |_| suggestions.set(batch_ids(history.pipeline))
            />
            <span class="field__error" id="history-ids-note" aria-live="polite">
                {move || refused.read().as_ref().map(|(_, sentence)| sentence.clone())}
            </span>
            <datalist id="history-ids-offers">
                <For each=move || suggestions.get() key=String::clone let:id>
                    <option value=ids_text(&[id])></option>
                </For>
            </datalist>
        </div>
    }
}

/// The field for one end of the time range.
#[component]
fn BoundField(
    /// The state of the panel.
    history: History,
    /// The end.
    bound: Bound,
) -> impl IntoView {
    let id = format!("history-{}", bound.name);
    let note_id = format!("{id}-note");
    view! {
        <div class="field">
            <label class="field__label" for=id.clone()>
                {bound.label}
            </label>
            <input
                class="input"
                id=id
                type="text"
                autocomplete="off"
                spellcheck="false"
                placeholder="2025-06-01T21:15:07"
                aria-describedby=note_id.clone()
                aria-invalid=move || bound.is_refused().to_string()
                prop:value=bound.text
                on:change:target=move |event| bound.apply(history, event.target().value())
            />
            <span class="field__error" id=note_id aria-live="polite">
                {bound.error}
            </span>
        </div>
    }
}

/// The ids of the newest batch, each once.
fn batch_ids(pipeline: Pipeline) -> Vec<String> {
    let latest = pipeline.table(0).get_untracked();
    let Some(column) = latest.columns().iter().position(|name| name == "id") else { return Vec::new() };
    let mut ids = Vec::<String>::new();
    for row in 0..latest.visible_rows() {
        let id = latest.cell(row, column);
        if !ids.iter().any(|known| known == id) {
            ids.push(id.to_owned());
        }
    }
    ids
}
