//! A confirmation before an action that cannot be undone.

use leptos::prelude::*;

/// A question with the button that performs the action; either answer closes it.
#[component]
pub fn Question(
    /// Whether the question is open.
    is_asked: RwSignal<bool>,
    /// The question.
    sentence: &'static str,
    /// The text of the button that performs the action.
    answer: &'static str,
    /// Performs the action.
    #[prop(into)]
    on_answer: Callback<()>,
) -> impl IntoView {
    let confirm = move |_| {
        is_asked.set(false);
        on_answer.run(());
    };
    view! {
        <div class="question" role="group" aria-label=sentence hidden=move || !is_asked.get()>
            <span>{sentence}</span>
            <button type="button" class="button button--danger" on:click=confirm>
                {answer}
            </button>
            <button type="button" class="button" on:click=move |_| is_asked.set(false)>
                "Keep"
            </button>
        </div>
    }
}

/// The button that opens and closes the question.
#[component]
pub fn QuestionButton(
    /// Whether the question is open.
    is_asked: RwSignal<bool>,
    /// The label.
    text: &'static str,
    /// Whether the button is disabled.
    #[prop(optional, into)]
    disabled: Signal<bool>,
) -> impl IntoView {
    view! {
        <button
            type="button"
            class="button button--quiet"
            aria-expanded=move || is_asked.get().to_string()
            disabled=disabled
            on:click=move |_| is_asked.update(|is_asked| *is_asked = !*is_asked)
        >
            {text}
        </button>
    }
}
