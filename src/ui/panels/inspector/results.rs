//! The details of the history.

use leptos::prelude::*;

use super::details::{Details, Link};
use super::fact::Fact;
use crate::ui::model::inspector_text::{newest_row_text, retention_text};
use crate::ui::model::quantity::{bytes_text, counted};
use crate::ui::model::storage_text::{log_text, recovery_text};
use crate::ui::panels::pipeline::HistoryGauge;
use crate::ui::store::{PageSnapshotStoreFields, Pipeline};

const LINKS: [Link; 1] = [("Storage and export", "#storage")];

/// How much the history holds, and where and how long it is kept.
#[component]
pub(super) fn ResultsDetails() -> impl IntoView {
    let pipeline = Pipeline::expect();
    let page = pipeline.page();
    let rows = move || u64::from(page.history_rows().get());
    let retention = move || {
        let (is_kept, age) = (pipeline.setting("persist") == "true", pipeline.setting("history_age"));
        retention_text(rows(), pipeline.setting_number("history_rows"), &age, is_kept)
    };
    view! {
        <Details
            name="Results"
            sentence="Every row that was processed, to be queried, charted and exported."
            links=&LINKS
            drawing=|| view! { <HistoryGauge/> }
        >
            <Fact name="Kept" text=move || counted(rows(), "row")/>
            <Fact name="Retention" text=retention/>
            <Fact name="In memory" text=move || bytes_text(page.history_bytes().get())/>
            <Fact name="On disk" text=move || log_text(&page.storage().read())/>
            <Fact name="Recovered" text=move || recovery_text(&page.storage().read())/>
            <Fact name="Newest row" text=move || newest_row_text(page.batch().read().as_ref())/>
        </Details>
    }
}
