//! Components in a document: each test mounts one in an element of its own, acts as a user, and reads what a screen
//! reader would.

mod choice;
mod copy_button;
mod counter;
mod dialog;
mod held_notice;
mod link_warning;
mod mill_wheel;
mod outcome;
mod pager;
mod palette;
mod question;
mod segmented;
mod setting_field;
mod toast;

use std::any::Any;

use leptos::mount::mount_to;
use leptos::prelude::*;
use leptos::task::tick;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlElement, HtmlInputElement, HtmlSelectElement};

/// A mounted view. Dropping it disposes of the view and removes its element.
struct Screen {
    root: HtmlElement,
    mounted: Option<Box<dyn Any>>,
}

impl Screen {
    /// Mounts a view and waits until it is complete.
    async fn show<V>(view: impl FnOnce() -> V + 'static) -> Self
    where
        V: IntoView + 'static,
        V::State: 'static,
    {
        let root: HtmlElement = document().create_element("div").unwrap().unchecked_into();
        document().body().unwrap().append_child(&root).unwrap();
        let mounted = mount_to(root.clone(), view);
        tick().await;
        Self { root, mounted: Some(Box::new(mounted)) }
    }

    /// The visible element with this role and accessible name, if there is one.
    fn find(&self, role: &str, name: &str) -> Option<HtmlElement> {
        let all = self.root.get_elements_by_tag_name("*");
        (0..all.length())
            .filter_map(|index| all.item(index))
            .find(|element| is_visible(element) && role_of(element) == role && self.name_of(element) == name)
            .map(JsCast::unchecked_into)
    }

    /// The visible element with this role and accessible name.
    fn get(&self, role: &str, name: &str) -> HtmlElement {
        self.find(role, name).unwrap_or_else(|| panic!("no visible {role} \"{name}\" in {}", self.root.inner_html()))
    }

    /// The only element that a selector matches, for elements that screen readers leave out.
    fn select(&self, selector: &str) -> HtmlElement {
        self.root.query_selector(selector).unwrap().unwrap().unchecked_into()
    }

    fn name_of(&self, element: &Element) -> String {
        let label = match element.tag_name().as_str() {
            "FIELDSET" => element.query_selector("legend").unwrap(),
            "INPUT" | "SELECT" => {
                let is_for = format!("label[for=\"{}\"]", element.id());
                element.closest("label").unwrap().or_else(|| self.root.query_selector(&is_for).unwrap())
            }
            _ => Some(element.clone()),
        };
        element.get_attribute("aria-label").or_else(|| label?.text_content()).unwrap_or_default()
    }

    fn has_attribute(&self, role: &str, name: &str, attribute: &str) -> bool {
        self.get(role, name).has_attribute(attribute)
    }

    fn attribute(&self, role: &str, name: &str, attribute: &str) -> String {
        self.get(role, name).get_attribute(attribute).unwrap_or_default()
    }

    async fn click(&self, role: &str, name: &str) {
        self.get(role, name).click();
        tick().await;
    }

    /// Types a text into an empty field, without leaving the field.
    async fn type_text(&self, name: &str, text: &str) {
        let field: HtmlInputElement = self.get("textbox", name).unchecked_into();
        field.set_value(text);
        self.dispatch(&field, "input").await;
    }

    /// Ends the change of a field, as Enter does.
    async fn press_enter(&self, name: &str) {
        self.dispatch(&self.get("textbox", name), "change").await;
    }

    /// Chooses an option of a list.
    async fn choose(&self, name: &str, value: &str) {
        let list: HtmlSelectElement = self.get("combobox", name).unchecked_into();
        list.set_value(value);
        self.dispatch(&list, "change").await;
    }

    /// Presses a key while an element has the focus.
    async fn press_key(&self, element: &HtmlElement, key: &str) {
        let event = Event::new("keydown").unwrap();
        // An event that a script makes has the members of a key only where they are set.
        js_sys::Reflect::set(&event, &"key".into(), &key.into()).unwrap();
        js_sys::Reflect::set(&event, &"isComposing".into(), &false.into()).unwrap();
        element.dispatch_event(&event).unwrap();
        tick().await;
    }

    async fn dispatch(&self, element: &HtmlElement, event: &str) {
        element.dispatch_event(&Event::new(event).unwrap()).unwrap();
        tick().await;
    }

    fn typed(&self, name: &str) -> String {
        self.get("textbox", name).unchecked_into::<HtmlInputElement>().value()
    }

    fn chosen(&self, name: &str) -> String {
        self.get("combobox", name).unchecked_into::<HtmlSelectElement>().value()
    }

    fn is_checked(&self, name: &str) -> bool {
        self.get("radio", name).unchecked_into::<HtmlInputElement>().checked()
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        drop(self.mounted.take());
        self.root.remove();
    }
}

fn is_visible(element: &Element) -> bool {
    element.closest("[hidden]").unwrap().is_none()
}

/// The role of an element: its attribute, or that of its tag.
fn role_of(element: &Element) -> String {
    let of_tag = || match (element.tag_name().as_str(), element.get_attribute("type").as_deref()) {
        ("BUTTON", _) => "button",
        ("FIELDSET", _) => "group",
        ("INPUT", Some("radio")) => "radio",
        ("INPUT", _) => "textbox",
        ("PROGRESS", _) => "progressbar",
        ("SELECT", _) => "combobox",
        _ => "generic",
    };
    element.get_attribute("role").unwrap_or_else(|| of_tag().to_owned())
}
