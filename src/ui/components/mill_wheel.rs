//! A wheel that shows the flow of batches.

use crate::ui::html::div;
use crate::ui::live::{El, Live, effect};

const NOTCH_DEGREES: u64 = 45;

/// A mill wheel: it turns by one notch whenever the count of batches changes, or steadily. Several batches at once turn
/// it by one notch, so that it never spins too fast.
#[must_use]
pub fn mill_wheel(batches: Live<u64>, is_turning: Live<bool>) -> El {
    let circle =
        |class: &str, radius: &str| El::svg("circle").class(class).attr("cx", "24").attr("cy", "24").attr("r", radius);
    let paddles = "M24 2v44M2 24h44M8.4 8.4l31.2 31.2M39.6 8.4 8.4 39.6";
    let picture = El::svg("svg").class("mill-wheel__picture").attr("viewBox", "0 0 48 48").with([
        circle("mill-wheel__rim", "14"),
        El::svg("path").class("mill-wheel__paddles").attr("d", paddles),
        circle("mill-wheel__hub", "4"),
    ]);
    // A box around the picture turns, not the SVG: for a turning SVG Chromium recomposes the layers of the page in each
    // frame.
    let wheel = div("").live_class(move || wheel_class(is_turning.get())).with([picture.decorative()]);
    let rotor = wheel.clone();
    let (mut notches, mut seen) = (0, None);
    effect(move || {
        let (batches, is_turning) = (batches.get(), is_turning.get());
        // During the steady animation nothing else may set the transform: only then browsers run it without the page.
        if seen.replace(batches).is_some_and(|seen| seen != batches) && !is_turning {
            notches += 1;
            rotor.set_transform(&format!("rotate({}deg)", notches * NOTCH_DEGREES));
        }
    });
    wheel
}

fn wheel_class(is_turning: bool) -> String {
    let state = if is_turning { " mill-wheel--turning" } else { "" };
    format!("mill-wheel{state}")
}
