//! The range of the chart: following the clock, frozen, or between two instants.

use leptos::ev::{Event, SubmitEvent};
use leptos::html::Form;
use leptos::prelude::*;

use super::chart::ChartContext;
use crate::browser::clock;
use crate::protocol::ChartRange;
use crate::ui::components::segmented::Segmented;
use crate::ui::model::chart_range::{ALL_NAME, SPANS, Span, choice, choice_of};

/// Suggested lengths up to the newest instant, in minutes.
const OFFERS: [(i64, &str); 3] = [(5, "Last 5 min"), (15, "Last 15 min"), (60, "Last hour")];
const MINUTE: i64 = 60_000_000_000;
const PICKER_ID: &str = "chart-picker";

/// The choice of lengths, freezing, the reset of a zoom, and the picker.
#[component]
pub(super) fn SpanBar(
    /// The state of the panel.
    context: ChartContext,
) -> impl IntoView {
    let options: Vec<_> = SPANS.iter().map(|(_, name)| *name).chain([ALL_NAME]).collect();
    let selected = Signal::derive(move || choice_of(context.course.read().now));
    let freeze_text = move || if context.course.read().is_paused() { "Follow" } else { "Freeze" };
    view! {
        <div class="chart-panel__bar">
            <Segmented
                legend="Span of the chart"
                name="chart-span"
                options
                selected
                on_select=move |index| context.choose(choice(index))
            />
            <button
                type="button"
                class="button chart-panel__freeze"
                data-testid="chart-pause"
                on:click=move |_| context.toggle_freeze()
            >
                {freeze_text}
                <span class="visually-hidden">" the chart"</span>
            </button>
            <button
                type="button"
                class="button"
                disabled=move || !context.course.read().is_zoomed()
                on:click=move |_| context.reset()
            >
                "Reset zoom"
            </button>
            <button type="button" class="button" popovertarget=PICKER_ID>"Time range\u{2026}"</button>
            <Picker context/>
        </div>
    }
}

/// A range between two instants, parsed as the API does. It closes when the range is applied; an invalid text stays,
/// with the reason beside it.
#[component]
fn Picker(
    /// The state of the panel.
    context: ChartContext,
) -> impl IntoView {
    let picker = NodeRef::<Form>::new();
    let ends = [("chart-from", "From"), ("chart-until", "To")].map(|(id, name)| EndInput::new(id, name));
    let choose = move |range| {
        context.choose(range);
        if let Some(picker) = picker.get_untracked() {
            // Fails when it is closed.
            let _ = picker.hide_popover();
        }
    };
    // The visible span is the usual starting point.
    let fill = move |_: Event| {
        let texts = context.shown().map(|span| span.tidy().texts(context.clock())).unwrap_or_default();
        ends.iter().zip(texts).for_each(|(end, text)| end.write(text));
    };
    let apply = move |event: SubmitEvent| {
        event.prevent_default();
        let [from, until] = ends.map(|end| end.typed.get_untracked());
        match Span::read(&from, &until, context.clock()) {
            Ok(span) => choose(span.range()),
            Err(reasons) => ends.iter().zip(reasons).for_each(|(end, reason)| end.error.set(reason)),
        }
    };
    let offer = |(minutes, name)| {
        view! {
            <button type="button" class="button" on:click=move |_| choose(newest(context, minutes * MINUTE))>
                {name}
            </button>
        }
    };
    view! {
        <form
            class="popover chart-popover"
            id=PICKER_ID
            popover="auto"
            aria-label="Time range"
            node_ref=picker
            on:beforetoggle=fill
            on:submit=apply
        >
            <div class="chart-popover__actions">
                {OFFERS.map(offer).collect_view()}
                <button type="button" class="button" on:click=move |_| choose(ChartRange::All)>"Everything"</button>
            </div>
            {ends.map(|end| view! { <EndField end/> }).collect_view()}
            <div class="chart-popover__actions">
                <button type="submit" class="button button--primary">"Apply"</button>
                <button type="button" class="button button--quiet" popovertarget=PICKER_ID>"Close"</button>
            </div>
        </form>
    }
}

/// One end of the range as it is typed.
#[derive(Clone, Copy)]
struct EndInput {
    id: &'static str,
    name: &'static str,
    typed: RwSignal<String>,
    /// Why the text is refused; empty for a valid one.
    error: RwSignal<String>,
}

impl EndInput {
    fn new(id: &'static str, name: &'static str) -> Self {
        Self { id, name, typed: RwSignal::default(), error: RwSignal::default() }
    }

    fn write(self, text: String) {
        self.typed.set(text);
        self.error.set(String::new());
    }
}

/// Label, input, and the reason of a refusal.
#[component]
fn EndField(
    /// The end of the range.
    end: EndInput,
) -> impl IntoView {
    let EndInput { id, name, typed, error } = end;
    let note_id = format!("{id}-note");
    let is_refused = move || !error.read().is_empty();
    view! {
        <div class="field" class=("field--refused", is_refused)>
            <label class="field__label" for=id>{name}</label>
            <input
                class="input input--code"
                id=id
                autocomplete="off"
                spellcheck="false"
                aria-describedby=note_id.clone()
                aria-invalid=move || is_refused().to_string()
                prop:value=typed
                on:input:target=move |event| end.write(event.target().value())
            />
            <span class="field__hint" id=note_id aria-live="polite">{error}</span>
        </div>
    }
}

/// The span of this length up to the newest instant that a chart that follows the clock would show.
fn newest(context: ChartContext, nanos: i64) -> ChartRange {
    let live = context.shown().filter(|_| !context.course.read_untracked().is_paused()).map(|span| span.until);
    let until = live.unwrap_or_else(|| clock::now().as_nanos());
    Span { from: until.saturating_sub(nanos), until }.tidy().range()
}
