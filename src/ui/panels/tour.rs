//! The tour of a first visit: offered in the bar, shown in a card that keeps the rest usable.

use leptos::ev::keydown;
use leptos::html::Button;
use leptos::prelude::*;

use super::menu::MENU_BUTTON_ID;
use crate::browser::focus::{focus_in_place, reveal};
use crate::browser::session::{is_marked_for_good, mark_for_good};
use crate::client::SEEN_TOUR;
use crate::ui::model::tour_steps::{TOUR_STEPS, TourStep, progress};
use crate::ui::navigation::Navigation;

/// The attribute of the part that is being explained.
const EXPLAINED: &str = "data-explained";

/// The current step of the tour, and whether the tour is still offered: a context that `app` provides.
#[derive(Clone, Copy)]
pub struct Tour {
    step: RwSignal<Option<usize>>,
    is_offered: RwSignal<bool>,
}

impl Tour {
    /// A tour, offered unless it was taken or declined in this browser.
    #[must_use]
    pub fn new() -> Self {
        Self { step: RwSignal::new(None), is_offered: RwSignal::new(!is_marked_for_good(SEEN_TOUR)) }
    }

    /// The tour that `app` provides.
    #[must_use]
    pub fn expect() -> Self {
        expect_context()
    }

    /// Starts at the first step.
    pub fn begin(self) {
        self.step.set(Some(0));
    }

    /// The current step; tracked.
    fn current(self) -> Option<&'static TourStep> {
        self.step.get().and_then(|step| TOUR_STEPS.get(step))
    }

    /// Goes some steps on, or back; beyond the last step the tour ends.
    fn turn(self, by: isize) {
        let next = self.step.get_untracked().and_then(|step| step.checked_add_signed(by));
        match next.filter(|step| *step < TOUR_STEPS.len()) {
            Some(step) => self.step.set(Some(step)),
            None => self.end(),
        }
    }

    /// Ends the tour permanently; the menu still has it.
    fn end(self) {
        mark_for_good(SEEN_TOUR);
        self.is_offered.set(false);
        self.step.set(None);
        // The button of the offer is gone.
        reveal(MENU_BUTTON_ID);
    }
}

impl Default for Tour {
    fn default() -> Self {
        Self::new()
    }
}

/// The offer of the tour on a first visit; the menu has the tour for later.
#[component]
pub fn TourButton() -> impl IntoView {
    let tour = Tour::expect();
    let is_declined = move || !tour.is_offered.get();
    view! {
        <div class="bar__tour" hidden=is_declined>
            <button
                type="button"
                class="button button--quiet"
                id="tour-start"
                title="New here? It takes two minutes."
                on:click=move |_| tour.begin()
            >
                "Tour"
            </button>
            <button
                type="button"
                class="button button--quiet"
                aria-label="No tour, thanks"
                title="No tour, thanks"
                on:click=move |_| tour.end()
            >
                "\u{d7}"
            </button>
        </div>
    }
}

/// The card at the foot of the page; it takes the focus when the user starts the tour, never by itself.
#[component]
pub fn TourCard() -> impl IntoView {
    let tour = Tour::expect();
    let next = NodeRef::new();
    explain(tour, next);
    // On the whole page: the focus may be outside the card.
    let listener = window_event_listener(keydown, move |event| {
        if tour.step.get_untracked().is_some() && event.key() == "Escape" {
            tour.end();
        }
    });
    on_cleanup(move || listener.remove());
    let title = move || tour.current().map(|step| step.title);
    let text = move || tour.current().map(|step| step.text);
    let is_at = move |step: usize| tour.step.get() == Some(step);
    view! {
        <aside class="tour" aria-label="Tour" hidden=move || tour.step.get().is_none()>
            <div class="tour__text" aria-live="polite">
                <h2 class="tour__title">{title}</h2>
                <p>{text}</p>
            </div>
            <div class="tour__actions">
                <span class="tour__progress">{move || tour.step.get().map(progress)}</span>
                <button type="button" class="button button--quiet" on:click=move |_| tour.end()>
                    "Skip"
                </button>
                <button type="button" class="button" disabled=move || is_at(0) on:click=move |_| tour.turn(-1)>
                    "Back"
                </button>
                <button type="button" class="button button--primary" node_ref=next on:click=move |_| tour.turn(1)>
                    {move || if is_at(TOUR_STEPS.len() - 1) { "Done" } else { "Next" }}
                </button>
            </div>
        </aside>
    }
}

/// Shows the view with the part that the step explains, marks that part, and gives the focus to the card when it appears.
fn explain(tour: Tour, next: NodeRef<Button>) {
    let navigation = Navigation::expect();
    // It runs after the effects of the view, and a card that is still hidden takes no focus.
    Effect::new(move |before: Option<Option<&'static TourStep>>| {
        let (before, step) = (before.flatten(), tour.current());
        if let Some(before) = before {
            mark(before, false);
        }
        if let Some(step) = step {
            navigation.look_at(step.view);
            // The view that holds the part is built and visible from this frame on.
            request_animation_frame(move || {
                if untrack(|| tour.current()) == Some(step) {
                    mark(step, true);
                }
            });
        }
        if let (None, Some(_), Some(next)) = (before, step, next.get_untracked()) {
            request_animation_frame(move || focus_in_place(&next));
        }
        step
    });
}

/// Marks the part of the page that a step explains and scrolls it into view, or removes the mark.
fn mark(step: &TourStep, is_explained: bool) {
    let Ok(Some(part)) = document().query_selector(step.target) else { return };
    // Only an invalid name is refused.
    let _ = part.toggle_attribute_with_force(EXPLAINED, is_explained);
    if is_explained {
        part.scroll_into_view();
    }
}
