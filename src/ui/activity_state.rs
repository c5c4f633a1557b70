//! The one place to which panels tell what takes its time, and what became of it.

use gloo_timers::future::TimeoutFuture;
use leptos::task::spawn_local;

use crate::ui::live::State;
use crate::ui::model::news::{News, Work};

/// What is over sooner is not told.
const SHORT_MILLIS: u32 = 200;

/// What is going on; made once, in `app`.
#[derive(Clone, Copy)]
pub struct Activity {
    /// All that is told now.
    pub news: State<News>,
    /// The number of what was told last and went well, to be taken away in a while.
    pub newest: State<u32>,
}

/// Work that somebody began.
#[derive(Clone, Copy)]
pub struct Job(State<News>, u32);

impl Activity {
    /// Nothing is going on.
    #[must_use]
    pub fn new() -> Self {
        Self { news: State::new(News::default()), newest: State::new(0) }
    }

    /// Says for a moment that something went well.
    pub fn notify(self, text: &str) {
        let mut number = 0;
        self.news.update(|news| number = news.push(text, false));
        self.newest.set(number);
    }

    /// Says that something went wrong, until somebody has read it.
    pub fn fail(self, text: &str) {
        self.news.update(|news| {
            news.push(text, true);
        });
    }

    /// Work begins; it is told when it lasts.
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
    /// How far it is, in words, and from 0 to 1 where that is known.
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

    /// Whether somebody wants it to stop.
    #[must_use]
    pub fn is_stopped(self) -> bool {
        self.0.read().is_stopped(self.1)
    }

    /// It has ended.
    pub fn end(self) {
        if self.0.peek().has_work(self.1) {
            self.0.update(|news| news.end(self.1));
        }
    }
}
