//! What a home remembers of a ledger beside its pin: the customer and the digest of each ticket that it used, the keys of each person
//! and which of them were revoked, the agents in whom it believed, and the votes that its members cast. A ledger that contradicts it shows another history than before.
//!
//! It is bounded. Of tickets, those used longest ago go first. Of people, those for whom this home never sealed go first, and among
//! them and the others those seen longest ago; a person's keys go together. "Ago" is counted in days of the ledger's own time.

mod agents;
#[cfg(not(target_arch = "wasm32"))]
pub mod file;
mod person;
mod stored;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use prost::Message as _;
use sealdesk_protocol::ids::{Address, Prefix, TicketId};
use sealdesk_protocol::limits::{CIRCLE_VOTE_SECONDS_MAX, DAY_SECONDS};
use sealdesk_protocol::wire::virtengine::encryption::v1::RecipientKeyRecord;
use sha2::{Digest as _, Sha256};
use thiserror::Error;

pub use agents::{AGENTS_SEEN_MAX, SeenAgent};

/// Most tickets of one ledger that are remembered.
pub const TICKETS_MAX: usize = 10_000;
/// Most keys of one ledger that are remembered, of everyone together.
pub const KEYS_MAX: usize = 16_384;
/// Most votes of one ledger that are remembered.
pub const VOTES_MAX: usize = 64;
/// Bytes of a key's digest that are kept.
const RECORD_BYTES: usize = 16;

/// How a ledger names people: by addresses of its own, or by principals of Stacks.
pub trait Named: Ord + Clone + fmt::Debug + fmt::Display + 'static {
    /// What has to be known to read a name.
    type Of: Clone + fmt::Debug;
    /// Whether it is proven at which place of somebody's list a key stands.
    const KEYS_HAVE_PLACES: bool;

    /// Reads a name.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    fn named(of: &Self::Of, text: &str) -> Result<Self, String>;
}

impl Named for Address {
    type Of = Prefix;
    const KEYS_HAVE_PLACES: bool = true;

    fn named(of: &Prefix, text: &str) -> Result<Self, String> {
        Self::parse(of, text).map_err(|error| error.to_string())
    }
}

/// How a ledger contradicts what a home remembers of it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Contradiction<A = Address> {
    /// A ticket has another customer than before.
    #[error(
        "{ticket} was written by {known} when this home used it, and now it is said to be written by {found}"
    )]
    Customer {
        /// Which ticket.
        ticket: TicketId,
        /// Who wrote the ticket that was used.
        known: A,
        /// Who is named now.
        found: String,
    },
    /// A ticket holds another text than before.
    #[error("{0} holds another sealed text than the one that this home used under that number")]
    Text(TicketId),
    /// A ticket that was used is gone.
    #[error("{0} is said not to exist, and this home has used it")]
    Gone(TicketId),
    /// A key that was revoked is shown as active.
    #[error("key {version} of {person} was revoked when this home last saw it, and is shown as active again")]
    Revived {
        /// Whose.
        person: A,
        /// Which: its place in their list, from 1.
        version: usize,
    },
    /// A key's record is another than before, or is gone.
    #[error("key {version} of {person} is another than when this home last saw it")]
    Key {
        /// Whose.
        person: A,
        /// Which: its place in their list, from 1.
        version: usize,
    },
    /// An agent is shown by an appointment that ended.
    #[error(
        "{0} is said to be an agent by an appointment that ended: this home saw a later one, or saw them go"
    )]
    Ended(A),
    /// A key that was seen is not listed any more, where lists have no proven order.
    #[error("a key of {0} that this home saw is not listed any more")]
    KeyGone(A),
}

/// A ticket that was used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsedTicket<A = Address> {
    /// Who wrote it.
    pub customer: A,
    /// The digest of its own envelope.
    pub digest: [u8; 32],
    /// The day on which it was last used, counted from 1970 in the ledger's time.
    pub day: i64,
}

/// A key that was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeenKey {
    /// What stays the same of its record, as the beginning of a digest.
    pub record: [u8; RECORD_BYTES],
    /// Whether it is revoked, which is for ever.
    pub revoked: bool,
}

/// Somebody's keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenPerson {
    /// In the order of their list, to which keys are only added.
    pub keys: Vec<SeenKey>,
    /// The height of the newest state in which they were seen.
    pub height: u64,
    /// The day on which they were last seen, counted from 1970 in the ledger's time.
    pub day: i64,
    /// Whether this home sealed for them, or granted to them.
    pub sealed: bool,
}

/// A vote for a change of the administrators, which this home cast.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct CastVote<A = Address> {
    /// Who voted.
    pub voter: A,
    /// Which change it was for.
    pub change: u64,
    /// Who would join or leave.
    pub address: A,
    /// Whether they would leave.
    pub removes: bool,
}

/// What became of a vote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VoteState {
    /// When it was made, in Unix seconds of the ledger's time.
    pub made: i64,
    /// Whether it decided, or was cast anew.
    pub over: bool,
}

/// A moment of a ledger, as a proof shows it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment {
    pub(crate) height: u64,
    /// Unix seconds.
    pub(crate) time: i64,
}

impl Moment {
    /// Days since 1970.
    pub(crate) fn day(self) -> i64 {
        self.time.div_euclid(DAY_SECONDS)
    }
}

/// What a home remembers of one ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remembered<A = Address> {
    tickets: BTreeMap<TicketId, UsedTicket<A>>,
    people: BTreeMap<A, SeenPerson>,
    votes: BTreeMap<CastVote<A>, VoteState>,
    agents: BTreeMap<A, SeenAgent>,
    /// Of a contract, which has no circle that is pinned: its administrators when this home last sealed for them, and the day.
    administrators: (i64, BTreeSet<A>),
}

impl<A: Ord> Default for Remembered<A> {
    fn default() -> Self {
        let administrators = (i64::MIN, BTreeSet::new());
        let (tickets, people) = (BTreeMap::new(), BTreeMap::new());
        Self { tickets, people, votes: BTreeMap::new(), agents: BTreeMap::new(), administrators }
    }
}

impl<A: Named> Remembered<A> {
    /// A ticket that was used.
    pub fn ticket(&self, id: TicketId) -> Option<&UsedTicket<A>> {
        self.tickets.get(&id)
    }

    /// Somebody whose keys were seen.
    pub fn person(&self, address: &A) -> Option<&SeenPerson> {
        self.people.get(address)
    }

    /// Whether this home sealed for somebody, as far as it remembers.
    pub fn has_sealed_for(&self, address: &A) -> bool {
        self.people.get(address).is_some_and(|person| person.sealed)
    }

    /// The votes that this home cast, and that are not known to be over.
    pub fn votes(&self) -> impl Iterator<Item = &CastVote<A>> {
        self.votes.iter().filter(|(_, state)| !state.over).map(|(vote, _)| vote)
    }

    /// Holds a ticket against what is remembered; `None` = it is proven that there is none.
    ///
    /// # Errors
    /// [`Contradiction`].
    pub fn check_ticket(&self, id: TicketId, found: Option<(&str, &[u8])>) -> Result<(), Contradiction<A>> {
        let Some(known) = self.tickets.get(&id) else { return Ok(()) };
        let Some((customer, digest)) = found else { return Err(Contradiction::Gone(id)) };
        if known.customer.to_string() != customer {
            let (known, found) = (known.customer.clone(), customer.to_owned());
            return Err(Contradiction::Customer { ticket: id, known, found });
        }
        if known.digest != digest { Err(Contradiction::Text(id)) } else { Ok(()) }
    }

    /// Holds somebody's keys against what is remembered. Which of them are revoked is for ever, and so is all else of a record.
    ///
    /// # Errors
    /// [`Contradiction`].
    pub fn check_keys(&self, person: &A, listed: &[RecipientKeyRecord]) -> Result<(), Contradiction<A>> {
        let Some(known) = self.people.get(person) else { return Ok(()) };
        if !A::KEYS_HAVE_PLACES {
            return if known.are_among(listed) {
                Ok(())
            } else {
                Err(Contradiction::KeyGone(person.clone()))
            };
        }
        for (place, known) in known.keys.iter().enumerate() {
            let (person, version) = (person.clone(), place + 1);
            match listed.get(place).map(seen) {
                Some(found) if found.record != known.record => {
                    return Err(Contradiction::Key { person, version });
                }
                Some(found) if known.revoked && !found.revoked => {
                    return Err(Contradiction::Revived { person, version });
                }
                Some(_) => {}
                None => return Err(Contradiction::Key { person, version }),
            }
        }
        Ok(())
    }

    /// Whether somebody was seen in a later state than this one: then what it leaves out is no contradiction, but an old state.
    pub(crate) fn is_newer(&self, person: &A, height: u64) -> bool {
        self.people.get(person).is_some_and(|known| known.height > height)
    }

    /// Remembers a ticket that was used. `true` where that changes what is remembered.
    pub(crate) fn use_ticket(&mut self, id: TicketId, used: UsedTicket<A>) -> bool {
        let day = self.tickets.get(&id).map(|known| known.day);
        if day.is_some_and(|day| day >= used.day) {
            return false;
        }
        self.tickets.insert(id, used);
        self.forget_tickets();
        true
    }

    /// Remembers somebody's keys, which were held against what is remembered before. `true` where that changes what is remembered.
    pub(crate) fn see_keys(&mut self, person: &A, listed: &[RecipientKeyRecord], moment: Moment) -> bool {
        let mut keys: Vec<SeenKey> = listed.iter().map(seen).collect();
        if let (false, Some(known)) = (A::KEYS_HAVE_PLACES, self.people.get(person)) {
            keys = known.with(&keys);
        }
        let day = moment.day();
        match self.people.get_mut(person) {
            None if keys.is_empty() => return false,
            None => {
                let found = SeenPerson { keys, height: moment.height, day, sealed: false };
                self.people.insert(person.clone(), found);
            }
            Some(known) if known.keys == keys && known.day >= day => return false,
            Some(known) if known.height > moment.height => return false,
            Some(known) => (known.keys, known.height, known.day) = (keys, moment.height, day.max(known.day)),
        }
        self.forget_keys();
        true
    }

    /// Remembers that this home seals for somebody. `true` where that is new.
    pub(crate) fn seal_for(&mut self, person: &A) -> bool {
        let Some(known) = self.people.get_mut(person).filter(|known| !known.sealed) else { return false };
        known.sealed = true;
        true
    }

    /// Remembers who the administrators of a contract are. `true` where that is new.
    pub(crate) fn see_administrators(&mut self, day: i64, administrators: BTreeSet<A>) -> bool {
        let is_new = self.administrators.1 != administrators;
        if is_new {
            self.administrators = (day, administrators);
        }
        is_new
    }

    /// The administrators of a contract when this home last sealed for them.
    pub fn administrators(&self) -> &BTreeSet<A> {
        &self.administrators.1
    }

    /// Remembers a vote that the ledger keeps.
    pub(crate) fn cast(&mut self, vote: CastVote<A>, made: i64) {
        self.votes.entry(vote).or_insert(VoteState { made, over: false });
        self.forget_votes(made);
    }

    /// Notes that these votes of somebody for one change are over: it was decided, or voted on anew.
    pub(crate) fn end_votes(&mut self, is_over: impl Fn(&CastVote<A>) -> bool) -> bool {
        let over = self.votes.iter_mut().filter(|(vote, state)| !state.over && is_over(vote));
        over.map(|(_, state)| state.over = true).count() > 0
    }

    /// Takes in what another command came to know.
    ///
    /// # Errors
    /// [`Contradiction`] where the two have seen different histories; what was remembered first stays.
    pub fn merge(&mut self, other: Self) -> Result<(), Contradiction<A>> {
        let Self { tickets, people, votes, agents, administrators } = other;
        for (id, used) in &tickets {
            self.check_ticket(*id, Some((&used.customer.to_string(), &used.digest)))?;
        }
        for (address, found) in &people {
            self.check_seen(address, found)?;
        }
        for (id, used) in tickets {
            let day = self.tickets.get(&id).map_or(used.day, |known| known.day.max(used.day));
            self.tickets.insert(id, UsedTicket { day, ..used });
        }
        for (address, found) in people {
            match self.people.get_mut(&address) {
                Some(known) if A::KEYS_HAVE_PLACES => known.merge(found),
                Some(known) => known.merge(SeenPerson { keys: known.with(&found.keys), ..found }),
                None => {
                    self.people.insert(address, found);
                }
            }
        }
        for (vote, found) in votes {
            let known = self.votes.entry(vote).or_insert(found);
            known.over |= found.over;
        }
        for (who, found) in agents {
            self.agents.entry(who).or_insert(found).merge(found);
        }
        if administrators.0 >= self.administrators.0 {
            self.administrators = administrators;
        }
        self.forget_tickets();
        self.forget_keys();
        self.forget_agents();
        self.forget_votes(self.votes.values().map(|vote| vote.made).max().unwrap_or(0));
        Ok(())
    }

    /// Two lists of one person differ only in how far they go, and in what was revoked since.
    fn check_seen(&self, address: &A, found: &SeenPerson) -> Result<(), Contradiction<A>> {
        if !A::KEYS_HAVE_PLACES {
            return Ok(());
        }
        let known = self.people.get(address).map_or(&[][..], |known| known.keys.as_slice());
        let differs = known.iter().zip(&found.keys).position(|(one, other)| one.record != other.record);
        match differs {
            None => Ok(()),
            Some(place) => Err(Contradiction::Key { person: address.clone(), version: place + 1 }),
        }
    }

    fn forget_tickets(&mut self) {
        while self.tickets.len() > TICKETS_MAX {
            let oldest = self.tickets.iter().min_by_key(|(id, used)| (used.day, **id)).map(|(id, _)| *id);
            let Some(oldest) = oldest else { break };
            self.tickets.remove(&oldest);
        }
    }

    fn forget_keys(&mut self) {
        let mut keys: usize = self.people.values().map(|person| person.keys.len()).sum();
        while keys > KEYS_MAX {
            let first = |(address, person): (&A, &SeenPerson)| {
                (person.sealed, person.day, person.height, address.clone())
            };
            let Some((_, _, _, oldest)) = self.people.iter().map(first).min() else { break };
            keys -= self.people.remove(&oldest).map_or(0, |person| person.keys.len());
        }
    }

    /// A vote that could no longer be part of a change is forgotten, and of too many the oldest.
    fn forget_votes(&mut self, now: i64) {
        self.votes.retain(|_, vote| now.saturating_sub(vote.made) <= CIRCLE_VOTE_SECONDS_MAX);
        while self.votes.len() > VOTES_MAX {
            let oldest = self.votes.iter().min_by_key(|(vote, state)| (state.made, *vote));
            let Some(oldest) = oldest.map(|(vote, _)| vote.clone()) else { break };
            self.votes.remove(&oldest);
        }
    }
}

/// What is remembered of a key: all of its record but when it was revoked.
fn seen(record: &RecipientKeyRecord) -> SeenKey {
    let lasting = RecipientKeyRecord { revoked_at: 0, ..record.clone() };
    let digest: [u8; 32] = Sha256::digest(lasting.encode_to_vec()).into();
    let mut kept = [0; RECORD_BYTES];
    kept.copy_from_slice(&digest[..RECORD_BYTES]);
    SeenKey { record: kept, revoked: record.revoked_at != 0 }
}

#[cfg(test)]
mod tests;
