//! The details of the source.

use leptos::prelude::*;

use super::details::{Details, Link};
use super::fact::{Fact, SettingFact};
use crate::ui::model::file_progress::running_file_text;
use crate::ui::model::inspector_text::{event_text, schedule_text};
use crate::ui::model::live_form::is_live;
use crate::ui::model::live_status::state_text;
use crate::ui::store::{PageSnapshotStoreFields, Pipeline};

const LINKS: [Link; 4] = [
    ("Change the settings", "#settings-title"),
    ("Your own data", "#own-data"),
    ("Live source", "#live-source"),
    ("Refused rows", "#dead-letters-title"),
];

/// What the source makes, and how far it is behind its schedule.
#[component]
pub(super) fn SourceDetails() -> impl IntoView {
    let pipeline = Pipeline::expect();
    let page = pipeline.page();
    let live = move || {
        if !is_live(&pipeline.setting("source")) {
            return "none".to_owned();
        }
        state_text(&page.source().read(), page.is_paused().get(), pipeline.clock())
    };
    view! {
        <Details
            name="Source"
            sentence="Makes readings by a schedule, or reads your files. What is posted comes in beside it."
            links=&LINKS
        >
            <SettingFact name="Source" setting="source"/>
            <Fact name="File" text=move || running_file_text(&page.files().read()).unwrap_or_else(|| "none".to_owned())/>
            <Fact name="Live source" text=live/>
            <SettingFact name="Measures" setting="measures"/>
            <SettingFact name="One event every" setting="interval"/>
            <SettingFact name="Ids" setting="distinct_ids" unset="a new UUID for each event"/>
            <SettingFact name="Seed" setting="seed" unset="random"/>
            <SettingFact name="Smallest value" setting="min_value"/>
            <SettingFact name="Largest value" setting="max_value"/>
            <Fact name="Newest event" text=move || event_text(page.recent_events().read().last())/>
            <Fact name="Schedule" text=move || schedule_text(&page.counters().read())/>
            <SettingFact name="Late events" setting="late"/>
        </Details>
    }
}
