//! The confirmation before an action that cannot be undone.

use leptos::prelude::*;
use millrace::ui::components::question::{Question, QuestionButton};
use wasm_bindgen_test::wasm_bindgen_test;

use super::Screen;

const OPEN: &str = "Forget everything\u{2026}";
const SENTENCE: &str = "Forget all results?";

async fn reset_of(forgotten: RwSignal<u32>) -> Screen {
    let reset = move || {
        let is_asked = RwSignal::new(false);
        view! {
            <QuestionButton is_asked text=OPEN/>
            <Question
                is_asked
                sentence=SENTENCE
                answer="Forget all"
                on_answer=move |()| forgotten.update(|times| *times += 1)
            />
        }
    };
    Screen::show(reset).await
}

#[wasm_bindgen_test]
async fn the_button_opens_and_closes_the_question() {
    let screen = reset_of(RwSignal::new(0)).await;
    assert!(screen.find("group", SENTENCE).is_none());
    assert_eq!(screen.attribute("button", OPEN, "aria-expanded"), "false");
    screen.click("button", OPEN).await;
    assert!(screen.find("group", SENTENCE).is_some());
    assert_eq!(screen.attribute("button", OPEN, "aria-expanded"), "true");
    screen.click("button", OPEN).await;
    assert!(screen.find("group", SENTENCE).is_none());
}

#[wasm_bindgen_test]
async fn the_answer_acts_once_and_closes_the_question() {
    let forgotten = RwSignal::new(0);
    let screen = reset_of(forgotten).await;
    screen.click("button", OPEN).await;
    screen.click("button", "Forget all").await;
    assert_eq!(forgotten.get_untracked(), 1);
    assert!(screen.find("group", SENTENCE).is_none());
}

#[wasm_bindgen_test]
async fn keep_closes_the_question_without_acting() {
    let forgotten = RwSignal::new(0);
    let screen = reset_of(forgotten).await;
    screen.click("button", OPEN).await;
    screen.click("button", "Keep").await;
    assert_eq!(forgotten.get_untracked(), 0);
    assert!(screen.find("group", SENTENCE).is_none());
}
