//! The details of the API.

use leptos::prelude::*;

use super::details::{Details, Link};
use super::fact::{Fact, SettingFact};
use crate::ui::model::quantity::{counted, rate_text};
use crate::ui::store::{PageSnapshotStoreFields, Pipeline};

const LINKS: [Link; 5] = [
    ("/latest", "latest"),
    ("/query", "query"),
    ("/stream", "stream"),
    ("/docs", "docs"),
    ("Try requests", "#console"),
];

/// What the API answers, and what it asks of its clients.
#[component]
pub(super) fn ApiDetails() -> impl IntoView {
    let pipeline = Pipeline::expect();
    let page = pipeline.page();
    let key = move || if pipeline.setting("api_key").is_empty() { "none" } else { "asked for" };
    view! {
        <Details
            name="API"
            sentence="Answers real HTTP requests from scripts, links and other tabs of this browser."
            links=&LINKS
        >
            <Fact name="Now" text=move || rate_text(page.rates().read().requests)/>
            <Fact name="Answered" text=move || counted(page.counters().read().requests, "request")/>
            <SettingFact name="Rate limit a second" setting="rate_limit" unset="none"/>
            <Fact name="Key" text=key/>
        </Details>
    }
}
