//! The result of sending events.

use leptos::prelude::*;

use crate::ui::model::quantity::grouped;

/// Maximum number of reasons shown; the list of refused rows has all of them.
const SHOWN_REASONS: usize = 8;

/// A title, and why rows were refused.
#[component]
pub fn OutcomeView(
    /// Whether anything was accepted.
    is_good: bool,
    /// The test id of the title.
    test_id: &'static str,
    /// The title.
    title: String,
    /// Why rows were refused.
    #[prop(optional)]
    reasons: Vec<String>,
    /// Number of reasons that there are, of which `reasons` may be the first.
    #[prop(optional)]
    count: u64,
) -> impl IntoView {
    let hidden = count.max(reasons.len() as u64).saturating_sub(SHOWN_REASONS as u64);
    let reason = |reason| view! { <li>{reason}</li> };
    view! {
        <div class="outcome" class=("outcome--refused", !is_good)>
            <strong data-testid=test_id>{title}</strong>
            <ul class="outcome__reasons">{reasons.into_iter().take(SHOWN_REASONS).map(reason).collect_view()}</ul>
            {(hidden > 0).then(|| format!("and {} more", grouped(hidden)))}
        </div>
    }
}
