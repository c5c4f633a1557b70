//! Where the history is kept.

use leptos::prelude::*;

use super::View;
use crate::ui::model::view_id::ViewId;
use crate::ui::panels::storage::StoragePanel;

/// Where the history is kept, on a screen of its own.
#[component]
pub fn StorageView() -> impl IntoView {
    view! {
        <View id=ViewId::Storage>
            <StoragePanel/>
        </View>
    }
}
