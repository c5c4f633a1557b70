//! A stage of the pipeline picture.

use super::counter::counter;
use crate::ui::html::{a, button, div, li, p, span};
use crate::ui::live::{El, Live};
use crate::ui::model::stage_health::StageHealth;

/// A stage: name, number, rate, note, health, and further content.
pub struct Stage {
    /// Its name.
    pub name: &'static str,
    /// Its number.
    pub count: Live<u64>,
    /// The test id of the number.
    pub count_id: &'static str,
    /// What the number counts.
    pub unit: &'static str,
    /// The rate of its items.
    pub rate: Live<String>,
    /// A short text on its current work.
    pub note: Live<String>,
    /// Its health.
    pub health: Live<StageHealth>,
    /// Whether the inspector shows this stage.
    pub is_open: Live<bool>,
}

impl Stage {
    /// The stage with its further content; `on_open` is called on a click, with the button that the focus returns to.
    /// The button covers the whole stage, so that a click anywhere opens it.
    #[must_use]
    pub fn view<const N: usize>(self, drawing: [El; N], mut on_open: impl FnMut(&El) + 'static) -> El {
        let Self { name, count, count_id, unit, rate, note, health, is_open } = self;
        let open = button("stage__open", name)
            .attr("aria-controls", "inspector")
            .attr("aria-describedby", &format!("{count_id}-health"))
            .live_attr("aria-expanded", move || is_open.get().to_string());
        let opener = open.clone();
        li("stage").with([
            p("stage__head").with([open.on_click(move || on_open(&opener)), span("stage__unit").text(unit)]),
            p("stage__count").with([counter(count, count_id)]),
            p("stage__note").with([span("stage__rate").live(rate), El::new("span").live(note)]),
            health_line(count_id, health),
            div("stage__drawing").with(drawing),
        ])
    }
}

/// A symbol and the reason, with a link to help.
fn health_line(count_id: &str, health: Live<StageHealth>) -> El {
    El::new("p").live_class(move || format!("stage__health stage__health--{}", health.get().health.class_part())).with(
        [
            span("stage__sign").decorative(),
            span("stage__reason")
                .id(&format!("{count_id}-health"))
                .test_id(&count_id.replace("count", "health"))
                .live(move || health.get().reason),
            a("stage__help")
                .hidden_when(move || health.get().help.0.is_empty())
                .live_attr("href", move || health.get().help.0.to_owned())
                .live(move || health.get().help.1.to_owned()),
        ],
    )
}
