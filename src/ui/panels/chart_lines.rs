//! Ids with lines of their own: a chip that names and removes each of them, and a menu to add more.

use std::cell::RefCell;
use std::rc::Rc;

use super::chart::ChartContext;
use crate::protocol::MAX_SERIES;
use crate::ui::components::chart_picture::Picture;
use crate::ui::html::{button, div, form, input, label, p, span, submit};
use crate::ui::live::{El, State, effect};
use crate::ui::model::chart_lines::{offered, toggled};
use crate::ui::model::chart_reading::line_text;

const CHOICE: &str = "chart-lines";
const FIELD_ID: &str = "chart-id";
const FIELD_NOTE_ID: &str = "chart-id-note";
/// Events of a chip that highlight its line, or end the highlight.
const LIGHTS: [(&str, bool); 4] = [("mouseenter", true), ("focus", true), ("mouseleave", false), ("blur", false)];
/// The index of the newest batch's table with a column of ids.
const LATEST: usize = 0;

/// The chips of the chosen ids, and the menu to add more.
pub(super) fn lines(context: ChartContext, picture: &Rc<RefCell<Picture>>) -> El {
    let more = button("button", "Lines by id\u{2026}").attr("popovertarget", CHOICE);
    let chips = (0..MAX_SERIES).map(|place| chip(context, place, more.clone(), picture));
    // The button of the menu is before the chips, so that it does not move when they are added and removed.
    div("chart-lines").role("group").label("Lines of single ids").with([more.clone(), choice(context)]).with_all(chips)
}

/// One chip for each slot, so that none is recreated while it is in use.
fn chip(context: ChartContext, place: usize, more: El, picture: &Rc<RefCell<Picture>>) -> El {
    let id = move || context.places.read().id(place).to_owned();
    let value = move || {
        let column = context.column();
        let buffer = context.buffer.peek();
        let line = buffer.ids().iter().position(|known| *known == id());
        let value = line.zip(column).and_then(|(line, column)| buffer.columns().line_at(line, column));
        value.map_or_else(String::new, |ends| line_text(ends, context.is_exact()))
    };
    let mut chip = button(&format!("chip chip--{}", place + 1), "");
    for (event, is_lit) in LIGHTS {
        let picture = Rc::clone(picture);
        chip = chip.on(event, move |_| {
            let id = id();
            picture.borrow().light(Some(&*id).filter(|_| is_lit));
        });
    }
    chip.attr("aria-pressed", "true")
        .attr("title", "Take this line away")
        .test_id("chart-chip")
        .hidden_when(move || id().is_empty())
        .with([sample(), span("chip__id").live(id), El::new("b").class("chip__value").live(value)])
        .on_click(move || {
            // The chip is removed, so the focus moves to the menu's button.
            more.focus();
            let _ = toggle(context, &id());
        })
}

/// A sample of the line.
fn sample() -> El {
    let line = El::svg("line").attr("x1", "0").attr("x2", "28").attr("y1", "5").attr("y2", "5");
    El::svg("svg").attr("class", "chip__line").attr("viewBox", "0 0 28 10").decorative().with([line])
}

fn toggle(context: ChartContext, id: &str) -> Result<(), String> {
    let ids = toggled(&context.focus.ids.peek(), id)?;
    context.focus.ids.set(ids);
    Ok(())
}

/// The ids of the newest batch at the time of opening, and a field for any other.
fn choice(context: ChartContext) -> El {
    let offers = State::new(Vec::<String>::new());
    let table = context.pipeline.table(LATEST);
    // Opened before the first batch, it fills when that arrives.
    effect(move || {
        let ids = if offers.peek().is_empty() { offered(&table.read()) } else { Vec::new() };
        if !ids.is_empty() {
            offers.set(ids);
        }
    });
    let (typed, error) = (State::new(String::new()), State::new(String::new()));
    let press = move |id: &str| {
        let result = toggle(context, id);
        let is_done = result.is_ok();
        error.set(result.err().unwrap_or_default());
        is_done
    };
    let offer = move |id: &String| {
        let (known, pressed) = (id.clone(), id.clone());
        button("chip", "")
            .live_attr("aria-pressed", move || context.focus.ids.read().contains(&known).to_string())
            .with([span("chip__id").text(id)])
            .on_click(move || {
                press(&pressed);
            })
    };
    form("chart-popover chart-popover--rightward")
        .id(CHOICE)
        .attr("popover", "auto")
        .label("Lines by id")
        .on("beforetoggle", move |_| offers.set(offered(&table.peek())))
        .on("submit", move |event| {
            event.prevent_default();
            let id = typed.peek().clone();
            if press(&id) {
                typed.set(String::new());
            }
        })
        .with([
            p("field__label").live(move || {
                if offers.read().is_empty() {
                    "Ids come with the first batch".into()
                } else {
                    "Ids of the newest batch".into()
                }
            }),
            div("chart-lines__offers").swap(move || offers.read().iter().map(offer).collect()),
            div("field").with([
                label("field__label").attr("for", FIELD_ID).text("Add an id"),
                div("chart-lines__add").with([
                    input("input input--code")
                        .id(FIELD_ID)
                        .attr("autocomplete", "off")
                        .attr("spellcheck", "false")
                        .attr("aria-describedby", FIELD_NOTE_ID)
                        .live_attr("aria-invalid", move || (!error.read().is_empty()).to_string())
                        .live_value(typed)
                        .on_input(move |text| typed.set(text)),
                    submit("button").text("Add"),
                ]),
                span("field__hint").id(FIELD_NOTE_ID).attr("aria-live", "polite").live(move || {
                    let error = error.get();
                    if error.is_empty() {
                        format!("At most {MAX_SERIES} ids, each with its colour and dash.")
                    } else {
                        error
                    }
                }),
            ]),
        ])
}
