//! Notifications of all panels: running work and its results.

use gloo_timers::future::TimeoutFuture;
use leptos::task::spawn_local;

use crate::ui::live::State;
use crate::ui::model::news::{News, Work};

/// Shorter work is not shown.
const SHORT_MILLIS: u32 = 200;

/// The notifications; created once, in `app`.
#[derive(Clone, Copy)]
pub struct Activity {
    /// All notes and work that are shown.
    pub news: State<News>,
    /// The number of the newest note that is no error, to be removed after a while.
    pub newest: State<u32>,
}

/// Running work.
#[derive(Clone, Copy)]
pub struct Job(State<News>, u32);

impl Activity {
    /// Without notes and work.
    #[must_use]
    pub fn new() -> Self {
        Self { news: State::new(News::default()), newest: State::new(0) }
    }

    /// Shows a note for a moment.
    pub fn notify(self, text: &str) {
        let mut number = 0;
        self.news.update(|news| number = news.push(text, false));
        self.newest.set(number);
    }

    /// Shows an error until it is dismissed.
    pub fn fail(self, text: &str) {
        self.news.update(|news| {
            news.push(text, true);
        });
    }

    /// Adds work; it is shown if it lasts.
    #[must_use]
    pub fn begin(self, title: &str, can_stop: bool) -> Job {
        let mut number = 0;
        self.news.update(|news| number = news.begin(title, can_stop));
        let job = Job(self.news, number);
        spawn_local(async move {
            TimeoutFuture::new(SHORT_MILLIS).await;
            if job.0.peek().has_work(number) {
                job.change(|work| work.is_shown = true);
            }
        });
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

    fn change(self, change: impl FnOnce(&mut Work)) {
        self.0.update(|news| {
            if let Some(work) = news.work_mut(self.1) {
                change(work);
            }
        });
    }

    /// Whether its cancellation was requested.
    #[must_use]
    pub fn is_stopped(self) -> bool {
        self.0.read().is_stopped(self.1)
    }

    /// Removes the work.
    pub fn end(self) {
        if self.0.peek().has_work(self.1) {
            self.0.update(|news| news.end(self.1));
        }
    }
}
