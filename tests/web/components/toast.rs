//! The slots for notifications.

use leptos::prelude::*;
use leptos::task::tick;
use millrace::ui::components::toast::{NoteToast, WorkToast};
use millrace::ui::model::news::News;
use wasm_bindgen_test::wasm_bindgen_test;

use super::Screen;

async fn note() -> (RwSignal<News>, Screen) {
    let news = RwSignal::new(News::default());
    (news, Screen::show(move || view! { <NoteToast news place=0/> }).await)
}

async fn work() -> (RwSignal<News>, Screen) {
    let news = RwSignal::new(News::default());
    (news, Screen::show(move || view! { <WorkToast news place=0/> }).await)
}

/// Begins work that is shown at once; returns its number.
fn begin(news: RwSignal<News>, can_stop: bool) -> u32 {
    let mut number = 0;
    news.update(|news| {
        number = news.begin("Exporting", can_stop);
        news.work_mut(number).unwrap().is_shown = true;
    });
    number
}

#[wasm_bindgen_test]
async fn a_note_is_shown_until_it_is_dismissed() {
    let (news, screen) = note().await;
    assert!(screen.find("button", "Dismiss").is_none());
    news.update(|news| {
        news.push("Exported", false);
    });
    tick().await;
    assert!(screen.find("status", "Exported").is_some());
    screen.click("button", "Dismiss").await;
    assert!(screen.find("button", "Dismiss").is_none());
    assert!(news.read_untracked().note(0).is_none());
}

#[wasm_bindgen_test]
async fn an_error_is_an_alert() {
    let (news, screen) = note().await;
    news.update(|news| {
        news.push("The disk is full", true);
    });
    tick().await;
    assert!(screen.find("alert", "The disk is full").is_some());
    assert_eq!(screen.select(".toast").class_name(), "toast toast--broken");
}

#[wasm_bindgen_test]
async fn work_has_a_value_once_its_share_is_known() {
    let (news, screen) = work().await;
    let number = begin(news, false);
    tick().await;
    assert!(screen.find("status", "Exporting").is_some());
    assert!(!screen.has_attribute("progressbar", "Progress", "value"));
    news.update(|news| news.work_mut(number).unwrap().share = Some(0.25));
    tick().await;
    assert_eq!(screen.attribute("progressbar", "Progress", "value"), "0.25");
    assert!(screen.find("button", "Cancel").is_none());
}

#[wasm_bindgen_test]
async fn work_can_be_cancelled_once() {
    let (news, screen) = work().await;
    let number = begin(news, true);
    tick().await;
    screen.click("button", "Cancel").await;
    assert!(news.read_untracked().is_stopped(number));
    assert!(screen.has_attribute("button", "Cancel", "disabled"));
}
