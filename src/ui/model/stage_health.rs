//! The health of each stage of the picture, with its reason.

use super::connection::Health;
use super::quantity::{counted, grouped, micros_text};
use super::rates::{RateMeter, Recent};
use super::storage_text::{percent_text, tier_status};
use crate::protocol::Tier;

/// A source that is this late is behind its schedule: ticks alone cause far shorter delays.
const BEHIND_NANOS: u64 = 1_000_000_000;
/// From this share on a queue is reported as nearly full.
const NEARLY_FULL: f64 = 0.8;

/// The stages in stream order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StageKind {
    /// The source of the events.
    Source,
    /// The queue.
    Queue,
    /// The collection of a batch.
    Batch,
    /// The transforms of a batch.
    Transforms,
    /// The history.
    Results,
    /// The API.
    Api,
}

/// Which clients reach the API of a running pipeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Not known yet.
    Pending,
    /// Every page of this browser's origin.
    Everybody,
    /// Only this page.
    PageOnly,
}

/// The events that wait, and the limits of their number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueueFill {
    /// Events that wait.
    pub depth: u64,
    /// Events that the queue can hold.
    pub capacity: u64,
    /// Events that a batch takes.
    pub batch_size: u64,
}

impl QueueFill {
    /// The share of the queue that is taken.
    fn share(self) -> f64 {
        self.depth as f64 / self.capacity.max(1) as f64
    }

    /// Number of whole batches that wait while the pipeline could process them.
    fn backlog(self) -> u64 {
        let batches = self.depth / self.batch_size.max(1);
        if batches > 1 { batches } else { 0 }
    }
}

/// The health of a stage.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StageHealth {
    /// Its health.
    pub health: Health,
    /// The reason, as a short text.
    pub reason: String,
    /// Where the user finds help, if any is needed.
    pub help: Option<Help>,
}

/// A link to a part of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Help {
    /// Its address.
    pub address: &'static str,
    /// Its text.
    pub label: &'static str,
}

impl StageHealth {
    /// This health, for this reason.
    pub(super) fn new(health: Health, reason: impl Into<String>) -> Self {
        Self { health, reason: reason.into(), help: None }
    }

    /// The same with a link to where help is.
    pub(super) fn with_help(self, address: &'static str, label: &'static str) -> Self {
        Self { help: Some(Help { address, label }), ..self }
    }

    /// The health of every stage while the pipeline does not run.
    #[must_use]
    pub fn stopped() -> Self {
        Self::new(Health::Broken, "stopped")
    }
}

/// The health of the source, by the kind of source, its delay and its recent problems.
#[must_use]
pub fn source_health(source: &str, is_paused: bool, lag_nanos: u64, recent: Recent) -> StageHealth {
    if recent.rejected > 0 {
        return StageHealth::new(Health::Broken, lately(recent.rejected, "row", "refused"))
            .with_help("#dead-letters-title", "Refused rows");
    }
    if lag_nanos >= BEHIND_NANOS {
        let delay = micros_text(lag_nanos as f64 / 1000.0);
        return StageHealth::new(Health::Limited, format!("{delay} behind its schedule"));
    }
    if recent.late > 0 {
        return StageHealth::new(Health::Limited, lately(recent.late, "event", "late"));
    }
    let activity = match source {
        "none" => "takes what is posted",
        "file" if !is_paused => "takes files",
        _ if is_paused => "rests",
        _ => "on schedule",
    };
    StageHealth::new(Health::Good, activity)
}

/// The health of the queue, by its fill, its overflow policy and the number of events that it dropped recently.
#[must_use]
pub fn queue_health(fill: QueueFill, overflow: &str, dropped: u64) -> StageHealth {
    if dropped > 0 {
        return StageHealth::new(Health::Broken, lately(dropped, "event", "dropped"))
            .with_help("#settings-title", "Settings");
    }
    // A batch as large as the queue fills it while it is collected, which is no backpressure.
    let is_gathering = fill.depth < fill.batch_size;
    match (fill.share(), overflow) {
        (1.0.., "reject") => {
            StageHealth::new(Health::Broken, "full: what is posted gets 503").with_help("#settings-title", "Settings")
        }
        (1.0.., "block") => StageHealth::new(Health::Limited, "full: the source waits"),
        (1.0.., _) => StageHealth::new(Health::Limited, "full"),
        (share @ NEARLY_FULL.., _) if !is_gathering => {
            StageHealth::new(Health::Limited, format!("{} full", percent_text(share)))
        }
        _ => StageHealth::new(Health::Good, "has room"),
    }
}

/// The health of the collection of a batch.
#[must_use]
pub fn batch_health(fill: QueueFill) -> StageHealth {
    match fill.backlog() {
        0 => StageHealth::new(Health::Good, "gathering"),
        batches => StageHealth::new(Health::Limited, format!("{} whole batches wait", grouped(batches))),
    }
}

/// The health of the transforms, by the events that wait for them.
#[must_use]
pub fn transforms_health(fill: QueueFill) -> StageHealth {
    match fill.backlog() {
        0 => StageHealth::new(Health::Good, "keeps up"),
        _ => StageHealth::new(Health::Limited, "slower than the source"),
    }
}

/// The health of the history, by its durability.
#[must_use]
pub fn results_health(tier: &Tier) -> StageHealth {
    let status = tier_status(tier);
    let health = StageHealth::new(status.health, status.text.to_ascii_lowercase());
    match tier {
        // Memory-only storage was chosen in the settings.
        Tier::Off => StageHealth::new(Health::Good, "not kept, as set"),
        Tier::Durable | Tier::Pending => health,
        _ => health.with_help("#storage", "Storage"),
    }
}

/// The health of the API, by its reach.
#[must_use]
pub fn api_health(reach: Reach) -> StageHealth {
    match reach {
        Reach::Pending => StageHealth::new(Health::Pending, "starting"),
        Reach::Everybody => StageHealth::new(Health::Good, "reachable"),
        Reach::PageOnly => {
            StageHealth::new(Health::Limited, "only this page reaches it").with_help("#console", "API console")
        }
    }
}

/// `12 rows refused in 10 s`.
fn lately(number: u64, noun: &str, fate: &str) -> String {
    format!("{} {fate} in {} s", counted(number, noun), RateMeter::RECENT_SECS)
}

/// `+12 in 10 s` beside a total; empty for 0.
#[must_use]
pub fn recent_text(number: u64) -> String {
    if number == 0 { String::new() } else { format!("+{} in {} s", grouped(number), RateMeter::RECENT_SECS) }
}

/// The announcement of the stages with problems.
#[must_use]
pub fn alarm_text(stages: &[(&'static str, Health)]) -> String {
    let broken: Vec<&str> =
        stages.iter().filter(|(_, health)| *health == Health::Broken).map(|(name, _)| *name).collect();
    if broken.is_empty() { String::new() } else { format!("Trouble: {}", broken.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALM: Recent = Recent { dropped: 0, late: 0, rejected: 0 };

    fn fill(depth: u64, batch_size: u64) -> QueueFill {
        QueueFill { depth, capacity: 100, batch_size }
    }

    fn parts(health: &StageHealth) -> (Health, &str) {
        (health.health, &health.reason)
    }

    #[test]
    fn a_full_queue_names_the_effect_of_its_overflow_policy() {
        let check = |depth, overflow, expected| {
            assert_eq!(parts(&queue_health(fill(depth, 1), overflow, 0)), expected, "{depth} events, {overflow}");
        };
        check(0, "block", (Health::Good, "has room"));
        check(86, "block", (Health::Limited, "86 % full"));
        check(100, "block", (Health::Limited, "full: the source waits"));
        check(100, "reject", (Health::Broken, "full: what is posted gets 503"));
    }

    #[test]
    fn a_batch_that_fills_the_queue_is_no_backpressure() {
        let fill = fill(95, 100);
        assert_eq!(queue_health(fill, "block", 0).health, Health::Good);
        assert_eq!(parts(&batch_health(fill)), (Health::Good, "gathering"));
    }

    #[test]
    fn waiting_batches_are_counted() {
        let fill = fill(95, 10);
        assert_eq!(parts(&batch_health(fill)), (Health::Limited, "9 whole batches wait"));
        assert_eq!(transforms_health(fill).health, Health::Limited);
    }

    #[test]
    fn drops_refusals_and_late_events_are_reported_while_recent() {
        assert_eq!(
            parts(&queue_health(fill(0, 1), "block", 1200)),
            (Health::Broken, "1\u{202f}200 events dropped in 10 s")
        );
        let source_health = |recent| source_health("simulated", false, 0, recent);
        assert_eq!(parts(&source_health(Recent { late: 1, ..CALM })), (Health::Limited, "1 event late in 10 s"));
        let refused = source_health(Recent { late: 1, rejected: 3, ..CALM });
        assert_eq!(parts(&refused), (Health::Broken, "3 rows refused in 10 s"));
        assert_eq!(refused.help.map(|help| help.label), Some("Refused rows"));
        assert_eq!(parts(&source_health(CALM)), (Health::Good, "on schedule"));
        assert_eq!((recent_text(0).as_str(), recent_text(7).as_str()), ("", "+7 in 10 s"));
    }

    #[test]
    fn a_source_behind_its_schedule_reports_its_delay() {
        let health = source_health("simulated", false, 12_000_000_000, CALM);
        assert_eq!(parts(&health), (Health::Limited, "12 s behind its schedule"));
    }

    #[test]
    fn a_source_without_events_says_why() {
        assert_eq!(parts(&source_health("simulated", true, 0, CALM)), (Health::Good, "rests"));
        assert_eq!(parts(&source_health("none", true, 0, CALM)), (Health::Good, "takes what is posted"));
        assert_eq!(parts(&source_health("file", false, 0, CALM)), (Health::Good, "takes files"));
    }

    #[test]
    fn a_history_in_memory_is_a_problem_unless_it_was_chosen() {
        assert_eq!(parts(&results_health(&Tier::Off)), (Health::Good, "not kept, as set"));
        let full = results_health(&Tier::Full("quota".into()));
        assert_eq!((full.health, full.help.map(|help| help.address)), (Health::Broken, Some("#storage")));
    }

    #[test]
    fn an_api_that_only_this_page_reaches_is_limited() {
        let health = |reach| api_health(reach).health;
        assert_eq!(
            [Reach::Pending, Reach::Everybody, Reach::PageOnly].map(health),
            [Health::Pending, Health::Good, Health::Limited]
        );
    }

    #[test]
    fn only_problems_are_announced() {
        assert_eq!(alarm_text(&[("Source", Health::Limited), ("Queue", Health::Broken)]), "Trouble: Queue");
        assert_eq!(alarm_text(&[("Source", Health::Good)]), "");
        assert_eq!(alarm_text(&[("API", StageHealth::stopped().health)]), "Trouble: API");
    }
}
