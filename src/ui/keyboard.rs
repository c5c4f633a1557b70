//! Listens to the keys of the whole page.
//!
//! A part of the page that has keys of its own, such as the chart, prevents their default action; the others act here.

use leptos::ev::{KeyboardEvent, keydown};
use leptos::prelude::*;

use super::commands::Commands;
use super::model::shortcuts::{KeyPress, Shortcut, of_key};
use crate::browser::focus::{exists, is_focus_in, is_focus_on};
use crate::browser::session::{is_marked_for_good, mark_for_good, unmark_for_good};
use crate::client::NO_SINGLE_KEYS;

/// Where characters are typed.
const TYPING: &str = "input:not([type=checkbox], [type=radio], [type=range], [type=file], [type=button]), textarea, \
                      select, [contenteditable], [role=textbox], [role=combobox], [role=listbox]";
/// What Space acts on, or scrolls.
const CONTROLS: &str = "a[href], button, input, select, textarea, summary, [tabindex]:not([tabindex='-1'])";

/// Whether single keys are in use: a context that [`follow_keys`] provides.
#[derive(Clone, Copy)]
pub struct SingleKeys(RwSignal<bool>);

impl SingleKeys {
    fn new() -> Self {
        Self(RwSignal::new(!is_marked_for_good(NO_SINGLE_KEYS)))
    }

    /// The context of the page.
    #[must_use]
    pub fn expect() -> Self {
        expect_context()
    }

    /// Whether they are in use.
    #[must_use]
    pub fn are_on(self) -> Signal<bool> {
        self.0.into()
    }

    /// Switches them on or off, for later visits too.
    pub fn switch(self, are_on: bool) {
        if are_on {
            unmark_for_good(NO_SINGLE_KEYS);
        } else {
            mark_for_good(NO_SINGLE_KEYS);
        }
        self.0.set(are_on);
    }
}

/// Listens to the keys of the whole page as long as the caller lives; all contexts are provided before.
pub fn follow_keys() {
    let (single_keys, commands) = (SingleKeys::new(), Commands::new());
    provide_context(single_keys);
    provide_context(commands);
    let listener = window_event_listener(keydown, move |event| {
        if let Some(shortcut) = shortcut_of(&event, single_keys).filter(|shortcut| commands.can_press(*shortcut)) {
            event.prevent_default();
            commands.press(shortcut);
        }
    });
    on_cleanup(move || listener.remove());
}

/// What a key does where the focus is, `None` where it is left to what has the focus, or to the browser.
fn shortcut_of(event: &KeyboardEvent, single_keys: SingleKeys) -> Option<Shortcut> {
    let key = event.key();
    let press = KeyPress {
        key: &key,
        is_command: event.ctrl_key() || event.meta_key(),
        is_alt: event.alt_key(),
        is_shift: event.shift_key(),
    };
    let shortcut = of_key(&press).filter(|shortcut| !event.repeat() || shortcut.is_repeated())?;
    let is_free = !event.default_prevented() && !event.is_composing();
    let may_act = match shortcut {
        Shortcut::Palette => true,
        Shortcut::Leave => is_free && !exists("dialog[open], [popover]:popover-open"),
        _ if !is_free || exists("dialog[open]") => false,
        Shortcut::NextRegion | Shortcut::PreviousRegion => true,
        Shortcut::RunOrPause if is_focus_on(CONTROLS) => false,
        _ if is_focus_in(TYPING) => false,
        _ => single_keys.are_on().get_untracked() || !shortcut.is_single(),
    };
    may_act.then_some(shortcut)
}
