//! The panel of running work and notes.

use gloo_timers::future::TimeoutFuture;
use leptos::task::spawn_local;

use crate::ui::activity_state::Activity;
use crate::ui::components::toast::{note_toast, work_toast};
use crate::ui::html::section;
use crate::ui::live::{El, effect};
use crate::ui::model::news::PLACES;
use crate::ui::state::Pipeline;

/// How long a note is shown.
const STAND_MILLIS: u32 = 6_000;
/// How long it is shown further while the pointer or the focus is on it.
const LINGER_MILLIS: u32 = 1_000;

/// A corner of the page for running work and notes; it covers nothing while there are none.
#[must_use]
pub fn activity(pipeline: Pipeline, activity: Activity) -> El {
    let news = activity.news;
    let corner = section("activity")
        .label("Activity")
        .with_all((0..PLACES).map(|place| work_toast(news, place)))
        .with_all((0..PLACES).map(|place| note_toast(news, place)));
    let watched = corner.clone();
    effect(move || {
        let number = activity.newest.get();
        let watched = watched.clone();
        spawn_local(async move {
            TimeoutFuture::new(STAND_MILLIS).await;
            while watched.is_in_use() {
                TimeoutFuture::new(LINGER_MILLIS).await;
            }
            news.update(|news| news.forget(number));
        });
    });
    let start = activity.begin("Starting, and reading the log\u{2026}", false);
    let is_known = pipeline.is_known();
    let failed = pipeline.connection();
    effect(move || {
        if is_known.get() || matches!(*failed.read(), crate::client::Connection::Failed(_)) {
            start.end();
        }
    });
    corner
}
