//! The warning beside a request that a link filled in.

use leptos::prelude::*;
use leptos::task::tick;
use millrace::ui::components::link_warning::LinkWarning;
use wasm_bindgen_test::wasm_bindgen_test;

use super::Screen;

#[wasm_bindgen_test]
async fn a_request_of_a_link_that_changes_something_is_marked() {
    let (method, is_from_link) = (RwSignal::new("GET".to_owned()), RwSignal::new(true));
    let screen = Screen::show(move || view! { <LinkWarning method is_from_link/> }).await;
    let text = || screen.root.text_content().unwrap_or_default();
    assert_eq!(text(), "", "reading changes nothing");
    for changing in ["DELETE", "PATCH", "POST", "PUT"] {
        method.set(changing.to_owned());
        tick().await;
        assert!(text().contains("This request comes from the address.") && text().contains(changing), "{}", text());
    }
    is_from_link.set(false);
    tick().await;
    assert_eq!(text(), "", "the user has chosen an operation");
}
