//! Who is next: fair queueing, as packets of a network are sent.
//!
//! The order has a time of its own, which goes on with the work that is done, the slower the more ask. A call starts in it when it came, or
//! when what its asker has had before is paid for, whichever is later; of those who wait the one is next whose work would be over first. So
//! whoever asks for less than their part waits for little more than the work that is under way, however many others ask for more; those share
//! what is left in equal parts; and who waits comes before whoever comes much later, so that no crowd of newcomers keeps anybody waiting for
//! good.
//!
//! Source: Bennett and Zhang, "Hierarchical Packet Fair Queueing Algorithms", 1997, for the time: it is never behind all who wait, and
//! otherwise slower than their parts of the turns. How long a call takes is not known before, as the length of a packet is: it is expected to
//! take as long as the asker's last ones, and charged for what it took.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::Instant;

use super::{Asker, REMEMBERED_MAX};

/// In this time what somebody has had counts half.
pub(super) const HALF_LIFE: Duration = Duration::from_secs(1);
/// Who has had more than this lately has had much: a fourteenth of the time of one turn, if it goes on.
pub(super) const MUCH: Duration = Duration::from_millis(100);
/// How long work is expected to take of somebody of whom nothing is known.
const EXPECTED: Duration = Duration::from_millis(1);

/// What all askers have had, and are owed.
#[derive(Default)]
pub(super) struct Order {
    /// The time of its own, in seconds.
    time: f64,
    /// Who has had something lately.
    askers: BTreeMap<Asker, Standing>,
}

/// When a call came, in the order's time.
#[derive(Clone, Copy)]
pub(super) struct Arrival(f64);

/// What somebody was charged for work of which it is not known yet how long it takes, in seconds.
#[derive(Clone, Copy)]
pub(super) struct Charge(f64);

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
    pub(super) fn arrival(&self) -> Arrival {
        Arrival(self.time)
    }

    /// These wait, each with their oldest call: nobody who comes now starts before all of them.
    pub(super) fn keep_up(&mut self, waiting: impl Iterator<Item = (Asker, Arrival)>) {
        let least = waiting.map(|(asker, came)| self.start_of(asker, came)).min_by(f64::total_cmp);
        self.time = least.map_or(self.time, |least| least.max(self.time));
    }

    /// When the oldest call of an asker would be over, in the order's time: the least is next.
    pub(super) fn end_of(&self, asker: Asker, came: Arrival) -> f64 {
        self.start_of(asker, came) + self.expected(asker)
    }

    /// The oldest call of an asker has its turn.
    pub(super) fn begin(&mut self, asker: Asker, came: Arrival, now: Instant) -> Charge {
        let (start, expected) = (self.start_of(asker, came), self.expected(asker));
        let had = self.had(asker, now);
        self.askers.insert(asker, Standing { paid_for: start + expected, expected, had, at: now });
        self.forget_least(now);
        Charge(expected)
    }

    /// The turn ends that an asker was charged for. So many asked meanwhile, this one among them.
    pub(super) fn end(&mut self, asker: Asker, charge: Charge, took: Duration, asking: usize, now: Instant) {
        let (Charge(charged), took) = (charge, took.as_secs_f64());
        // Some who do not ask just now will have had less than their part by the time they do, so that it must not be faster.
        self.time += took / (2.0 * f64::from(u32::try_from(asking.max(1)).unwrap_or(u32::MAX)));
        let had = self.had(asker, now) + took;
        let known = self.askers.get(&asker);
        let paid_for = known.map_or(self.time, |standing| standing.paid_for - charged) + took;
        let expected = known.map_or(took, |standing| f64::midpoint(standing.expected, took));
        self.askers.insert(asker, Standing { paid_for, expected, had, at: now });
        self.forget_least(now);
    }

    /// The turn was not used that an asker was charged so much for.
    pub(super) fn take_back(&mut self, asker: Asker, Charge(charged): Charge) {
        if let Some(standing) = self.askers.get_mut(&asker) {
            standing.paid_for -= charged;
        }
    }

    /// Whether an asker has had much lately.
    pub(super) fn has_had_much(&self, asker: Asker, now: Instant) -> bool {
        self.had(asker, now) > MUCH.as_secs_f64()
    }

    fn start_of(&self, asker: Asker, Arrival(came): Arrival) -> f64 {
        self.askers.get(&asker).map_or(came, |standing| standing.paid_for.max(came))
    }

    fn expected(&self, asker: Asker) -> f64 {
        self.askers.get(&asker).map_or(EXPECTED.as_secs_f64(), |standing| standing.expected)
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
    use crate::api::turns::Work;
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
            self.calls.entry(asker(number)).or_default().push_back((self.order.arrival(), takes));
        }

        /// Gives the turn to the next call until it is over, and gives whose it was.
        fn serve(&mut self) -> Option<Asker> {
            self.order.keep_up(self.calls.iter().map(|(asker, calls)| (*asker, calls[0].0)));
            let ends = |(asker, calls): (&Asker, &VecDeque<(Arrival, f64)>)| {
                (self.order.end_of(*asker, calls[0].0), *asker)
            };
            let next = self.calls.iter().map(ends).min_by(|one, other| one.0.total_cmp(&other.0));
            let (_, asker) = next?;
            let (came, takes) = self.calls.get_mut(&asker)?.pop_front()?;
            let asking = self.calls.len();
            self.calls.retain(|_, calls| !calls.is_empty());
            let charge = self.order.begin(asker, came, self.begun + ms(self.now));
            self.now += takes;
            self.order.end(asker, charge, ms(takes), asking, self.begun + ms(self.now));
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
    fn one_of_many_who_ask_as_much_waits_for_a_round_at_most() {
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
        // 64 of half a millisecond before it, and as long again for what it has had beyond its part.
        assert!(longest < 2.0 * 64.0 * 0.5 + 1.5, "{longest} ms");
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
        let before = order.end_of(asker(1), came);
        for _ in 0..100 {
            let charge = order.begin(asker(1), came, now);
            order.take_back(asker(1), charge);
        }
        assert!((order.end_of(asker(1), came) - before).abs() < 1e-9);
    }

    #[test]
    fn what_strangers_have_had_fills_no_memory_and_the_most_is_not_forgotten() {
        let (mut order, now) = (Order::default(), Instant::now());
        let mut had = |number, time| {
            let charge = order.begin(asker(number), order.arrival(), now);
            order.end(asker(number), charge, time, 1, now);
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
