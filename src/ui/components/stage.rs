//! A stage of the pipeline picture.

use super::counter::counter;
use crate::ui::html::{div, li, p, span};
use crate::ui::live::{El, Live};

/// A stage: name, number, a line about it, and whatever else it shows.
pub struct Stage {
    /// Its name.
    pub name: &'static str,
    /// Its number.
    pub count: Live<u64>,
    /// The handle of the number for tests.
    pub count_id: &'static str,
    /// What the number counts.
    pub unit: &'static str,
    /// A line about what goes on.
    pub note: Live<String>,
}

impl Stage {
    /// The stage with what else it shows.
    #[must_use]
    pub fn view<const N: usize>(self, drawing: [El; N]) -> El {
        let Self { name, count, count_id, unit, note } = self;
        li("stage").with([
            p("stage__head").with([El::new("b").class("stage__name").text(name), span("stage__unit").text(unit)]),
            p("stage__count").with([counter(count, count_id)]),
            p("stage__note").live(note),
            div("stage__drawing").with(drawing),
        ])
    }
}
