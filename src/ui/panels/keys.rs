//! The list of all keys.

use leptos::prelude::*;

use crate::ui::components::dialog::Dialog;
use crate::ui::keyboard::SingleKeys;
use crate::ui::model::shortcuts::{GROUPS, KeyGroup, KeyRow};
use crate::ui::navigation::Navigation;

/// All keys with what they do, and the switch of the single ones.
#[component]
pub fn KeysDialog() -> impl IntoView {
    let is_open = Navigation::expect().has_keys;
    view! {
        <Dialog is_open label="Keys" class="keys">
            <div class="keys__head">
                <h2 class="panel__title">"Keys"</h2>
                <button type="button" class="button" on:click=move |_| is_open.set(false)>"Close"</button>
            </div>
            <SingleKeysSwitch/>
            <div class="keys__groups">{GROUPS.iter().map(|group| view! { <Group group/> }).collect_view()}</div>
            <p class="keys__note">"On a Mac, \u{2318} takes the place of Ctrl."</p>
        </Dialog>
    }
}

/// Switches single keys on or off.
#[component]
fn SingleKeysSwitch() -> impl IntoView {
    let single_keys = SingleKeys::expect();
    let are_on = single_keys.are_on();
    view! {
        <label class="check">
            <input
                class="check__box"
                type="checkbox"
                aria-describedby="keys-switch-note"
                prop:checked=are_on
                on:change:target=move |event| single_keys.switch(event.target().checked())
            />
            "Single keys"
        </label>
        <p class="keys__note" id="keys-switch-note">
            "Letters, digits, signs and Space without Ctrl. They rest in fields; switched off, they do nothing."
        </p>
    }
}

/// A headed group of the list.
#[component]
fn Group(
    /// The group.
    group: &'static KeyGroup,
) -> impl IntoView {
    let row = |row: &'static KeyRow| {
        view! {
            <div class="keys__row">
                <dt class="keys__keys">
                    {row.keys.iter().map(|(key, _)| view! { <kbd class="keys__key">{*key}</kbd> }).collect_view()}
                </dt>
                <dd class="keys__effect">{row.effect}</dd>
            </div>
        }
    };
    view! {
        <section class="keys__group">
            <h3 class="keys__title">{group.title}</h3>
            <dl>{group.rows.iter().map(row).collect_view()}</dl>
        </section>
    }
}
