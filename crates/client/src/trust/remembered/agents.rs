//! Agents in whom this home believed, and those of them whom it saw go: no old appointment brings them back.

use sealdesk_protocol::limits::CIRCLE_VOTE_FRESH_SECONDS;

use super::{Contradiction, Moment, Named, Remembered};

/// Most agents of one ledger that are remembered: more than there can be at a time.
pub const AGENTS_SEEN_MAX: usize = 2_048;

/// An agent in whom this home believed, by the signature of a member of the circle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeenAgent {
    /// When the newest appointment was made that this home believed, in Unix seconds as it was signed.
    pub made: i64,
    /// Appointments from before this moment ended: they were seen without the role. Not later than `made` = they were not, since then.
    pub ended: i64,
    /// The height of the newest state that showed what is remembered: of somebody who is gone, the one that first showed them so.
    pub height: u64,
    /// The day on which they were last seen, counted from 1970 in the ledger's time.
    pub day: i64,
}

impl SeenAgent {
    /// Whether they were no agent any more when this home last saw them.
    pub fn is_gone(&self) -> bool {
        self.ended > self.made
    }

    /// Takes in what another command saw of them.
    pub(super) fn merge(&mut self, other: Self) {
        self.made = self.made.max(other.made);
        self.ended = self.ended.max(other.ended);
        self.height = self.height.max(other.height);
        self.day = self.day.max(other.day);
    }
}

impl<A: Named> Remembered<A> {
    /// An agent in whom this home believed.
    pub fn agent(&self, who: &A) -> Option<&SeenAgent> {
        self.agents.get(who)
    }

    /// The agents of whom this home does not know that they went, and whom it has not seen since before this day.
    pub(crate) fn agents_before(&self, day: i64) -> impl Iterator<Item = &A> {
        self.agents.iter().filter(move |(_, seen)| !seen.is_gone() && seen.day < day).map(|(who, _)| who)
    }

    /// The agents whom this home saw go.
    pub(crate) fn agents_gone(&self) -> impl Iterator<Item = &A> {
        self.agents.iter().filter(|(_, seen)| seen.is_gone()).map(|(who, _)| who)
    }

    /// Holds what is shown of somebody against what is remembered: when their appointment was made; `None` = they have none.
    ///
    /// # Errors
    /// [`Contradiction::Ended`].
    pub fn check_agent(&self, who: &A, made: Option<i64>) -> Result<(), Contradiction<A>> {
        let (Some(known), Some(made)) = (self.agents.get(who), made) else { return Ok(()) };
        if made < known.made.max(known.ended) { Err(Contradiction::Ended(who.clone())) } else { Ok(()) }
    }

    /// Whether somebody was seen in a later state than this one: then an older appointment is no contradiction, but an old state.
    pub(crate) fn is_newer_agent(&self, who: &A, height: u64) -> bool {
        self.agents.get(who).is_some_and(|known| known.height > height)
    }

    /// Remembers an agent in whom this home believes, by an appointment that was held against what is remembered before. `true` where that changes
    /// what is remembered.
    pub(crate) fn believe_agent(&mut self, who: &A, made: i64, moment: Moment) -> bool {
        let seen = SeenAgent { made, ended: i64::MIN, height: moment.height, day: moment.day() };
        match self.agents.get_mut(who) {
            Some(known) if known.made >= made && known.day >= seen.day => return false,
            Some(known) => known.merge(seen),
            None => {
                self.agents.insert(who.clone(), seen);
            }
        }
        self.forget_agents();
        true
    }

    /// Remembers that an agent was seen, with an appointment or without one: then those that could have been made until now ended. `true` where
    /// that changes what is remembered.
    pub(crate) fn see_agent(&mut self, who: &A, made: Option<i64>, moment: Moment) -> bool {
        let Some(known) = self.agents.get_mut(who).filter(|known| known.height <= moment.height) else {
            return false;
        };
        let before = *known;
        known.day = known.day.max(moment.day());
        if made.is_none() && before.is_gone() {
            return known.day != before.day;
        }
        if made.is_none() && !before.is_gone() {
            // A later block takes none that is older than an hour.
            let oldest = moment.time.saturating_sub(CIRCLE_VOTE_FRESH_SECONDS);
            known.ended = oldest.max(known.made.saturating_add(1));
        }
        let is_new = *known != before;
        known.height = moment.height;
        is_new
    }

    /// Takes along what was remembered of agents on an earlier ledger, which one that leads to this one left at a height. What was seen later than that
    /// this ledger may not know: made from an older copy, it can show honestly what ended since. Nor can it be held against times that lie ahead
    /// of `now`, its newest header's: its clock was set back. `true` where that changes what is remembered.
    pub fn take_along_agents(&mut self, earlier: &Self, left_at: u64, now: i64) -> bool {
        let before = self.agents.clone();
        for (who, seen) in &earlier.agents {
            if seen.height <= left_at && seen.made.max(seen.ended) <= now {
                // Heights of this ledger are others.
                let taken = SeenAgent { height: 0, ..*seen };
                self.agents.entry(who.clone()).or_insert(taken).merge(taken);
            }
        }
        self.forget_agents();
        self.agents != before
    }

    /// Of too many those who are agents still go first, as nothing of them would be refused; among them and the others those seen longest ago.
    pub(super) fn forget_agents(&mut self) {
        while self.agents.len() > AGENTS_SEEN_MAX {
            let first =
                self.agents.iter().min_by_key(|(who, seen)| (seen.is_gone(), seen.day, (*who).clone()));
            let Some(first) = first.map(|(who, _)| who.clone()) else { break };
            self.agents.remove(&first);
        }
    }
}
