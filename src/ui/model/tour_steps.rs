//! The steps of the tour for a first visit.

use super::view_id::ViewId;

/// A step of the tour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TourStep {
    /// The view that it is about.
    pub view: ViewId,
    /// The part of the page that it explains, as a selector.
    pub target: &'static str,
    /// Its title.
    pub title: &'static str,
    /// The explanation.
    pub text: &'static str,
}

/// The steps, in order.
pub const TOUR_STEPS: &[TourStep] = &[
    TourStep {
        view: ViewId::Live,
        target: "#pipeline",
        title: "Events flow through here",
        text: "A simulated sensor sends an event a second. Ten of them make a batch, which is transformed and kept. \
               Pause stops the source, Step sends one event.",
    },
    TourStep {
        view: ViewId::Live,
        target: ".chart-panel",
        title: "Every value, and its moving average",
        text: "Each event is a point; the second line averages the last five seconds. Both are settings.",
    },
    TourStep {
        view: ViewId::Live,
        target: ".tables",
        title: "The newest batch, three times",
        text: "latest has a row for each event, melted one for each cell, pivoted one for each id. \"Try five sensors\" makes \
               ids recur, so that the pivot puts rows together.",
    },
    TourStep {
        view: ViewId::Api,
        target: "#console",
        title: "It answers HTTP",
        text: "Press Send to ask for the newest batch. The address works from any fetch in this browser, in a new tab \
               too, and there is no server behind it.",
    },
    TourStep {
        view: ViewId::Data,
        target: ".own-data",
        title: "Bring your own data",
        text: "Drop a file of CSV, JSON, Arrow or Parquet, or paste rows. You see what becomes of them before they are \
               taken. Nothing leaves this browser.",
    },
];

/// `2 of 5`.
#[must_use]
pub fn progress(step: usize) -> String {
    [&(step + 1).to_string(), " of ", &TOUR_STEPS.len().to_string()].concat()
}

#[cfg(test)]
mod tests {
    use super::{TOUR_STEPS, progress};

    #[test]
    fn the_tour_is_short() {
        assert!(TOUR_STEPS.len() <= 5);
        assert!(TOUR_STEPS.iter().all(|step| step.text.len() < 180), "a step is read in a few seconds");
        assert_eq!(progress(1), "2 of 5");
    }
}
