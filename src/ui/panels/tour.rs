//! The tour of a first visit: offered in the head of the page, shown in a card that keeps the rest usable.

use crate::browser::key::key_of;
use crate::browser::session::{is_marked_for_good, mark_for_good};
use crate::client::SEEN_TOUR;
use crate::ui::html::{button, div, h2, p, span};
use crate::ui::live::{El, State, effect};
use crate::ui::model::tour_steps::{TOUR_STEPS, TourStep, progress};

/// The attribute of the part that is being explained.
const EXPLAINED: &str = "data-explained";

/// The current step of the tour, and whether the tour is still offered.
#[derive(Clone, Copy)]
pub struct Tour {
    step: State<Option<usize>>,
    is_offered: State<bool>,
}

impl Tour {
    /// A tour, offered unless it was taken or declined in this browser.
    #[must_use]
    pub fn new() -> Self {
        Self { step: State::new(None), is_offered: State::new(!is_marked_for_good(SEEN_TOUR)) }
    }

    /// Fills the line that `index.html` reserves in the head of the page: the button that starts the tour, with an
    /// offer on the first visit.
    pub fn invite(self) {
        let is_offered = self.is_offered;
        let name = move || if is_offered.get() { "Take a two-minute tour" } else { "Tour" };
        let Some(place) = El::find(".tour-invitation") else { return };
        place.append(&[
            span("").hidden_when(move || !is_offered.get()).text("New here?"),
            button("button button--quiet", "")
                .id("tour-start")
                .live(move || name().to_owned())
                .on_click(move || self.step.set(Some(0))),
            button("button button--quiet", "No thanks")
                .hidden_when(move || !is_offered.get())
                .on_click(move || self.end()),
        ]);
    }

    /// The card at the foot of the page; it takes the focus when the user starts the tour, never by itself.
    #[must_use]
    pub fn card(self) -> El {
        let text = |of: fn(&TourStep) -> &'static str| {
            move || self.step.get().and_then(|step| TOUR_STEPS.get(step)).map_or("", of).to_owned()
        };
        let is_at = move |step: usize| self.step.get() == Some(step);
        let next = button("button button--primary", "")
            .live(move || if is_at(TOUR_STEPS.len() - 1) { "Done" } else { "Next" }.to_owned())
            .on_click(move || self.turn(1));
        let card = El::new("aside").class("tour").label("Tour").hidden_when(move || self.step.get().is_none()).with([
            div("tour__text")
                .attr("aria-live", "polite")
                .with([h2("tour__title").live(text(|step| step.title)), p("").live(text(|step| step.text))]),
            div("tour__actions").with([
                span("tour__progress").live(move || self.step.get().map_or_else(String::new, progress)),
                button("button button--quiet", "Skip").on_click(move || self.end()),
                button("button", "Back").disabled_when(move || is_at(0)).on_click(move || self.turn(-1)),
                next.clone(),
            ]),
        ]);
        self.follow(next);
        // On the whole page: the focus may be outside the card.
        let _body = El::body().on("keydown", move |event| {
            let is_shown = self.step.peek().is_some();
            if is_shown && key_of(&event) == "Escape" {
                self.end();
            }
        });
        card
    }

    /// Shows and marks the part that the step explains, and gives the focus to the card when it appears.
    fn follow(self, next: El) {
        let mut shown: Option<El> = None;
        effect(move || {
            if let Some(explained) = &shown {
                explained.set_flag(EXPLAINED, false);
            }
            let is_new = shown.is_none();
            let step = self.step.get().and_then(|step| TOUR_STEPS.get(step));
            shown = step.and_then(|step| El::find(step.target));
            if let Some(explained) = &shown {
                explained.set_flag(EXPLAINED, true);
                explained.show();
                if is_new {
                    next.focus_in_place();
                }
            }
        });
    }

    fn turn(self, by: isize) {
        let next = self.step.peek().and_then(|step| step.checked_add_signed(by));
        match next.filter(|step| *step < TOUR_STEPS.len()) {
            Some(step) => self.step.set(Some(step)),
            None => self.end(),
        }
    }

    /// Ends the tour permanently; the button that starts it stays.
    fn end(self) {
        mark_for_good(SEEN_TOUR);
        self.is_offered.set(false);
        self.step.set(None);
        if let Some(start) = El::find("#tour-start") {
            start.focus_in_place();
        }
    }
}

impl Default for Tour {
    fn default() -> Self {
        Self::new()
    }
}
