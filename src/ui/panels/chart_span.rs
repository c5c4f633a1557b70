//! The range of the chart: following the clock, paused, or between two instants.

use super::chart::ChartContext;
use crate::browser::clock;
use crate::protocol::ChartRange;
use crate::ui::components::segmented::Segmented;
use crate::ui::html::{button, div, form, input, label, span, submit};
use crate::ui::live::{El, State, effect};
use crate::ui::model::chart_range::{ALL_NAME, SPANS, Span, choice, choice_of};

/// Suggested lengths up to the newest instant, in minutes.
const OFFERS: [(i64, &str); 3] = [(5, "Last 5 min"), (15, "Last 15 min"), (60, "Last hour")];
const MINUTE: i64 = 60_000_000_000;
const PICKER: &str = "chart-picker";
const ENDS: [(&str, &str); 2] = [("chart-from", "From"), ("chart-until", "To")];

/// The choice of lengths, pause, the reset of a zoom, and the picker.
pub(super) fn span_bar(context: ChartContext) -> El {
    let selected = State::new(0_usize);
    effect(move || selected.set(choice_of(context.course.read().now)));
    let is_paused = move || context.course.read().is_paused();
    let pause = move || {
        let live = context.course.peek().live;
        match context.shown() {
            Some(span) if !context.course.peek().is_paused() => context.choose(span.tidy().range()),
            _ => context.choose(live),
        }
    };
    let names = SPANS.iter().map(|(_, name)| *name).chain([ALL_NAME]);
    div("chart-panel__bar").with([
        Segmented { legend: "Span of the chart", name: "chart-span", selected }
            .view(names, move |index| context.choose(choice(index))),
        button("button chart-panel__pause", "")
            .test_id("chart-pause")
            .live(move || if is_paused() { "Resume".to_owned() } else { "Pause".to_owned() })
            .with([span("visually-hidden").text(" the chart")])
            .on_click(pause),
        button("button", "Reset zoom")
            .disabled_when(move || !context.course.read().is_zoomed())
            .on_click(move || context.reset()),
        button("button", "Time range\u{2026}").attr("popovertarget", PICKER),
        picker(context),
    ])
}

/// A range between two instants, parsed as the API does. It closes when the range is applied; an invalid text stays,
/// with the reason beside it.
fn picker(context: ChartContext) -> El {
    let typed = [(); 2].map(|()| State::new(String::new()));
    let errors = [(); 2].map(|()| State::new(String::new()));
    let [from, until] = typed;
    let close = button("button button--quiet", "Close").attr("popovertarget", PICKER);
    let (applied, chosen) = (close.clone(), close.clone());
    let apply = move || match Span::read(&from.peek(), &until.peek(), context.clock()) {
        Ok(span) => {
            context.choose(span.range());
            applied.click();
        }
        Err(reasons) => errors.into_iter().zip(reasons).for_each(|(error, reason)| error.set(reason)),
    };
    let choose = std::rc::Rc::new(move |range| {
        context.choose(range);
        chosen.click();
    });
    // The visible span is the usual starting point.
    let fill = move |_| {
        let texts = context.shown().map(|span| span.tidy().texts(context.clock())).unwrap_or_default();
        typed.into_iter().zip(texts).for_each(|(typed, text)| typed.set(text));
        errors.into_iter().for_each(|error| error.set(String::new()));
    };
    let offer = |minutes: i64, name: &str| {
        let choose = choose.clone();
        button("button", name).on_click(move || choose(newest(context, minutes * MINUTE)))
    };
    let choose_all = choose.clone();
    form("chart-popover")
        .id(PICKER)
        .attr("popover", "auto")
        .label("Time range")
        .on("beforetoggle", fill)
        .on("submit", move |event| {
            event.prevent_default();
            apply();
        })
        .with([div("chart-panel__offers").with_all(OFFERS.map(|(minutes, name)| offer(minutes, name))).with([button(
            "button",
            "Everything",
        )
        .on_click(move || choose_all(ChartRange::All))])])
        .with_all((0..2).map(|end| field(end, typed[end], errors[end])))
        .with([div("chart-panel__offers").with([submit("button button--primary").text("Apply"), close])])
}

fn field(end: usize, typed: State<String>, error: State<String>) -> El {
    let (id, name) = ENDS[end];
    let note_id = format!("{id}-note");
    let is_refused = move || !error.read().is_empty();
    div("field").live_class(move || if is_refused() { "field field--refused".into() } else { "field".into() }).with([
        label("field__label").attr("for", id).text(name),
        input("input input--code")
            .id(id)
            .attr("autocomplete", "off")
            .attr("spellcheck", "false")
            .attr("aria-describedby", &note_id)
            .live_attr("aria-invalid", move || is_refused().to_string())
            .live_value(typed)
            .on_input(move |text| {
                typed.set(text);
                error.set(String::new());
            }),
        span("field__hint").id(&note_id).attr("aria-live", "polite").live(error),
    ])
}

/// The span of this length up to the newest instant that a chart that follows the clock would show.
fn newest(context: ChartContext, nanos: i64) -> ChartRange {
    let live = context.shown().filter(|_| !context.course.peek().is_paused()).map(|span| span.until);
    let until = live.unwrap_or_else(|| clock::now().as_nanos());
    Span { from: until.saturating_sub(nanos), until }.tidy().range()
}
