//! When a waiting worker takes the pipeline from an owner that does not respond: rules without a clock, the worker
//! passes the time.
//!
//! A frozen tab, a worker that hangs and a busy machine look alike at first: nothing is heard. Four rules tell them
//! apart:
//!
//! - **Silence is counted in checks, not in milliseconds.** A check is a timer of the waiting worker: on a busy machine
//!   it is as late as what it waits for, and counts once however late it is.
//! - **Two threads of the owner send heartbeats.** That of its event loop is late while it computes; its heartbeat
//!   worker does nothing else, and the browser freezes it with the tab. So a silence of both is taken for a frozen tab
//!   soon, and a silence of the event loop alone for one that hangs much later.
//! - **The owner is asked first**, halfway. Browsers deliver messages to workers whose timers they slow down.
//! - **A delay is remembered for a while**: no silence counts before it is twice as long as the longest one that ended
//!   by itself, or as this worker was late. It is the idea of adaptive failure detectors (Hayashibara et al., "The φ
//!   accrual failure detector", 2004) without their distributions.
//!
//! Read [`Watch`] first.

use crate::protocol::OwnerThread;

/// Milliseconds between two checks of a waiting worker, and between two heartbeats of an owner's thread.
pub const CHECK_MILLIS: u32 = 200;
/// The silence that an owner announces when no long operation begins: none.
pub const USUAL_SILENCE_MILLIS: f64 = 0.0;
/// The silence that an owner announces before a long operation, and the longest that others allow.
pub const LONG_SILENCE_MILLIS: f64 = 60_000.0;

/// Checks without a heartbeat of either thread after which the owner is asked; after twice as many its tab is frozen.
const FROZEN_CHECKS: u32 = 3;
/// The same for its event loop, which then hangs.
const HUNG_CHECKS: u32 = 8;
/// The longest delay that is remembered, in checks.
const MAX_DELAY_CHECKS: u32 = 16;
/// A remembered delay shrinks by one check each time that this number of checks has passed.
const MEMORY_CHECKS: u32 = 25;

/// What to do after a check, in order of severity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Nothing: the owner lives.
    Wait,
    /// Ask the owner for a heartbeat.
    Ask,
    /// Steal the lock: the owner's tab is frozen, or its worker hangs.
    Steal,
}

/// What a waiting worker knows of the owner.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Watch {
    /// The claim of the newest known owner, see [`Self::claim`]; 0 before the first heartbeat.
    claim_millis: f64,
    /// Whether this owner's heartbeat worker was heard: where a browser starts none, its silence tells nothing.
    has_heartbeat_worker: bool,
    tab: Silence,
    event_loop: Silence,
    /// Until then the silence of the event loop does not count, in milliseconds since the epoch.
    busy_until_millis: f64,
    /// When the last check was, in milliseconds since the epoch.
    checked_millis: Option<f64>,
    /// Checks since remembered delays shrank.
    remembered_checks: u32,
}

impl Watch {
    /// The number under which this worker owns the pipeline from now on: milliseconds since the epoch, later than the
    /// claim of every owner that it knows, even if the clock was set back. Of several owners the latest counts; those
    /// before it are frozen or hang.
    pub fn claim(&mut self, now_millis: f64) -> f64 {
        self.claim_millis = now_millis.max(self.claim_millis + 1.0);
        self.claim_millis
    }

    /// The claim of the newest known owner.
    pub fn claim_millis(&self) -> f64 {
        self.claim_millis
    }

    /// Records a heartbeat of an owner's thread. The event loop may be silent until `busy_until_millis`; times are in
    /// milliseconds since the epoch.
    pub fn heard(&mut self, thread: OwnerThread, claim_millis: f64, busy_until_millis: f64, now_millis: f64) {
        if claim_millis < self.claim_millis {
            return;
        }
        if claim_millis > self.claim_millis {
            self.claim_millis = claim_millis;
            self.renew(0);
        }
        // After a change of the clock it would otherwise hold for as long as the clock was set back.
        self.busy_until_millis = busy_until_millis.min(now_millis + LONG_SILENCE_MILLIS);
        self.tab.end();
        match thread {
            OwnerThread::EventLoop => self.event_loop.end(),
            OwnerThread::Heartbeat => self.has_heartbeat_worker = true,
        }
    }

    /// Expects another owner: the silence begins anew, but delays stay remembered. Workers that wait for the same owner
    /// pass different numbers of `head_start_checks`, so that they do not steal from one another again and again.
    pub fn renew(&mut self, head_start_checks: u32) {
        self.has_heartbeat_worker = false;
        self.busy_until_millis = 0.0;
        self.tab.checks = 0;
        self.event_loop.checks = head_start_checks;
    }

    /// Counts a check; it is due [`CHECK_MILLIS`] after the one before.
    pub fn check(&mut self, now_millis: f64) -> Verdict {
        let checked_millis = self.checked_millis.replace(now_millis).unwrap_or(now_millis);
        self.remember(now_millis - checked_millis);
        let tab = if self.has_heartbeat_worker { self.tab.check(FROZEN_CHECKS) } else { Verdict::Wait };
        let is_busy = now_millis < self.busy_until_millis;
        let event_loop = if is_busy { Verdict::Wait } else { self.event_loop.check(HUNG_CHECKS) };
        tab.max(event_loop)
    }

    /// Remembers how late a check is that comes `elapsed_millis` after the one before.
    fn remember(&mut self, elapsed_millis: f64) {
        self.remembered_checks += 1;
        let shrinks = self.remembered_checks >= MEMORY_CHECKS;
        if shrinks {
            self.remembered_checks = 0;
        }
        // A check that is late by less than one is on time; a conversion of a negative number gives 0.
        let late_checks = (elapsed_millis / f64::from(CHECK_MILLIS)) as u32;
        for silence in [&mut self.tab, &mut self.event_loop] {
            silence.delay_checks = silence.delay_checks.saturating_sub(u32::from(shrinks));
            silence.remember(late_checks.saturating_sub(1));
        }
    }
}

/// A time without heartbeats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Silence {
    /// Checks since the last heartbeat.
    checks: u32,
    /// The longest delay that is remembered.
    delay_checks: u32,
}

impl Silence {
    fn end(&mut self) {
        self.remember(self.checks);
        self.checks = 0;
    }

    fn remember(&mut self, checks: u32) {
        self.delay_checks = self.delay_checks.max(checks.min(MAX_DELAY_CHECKS));
    }

    /// Counts a check; `usual_checks` is the silence that is not worth a question when no delay is remembered.
    fn check(&mut self, usual_checks: u32) -> Verdict {
        self.checks = self.checks.saturating_add(1);
        let patience = usual_checks.max(self.delay_checks);
        if self.checks >= 2 * patience {
            Verdict::Steal
        } else if self.checks >= patience {
            Verdict::Ask
        } else {
            Verdict::Wait
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{CHECK_MILLIS, LONG_SILENCE_MILLIS, Verdict, Watch};
    use crate::protocol::OwnerThread;
    use proptest::prelude::*;

    const PERIOD_MILLIS: f64 = CHECK_MILLIS as f64;
    const QUARTER_HOUR_MILLIS: f64 = 900_000.0;

    /// Two workers on one machine: how late each thread's timers are, at most.
    #[derive(Clone, Copy)]
    struct Machine {
        event_loop_millis: f64,
        heartbeat_millis: f64,
        check_millis: f64,
        /// When the threads of the owner stop.
        event_loop_stops: f64,
        heartbeat_stops: f64,
    }

    impl Machine {
        /// All threads are late by up to this long.
        fn late(millis: f64) -> Self {
            Self {
                event_loop_millis: millis,
                heartbeat_millis: millis,
                check_millis: millis,
                event_loop_stops: f64::INFINITY,
                heartbeat_stops: f64::INFINITY,
            }
        }

        fn frozen_at(self, millis: f64) -> Self {
            Self { event_loop_stops: millis, heartbeat_stops: millis, ..self }
        }

        fn hung_at(self, millis: f64) -> Self {
            Self { event_loop_stops: millis, ..self }
        }

        /// When the waiting worker steals, if it does before `end_millis`.
        fn stolen_at(self, seed: u64, end_millis: f64) -> Option<f64> {
            let mut random = Random(seed);
            let mut watch = Watch::default();
            let mut event_loop = random.up_to(self.event_loop_millis);
            let mut heartbeat = random.up_to(self.heartbeat_millis);
            let mut check = random.up_to(self.check_millis);
            let mut answer = f64::INFINITY;
            loop {
                let now = event_loop.min(heartbeat).min(check).min(answer);
                if now > end_millis {
                    return None;
                }
                if now == check {
                    match watch.check(now) {
                        Verdict::Wait => {}
                        // An event loop answers when it is not busy.
                        Verdict::Ask => answer = answer.min(now + random.up_to(self.event_loop_millis)),
                        Verdict::Steal => return Some(now),
                    }
                    check = now + PERIOD_MILLIS + random.up_to(self.check_millis);
                } else if now == heartbeat {
                    if now < self.heartbeat_stops {
                        watch.heard(OwnerThread::Heartbeat, 1.0, 0.0, now);
                    }
                    heartbeat = now + PERIOD_MILLIS + random.up_to(self.heartbeat_millis);
                } else {
                    if now < self.event_loop_stops {
                        watch.heard(OwnerThread::EventLoop, 1.0, 0.0, now);
                    }
                    if now == event_loop {
                        event_loop = now + PERIOD_MILLIS + random.up_to(self.event_loop_millis);
                    } else {
                        answer = f64::INFINITY;
                    }
                }
            }
        }
    }

    /// A linear congruential generator (Knuth's MMIX).
    struct Random(u64);

    impl Random {
        fn up_to(&mut self, limit: f64) -> f64 {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (self.0 >> 11) as f64 / (1_u64 << 53) as f64 * limit
        }
    }

    proptest! {
        #![proptest_config(crate::tests::form::cases(256))]

        #[test]
        fn no_owner_that_lives_is_replaced_however_late_all_threads_are(seed: u64, late_millis in 0.0..3000.0_f64) {
            prop_assert_eq!(Machine::late(late_millis).stolen_at(seed, QUARTER_HOUR_MILLIS), None);
        }

        #[test]
        fn an_event_loop_that_is_late_by_seconds_is_not_replaced_by_a_worker_that_is_on_time(seed: u64) {
            let machine = Machine { event_loop_millis: 2500.0, ..Machine::late(20.0) };
            prop_assert_eq!(machine.stolen_at(seed, QUARTER_HOUR_MILLIS), None);
        }

        #[test]
        fn a_frozen_owner_is_replaced_within_a_second_and_a_half(seed: u64, at in 5000.0..6000.0_f64) {
            let stolen = Machine::late(20.0).frozen_at(at).stolen_at(seed, QUARTER_HOUR_MILLIS);
            let after = stolen.unwrap_or(f64::INFINITY) - at;
            prop_assert!((700.0..1500.0).contains(&after), "{}", after);
        }

        #[test]
        fn a_hung_event_loop_is_replaced_within_four_seconds(seed: u64, at in 5000.0..6000.0_f64) {
            let stolen = Machine::late(20.0).hung_at(at).stolen_at(seed, QUARTER_HOUR_MILLIS);
            let after = stolen.unwrap_or(f64::INFINITY) - at;
            prop_assert!((2700.0..4000.0).contains(&after), "{}", after);
        }

        #[test]
        fn on_a_busy_machine_a_frozen_owner_is_replaced_too(
            seed: u64,
            (late_millis, limit_millis) in prop_oneof![Just((500.0_f64, 8000.0_f64)), Just((3000.0, 110_000.0))],
            at in 20_000.0..60_000.0_f64,
        ) {
            let stolen = Machine::late(late_millis).frozen_at(at).stolen_at(seed, QUARTER_HOUR_MILLIS);
            let after = stolen.unwrap_or(f64::INFINITY) - at;
            prop_assert!(after > 0.0 && after < limit_millis, "{}", after);
        }
    }

    /// A watch that has heard both threads of an owner at 0.
    fn watched() -> Watch {
        let mut watch = Watch::default();
        watch.check(0.0);
        watch.heard(OwnerThread::EventLoop, 1.0, 0.0, 0.0);
        watch.heard(OwnerThread::Heartbeat, 1.0, 0.0, 0.0);
        watch
    }

    /// The verdicts of this number of checks, each on time, after this instant.
    fn checks(watch: &mut Watch, after_millis: f64, count: u32) -> Vec<Verdict> {
        (1..=count).map(|check| watch.check(after_millis + f64::from(check) * PERIOD_MILLIS)).collect()
    }

    #[test]
    fn a_silent_tab_is_asked_before_it_is_replaced() {
        use Verdict::{Ask, Steal, Wait};
        assert_eq!(checks(&mut watched(), 0.0, 6), [Wait, Wait, Ask, Ask, Ask, Steal]);
    }

    #[test]
    fn an_answer_of_either_thread_keeps_the_owner() {
        for thread in [OwnerThread::EventLoop, OwnerThread::Heartbeat] {
            let mut watch = watched();
            assert_eq!(checks(&mut watch, 0.0, 5).last(), Some(&Verdict::Ask));
            watch.heard(thread, 1.0, 0.0, 1010.0);
            assert_eq!(watch.check(1200.0), Verdict::Wait, "{thread:?}");
        }
    }

    #[test]
    fn a_worker_that_slept_counts_one_check() {
        let mut watch = watched();
        assert_eq!(watch.check(3_600_000.0), Verdict::Wait);
        watch.heard(OwnerThread::EventLoop, 1.0, 0.0, 3_600_001.0);
        assert_eq!(watch.check(3_600_200.0), Verdict::Wait);
    }

    #[test]
    fn an_announced_silence_is_the_event_loops_alone() {
        let mut watch = watched();
        watch.heard(OwnerThread::EventLoop, 1.0, 20_000.0, 0.0);
        for check in 1..=99 {
            let now = f64::from(check) * PERIOD_MILLIS;
            watch.heard(OwnerThread::Heartbeat, 1.0, 20_000.0, now - 1.0);
            assert_eq!(watch.check(now), Verdict::Wait);
        }
        // The tab is frozen in the middle of the announced work.
        watch.heard(OwnerThread::Heartbeat, 1.0, 60_000.0, 19_900.0);
        assert_eq!(checks(&mut watch, 19_900.0, 6).last(), Some(&Verdict::Steal));
    }

    #[test]
    fn a_clock_that_was_set_back_prolongs_no_announced_silence() {
        let mut watch = Watch::default();
        watch.check(0.0);
        watch.heard(OwnerThread::EventLoop, 1.0, 1e12, 0.0);
        assert!(checks(&mut watch, 0.0, 299).iter().all(|verdict| *verdict == Verdict::Wait));
        assert_eq!(checks(&mut watch, LONG_SILENCE_MILLIS - PERIOD_MILLIS, 16).last(), Some(&Verdict::Steal));
    }

    #[test]
    fn heartbeats_of_an_owner_that_was_replaced_do_not_count() {
        let mut watch = watched();
        watch.heard(OwnerThread::EventLoop, 2.0, 0.0, 0.0);
        watch.heard(OwnerThread::Heartbeat, 2.0, 0.0, 0.0);
        for check in 1..=5 {
            let now = f64::from(check) * PERIOD_MILLIS;
            watch.heard(OwnerThread::Heartbeat, 1.0, 0.0, now);
            watch.check(now);
        }
        assert_eq!(watch.check(1200.0), Verdict::Steal);
    }

    #[test]
    fn a_claim_is_later_than_all_known_ones_even_if_the_clock_is_set_back() {
        let mut watch = Watch::default();
        assert_eq!(watch.claim(1000.0), 1000.0);
        watch.heard(OwnerThread::EventLoop, 5000.0, 0.0, 1000.0);
        assert_eq!(watch.claim(1200.0), 5001.0);
        assert_eq!(watch.claim(9000.0), 9000.0);
    }

    #[test]
    fn an_owner_that_is_never_heard_is_replaced() {
        let mut watch = Watch::default();
        assert_eq!(checks(&mut watch, 0.0, 16).last(), Some(&Verdict::Steal));
        // Nobody announces itself after that: it is tried again, sooner with a head start.
        watch.renew(4);
        assert_eq!(checks(&mut watch, 4000.0, 12).last(), Some(&Verdict::Steal));
    }

    #[test]
    fn a_remembered_delay_is_forgotten_after_some_minutes() {
        let mut watch = watched();
        watch.check(5000.0);
        let mut now = 5000.0;
        for _ in 0..16 * 25 {
            now += PERIOD_MILLIS;
            watch.heard(OwnerThread::EventLoop, 1.0, 0.0, now - 1.0);
            watch.heard(OwnerThread::Heartbeat, 1.0, 0.0, now - 1.0);
            assert_eq!(watch.check(now), Verdict::Wait);
        }
        assert_eq!(checks(&mut watch, now, 6).last(), Some(&Verdict::Steal));
    }
}
