//! Synchronises the page's address with the view, in both directions.

use gloo_timers::future::TimeoutFuture;
use leptos::task::spawn_local;

use super::focus::Focus;
use super::live::{El, State, effect};
use super::state::Pipeline;
use crate::browser::location;
use crate::ui::model::address::Address;

/// Minimum time between two changes: browsers refuse more than a hundred changes of the address in half a minute.
const REST_MILLIS: u32 = 500;

/// Applies the address before the panels are made, and keeps address and view in sync from then on. Returns the id of
/// the panel that the address points to.
pub fn follow_address(pipeline: Pipeline, focus: Focus) -> String {
    let anchor = State::new(String::new());
    take(pipeline, focus, anchor, true);
    location::on_fragment(move || take(pipeline, focus, anchor, false));
    let is_waiting = State::new(false);
    effect(move || {
        let address = Address {
            anchor: anchor.get(),
            range: focus.range.get(),
            ids: focus.ids.get(),
            request: focus.request.get(),
        };
        pipeline.fragment().set(address.write());
        if !*is_waiting.peek() {
            is_waiting.set(true);
            spawn_local(async move {
                TimeoutFuture::new(REST_MILLIS).await;
                is_waiting.set(false);
                location::set_fragment(&pipeline.fragment().peek());
            });
        }
    });
    anchor.peek().clone()
}

/// A link within the page names only a panel: then the view stays. An address with more sets the view.
fn take(pipeline: Pipeline, focus: Focus, anchor: State<String>, is_start: bool) {
    let (address, problems) = Address::read(&location::fragment());
    if !problems.is_empty() {
        pipeline.problems().update(|all| all.extend(problems));
    }
    let has_view = address.has_view();
    anchor.set(address.anchor);
    if !is_start && !has_view {
        return;
    }
    focus.range.set(address.range);
    focus.ids.set(address.ids);
    focus.request.set(address.request);
    let place = anchor.peek().clone();
    if let Some(panel) = panel(&place) {
        panel.reveal();
    }
}

/// The panel with this id.
#[must_use]
pub fn panel(id: &str) -> Option<El> {
    if id.is_empty() { None } else { El::find(&["#", id].concat()) }
}
