//! Derived signals of few types.
//!
//! What is drawn differently for each closure is compiled for each closure: with the helpers below all texts of the
//! page share one piece of code, which halves what a visitor downloads.

use leptos::prelude::*;

/// A text computed from signals.
pub fn text(compute: impl Fn() -> String + Send + Sync + 'static) -> Signal<String> {
    Signal::derive(compute)
}

/// A condition computed from signals.
pub fn flag(compute: impl Fn() -> bool + Send + Sync + 'static) -> Signal<bool> {
    Signal::derive(compute)
}
