//! From a circle that a client trusts, change by change, to the one that the ledger shows.

use std::collections::BTreeSet;

use thiserror::Error;

use super::{Ballot, Change, Circle, CircleError, Vote};
use crate::identity::{Beginning, Identity};
use crate::ids::{Address, ChainId, Prefix};
use crate::limits::CIRCLE_VOTE_SECONDS_MAX;
use crate::wire::sealdesk::ledger::v1::{CircleChange, LedgerContinues, MemberVote};

/// The ledger whose circle is walked: what its votes name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ledger {
    /// Its name.
    pub chain_id: ChainId,
    /// What addresses begin with.
    pub prefix: Prefix,
    /// Its identity.
    pub identity: Identity,
}

impl Ledger {
    /// The ledger that began like this.
    pub fn of(beginning: &Beginning) -> Self {
        let (chain_id, prefix) = (beginning.chain_id.clone(), beginning.prefix.clone());
        Self { chain_id, prefix, identity: beginning.identity() }
    }
}

/// Why a change does not lead on from a circle.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum WalkError {
    /// Another change comes next.
    #[error("change {found} is shown where change {expected} comes next")]
    Position {
        /// The position that comes next.
        expected: u64,
        /// The record's.
        found: u64,
    },
    /// It was made on another ledger than the one that is walked.
    #[error("change {0} was made on another ledger")]
    OtherLedger(u64),
    /// A field has another form.
    #[error("change {position}: its {field} is not of its form")]
    Form {
        /// Which change.
        position: u64,
        /// Which field.
        field: &'static str,
    },
    /// A vote is of somebody who was no member.
    #[error("change {position}: {voter} voted and was not a member")]
    Stranger {
        /// Which change.
        position: u64,
        /// Who.
        voter: Address,
    },
    /// A vote stands twice, or out of order.
    #[error("change {position}: the votes do not stand in order, each once")]
    Order {
        /// Which change.
        position: u64,
    },
    /// A vote's signature is not its voter's, over this change of this circle of this ledger.
    #[error("change {position}: the vote of {voter} is not theirs")]
    Signature {
        /// Which change.
        position: u64,
        /// Whose vote it is said to be.
        voter: Address,
    },
    /// The votes lie further apart than 60 days.
    #[error("change {position}: its votes lie more than 60 days apart")]
    Apart {
        /// Which change.
        position: u64,
    },
    /// The votes are too few.
    #[error("change {position}: {votes} of {members} members voted, which is not enough")]
    TooFew {
        /// Which change.
        position: u64,
        /// How many voted.
        votes: usize,
        /// How many there were.
        members: usize,
    },
    /// The change leads to no circle, or to another one than the record says.
    #[error("change {position}: it does not lead to the circle that it names")]
    Result {
        /// Which change.
        position: u64,
    },
    /// Nobody can leave or join like that.
    #[error("change {position}: {error}")]
    Circle {
        /// Which change.
        position: u64,
        /// Why.
        error: CircleError,
    },
}

/// The circle after one change, if members' votes lead to it.
///
/// # Errors
/// [`WalkError`]: the first thing wrong with the record.
pub fn step(ledger: &Ledger, circle: &Circle, record: &CircleChange) -> Result<Circle, WalkError> {
    let position = circle.next();
    if record.position != position {
        return Err(WalkError::Position { expected: position, found: record.position });
    }
    if record.identity != ledger.identity.0 || record.chain_id != ledger.chain_id.as_str() {
        return Err(WalkError::OtherLedger(position));
    }
    let address = Address::parse(&ledger.prefix, &record.address)
        .map_err(|_| WalkError::Form { position, field: "address" })?;
    let change = Change::of(address, record.removes);
    let voters = voters(ledger, circle, &Ballot::Change(&change), &record.votes)?;
    let after = circle.after(&change).map_err(|error| WalkError::Circle { position, error })?;
    if !circle.decides(&change, &voters) {
        let (votes, members) = (voters.len(), circle.members().len());
        return Err(WalkError::TooFew { position, votes, members });
    }
    if record.circle != after.encode() {
        return Err(WalkError::Result { position });
    }
    Ok(after)
}

/// The circle after these changes, in their order.
///
/// # Errors
/// [`WalkError`] of the first change that does not lead on.
pub fn walk<'a>(
    ledger: &Ledger,
    circle: Circle,
    records: impl IntoIterator<Item = &'a CircleChange>,
) -> Result<Circle, WalkError> {
    records.into_iter().try_fold(circle, |circle, record| step(ledger, &circle, record))
}

/// Verifies that more than half of `circle`, of the ledger `old`, voted that the ledger of `new` identity continues it.
///
/// # Errors
/// [`WalkError`]; its position is the one after the circle's.
pub fn continued(
    old: &Ledger,
    circle: &Circle,
    new: &Identity,
    record: &LedgerContinues,
) -> Result<(), WalkError> {
    let voters = voters(old, circle, &Ballot::Continue(new), &record.votes)?;
    if circle.has_majority(&voters) {
        return Ok(());
    }
    let (votes, members) = (voters.len(), circle.members().len());
    Err(WalkError::TooFew { position: circle.next(), votes, members })
}

/// Who voted, each signature verified: members, ascending, each once, within 60 days.
fn voters(
    ledger: &Ledger,
    circle: &Circle,
    ballot: &Ballot<'_>,
    votes: &[MemberVote],
) -> Result<BTreeSet<Address>, WalkError> {
    let position = circle.next();
    let fingerprint = circle.fingerprint(&ledger.identity);
    let mut voters = BTreeSet::new();
    for vote in votes {
        let vote = Vote::read(&ledger.prefix, vote).ok_or(WalkError::Form { position, field: "vote" })?;
        if !circle.contains(&vote.voter) {
            return Err(WalkError::Stranger { position, voter: vote.voter });
        }
        if voters.last().is_some_and(|last| *last >= vote.voter) {
            return Err(WalkError::Order { position });
        }
        let text = ballot.text(&ledger.chain_id, &fingerprint, position, vote.made);
        if vote.verify(&text).is_err() {
            return Err(WalkError::Signature { position, voter: vote.voter });
        }
        voters.insert(vote.voter);
    }
    let (first, last) = (votes.iter().map(|vote| vote.made).min(), votes.iter().map(|vote| vote.made).max());
    let apart = last.unwrap_or_default().saturating_sub(first.unwrap_or_default());
    if apart > CIRCLE_VOTE_SECONDS_MAX {
        return Err(WalkError::Apart { position });
    }
    Ok(voters)
}
