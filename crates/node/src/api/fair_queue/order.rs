//! Who is next: fair queueing, as packets of a network are sent.
//!
//! The order has a time of its own, which goes on with the work that is done, the slower the more ask. A call starts in it when it came, or
//! when what its asker has had before is paid for, whichever is later; of those who wait the one is next whose work would be over first. So
//! whoever asks for less than their part waits for little more than the work that is under way, however many others ask for more; those share
//! what is left in equal parts; and who waits comes before whoever comes much later, so that no crowd of newcomers keeps anybody waiting for
//! good. Where a turn is left that nobody waits for, nobody owes anything: what was had while nobody else wanted it costs nothing later.
//!
//! Source: Bennett and Zhang, "Hierarchical Packet Fair Queueing Algorithms", 1997, for the time: it is never behind all who wait, and
//! otherwise slower than their parts of the turns. How long a call takes is not known before, as the length of a packet is: it is expected to
//! take as long as the asker's last ones, or of somebody unknown as the first calls of others took, and charged for what it took.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::Instant;

use super::{Asker, REMEMBERED_MAX, Work};

/// In this time what somebody has had counts half.
pub(super) const HALF_LIFE: Duration = Duration::from_secs(1);
/// Who has had more than this lately has had much: a fourteenth of the time of one turn, if it goes on.
pub(super) const MUCH: Duration = Duration::from_millis(100);
/// How long work is expected to take of somebody of whom nothing is known, where nobody's first call told.
const EXPECTED: Duration = Duration::from_millis(1);
/// How much of that expectation is the newest first call's.
const NEWEST_SHARE: f64 = 0.1;

/// What all askers have had, and are owed.
#[derive(Default)]
pub(super) struct Order {
    /// The time of its own, in seconds.
    time: f64,
    /// How many calls have come so far.
    came: u64,
    /// Until when all that anybody has had is paid for.
    all_paid_for: f64,
    /// How many seconds the first calls of those took who were not known, lately, for each kind of work.
    first_calls: BTreeMap<Work, f64>,
    /// Who has had something lately.
    askers: BTreeMap<Asker, Standing>,
}

/// When a call came.
#[derive(Clone, Copy)]
pub(super) struct Arrival {
    /// In the order's time.
    at: f64,
    /// How many came before it.
    after: u64,
}

/// What somebody was charged for work of which it is not known yet how long it takes.
#[derive(Clone, Copy)]
pub(super) struct Charge {
    asker: Asker,
    seconds: f64,
    /// Whether nothing was known of the asker.
    is_first: bool,
}

/// One asker, as they stood at a time.
#[derive(Clone, Copy)]
struct Standing {
    /// Until when what they have had is paid for, in the order's time.
    paid_for: f64,
    /// How long their next work is expected to take, in seconds.
    expected: f64,
    /// How many seconds they have had, as it counted at `at`.
    had: f64,
    at: Instant,
}

impl Order {
    /// A call comes.
    pub(super) fn arrival(&mut self) -> Arrival {
        let after = self.came;
        self.came = after.wrapping_add(1);
        Arrival { at: self.time, after }
    }

    /// Of those who wait, each with their oldest call, the one who is next: of those who may have a turn, where they have had much or not,
    /// whose work would be over first, and of equals whoever came first. Nobody who comes now starts before all of them.
    pub(super) fn next(
        &mut self,
        waiting: impl Iterator<Item = (Asker, Arrival)>,
        may: impl Fn(Asker, bool) -> bool,
        now: Instant,
    ) -> Option<Asker> {
        let mut least: Option<f64> = None;
        let mut next: Option<(f64, Arrival, Asker)> = None;
        for (asker, came) in waiting.filter(|(asker, _)| may(*asker, self.has_had_much(*asker, now))) {
            let start = self.start_of(asker, came);
            let end = start + self.expected(asker);
            least = Some(least.map_or(start, |least| least.min(start)));
            let is_before = |(other, other_came, _): &(f64, Arrival, Asker)| {
                end.total_cmp(other).then(came.after.cmp(&other_came.after)).is_lt()
            };
            if next.as_ref().is_none_or(is_before) {
                next = Some((end, came, asker));
            }
        }
        self.time = least.map_or(self.time, |least| least.max(self.time));
        next.map(|(.., asker)| asker)
    }

    /// A turn is left that nobody waits for.
    pub(super) fn settle(&mut self) {
        self.time = self.time.max(self.all_paid_for);
    }

    /// The oldest call of an asker has its turn.
    pub(super) fn begin(&mut self, asker: Asker, came: Arrival, now: Instant) -> Charge {
        let is_first = !self.askers.contains_key(&asker);
        let (seconds, had) = (self.expected(asker), self.had(asker, now));
        let paid_for = self.start_of(asker, came) + seconds;
        self.stand(asker, Standing { paid_for, expected: seconds, had, at: now });
        Charge { asker, seconds, is_first }
    }

    /// The turn ends that an asker was charged for. So many asked meanwhile, this one among them.
    pub(super) fn end(&mut self, charge: Charge, took: Duration, asking: usize, now: Instant) {
        let (asker, took) = (charge.asker, took.as_secs_f64());
        // Some who do not ask just now will have had less than their part by the time they do, so that it must not be faster.
        self.time += took / (2.0 * f64::from(u32::try_from(asking.max(1)).unwrap_or(u32::MAX)));
        if charge.is_first {
            let usual = self.first_calls.entry(asker.1).or_insert(EXPECTED.as_secs_f64());
            *usual += NEWEST_SHARE * (took - *usual);
        }
        let had = self.had(asker, now) + took;
        let known = self.askers.get(&asker);
        let paid_for = known.map_or(self.time, |standing| standing.paid_for - charge.seconds) + took;
        let known = known.filter(|_| !charge.is_first);
        let expected = known.map_or(took, |standing| f64::midpoint(standing.expected, took));
        self.stand(asker, Standing { paid_for, expected, had, at: now });
    }

    /// The turn was not used that an asker was charged for.
    pub(super) fn take_back(&mut self, charge: Charge) {
        if let Some(standing) = self.askers.get_mut(&charge.asker) {
            standing.paid_for -= charge.seconds;
        }
    }

    fn stand(&mut self, asker: Asker, standing: Standing) {
        self.all_paid_for = self.all_paid_for.max(standing.paid_for);
        self.askers.insert(asker, standing);
        self.forget_least(standing.at);
    }

    /// Whether an asker has had much lately.
    pub(super) fn has_had_much(&self, asker: Asker, now: Instant) -> bool {
        self.had(asker, now) > MUCH.as_secs_f64()
    }

    fn start_of(&self, asker: Asker, came: Arrival) -> f64 {
        self.askers.get(&asker).map_or(came.at, |standing| standing.paid_for.max(came.at))
    }

    fn expected(&self, asker: Asker) -> f64 {
        let of_others = || self.first_calls.get(&asker.1).copied().unwrap_or(EXPECTED.as_secs_f64());
        self.askers.get(&asker).map_or_else(of_others, |standing| standing.expected)
    }

    /// How much somebody has had lately, in seconds.
    fn had(&self, asker: Asker, now: Instant) -> f64 {
        self.askers.get(&asker).map_or(0.0, |standing| standing.had_by(now))
    }

    /// With too many known, forgets the half who have had less than the others: they are as if they had had nothing.
    fn forget_least(&mut self, now: Instant) {
        if self.askers.len() <= REMEMBERED_MAX {
            return;
        }
        let mut all: Vec<f64> = self.askers.values().map(|standing| standing.had_by(now)).collect();
        let half = all.len() / 2;
        let (_, median, _) = all.select_nth_unstable_by(half, f64::total_cmp);
        let least = *median;
        self.askers.retain(|_, standing| standing.had_by(now) > least);
    }
}

impl Standing {
    fn had_by(self, now: Instant) -> f64 {
        let halves = now.saturating_duration_since(self.at).as_secs_f64() / HALF_LIFE.as_secs_f64();
        self.had * (-halves).exp2()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use super::*;
    use crate::http::source::Source;

    fn asker(number: u32) -> Asker {
        (Source::of(std::net::Ipv4Addr::from_bits(0x0b00_0000 | number).into()), Work::Short)
    }

    fn ms(time: f64) -> Duration {
        Duration::from_secs_f64(time / 1000.0)
    }

    /// One turn, and calls of which each takes its time, in milliseconds.
    struct Desk {
        order: Order,
        begun: Instant,
        now: f64,
        calls: BTreeMap<Asker, VecDeque<(Arrival, f64)>>,
    }

    impl Desk {
        fn new() -> Self {
            Self { order: Order::default(), begun: Instant::now(), now: 0.0, calls: BTreeMap::new() }
        }

        fn ask(&mut self, number: u32, takes: f64) {
            let came = self.order.arrival();
            self.calls.entry(asker(number)).or_default().push_back((came, takes));
        }

        /// Gives the turn to the next call until it is over, and gives whose it was.
        fn serve(&mut self) -> Option<Asker> {
            let now = self.begun + ms(self.now);
            let waiting = self.calls.iter().map(|(asker, calls)| (*asker, calls[0].0));
            let Some(asker) = self.order.next(waiting, |_, _| true, now) else {
                self.order.settle();
                return None;
            };
            let asking = self.calls.len();
            let (came, takes) = self.calls.get_mut(&asker)?.pop_front()?;
            self.calls.retain(|_, calls| !calls.is_empty());
            let charge = self.order.begin(asker, came, now);
            self.now += takes;
            self.order.end(charge, ms(takes), asking, self.begun + ms(self.now));
            Some(asker)
        }

        /// Serves until a call of this asker is over, and gives how long that took, in milliseconds.
        fn wait_for(&mut self, number: u32, again: impl Fn(&mut Self, Asker)) -> f64 {
            let since = self.now;
            while let Some(served) = self.serve() {
                if served == asker(number) {
                    return self.now - since;
                }
                again(self, served);
            }
            panic!("it was never served")
        }
    }

    /// The number of an asker of these tests.
    fn number((source, _): Asker) -> u32 {
        let Source::Other(std::net::IpAddr::V4(ip)) = source else { panic!("{source:?}") };
        ip.to_bits() & 0x00ff_ffff
    }

    #[test]
    fn a_reader_beside_dear_calls_waits_for_what_is_under_way_and_no_more() {
        let mut desk = Desk::new();
        for stranger in 1..=16 {
            desk.ask(stranger, 8.0);
            desk.ask(stranger, 8.0);
        }
        let again = |desk: &mut Desk, served| desk.ask(number(served), 8.0);
        for _ in 0..64 {
            let served = desk.serve().unwrap();
            again(&mut desk, served);
        }
        // Five calls for one page, 20 pages a second, as somebody reads; the strangers never stop.
        let mut longest: f64 = 0.0;
        for _ in 0..40 {
            for _ in 0..5 {
                desk.ask(99, 0.3);
                longest = longest.max(desk.wait_for(99, again));
                // What the strangers do while the reader's own client works.
                let served = desk.serve().unwrap();
                again(&mut desk, served);
            }
        }
        assert!(longest < 8.5, "{longest} ms");
    }

    #[test]
    fn one_of_many_who_ask_as_much_waits_for_its_part_at_most() {
        let mut desk = Desk::new();
        for writer in 1..=64 {
            desk.ask(writer, 0.5);
        }
        let again = |desk: &mut Desk, served| desk.ask(number(served), 0.5);
        let mut longest: f64 = 0.0;
        for _ in 0..100 {
            // Who is there all the time has twice what each of the others has, if they may.
            desk.ask(99, 1.0);
            longest = longest.max(desk.wait_for(99, again));
        }
        // At most three of each of the others come before it, since it takes as long as two of them.
        assert!(longest < 3.0 * 64.0 * 0.5 + 1.5, "{longest} ms");
    }

    #[test]
    fn what_was_had_while_nobody_waited_is_not_owed_when_a_crowd_comes() {
        let mut desk = Desk::new();
        // Ten seconds of work, alone.
        for _ in 0..1_000 {
            desk.ask(99, 10.0);
            desk.serve();
            assert!(desk.serve().is_none());
        }
        for stranger in 1..=40 {
            desk.ask(stranger, 8.0);
        }
        desk.serve();
        desk.ask(99, 0.3);
        let waited = desk.wait_for(99, |desk, served| desk.ask(number(served), 8.0));
        // It was known for calls of ten milliseconds, so that some of eight are before it.
        assert!(waited < 41.0 * 8.0 + 0.5, "{waited} ms");
        desk.ask(99, 0.3);
        desk.wait_for(99, |desk, served| desk.ask(number(served), 8.0));
        for _ in 0..20 {
            desk.ask(99, 0.3);
            let waited = desk.wait_for(99, |desk, served| desk.ask(number(served), 8.0));
            assert!(waited < 41.0 * 8.0 + 0.5, "{waited} ms");
        }
    }

    #[test]
    fn a_reader_who_is_known_comes_before_strangers_with_dear_first_calls() {
        let mut desk = Desk::new();
        for _ in 0..8 {
            desk.ask(99, 0.3);
            desk.serve();
            desk.serve();
        }
        let mut next = 1_000;
        let mut come = |desk: &mut Desk| {
            next += 1;
            desk.ask(next, 50.0);
        };
        for _ in 0..300 {
            come(&mut desk);
        }
        // What first calls take is learned from those that are over.
        for _ in 0..30 {
            desk.serve();
            come(&mut desk);
        }
        let mut longest: f64 = 0.0;
        for _ in 0..20 {
            desk.ask(99, 0.3);
            let since = desk.now;
            while desk.serve() != Some(asker(99)) {
                come(&mut desk);
            }
            longest = longest.max(desk.now - since);
            desk.serve();
            come(&mut desk);
        }
        assert!(longest < 101.0, "{longest} ms");
    }

    #[test]
    fn newcomers_without_end_keep_nobody_waiting_for_good() {
        let mut desk = Desk::new();
        for _ in 0..20 {
            desk.ask(1, 50.0);
            desk.serve();
        }
        // At each moment ten wait who were never seen before, with work that takes less.
        let mut next = 1_000;
        for _ in 0..10 {
            next += 1;
            desk.ask(next, 1.0);
        }
        desk.ask(1, 50.0);
        let mut served = 0;
        while desk.serve() != Some(asker(1)) {
            served += 1;
            next += 1;
            desk.ask(next, 1.0);
            assert!(served < 2_000, "still waiting");
        }
        // Eleven ask, their work is 50 ms long, half of their last is not paid for, and the time goes half as fast as their part would.
        assert!((1_000..1_800).contains(&served), "{served}");
    }

    #[test]
    fn those_who_always_ask_share_evenly_whatever_their_calls_take() {
        let mut desk = Desk::new();
        let takes = [0.2, 1.0, 3.0, 9.0, 0.7];
        for (number, takes) in (1..).zip(takes) {
            desk.ask(number, takes);
        }
        let mut had = [0.0; 5];
        while desk.now < 10_000.0 {
            let served = desk.serve().unwrap();
            let who = number(served);
            let at = usize::try_from(who).unwrap() - 1;
            had[at] += takes[at];
            desk.ask(who, takes[at]);
        }
        assert!(had.iter().all(|had| (1_980.0..2_020.0).contains(had)), "{had:?}");
    }

    #[test]
    fn turns_that_were_not_used_cost_nothing_and_teach_nothing() {
        let (mut order, now) = (Order::default(), Instant::now());
        let came = order.arrival();
        let before = order.start_of(asker(1), came) + order.expected(asker(1));
        for _ in 0..100 {
            let charge = order.begin(asker(1), came, now);
            order.take_back(charge);
        }
        assert!((order.start_of(asker(1), came) + order.expected(asker(1)) - before).abs() < 1e-9);
    }

    #[test]
    fn what_strangers_have_had_fills_no_memory_and_the_most_is_not_forgotten() {
        let (mut order, now) = (Order::default(), Instant::now());
        let mut had = |number, time| {
            let came = order.arrival();
            let charge = order.begin(asker(number), came, now);
            order.end(charge, time, 1, now);
        };
        had(1, 2 * MUCH);
        for number in 2..3 * u32::try_from(REMEMBERED_MAX).unwrap() {
            had(number, Duration::from_micros(100));
        }
        assert!(order.askers.len() <= REMEMBERED_MAX, "{}", order.askers.len());
        assert!(order.has_had_much(asker(1), now));
        assert!(!order.has_had_much(asker(1), now + 2 * HALF_LIFE));
    }
}
