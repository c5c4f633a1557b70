//! The texts of a live source that is in force: what it does, how far behind it is, and when it is tried anew.

use super::connection::Health;
use super::decimal::fixed;
use super::file_progress::secs_text;
use super::live_form::is_live;
use super::quantity::{bytes_text, counted, grouped, rate_text};
use super::short_instant::short_instant;
use super::stage_health::StageHealth;
use crate::protocol::{SinkView, SourceStanding, SourceView};
use crate::time::{Clock, Timestamp};

/// What a live source does: `connected`, or `not connected; tries again at 20:28:36`.
#[must_use]
pub fn state_text(source: &SourceView, is_paused: bool, clock: &Clock) -> String {
    match source.state {
        SourceStanding::Idle => "not started",
        SourceStanding::Opening => "connecting",
        SourceStanding::Open => "connected",
        SourceStanding::Paused => "paused",
        SourceStanding::Waiting if is_paused => "paused",
        SourceStanding::Waiting => return waiting_text(source, clock),
        SourceStanding::Done => "ended by the server",
        SourceStanding::Failed => "stopped",
    }
    .to_owned()
}

fn waiting_text(source: &SourceView, clock: &Clock) -> String {
    let next = source.next_try_millis.map(|millis| time_text(millis, clock));
    // A poll waits between two requests, with nothing wrong.
    match (&source.problem, next) {
        (None, None) => "waits".to_owned(),
        (None, Some(at)) => format!("asks again at {at}"),
        (Some(_), None) => "not connected; tries again soon".to_owned(),
        (Some(_), Some(at)) => format!("not connected; tries again at {at}"),
    }
}

/// An instant in milliseconds since the epoch, to the second; rounded up, since nothing happens before it.
fn time_text(millis: f64, clock: &Clock) -> String {
    let secs = (millis / 1e3).ceil().clamp(0.0, 9e9) as i64;
    let text = Timestamp::from_nanos(secs * 1_000_000_000).to_text(clock);
    short_instant(&text).to_owned()
}

/// What hinders a live source, and the sink; empty when nothing does.
#[must_use]
pub fn problems_text(source: &SourceView, is_live: bool) -> String {
    let own = source.problem.as_deref().filter(|_| is_live);
    let of_sink = source.sink.as_ref().and_then(|sink| sink.problem.as_deref());
    own.into_iter().chain(of_sink).collect::<Vec<_>>().join(" ")
}

/// The figures of a live source, and those of the sink.
#[must_use]
pub fn figures_text(source: &SourceView, is_live: bool, clock: &Clock) -> String {
    let own = is_live.then(|| source_text(source)).filter(|text| !text.is_empty());
    let of_sink = source.sink.as_ref().map(|sink| sink_text(sink, clock));
    own.into_iter().chain(of_sink).collect::<Vec<_>>().join(" \u{b7} ")
}

/// Position, lag, rates, retries and gaps, as far as there are any: `at 12 000 · 3 messages behind, 0.4 s · 1.2k/s`.
fn source_text(source: &SourceView) -> String {
    let position = source.position.filter(|position| *position > 0).map(|position| format!("at {}", grouped(position)));
    let messages = source.lag_messages.map(|messages| format!("{} behind", counted(messages, "message")));
    let lag = source.lag_secs.filter(|secs| *secs > 0.0).map(lag_text);
    let behind = match (messages, lag) {
        (Some(messages), Some(lag)) => Some(format!("{messages}, {lag}")),
        (None, Some(lag)) => Some(format!("{lag} behind")),
        (messages, None) => messages,
    };
    let rates = (source.rows_per_sec > 0.0)
        .then(|| format!("{}, {}/s", rate_text(source.rows_per_sec), bytes_text(source.bytes_per_sec.max(0.0) as u64)));
    let retries = (source.retries > 0).then(|| match source.retries {
        1 => "tried anew once".to_owned(),
        retries => format!("tried anew {} times", grouped(retries)),
    });
    let gaps = (source.gaps > 0).then(|| counted(source.gaps, "gap"));
    let dropped = (source.dropped > 0).then(|| format!("{} dropped", counted(source.dropped, "row")));
    let parts = [position, behind, rates, retries, gaps, dropped];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" \u{b7} ")
}

/// What becomes of the batches that are published: `12 batches published to plant.out · 3 waiting`.
fn sink_text(sink: &SinkView, clock: &Clock) -> String {
    let published = format!("{} published to {}", counted_batches(sink.published), sink.subject);
    let waiting = (sink.waiting > 0).then(|| format!("{} waiting", grouped(sink.waiting)));
    let lost = (sink.lost > 0).then(|| format!("{} trimmed before", grouped(sink.lost)));
    let next = sink.problem.is_some().then_some(sink.next_try_millis).flatten();
    let next = next.map(|millis| format!("tries again at {}", time_text(millis, clock)));
    [Some(published), waiting, lost, next].into_iter().flatten().collect::<Vec<_>>().join(" \u{b7} ")
}

fn counted_batches(number: u64) -> String {
    if number == 1 { "1 batch".to_owned() } else { format!("{} batches", grouped(number)) }
}

/// A length of time: tenths of a second where they matter.
fn lag_text(secs: f64) -> String {
    if secs < 10.0 { format!("{} s", fixed(secs, 1)) } else { secs_text(secs) }
}

/// The health of a live source; `None` where its kind is another.
#[must_use]
pub fn live_health(kind: &str, source: &SourceView, is_paused: bool) -> Option<StageHealth> {
    if !is_live(kind) {
        return None;
    }
    let (health, reason) = match source.state {
        SourceStanding::Failed => (Health::Broken, "stopped"),
        SourceStanding::Done => (Health::Limited, "ended by the server"),
        SourceStanding::Paused => (Health::Good, "rests"),
        _ if is_paused => (Health::Good, "rests"),
        SourceStanding::Idle => (Health::Limited, "not started"),
        SourceStanding::Open if source.problem.is_some() => (Health::Limited, "held up"),
        _ if source.problem.is_some() => (Health::Limited, "not connected, tries again"),
        SourceStanding::Opening => (Health::Pending, "connecting"),
        SourceStanding::Open | SourceStanding::Waiting => (Health::Good, "connected"),
    };
    let stage = StageHealth::new(health, reason);
    let needs_help = matches!(health, Health::Limited | Health::Broken);
    Some(if needs_help { stage.with_help("#live-source", "Live source") } else { stage })
}

#[cfg(test)]
mod tests {
    use super::*;

    const RETRY: SourceView = SourceView {
        state: SourceStanding::Waiting,
        position: None,
        lag_messages: None,
        lag_secs: None,
        rows_per_sec: 0.0,
        bytes_per_sec: 0.0,
        retries: 0,
        gaps: 0,
        dropped: 0,
        next_try_millis: None,
        problem: None,
        sink: None,
    };

    #[test]
    fn a_source_that_fails_says_when_it_is_tried_again() {
        let problem = Some("nothing answers".to_owned());
        let failing = SourceView { next_try_millis: Some(1_748_812_507_100.0), problem, ..RETRY };
        let text = |source: &SourceView| state_text(source, false, &Clock::Utc);
        assert_eq!(text(&failing), "not connected; tries again at 21:15:08");
        assert_eq!(text(&SourceView { next_try_millis: None, ..failing.clone() }), "not connected; tries again soon");
        assert_eq!(text(&SourceView { problem: None, ..failing.clone() }), "asks again at 21:15:08");
        assert_eq!(state_text(&failing, true, &Clock::Utc), "paused");
        assert_eq!(text(&SourceView { state: SourceStanding::Open, ..RETRY }), "connected");
    }

    #[test]
    fn figures_name_what_there_is() {
        let figures = |source: &SourceView| figures_text(source, true, &Clock::Utc);
        assert_eq!(figures(&RETRY), "");
        let source = SourceView {
            position: Some(12_000),
            lag_messages: Some(3),
            lag_secs: Some(0.42),
            rows_per_sec: 1_200.0,
            bytes_per_sec: 245_760.0,
            retries: 2,
            gaps: 1,
            dropped: 7,
            ..RETRY
        };
        assert_eq!(
            figures(&source),
            "at 12\u{202f}000 \u{b7} 3 messages behind, 0.4 s \u{b7} 1.2k/s, 240 KB/s \u{b7} tried anew 2 times \u{b7} \
             1 gap \u{b7} 7 rows dropped"
        );
        assert_eq!(figures(&SourceView { lag_secs: Some(60.0), ..RETRY }), "1 min behind");
        assert_eq!(figures(&SourceView { lag_messages: Some(0), ..RETRY }), "0 messages behind");
        assert_eq!(figures_text(&source, false, &Clock::Utc), "", "those of a file are elsewhere");
    }

    #[test]
    fn a_sink_counts_its_batches_and_says_when_it_is_tried_again() {
        let sink = SinkView { subject: "plant.out".into(), published: 1, waiting: 3, ..SinkView::default() };
        assert_eq!(sink_text(&sink, &Clock::Utc), "1 batch published to plant.out \u{b7} 3 waiting");
        let next_try_millis = Some(1_748_812_507_000.0);
        let failing = SinkView { published: 0, waiting: 0, next_try_millis, problem: Some("no".into()), ..sink };
        let expected = "0 batches published to plant.out \u{b7} tries again at 21:15:07";
        assert_eq!(sink_text(&failing, &Clock::Utc), expected);
        let source = SourceView { problem: Some("a file's".into()), sink: Some(failing), ..RETRY };
        assert_eq!(
            (problems_text(&source, false).as_str(), problems_text(&source, true).as_str()),
            ("no", "a file's no")
        );
    }

    #[test]
    fn only_live_sources_have_this_health() {
        assert_eq!(live_health("simulated", &RETRY, false), None);
        let health = |source: &SourceView, is_paused| {
            live_health("nats", source, is_paused).map(|stage| (stage.health, stage.help.is_some()))
        };
        let failing = SourceView { problem: Some("no".into()), ..RETRY };
        assert_eq!(health(&failing, false), Some((Health::Limited, true)));
        assert_eq!(health(&failing, true), Some((Health::Good, false)));
        let failed = SourceView { state: SourceStanding::Failed, ..failing };
        assert_eq!(health(&failed, true), Some((Health::Broken, true)));
        assert_eq!(health(&SourceView { state: SourceStanding::Open, ..RETRY }, false), Some((Health::Good, false)));
    }
}
