//! A confirmation before an action that cannot be undone.

use crate::ui::html::{button, div};
use crate::ui::live::{El, State};

/// A question with the button that performs the action; it is visible while `is_asked`, and either answer closes it.
#[must_use]
pub fn question(is_asked: State<bool>, sentence: &str, answer: &str, act: impl Fn() + 'static) -> El {
    div("question").role("group").label(sentence).hidden_when(move || !is_asked.get()).with([
        El::new("span").text(sentence),
        button("button button--danger", answer).on_click(move || {
            is_asked.set(false);
            act();
        }),
        button("button", "Keep").on_click(move || is_asked.set(false)),
    ])
}

/// The button that opens the question.
#[must_use]
pub fn question_button(is_asked: State<bool>, text: &str) -> El {
    button("button button--quiet", text)
        .live_attr("aria-expanded", move || is_asked.get().to_string())
        .on_click(move || is_asked.update(|is_asked| *is_asked = !*is_asked))
}
