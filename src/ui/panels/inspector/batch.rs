//! The details of the collection of a batch.

use leptos::prelude::*;

use super::details::{Details, Link};
use super::fact::{Fact, SettingFact};
use crate::ui::model::inspector_text::{completion_text, last_batch_text};
use crate::ui::panels::pipeline::BatchSlots;
use crate::ui::store::{PageSnapshotStoreFields, Pipeline};

const LINKS: [Link; 1] = [("See its rows", "#tables")];

/// What completes the next batch, and what the last one was.
#[component]
pub(super) fn BatchDetails() -> impl IntoView {
    let pipeline = Pipeline::expect();
    let page = pipeline.page();
    let completion = move || {
        let batch_size = pipeline.setting_number("batch_size");
        completion_text(page.queue_depth().get().into(), batch_size, &pipeline.setting("batch_wait"))
    };
    view! {
        <Details
            name="Batch"
            sentence="Gathers events, so that the transforms work on a table and not on single rows."
            links=&LINKS
            drawing=|| view! { <BatchSlots/> }
        >
            <SettingFact name="Batch size" setting="batch_size"/>
            <SettingFact name="Longest wait" setting="batch_wait" unset="until it is full"/>
            <Fact name="Completed by" text=completion/>
            <Fact name="Last batch" text=move || last_batch_text(page.batch().read().as_ref())/>
        </Details>
    }
}
