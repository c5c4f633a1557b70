//! Notifications of all panels: running work and its results.

use std::time::Duration;

use gloo_timers::future::TimeoutFuture;
use leptos::html::Section;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::ui::model::news::{News, Work};

/// How long a note is shown.
const NOTE_MILLIS: u32 = 6_000;
/// How long it is shown further while the pointer or the focus is on the notifications.
const LINGER_MILLIS: u32 = 1_000;
/// Shorter work is not shown.
const SHORT_WORK: Duration = Duration::from_millis(200);

/// The notifications: a context that `app` provides.
#[derive(Clone, Copy)]
pub struct Activity {
    /// All notes and work that are shown.
    pub news: RwSignal<News>,
    /// The part of the page that shows them.
    pub corner: NodeRef<Section>,
}

/// Running work.
#[derive(Clone, Copy)]
pub struct Job {
    news: RwSignal<News>,
    number: u32,
}

impl Activity {
    /// Without notes and work.
    #[must_use]
    pub fn new() -> Self {
        Self { news: RwSignal::default(), corner: NodeRef::new() }
    }

    /// The notifications that `app` provides.
    #[must_use]
    pub fn expect() -> Self {
        expect_context()
    }

    /// Shows a note for a moment.
    pub fn notify(self, text: &str) {
        let number = self.news.write().push(text, false);
        spawn_local(async move {
            TimeoutFuture::new(NOTE_MILLIS).await;
            while self.is_in_use() {
                TimeoutFuture::new(LINGER_MILLIS).await;
            }
            self.news.update(|news| news.forget(number));
        });
    }

    /// Whether the pointer or the focus is on the notifications.
    fn is_in_use(self) -> bool {
        let corner = self.corner.get_untracked();
        corner.is_some_and(|corner| matches!(corner.matches(":hover, :focus-within"), Ok(true)))
    }

    /// Shows an error until it is dismissed.
    pub fn fail(self, text: &str) {
        self.news.write().push(text, true);
    }

    /// Removes what was told and no longer holds.
    pub fn settle(self, text: &str) {
        self.news.update(|news| news.settle(text));
    }

    /// Adds work; it is shown if it lasts.
    #[must_use]
    pub fn begin(self, title: &str, can_stop: bool) -> Job {
        let number = self.news.write().begin(title, can_stop);
        let job = Job { news: self.news, number };
        set_timeout(move || job.change(|work| work.is_shown = true), SHORT_WORK);
        job
    }
}

impl Default for Activity {
    fn default() -> Self {
        Self::new()
    }
}

impl Job {
    /// Sets the progress as text, and from 0 to 1 where it is known.
    pub fn say(self, standing: &str, share: Option<f64>) {
        self.change(|work| {
            standing.clone_into(&mut work.standing);
            work.share = share;
        });
    }

    /// Work that has ended does not change.
    fn change(self, change: impl FnOnce(&mut Work)) {
        self.news.maybe_update(|news| news.work_mut(self.number).map(change).is_some());
    }

    /// Whether its cancellation was requested; not tracked.
    #[must_use]
    pub fn is_stopped(self) -> bool {
        self.news.read_untracked().is_stopped(self.number)
    }

    /// Removes the work.
    pub fn end(self) {
        self.news.maybe_update(|news| {
            let is_running = news.has_work(self.number);
            news.end(self.number);
            is_running
        });
    }
}
