//! The health of each stage of the picture, with its reason.

use super::connection::Health;
use super::quantity::{counted, grouped, micros_text};
use super::rates::{RateMeter, Rates};
use super::settings::value_of;
use super::storage_text::{percent_text, tier_status};
use crate::protocol::{Snapshot, Tier};

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

/// Which clients reach the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Not known yet.
    Pending,
    /// Every page of this browser's origin.
    Everybody,
    /// Only this page.
    PageOnly,
    /// No client: the pipeline does not run.
    Unreachable,
}

/// The health of a stage.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StageHealth {
    /// Its health.
    pub health: Health,
    /// The reason, as a short text.
    pub reason: String,
    /// A link to help: address and label; empty when none is needed.
    pub help: (&'static str, &'static str),
}

impl StageHealth {
    fn new(health: Health, reason: &str) -> Self {
        Self { health, reason: reason.to_owned(), help: ("", "") }
    }

    fn with_help(self, address: &'static str, name: &'static str) -> Self {
        Self { help: (address, name), ..self }
    }
}

/// The health of a stage, from the newest snapshot.
#[must_use]
pub fn stage_health(stage: StageKind, snapshot: &Snapshot, rates: &Rates, reach: Reach) -> StageHealth {
    match (stage, reach) {
        (_, Reach::Unreachable) => StageHealth::new(Health::Broken, "stopped"),
        (StageKind::Source, _) => source(snapshot, rates),
        (StageKind::Queue, _) => queue(snapshot, rates),
        (StageKind::Batch, _) => match backlog(snapshot) {
            0 => StageHealth::new(Health::Good, "gathering"),
            batches => StageHealth::new(Health::Limited, &format!("{} whole batches wait", grouped(batches))),
        },
        (StageKind::Transforms, _) if backlog(snapshot) > 0 => {
            StageHealth::new(Health::Limited, "slower than the source")
        }
        (StageKind::Transforms, _) => StageHealth::new(Health::Good, "keeps up"),
        (StageKind::Results, _) => results(&snapshot.storage.tier),
        (StageKind::Api, Reach::PageOnly) => {
            StageHealth::new(Health::Limited, "only this page reaches it").with_help("#console", "API console")
        }
        (StageKind::Api, Reach::Pending) => StageHealth::new(Health::Pending, "starting"),
        (StageKind::Api, Reach::Everybody) => StageHealth::new(Health::Good, "reachable"),
    }
}

fn source(snapshot: &Snapshot, rates: &Rates) -> StageHealth {
    let setting = |name| value_of(&snapshot.settings, name);
    let recent = &rates.recent;
    let lag_nanos = snapshot.counters.lag_nanos;
    if recent.rejected > 0 {
        return StageHealth::new(Health::Broken, &lately(recent.rejected, "row", "refused"))
            .with_help("#dead-letters-title", "Dead letters");
    }
    if lag_nanos >= BEHIND_NANOS {
        return StageHealth::new(
            Health::Limited,
            &format!("{} behind its schedule", micros_text(lag_nanos as f64 / 1000.0)),
        );
    }
    if recent.late > 0 {
        return StageHealth::new(Health::Limited, &lately(recent.late, "event", "late"));
    }
    StageHealth::new(
        Health::Good,
        match setting("source") {
            Some("none") => "takes what is posted",
            _ if setting("paused") == Some("true") => "rests",
            _ => "on schedule",
        },
    )
}

fn queue(snapshot: &Snapshot, rates: &Rates) -> StageHealth {
    let (depth, capacity) = (snapshot.queue_depth, snapshot.queue_capacity.max(1));
    if rates.recent.dropped > 0 {
        return StageHealth::new(Health::Broken, &lately(rates.recent.dropped, "event", "dropped"))
            .with_help("#settings-title", "Settings");
    }
    let share = f64::from(depth) / f64::from(capacity);
    // A batch as large as the queue fills it while it is collected, which is no backpressure.
    let is_gathering = u64::from(depth) < batch_size(snapshot);
    match (share, value_of(&snapshot.settings, "overflow")) {
        (1.0.., Some("reject")) => {
            StageHealth::new(Health::Broken, "full: what is posted gets 503").with_help("#settings-title", "Settings")
        }
        (1.0.., Some("block")) => StageHealth::new(Health::Limited, "full: the source waits"),
        (1.0.., _) => StageHealth::new(Health::Limited, "full"),
        (NEARLY_FULL.., _) if !is_gathering => {
            StageHealth::new(Health::Limited, &format!("{} full", percent_text(share)))
        }
        _ => StageHealth::new(Health::Good, "has room"),
    }
}

fn results(tier: &Tier) -> StageHealth {
    let status = tier_status(tier);
    match tier {
        // Memory-only storage was chosen in the settings.
        Tier::Off => StageHealth::new(Health::Good, "not kept, as set"),
        Tier::Durable | Tier::Pending => StageHealth::new(status.health, &status.text.to_ascii_lowercase()),
        _ => StageHealth::new(status.health, &status.text.to_ascii_lowercase()).with_help("#storage", "Storage"),
    }
}

/// Number of whole batches that wait while the pipeline could process them.
fn backlog(snapshot: &Snapshot) -> u64 {
    let batches = u64::from(snapshot.queue_depth) / batch_size(snapshot).max(1);
    if batches > 1 { batches } else { 0 }
}

fn batch_size(snapshot: &Snapshot) -> u64 {
    value_of(&snapshot.settings, "batch_size").and_then(|text| text.parse().ok()).unwrap_or(1)
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
    use crate::protocol::{ChartFrame, Counters, RunState, StorageView};
    use crate::ui::model::rates::Recent;

    fn snapshot(depth: u32, capacity: u32, settings: &[(&str, &str)]) -> Snapshot {
        Snapshot {
            config_version: 0,
            state: RunState::Running,
            counters: Counters::default(),
            queue_depth: depth,
            queue_capacity: capacity,
            history_rows: 0,
            history_bytes: 0,
            recent_events: Vec::new(),
            next_events: Vec::new(),
            chart: ChartFrame::default(),
            rows: None,
            batch: None,
            settings: settings.iter().map(|(name, value)| ((*name).to_owned(), Some((*value).to_owned()))).collect(),
            address: String::new(),
            rejected: Vec::new(),
            watermark: None,
            memory_bytes: 0,
            storage: StorageView::default(),
        }
    }

    /// Health and reason of a stage.
    fn health_of(stage: StageKind, snapshot: &Snapshot, recent: Recent) -> (Health, String) {
        let rates = Rates { recent, ..Rates::default() };
        let StageHealth { health, reason, .. } = stage_health(stage, snapshot, &rates, Reach::Everybody);
        (health, reason)
    }

    const CALM: Recent = Recent { dropped: 0, late: 0, rejected: 0 };

    #[test]
    fn a_full_queue_names_the_effect_of_its_overflow_policy() {
        let health_of = |depth, overflow| {
            health_of(StageKind::Queue, &snapshot(depth, 100, &[("batch_size", "1"), ("overflow", overflow)]), CALM)
        };
        assert_eq!(health_of(0, "block"), (Health::Good, "has room".into()));
        assert_eq!(health_of(86, "block"), (Health::Limited, "86 % full".into()));
        assert_eq!(health_of(100, "block"), (Health::Limited, "full: the source waits".into()));
        assert_eq!(health_of(100, "reject"), (Health::Broken, "full: what is posted gets 503".into()));
    }

    #[test]
    fn a_batch_that_fills_the_queue_is_no_backpressure() {
        let snapshot = snapshot(95, 100, &[("batch_size", "100"), ("overflow", "block")]);
        assert_eq!(health_of(StageKind::Queue, &snapshot, CALM).0, Health::Good);
        assert_eq!(health_of(StageKind::Batch, &snapshot, CALM), (Health::Good, "gathering".into()));
    }

    #[test]
    fn waiting_batches_are_counted() {
        let snapshot = snapshot(95, 100, &[("batch_size", "10"), ("overflow", "block")]);
        assert_eq!(health_of(StageKind::Batch, &snapshot, CALM), (Health::Limited, "9 whole batches wait".into()));
        assert_eq!(health_of(StageKind::Transforms, &snapshot, CALM).0, Health::Limited);
    }

    #[test]
    fn drops_refusals_and_late_events_are_reported_while_recent() {
        let snapshot = snapshot(0, 100, &[("source", "simulated")]);
        let recent = Recent { dropped: 1200, late: 1, rejected: 0 };
        assert_eq!(
            health_of(StageKind::Queue, &snapshot, recent),
            (Health::Broken, "1\u{202f}200 events dropped in 10 s".into())
        );
        assert_eq!(health_of(StageKind::Source, &snapshot, recent), (Health::Limited, "1 event late in 10 s".into()));
        let refused = stage_health(
            StageKind::Source,
            &snapshot,
            &Rates { recent: Recent { rejected: 3, ..recent }, ..Rates::default() },
            Reach::Everybody,
        );
        assert_eq!((refused.reason.as_str(), refused.help.1), ("3 rows refused in 10 s", "Dead letters"));
        assert_eq!(health_of(StageKind::Source, &snapshot, CALM), (Health::Good, "on schedule".into()));
        assert_eq!((recent_text(0).as_str(), recent_text(7).as_str()), ("", "+7 in 10 s"));
    }

    #[test]
    fn a_source_behind_its_schedule_reports_its_delay() {
        let mut snapshot = snapshot(0, 100, &[("source", "simulated")]);
        snapshot.counters.lag_nanos = 12_000_000_000;
        assert_eq!(health_of(StageKind::Source, &snapshot, CALM), (Health::Limited, "12 s behind its schedule".into()));
    }

    #[test]
    fn a_history_in_memory_is_a_problem_unless_it_was_chosen() {
        let mut snapshot = snapshot(0, 100, &[]);
        snapshot.storage.tier = Tier::Off;
        assert_eq!(health_of(StageKind::Results, &snapshot, CALM).0, Health::Good);
        snapshot.storage.tier = Tier::Full("quota".into());
        let results = stage_health(StageKind::Results, &snapshot, &Rates::default(), Reach::Everybody);
        assert_eq!((results.health, results.help.0), (Health::Broken, "#storage"));
    }

    #[test]
    fn without_a_running_pipeline_every_stage_is_stopped() {
        let snapshot = snapshot(0, 100, &[]);
        let at = |reach| stage_health(StageKind::Api, &snapshot, &Rates::default(), reach).health;
        assert_eq!(
            [Reach::Everybody, Reach::PageOnly, Reach::Unreachable].map(at),
            [Health::Good, Health::Limited, Health::Broken]
        );
        assert_eq!(stage_health(StageKind::Queue, &snapshot, &Rates::default(), Reach::Unreachable).reason, "stopped");
    }

    #[test]
    fn only_problems_are_announced() {
        assert_eq!(alarm_text(&[("Source", Health::Limited), ("Queue", Health::Broken)]), "Trouble: Queue");
        assert_eq!(alarm_text(&[("Source", Health::Good)]), "");
    }
}
