//! A dialog over the page, which rests meanwhile.

use leptos::ev::{KeyboardEvent, MouseEvent};
use leptos::html;
use leptos::prelude::*;

/// A modal dialog. Escape, a click beside it and its form of closing set `is_open`; the browser returns the focus to
/// what had it.
#[component]
pub fn Dialog(
    /// Whether it is open.
    is_open: RwSignal<bool>,
    /// Its name for screen readers.
    label: &'static str,
    /// The class of its content.
    class: &'static str,
    /// The content.
    children: Children,
) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    Effect::new(move || {
        let is_wanted = is_open.get();
        let Some(dialog) = dialog.get().filter(|dialog| dialog.open() != is_wanted) else { return };
        if is_wanted {
            // Fails for an element that is open or not in the page.
            let _ = dialog.show_modal();
        } else {
            dialog.close();
        }
    });
    let close = move || {
        if is_open.get_untracked() {
            is_open.set(false);
        }
    };
    // The content covers the dialog: what hits the dialog itself is beside it. A drag that begins in a field and ends
    // beside the dialog is a click there too, so that the press counts.
    let is_pressed_beside = StoredValue::new(false);
    let is_beside = |event: &MouseEvent| event.target() == event.current_target();
    let close_on_escape = move |event: KeyboardEvent| {
        if event.key() == "Escape" {
            event.prevent_default();
            close();
        }
    };
    view! {
        <dialog
            class="dialog"
            aria-label=label
            node_ref=dialog
            on:keydown=close_on_escape
            on:close=move |_| close()
            on:mousedown=move |event| is_pressed_beside.set_value(is_beside(&event))
            on:click=move |event| {
                if is_pressed_beside.get_value() && is_beside(&event) {
                    close();
                }
            }
        >
            <div class=format!("dialog__content {class}")>{children()}</div>
        </dialog>
    }
}
