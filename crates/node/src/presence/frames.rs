//! The frames that are alive, in the order in which they came. Whatever anybody says, they are few: of more than the bounds allow the
//! oldest are forgotten before their time.

use std::collections::VecDeque;

use sealdesk_protocol::ids::{Address, TicketId};
use sealdesk_protocol::presence::{Doing, Other, PRESENCE_LIFE, PRESENT_MAX};
use tokio::time::Instant;

/// Most frames that are alive.
const FRAMES_MAX: usize = 4_096;
/// Most tickets that one account is at: one in each window that it looks at.
const TICKETS_OF_ACCOUNT_MAX: usize = 8;

/// What somebody said.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    pub(super) ticket: TicketId,
    pub(super) account: Address,
    pub(super) doing: Doing,
    /// The header by which they said it.
    pub(super) authorization: String,
}

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Frames(VecDeque<(Instant, Frame)>);

impl Frames {
    /// Takes a frame in the place of what the account said before at the ticket, and gives those of the others there.
    pub(super) fn say(&mut self, said: Frame, now: Instant) -> Vec<Other> {
        self.0.retain(|(over, frame)| {
            *over > now && (frame.ticket != said.ticket || frame.account != said.account)
        });
        self.make_room(TICKETS_OF_ACCOUNT_MAX, |frame| frame.account == said.account);
        self.make_room(PRESENT_MAX, |frame| frame.ticket == said.ticket);
        self.make_room(FRAMES_MAX, |_| true);
        let others = self.0.iter().filter(|(_, frame)| frame.ticket == said.ticket);
        let other = |(_, frame): &(_, Frame)| Other {
            doing: frame.doing,
            authorization: frame.authorization.clone(),
        };
        let others = others.map(other).collect();
        self.0.push_back((now + PRESENCE_LIFE, said));
        others
    }

    /// Forgets the oldest of such frames where there are as many as there may be.
    fn make_room(&mut self, most: usize, is_one: impl Fn(&Frame) -> bool) {
        let found = self.0.iter().enumerate().filter(|(_, (_, frame))| is_one(frame)).map(|(place, _)| place);
        let found: Vec<usize> = found.collect();
        if let (Some(oldest), true) = (found.first(), found.len() >= most) {
            self.0.remove(*oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use sealdesk_testkit::people::Person;
    use sealdesk_testkit::prefix;

    use super::*;

    fn ticket(number: u64) -> TicketId {
        TicketId::parse(&format!("TKT-{number:08}")).unwrap()
    }

    /// An account that nobody has the key of.
    fn account(number: u32) -> Address {
        let mut key = [2; 33];
        key[29..].copy_from_slice(&number.to_be_bytes());
        Address::of_public_key(&prefix(), &key)
    }

    fn frame(who: &Address, at: u64, doing: Doing) -> Frame {
        Frame { ticket: ticket(at), account: who.clone(), doing, authorization: format!("{who} at {at}") }
    }

    /// Whom somebody sees at a ticket, by what they said.
    fn seen(frames: &mut Frames, at: u64, now: Instant) -> Vec<(String, Doing)> {
        let others = frames.say(frame(&account(u32::MAX), at, Doing::Looking), now);
        others.into_iter().map(|other| (other.authorization, other.doing)).collect()
    }

    #[test]
    fn others_at_the_same_ticket_are_heard_for_twenty_seconds_by_what_they_said_last() {
        let (mut frames, now) = (Frames::default(), Instant::now());
        let ada = Person::new("ada").address;
        frames.say(frame(&ada, 1, Doing::Looking), now);
        assert!(frames.say(frame(&ada, 1, Doing::Writing), now).is_empty(), "nobody hears themselves");
        assert_eq!(seen(&mut frames, 1, now), [(format!("{ada} at 1"), Doing::Writing)]);
        assert!(seen(&mut frames, 2, now).is_empty(), "nor of other tickets");
        let late = now + Duration::from_millis(19_999);
        assert_eq!(seen(&mut frames, 1, late).len(), 1);
        let over = now + Duration::from_secs(20);
        assert!(seen(&mut frames, 1, over).is_empty());
        assert_eq!(frames.0.len(), 1, "what is over is forgotten");
    }

    #[test]
    fn neither_an_account_nor_a_ticket_nor_all_together_take_memory_without_bound() {
        let (mut frames, now) = (Frames::default(), Instant::now());
        for at in 1..100 {
            frames.say(frame(&account(1), at, Doing::Looking), now);
        }
        assert_eq!(frames.0.len(), TICKETS_OF_ACCOUNT_MAX);
        assert_eq!(seen(&mut frames, 99, now).len(), 1, "what was said last is kept");
        assert!(seen(&mut frames, 1, now).is_empty());
        for who in 0..100 {
            frames.say(frame(&account(who), 200, Doing::Looking), now);
        }
        let there = seen(&mut frames, 200, now);
        assert_eq!(there.len(), PRESENT_MAX - 1, "with whoever looks they are as many as may be");
        assert_eq!(there.last().unwrap().0, format!("{} at 200", account(99)));
        for who in 0..2 * u32::try_from(FRAMES_MAX).unwrap() {
            frames.say(frame(&account(who), u64::from(who) + 1_000, Doing::Looking), now);
        }
        assert_eq!(frames.0.len(), FRAMES_MAX);
    }
}
