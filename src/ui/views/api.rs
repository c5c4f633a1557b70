//! The operations of the API.

use leptos::prelude::*;

use super::View;
use crate::ui::model::view_id::ViewId;
use crate::ui::panels::console::ConsolePanel;

/// The operations of the API, on a screen of its own.
#[component]
pub fn ApiView() -> impl IntoView {
    view! {
        <View id=ViewId::Api>
            <ConsolePanel/>
        </View>
    }
}
