//! Elements of the page: creation, content, listeners.
//!
//! Builder methods return the element. There is one type for all elements, so that a further element, attribute or
//! listener costs a call and its texts, not code of its own. Text is always set as text, never as HTML, so user input
//! and request data never become markup. Reactive methods are in `ui::live`.

use wasm_bindgen::prelude::*;
use web_sys::Event;

use super::key::key_of;

// web-sys has all of this too, with a type for each element and an error path for each call; here a call that fails is
// a bug in this crate, which the first test in a browser finds.
#[wasm_bindgen]
extern "C" {
    type Document;
    #[wasm_bindgen(thread_local_v2, js_name = document)]
    static DOCUMENT: Document;
    #[wasm_bindgen(method, getter)]
    fn body(this: &Document) -> Node;
    #[wasm_bindgen(method, js_name = createElement)]
    fn create_element(this: &Document, tag: &str) -> Node;
    #[wasm_bindgen(method, js_name = createElementNS)]
    fn create_element_ns(this: &Document, namespace: &str, tag: &str) -> Node;
    #[wasm_bindgen(method, js_name = createTextNode)]
    fn create_text_node(this: &Document, text: &str) -> Node;
    #[wasm_bindgen(method, js_name = querySelector, catch)]
    fn query_selector(this: &Document, selector: &str) -> Result<Option<Node>, JsValue>;

    #[derive(Clone)]
    type Node;
    #[wasm_bindgen(method)]
    fn append(this: &Node, child: &Node);
    #[wasm_bindgen(method, js_name = append)]
    fn append_text(this: &Node, text: &str);
    #[wasm_bindgen(method)]
    fn prepend(this: &Node, child: &Node);
    #[wasm_bindgen(method)]
    fn remove(this: &Node);
    #[wasm_bindgen(method)]
    fn focus(this: &Node);
    #[wasm_bindgen(method, js_name = focus)]
    fn focus_with(this: &Node, options: &JsValue);
    #[wasm_bindgen(method)]
    fn click(this: &Node);
    #[wasm_bindgen(method)]
    fn matches(this: &Node, selector: &str) -> bool;
    #[wasm_bindgen(method, js_name = scrollIntoView)]
    fn scroll_into_view(this: &Node);
    #[wasm_bindgen(method, js_name = scrollIntoView)]
    fn scroll_into_view_as(this: &Node, options: &JsValue);
    #[wasm_bindgen(method, js_name = replaceChildren)]
    fn remove_children(this: &Node);
    #[wasm_bindgen(method, js_name = setAttribute)]
    fn set_attribute(this: &Node, name: &str, value: &str);
    #[wasm_bindgen(method, js_name = toggleAttribute)]
    fn toggle_attribute(this: &Node, name: &str, is_set: bool);
    #[wasm_bindgen(method, js_name = addEventListener)]
    fn add_event_listener(this: &Node, event: &str, callback: &JsValue);
    #[wasm_bindgen(method, setter, js_name = textContent)]
    fn set_text_content(this: &Node, text: &str);
    #[wasm_bindgen(method, setter)]
    fn set_checked(this: &Node, is_checked: bool);
    #[wasm_bindgen(method, setter)]
    fn set_value(this: &Node, value: &str);
    #[wasm_bindgen(method, getter)]
    fn value(this: &Node) -> String;
    #[wasm_bindgen(method, getter)]
    fn style(this: &Node) -> Style;
    #[wasm_bindgen(method, getter, js_name = scrollTop)]
    fn scroll_top(this: &Node) -> f64;
    #[wasm_bindgen(method, setter, js_name = scrollTop)]
    fn set_scroll_top(this: &Node, top: f64);

    type Style;
    #[wasm_bindgen(method, setter)]
    fn set_transform(this: &Style, value: &str);
    #[wasm_bindgen(method, setter)]
    fn set_height(this: &Style, value: &str);
    #[wasm_bindgen(method, setter)]
    fn set_top(this: &Style, value: &str);
}

/// An element of the page, or a text node; cheap to clone.
#[derive(Clone)]
pub struct El(Node);

impl El {
    /// An HTML element.
    pub fn new(tag: &str) -> Self {
        Self(DOCUMENT.with(|document| document.create_element(tag)))
    }

    /// An SVG element.
    pub fn svg(tag: &str) -> Self {
        Self(DOCUMENT.with(|document| document.create_element_ns("http://www.w3.org/2000/svg", tag)))
    }

    /// A text node without an element around it.
    pub fn text_node(text: &str) -> Self {
        Self(DOCUMENT.with(|document| document.create_text_node(text)))
    }

    /// The page's body.
    pub fn body() -> Self {
        Self(DOCUMENT.with(Document::body))
    }

    /// The first element of the page that matches a selector.
    pub fn find(selector: &str) -> Option<Self> {
        DOCUMENT.with(|document| document.query_selector(selector)).ok().flatten().map(Self)
    }

    /// This element with an attribute.
    pub fn attr(self, name: &str, value: &str) -> Self {
        self.0.set_attribute(name, value);
        self
    }

    /// This element with classes.
    pub fn class(self, names: &str) -> Self {
        self.attr("class", names)
    }

    /// This element with an id, unique on the page.
    pub fn id(self, id: &str) -> Self {
        self.attr("id", id)
    }

    /// This element with a test id.
    pub fn test_id(self, id: &str) -> Self {
        self.attr("data-testid", id)
    }

    /// This element with an ARIA role.
    pub fn role(self, role: &str) -> Self {
        self.attr("role", role)
    }

    /// This element with an ARIA label.
    pub fn label(self, text: &str) -> Self {
        self.attr("aria-label", text)
    }

    /// This element, hidden from screen readers: its content is also available as text elsewhere.
    pub fn decorative(self) -> Self {
        self.attr("aria-hidden", "true")
    }

    /// This element with text appended.
    pub fn text(self, text: &str) -> Self {
        self.0.append_text(text);
        self
    }

    /// This element with children appended.
    pub fn with<const N: usize>(self, children: [Self; N]) -> Self {
        self.append(&children);
        self
    }

    /// This element with any number of children appended.
    pub fn with_all(self, children: impl IntoIterator<Item = Self>) -> Self {
        for child in children {
            self.push(&child);
        }
        self
    }

    /// This element, calling `callback` on each event of that name.
    pub fn on(self, event: &str, callback: impl FnMut(Event) + 'static) -> Self {
        self.listen(event, Box::new(callback));
        self
    }

    /// This element, calling `act` on each click.
    pub fn on_click(self, act: impl FnMut() + 'static) -> Self {
        self.on_each_click(Box::new(act))
    }

    fn on_each_click(self, mut act: Box<dyn FnMut()>) -> Self {
        self.on("click", move |_| act())
    }

    /// This field, calling `callback` with its value on each keystroke.
    pub fn on_input(self, callback: impl FnMut(String) + 'static) -> Self {
        self.on_value("input", Box::new(callback))
    }

    /// This field, calling `callback` with its value on each finished change.
    pub fn on_change(self, callback: impl FnMut(String) + 'static) -> Self {
        self.on_value("change", Box::new(callback))
    }

    fn on_value(self, event: &str, mut callback: Box<dyn FnMut(String)>) -> Self {
        let field = self.0.clone();
        self.on(event, move |_| callback(field.value()))
    }

    /// This element, calling `callback` with the name of each key pressed in it; `true` prevents the default action of
    /// the key.
    pub fn on_key(self, mut callback: impl FnMut(&str) -> bool + 'static) -> Self {
        self.on("keydown", move |event| {
            if callback(&key_of(&event)) {
                event.prevent_default();
            }
        })
    }

    /// The browser keeps the listener as long as the element, and frees it afterwards.
    fn listen(&self, event: &str, callback: Box<dyn FnMut(Event)>) {
        self.0.add_event_listener(event, &Closure::wrap(callback).into_js_value());
    }

    /// Appends a child.
    pub fn push(&self, child: &Self) {
        self.0.append(&child.0);
    }

    /// Inserts a child before all others.
    pub fn push_first(&self, child: &Self) {
        self.0.prepend(&child.0);
    }

    /// Appends children.
    pub fn append(&self, children: &[Self]) {
        for child in children {
            self.push(child);
        }
    }

    /// Removes this element from the page.
    pub fn remove(&self) {
        self.0.remove();
    }

    /// Scrolls the element into view and focuses it.
    pub fn reveal(&self) {
        self.show();
        self.0.focus();
    }

    /// Focuses the element, and scrolls it into view.
    pub fn focus(&self) {
        self.0.focus();
    }

    /// Scrolls the nearest scroll container so that the element is in view; browsers without the option `container`
    /// scroll all of them.
    pub fn scroll_near(&self) {
        let options = js_sys::Object::new();
        for name in ["block", "inline", "container"] {
            let _ = js_sys::Reflect::set(&options, &name.into(), &"nearest".into());
        }
        self.0.scroll_into_view_as(&options);
    }

    /// Scrolls the element into view.
    pub fn show(&self) {
        self.0.scroll_into_view();
    }

    /// Focuses the element without scrolling.
    pub fn focus_in_place(&self) {
        let options = js_sys::Object::new();
        // Only frozen objects fail; this one is plain and new.
        let _ = js_sys::Reflect::set(&options, &"preventScroll".into(), &true.into());
        self.0.focus_with(&options);
    }

    /// Clicks the element.
    pub fn click(&self) {
        self.0.click();
    }

    /// Whether the element itself has the focus, not one inside it.
    pub fn has_focus(&self) -> bool {
        self.0.matches(":focus")
    }

    /// Whether the pointer is on the element, or the focus in it.
    pub fn is_in_use(&self) -> bool {
        self.0.matches(":hover, :focus-within")
    }

    /// The scroll position of the element, in pixels.
    pub fn scroll_top(&self) -> f64 {
        self.0.scroll_top()
    }

    /// Sets the scroll position of the element, in pixels.
    pub fn set_scroll_top(&self, top: f64) {
        self.0.set_scroll_top(top);
    }

    /// Sets the element's CSS height.
    pub fn set_height(&self, height: &str) {
        self.0.style().set_height(height);
    }

    /// Sets the element's CSS `top`, its position in its container.
    pub fn set_top(&self, top: &str) {
        self.0.style().set_top(top);
    }

    /// Removes all children.
    pub fn clear(&self) {
        self.0.remove_children();
    }

    /// Replaces the content by a text.
    pub fn set_text(&self, text: &str) {
        self.0.set_text_content(text);
    }

    /// Sets an attribute.
    pub fn set_attr(&self, name: &str, value: &str) {
        self.0.set_attribute(name, value);
    }

    /// Sets or removes a boolean attribute, such as `hidden`.
    pub fn set_flag(&self, name: &str, is_set: bool) {
        self.0.toggle_attribute(name, is_set);
    }

    /// Sets the value of a field.
    pub fn set_value(&self, value: &str) {
        self.0.set_value(value);
    }

    /// Checks or unchecks a radio button.
    pub fn set_checked(&self, is_checked: bool) {
        self.0.set_checked(is_checked);
    }

    /// Sets the element's CSS transform.
    pub fn set_transform(&self, transform: &str) {
        self.0.style().set_transform(transform);
    }
}

impl AsRef<web_sys::Element> for El {
    fn as_ref(&self) -> &web_sys::Element {
        self.0.unchecked_ref()
    }
}
