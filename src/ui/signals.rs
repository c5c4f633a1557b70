//! Derived signals of few types, so that what follows them is compiled once for each type and not for each closure.

use leptos::prelude::*;

/// A text computed from signals.
pub fn text(compute: impl Fn() -> String + Send + Sync + 'static) -> Signal<String> {
    Signal::derive(compute)
}

/// A number computed from signals.
pub fn number(compute: impl Fn() -> u64 + Send + Sync + 'static) -> Signal<u64> {
    Signal::derive(compute)
}

/// A condition computed from signals.
pub fn flag(compute: impl Fn() -> bool + Send + Sync + 'static) -> Signal<bool> {
    Signal::derive(compute)
}
