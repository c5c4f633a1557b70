//! A button with a text.

use leptos::prelude::*;

/// A button. All that two of them differ by comes as signals and a callback, so that the program has its code once.
#[component]
pub fn Button(
    /// The text.
    #[prop(into)]
    text: Signal<String>,
    /// Called on each click.
    #[prop(into)]
    on_press: Callback<()>,
    /// The classes.
    #[prop(default = "button")]
    class: &'static str,
    /// The label for screen readers, where the text is too short; it begins with the text.
    #[prop(optional, into)]
    label: Option<Signal<String>>,
    /// Whether the button is disabled.
    #[prop(optional, into)]
    disabled: Signal<bool>,
    /// Whether the button is hidden.
    #[prop(optional, into)]
    hidden: Signal<bool>,
) -> impl IntoView {
    view! {
        <button
            type="button"
            class=class
            aria-label=move || label.map(|label| label.get())
            disabled=disabled
            hidden=hidden
            on:click=move |_| on_press.run(())
        >
            {text}
        </button>
    }
}
