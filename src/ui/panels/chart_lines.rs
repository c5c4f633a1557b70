//! Ids and measures with lines of their own: a chip that names and removes each of them, and a menu to add more.

use leptos::ev::{Event, SubmitEvent};
use leptos::html::Button;
use leptos::prelude::*;

use super::chart::ChartContext;
use crate::protocol::MAX_SERIES;
use crate::ui::model::chart_lines::{Line, offered, toggled};
use crate::ui::model::chart_reading::line_text;

const MENU_ID: &str = "chart-lines";
const FIELD_ID: &str = "chart-id";
const FIELD_NOTE_ID: &str = "chart-id-note";
/// The index of the newest batch's table with a column of ids.
const LATEST: usize = 0;

/// The chips of the lines, and the menu to add more.
#[component]
pub(super) fn ChartLines(
    /// The state of the panel.
    context: ChartContext,
) -> impl IntoView {
    let more = NodeRef::new();
    view! {
        <div class="chart-lines" role="group" aria-label="Lines of single ids">
            // The button of the menu is before the chips, so that it does not move when they are added and removed.
            <button type="button" class="button chart-lines__more" popovertarget=MENU_ID node_ref=more>
                "Lines by id\u{2026}"
            </button>
            <LineMenu context/>
            {(0..MAX_SERIES).map(|place| view! { <LineChip context place more/> }).collect_view()}
        </div>
    }
}

/// The chip of a slot. There is one for each, so that none is recreated while it is in use.
#[component]
fn LineChip(
    /// The state of the panel.
    context: ChartContext,
    /// The slot.
    place: usize,
    /// The button of the menu.
    more: NodeRef<Button>,
) -> impl IntoView {
    let line = Memo::new(move |_| context.places.read().line(place).cloned());
    let value = move || {
        let column = context.column();
        let buffer = context.buffer.read_untracked();
        let position = buffer.lines().iter().position(|known| Some(known) == line.read().as_ref());
        let value = position.zip(column).and_then(|(line, column)| buffer.columns().line_at(line, column));
        value.map(|ends| line_text(ends, context.is_exact())).unwrap_or_default()
    };
    let highlight = move || context.picture.highlight(line.read_untracked().as_ref());
    let end_highlight = move || context.picture.highlight(None);
    let remove = move |_| {
        // The chip disappears, so the focus moves to the menu's button.
        if let Some(more) = more.get_untracked() {
            let _ = more.focus();
        }
        match line.get_untracked() {
            Some(Line::Id(id)) => {
                let _ = toggle(context, &id);
            }
            Some(Line::Measure(name)) => toggle_measure(context, &name),
            None => {}
        }
    };
    view! {
        <button
            type="button"
            class=format!("chip chip--{}", place + 1)
            aria-pressed="true"
            title="Take this line away"
            data-testid="chart-chip"
            hidden=move || line.read().is_none()
            on:mouseenter=move |_| highlight()
            on:focus=move |_| highlight()
            on:mouseleave=move |_| end_highlight()
            on:blur=move |_| end_highlight()
            on:click=remove
        >
            <LineSample/>
            <span class="chip__id">{move || line.read().as_ref().map(|line| line.name().to_owned())}</span>
            <b class="chip__value">{value}</b>
        </button>
    }
}

/// A sample of the line.
#[component]
fn LineSample() -> impl IntoView {
    view! {
        <svg class="chip__line" viewBox="0 0 28 10" aria-hidden="true">
            <line x1="0" x2="28" y1="5" y2="5"></line>
        </svg>
    }
}

/// Adds the line of an id, or removes it.
fn toggle(context: ChartContext, id: &str) -> Result<(), String> {
    let ids = toggled(&context.focus.ids.read_untracked(), id)?;
    context.focus.ids.set(ids);
    Ok(())
}

/// Takes the line of a measure away, or shows it again.
fn toggle_measure(context: ChartContext, name: &str) {
    context.hidden_measures.update(|hidden| match hidden.iter().position(|known| known == name) {
        Some(place) => drop(hidden.remove(place)),
        None => hidden.push(name.to_owned()),
    });
}

/// The ids that the menu offers.
#[derive(Clone, PartialEq)]
struct Offers {
    /// How often the menu was opened or closed before.
    toggles: u32,
    ids: Vec<String>,
}

/// The ids of the newest batch at the time of opening, and a field for any other.
#[component]
fn LineMenu(
    /// The state of the panel.
    context: ChartContext,
) -> impl IntoView {
    let table = context.pipeline.table(LATEST);
    let toggles = RwSignal::new(0);
    // Opened before the first batch, it fills when that arrives.
    let offers = Memo::new(move |before: Option<&Offers>| {
        let toggles = toggles.get();
        let known = before.filter(|offers| offers.toggles == toggles && !offers.ids.is_empty());
        known.cloned().unwrap_or_else(|| Offers { toggles, ids: offered(&table.read()) })
    });
    let (typed, error) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let press = Callback::new(move |id: String| {
        let outcome = toggle(context, &id);
        let is_done = outcome.is_ok();
        error.set(outcome.err().unwrap_or_default());
        is_done
    });
    let add = move |event: SubmitEvent| {
        event.prevent_default();
        if press.run(typed.get_untracked()) {
            typed.set(String::new());
        }
    };
    let title = move || {
        if offers.read().ids.is_empty() { "Ids come with the first batch" } else { "Ids of the newest batch" }
    };
    let note = move || {
        let error = error.get();
        if error.is_empty() { format!("At most {MAX_SERIES} ids, each with its colour and dash.") } else { error }
    };
    view! {
        <form
            class="popover chart-popover chart-popover--rightward"
            id=MENU_ID
            popover="auto"
            aria-label="Lines by id"
            on:beforetoggle=move |_: Event| toggles.update(|toggles| *toggles += 1)
            on:submit=add
        >
            <MeasureChips context/>
            <p class="field__label">{title}</p>
            <div class="chart-lines__offers">
                <For each=move || offers.get().ids key=Clone::clone let:id>
                    <OfferChip context id press/>
                </For>
            </div>
            <div class="field">
                <label class="field__label" for=FIELD_ID>"Add an id"</label>
                <div class="chart-lines__add">
                    <input
                        class="input input--code"
                        id=FIELD_ID
                        autocomplete="off"
                        spellcheck="false"
                        aria-describedby=FIELD_NOTE_ID
                        aria-invalid=move || (!error.read().is_empty()).to_string()
                        prop:value=typed
                        on:input:target=move |event| typed.set(event.target().value())
                    />
                    <button type="submit" class="button">"Add"</button>
                </div>
                <span class="field__hint" id=FIELD_NOTE_ID aria-live="polite">{note}</span>
            </div>
        </form>
    }
}

/// The measures beside the chart's own, each pressed while it has a line.
#[component]
fn MeasureChips(
    /// The state of the panel.
    context: ChartContext,
) -> impl IntoView {
    let others = Memo::new(move |_| {
        let own = context.measure();
        context.measures.get().into_iter().filter(|name| *name != own).collect::<Vec<_>>()
    });
    let chip = move |name: String| {
        let name = StoredValue::new(name);
        let has_line = move || name.with_value(|name| context.shown_measures.read().contains(name));
        view! {
            <button
                type="button"
                class="chip"
                aria-pressed=move || has_line().to_string()
                on:click=move |_| name.with_value(|name| toggle_measure(context, name))
            >
                <span class="chip__id">{name.get_value()}</span>
            </button>
        }
    };
    view! {
        <div hidden=move || others.read().is_empty()>
            <p class="field__label">"Measures"</p>
            <div class="chart-lines__offers">
                <For each=move || others.get() key=Clone::clone children=chip/>
            </div>
        </div>
    }
}

/// An id of the newest batch; pressed while it has a line.
#[component]
fn OfferChip(
    /// The state of the panel.
    context: ChartContext,
    /// The id.
    id: String,
    /// Adds the line of an id, or removes it.
    press: Callback<String, bool>,
) -> impl IntoView {
    let id = StoredValue::new(id);
    let has_line = move || id.with_value(|id| context.focus.ids.read().contains(id));
    view! {
        <button
            type="button"
            class="chip"
            aria-pressed=move || has_line().to_string()
            on:click=move |_| {
                press.run(id.get_value());
            }
        >
            <span class="chip__id">{id.get_value()}</span>
        </button>
    }
}
