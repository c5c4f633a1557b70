//! Which part of the page is shown, in step with its address in both directions.

use std::time::Duration;

use leptos::ev::hashchange;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::focus::Focus;
use super::store::Pipeline;
use crate::browser::clock::monotonic_millis;
use crate::browser::focus::reveal;
use crate::browser::location;
use crate::pipeline::split_key;
use crate::ui::model::address::Address;
use crate::ui::model::view_id::{Place, ViewId};

/// Minimum time between two changes of the address: browsers refuse more than a hundred in half a minute.
const REST: Duration = Duration::from_millis(500);
/// The id of the settings drawer.
const SETTINGS_ID: &str = "settings";
/// The id of the button that opens it.
pub const SETTINGS_BUTTON_ID: &str = "settings-button";

/// The view that is shown, and what lies over it: a context that `app` provides.
#[derive(Clone, Copy)]
pub struct Navigation {
    view: RwSignal<ViewId>,
    has_settings: RwSignal<bool>,
    /// The text in the search field of the settings.
    pub settings_search: RwSignal<String>,
    /// Whether the palette is open.
    pub has_palette: RwSignal<bool>,
    /// Whether the list of keys is open.
    pub has_keys: RwSignal<bool>,
    /// Whether the page is enlarged for a projector.
    pub is_presenting: RwSignal<bool>,
    /// Whether the chart takes the whole view.
    pub is_chart_large: RwSignal<bool>,
}

impl Navigation {
    /// The view that the address names, and in step with it from then on. Where the address names a part of a view, that
    /// part takes the focus once the page is built.
    #[must_use]
    pub fn follow_address(pipeline: Pipeline, focus: Focus) -> Self {
        let navigation = Self {
            view: RwSignal::default(),
            has_settings: RwSignal::new(false),
            settings_search: RwSignal::default(),
            has_palette: RwSignal::new(false),
            has_keys: RwSignal::new(false),
            is_presenting: RwSignal::new(false),
            is_chart_large: RwSignal::new(false),
        };
        let written = Trigger::new();
        let address = read_address(pipeline, &location::fragment());
        focus.show(&address);
        if let Some(place) = Place::of(&address.anchor) {
            navigation.go_to(place);
        }
        let listener = window_event_listener(hashchange, move |event| {
            // Not from the page's address, which may have been written since.
            let url = event.new_url();
            let (fragment, key) = split_key(url.split_once('#').map_or("", |(_, fragment)| fragment));
            if let Some(key) = key {
                // At once: a hidden page has no frames.
                location::set_fragment(&fragment);
                spawn_local(async move { pipeline.set_key(&key).await });
            }
            let address = read_address(pipeline, &fragment);
            // A link within the page names only a place: the view of the data stays.
            if address.has_view() {
                focus.show(&address);
            }
            let names_request = url.split_once('#').is_some_and(|(_, fragment)| Address::names_request(fragment));
            if names_request && address.request.is_empty() {
                focus.refuse_request();
            }
            if let Some(place) = Place::of(&address.anchor) {
                navigation.go_to(place);
            }
            // The address of the place gives way to that of the view, at once: the page may be loaded again.
            written.notify();
            request_animation_frame(move || location::set_fragment(&pipeline.fragment().read_untracked()));
        });
        on_cleanup(move || listener.remove());
        write_address(pipeline, focus, navigation.view, written);
        navigation
    }

    /// The navigation that `app` provides.
    #[must_use]
    pub fn expect() -> Self {
        expect_context()
    }

    /// The view that is shown.
    #[must_use]
    pub fn view(self) -> Signal<ViewId> {
        self.view.into()
    }

    /// Whether the settings are open.
    #[must_use]
    pub fn has_settings(self) -> Signal<bool> {
        self.has_settings.into()
    }

    /// Shows a view; its heading takes the focus.
    pub fn show(self, view: ViewId) {
        self.go_to(Place::Part(view, view.heading()));
    }

    /// Shows a view without moving the focus.
    pub fn look_at(self, view: ViewId) {
        if self.view.get_untracked() != view {
            self.view.set(view);
        }
    }

    /// Shows a place, which takes the focus once it is visible.
    pub fn go_to(self, place: Place) {
        match place {
            Place::Part(view, part) => {
                self.look_at(view);
                reveal_soon(part);
            }
            Place::Settings => self.open_settings(),
        }
    }

    /// Opens the settings, which take the focus.
    pub fn open_settings(self) {
        self.has_settings.set(true);
        reveal_soon(SETTINGS_ID);
    }

    /// Opens the settings where one of them is found.
    pub fn open_setting(self, name: &str) {
        self.settings_search.set(name.to_owned());
        self.open_settings();
    }

    /// Closes the settings; the focus returns to the button that opens them.
    pub fn close_settings(self) {
        if self.has_settings.get_untracked() {
            self.has_settings.set(false);
            reveal(SETTINGS_BUTTON_ID);
        }
    }

    /// Opens the settings, or closes them.
    pub fn toggle_settings(self) {
        if self.has_settings.get_untracked() { self.close_settings() } else { self.open_settings() }
    }
}

/// Gives the focus to an element that the changes of this frame make visible.
fn reveal_soon(id: &'static str) {
    request_animation_frame(move || reveal(id));
}

/// The view that the part of an address after `#` describes; the parts that are not valid become problems of the page.
fn read_address(pipeline: Pipeline, fragment: &str) -> Address {
    let (address, problems) = Address::read(fragment);
    if !problems.is_empty() {
        pipeline.problems().update(|all| all.extend(problems));
    }
    address
}

/// Writes each change of the view to the address, at once after a rest: a link that leads to where the address still is
/// would lead nowhere.
fn write_address(pipeline: Pipeline, focus: Focus, view: RwSignal<ViewId>, written: Trigger) {
    let fragment = pipeline.fragment();
    let is_waiting = StoredValue::new(false);
    let written_millis = StoredValue::new(f64::NEG_INFINITY);
    Effect::new(move || {
        written.track();
        let anchor = Some(view.get()).filter(|view| *view != ViewId::Live);
        let address = Address {
            anchor: anchor.map(ViewId::anchor).unwrap_or_default().to_owned(),
            range: focus.range.get(),
            ids: focus.ids.get(),
            request: focus.request.get(),
        };
        fragment.set(address.write());
        if !is_waiting.get_value() {
            is_waiting.set_value(true);
            let write = move || {
                is_waiting.set_value(false);
                let fragment = fragment.read_untracked();
                // A link that was followed has written it already.
                if location::fragment() != *fragment {
                    written_millis.set_value(monotonic_millis());
                    location::set_fragment(&fragment);
                }
            };
            let has_rested = monotonic_millis() - written_millis.get_value() >= REST.as_millis() as f64;
            set_timeout(write, if has_rested { Duration::ZERO } else { REST });
        }
    });
}
