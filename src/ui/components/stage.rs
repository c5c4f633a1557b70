//! A stage of the pipeline picture.

use super::counter::counter;
use crate::ui::html::{a, button, div, li, p, span};
use crate::ui::live::{El, Live};
use crate::ui::model::stage_health::StageHealth;

/// A stage: name, number, rate, a line about it, how it stands, and whatever else it shows.
pub struct Stage {
    /// Its name.
    pub name: &'static str,
    /// Its number.
    pub count: Live<u64>,
    /// The handle of the number for tests.
    pub count_id: &'static str,
    /// What the number counts.
    pub unit: &'static str,
    /// How fast things go through it.
    pub rate: Live<String>,
    /// A line about what goes on.
    pub note: Live<String>,
    /// How it stands.
    pub health: Live<StageHealth>,
    /// Whether what is inside is shown elsewhere.
    pub is_open: Live<bool>,
}

impl Stage {
    /// The stage with what else it shows; `on_open` hears of a click, with the button to come back to. The button lies over
    /// the whole stage, so that a click anywhere opens it.
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

/// A sign and the reason, with a way to the place that helps.
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
