//! The API key as this tab knows it: in its memory, in no address and in no storage. A reload loses the memory, so the
//! tab's session carries the key from one page of the tab to the next, and holds it only in between.

use super::{Client, ClientEvent};
use crate::browser::{location, session};
use crate::pipeline::split_key;

const OLD_FORM: &str = "The API key was taken out of the address. Write it as #api_key= from now on: what follows ? is sent \
                        to the host.";

/// The name under which the tab's session carries it, one for each folder that serves the page.
fn place() -> String {
    format!("millrace-key:{}", location::base_path())
}

impl Client {
    /// Takes the key out of the page's address, or from the page that the tab showed before.
    pub(super) fn take_key(&self) {
        let (query, query_key) = split_key(&location::query());
        let (fragment, fragment_key) = split_key(&location::fragment());
        if query != location::query() {
            location::set_query(&query);
        }
        location::set_fragment(&fragment);
        if query_key.is_some() {
            self.emit(ClientEvent::Problem(OLD_FORM.to_owned()));
        }
        *self.0.key.borrow_mut() = fragment_key.or(query_key).or(session::take(&place()));
        let client = self.clone();
        session::keep_while_away(place(), move || client.0.key.borrow().clone());
    }
}
