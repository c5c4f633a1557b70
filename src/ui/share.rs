//! Synchronises the page's address with the view, in both directions.

use std::time::Duration;

use leptos::ev::hashchange;
use leptos::prelude::*;

use super::focus::Focus;
use super::store::Pipeline;
use crate::browser::focus::reveal;
use crate::browser::location;
use crate::ui::model::address::Address;

/// Minimum time between two changes: browsers refuse more than a hundred changes of the address in half a minute.
const REST: Duration = Duration::from_millis(500);

/// Applies the address before the panels are made, and keeps address and view in sync from then on. Returns the id of
/// the panel that the address points to.
pub fn follow_address(pipeline: Pipeline, focus: Focus) -> String {
    let anchor = RwSignal::new(String::new());
    let show = move |address: Address| {
        anchor.set(address.anchor);
        focus.range.set(address.range);
        focus.ids.set(address.ids);
        focus.request.set(address.request);
    };
    show(read_address(pipeline));
    let listener = window_event_listener(hashchange, move |_| {
        let address = read_address(pipeline);
        if address.has_view() {
            let panel = address.anchor.clone();
            show(address);
            reveal(&panel);
        } else {
            // A link within the page names only a panel: the view stays.
            anchor.set(address.anchor);
        }
    });
    on_cleanup(move || listener.remove());
    write_address(pipeline, focus, anchor);
    anchor.get_untracked()
}

/// The view that the address describes; the parts that are not valid become problems of the page.
fn read_address(pipeline: Pipeline) -> Address {
    let (address, problems) = Address::read(&location::fragment());
    if !problems.is_empty() {
        pipeline.problems().update(|all| all.extend(problems));
    }
    address
}

/// Writes each change of the view to the address.
fn write_address(pipeline: Pipeline, focus: Focus, anchor: RwSignal<String>) {
    let fragment = pipeline.fragment();
    let is_waiting = StoredValue::new(false);
    Effect::new(move || {
        let address = Address {
            anchor: anchor.get(),
            range: focus.range.get(),
            ids: focus.ids.get(),
            request: focus.request.get(),
        };
        fragment.set(address.write());
        if !is_waiting.get_value() {
            is_waiting.set_value(true);
            let write = move || {
                is_waiting.set_value(false);
                location::set_fragment(&fragment.read_untracked());
            };
            set_timeout(write, REST);
        }
    });
}
