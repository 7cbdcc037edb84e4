//! The circle of administrators: who is in it, which votes change it, and how a client walks from a circle that it trusts to a later one.
//!
//! Everything here is pure. The ledger and every client judge by [`Circle::decides`], so that no change is good for one of them and bad
//! for another.

mod ballot;
mod lead;
mod walk;

use std::collections::BTreeSet;

use thiserror::Error;

pub use ballot::{Ballot, Vote};
pub use lead::{Lead, LeadError, is_continued};
pub use walk::{Ledger, WalkError, continued, step, walk};

use crate::identity::{Identity, transcript};
use crate::ids::{Address, Prefix};
use crate::limits::ADMINISTRATORS_LISTED_MAX;

/// A member, and the change with which they joined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Who.
    pub address: Address,
    /// The position at which they joined; 0 = with the genesis of the first ledger.
    pub since: u64,
}

/// Why bytes or a change make no circle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum CircleError {
    /// Not the one encoding of a circle.
    #[error("the list of administrators is not written as C")]
    Form,
    /// Nobody would be left.
    #[error("the last member stays")]
    Empty,
    /// More members than one leaf holds.
    #[error("more than {ADMINISTRATORS_LISTED_MAX} members")]
    TooMany,
    /// Who joins is a member already.
    #[error("who joins is a member already")]
    Member,
    /// Who leaves is no member.
    #[error("who leaves is not a member")]
    Stranger,
}

/// What a change does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Somebody joins.
    Add(Address),
    /// Somebody leaves.
    Remove(Address),
}

impl Change {
    /// Whom it is about.
    pub fn address(&self) -> &Address {
        match self {
            Self::Add(address) | Self::Remove(address) => address,
        }
    }

    /// True if they leave.
    pub fn removes(&self) -> bool {
        matches!(self, Self::Remove(_))
    }

    /// The change of a record's two fields.
    pub fn of(address: Address, removes: bool) -> Self {
        if removes { Self::Remove(address) } else { Self::Add(address) }
    }

    /// `add` or `remove`: what the signed text and events call it.
    pub fn name(&self) -> &'static str {
        if self.removes() { "remove" } else { "add" }
    }
}

/// The administrators after a number of changes. Never empty, at most [`ADMINISTRATORS_LISTED_MAX`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Circle {
    position: u64,
    /// Ascending by address, each once.
    members: Vec<Member>,
}

impl Circle {
    /// The circle of these members at a position.
    ///
    /// # Errors
    /// [`CircleError`] where nobody is in it, too many are, or one stands twice or joined later than `position`.
    pub fn new(position: u64, mut members: Vec<Member>) -> Result<Self, CircleError> {
        members.sort_by(|a, b| a.address.cmp(&b.address));
        if members.is_empty() {
            return Err(CircleError::Empty);
        }
        if members.len() > ADMINISTRATORS_LISTED_MAX {
            return Err(CircleError::TooMany);
        }
        if members.windows(2).any(|pair| pair[0].address == pair[1].address) {
            return Err(CircleError::Member);
        }
        if members.iter().any(|member| member.since > position) {
            return Err(CircleError::Form);
        }
        Ok(Self { position, members })
    }

    /// The circle with which a ledger begins that continues none.
    ///
    /// # Errors
    /// As [`Circle::new`].
    pub fn first(addresses: impl IntoIterator<Item = Address>) -> Result<Self, CircleError> {
        Self::new(0, addresses.into_iter().map(|address| Member { address, since: 0 }).collect())
    }

    /// How many changes led to it.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// The position that the next change gets.
    pub fn next(&self) -> u64 {
        self.position.saturating_add(1)
    }

    /// The members, ascending by address.
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// True if this account is a member.
    pub fn contains(&self, address: &Address) -> bool {
        self.members.binary_search_by(|member| member.address.cmp(address)).is_ok()
    }

    /// True if this account is a member, and has been one without a break since a position. What a member signed at it counts only then: who
    /// left and joined again begins anew.
    pub fn contains_since(&self, address: &Address, position: u64) -> bool {
        let place = self.members.binary_search_by(|member| member.address.cmp(address)).ok();
        place.and_then(|place| self.members.get(place)).is_some_and(|member| member.since <= position)
    }

    /// The member who joined before all others; `None` where several joined first together.
    pub fn first_member(&self) -> Option<&Address> {
        let first = self.members.iter().min_by_key(|member| member.since)?;
        let alone = self.members.iter().filter(|member| member.since == first.since).count() == 1;
        alone.then_some(&first.address)
    }

    /// `C`: u64 position, u32 n, and for each member, ascending, LP(address) and u64 since. What `roles/administrators` holds.
    pub fn encode(&self) -> Vec<u8> {
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX).to_be_bytes();
        let mut bytes = self.position.to_be_bytes().to_vec();
        bytes.extend(number(self.members.len()));
        for Member { address, since } in &self.members {
            bytes.extend(number(address.as_str().len()));
            bytes.extend(address.as_str().as_bytes());
            bytes.extend(since.to_be_bytes());
        }
        bytes
    }

    /// Reads `C` in its one encoding.
    ///
    /// # Errors
    /// [`CircleError::Form`], or what [`Circle::new`] says of its members.
    pub fn decode(prefix: &Prefix, bytes: &[u8]) -> Result<Self, CircleError> {
        let mut rest = bytes;
        let position = u64::from_be_bytes(take(&mut rest)?);
        let count = usize::try_from(u32::from_be_bytes(take(&mut rest)?)).map_err(|_| CircleError::Form)?;
        if count > ADMINISTRATORS_LISTED_MAX {
            return Err(CircleError::TooMany);
        }
        let mut members = Vec::with_capacity(count);
        for _ in 0..count {
            let length =
                usize::try_from(u32::from_be_bytes(take(&mut rest)?)).map_err(|_| CircleError::Form)?;
            let (text, after) = rest.split_at_checked(length).ok_or(CircleError::Form)?;
            rest = after;
            let text = core::str::from_utf8(text).map_err(|_| CircleError::Form)?;
            let address = Address::parse(prefix, text).map_err(|_| CircleError::Form)?;
            members.push(Member { address, since: u64::from_be_bytes(take(&mut rest)?) });
        }
        let circle = Self::new(position, members)?;
        if circle.encode() == bytes { Ok(circle) } else { Err(CircleError::Form) }
    }

    /// `D("circle", identity, C)`: what votes and sealed texts name.
    pub fn fingerprint(&self, identity: &Identity) -> [u8; 32] {
        transcript("circle").raw(&identity.0).raw(&self.encode()).finish()
    }

    /// True if votes of these accounts decide the change. Votes of others than members count for nothing.
    ///
    /// Adding takes more than half of the circle. Removing takes more than half; or exactly half, if among them is the member who joined
    /// before all others; or the leaver's own vote. A change that [`Circle::after`] refuses is never decided.
    pub fn decides(&self, change: &Change, voters: &BTreeSet<Address>) -> bool {
        let votes = voters.iter().filter(|voter| self.contains(voter)).count();
        let members = self.members.len();
        let majority = votes * 2 > members;
        let half_with_the_first =
            || votes * 2 == members && self.first_member().is_some_and(|first| voters.contains(first));
        let enough = match change {
            Change::Add(_) => majority,
            Change::Remove(leaver) => majority || half_with_the_first() || voters.contains(leaver),
        };
        enough && self.after(change).is_ok()
    }

    /// True if votes of these accounts are more than half of the circle: what continues a ledger.
    pub fn has_majority(&self, voters: &BTreeSet<Address>) -> bool {
        voters.iter().filter(|voter| self.contains(voter)).count() * 2 > self.members.len()
    }

    /// The circle after a change.
    ///
    /// # Errors
    /// [`CircleError::Member`], [`CircleError::Stranger`], [`CircleError::Empty`] or [`CircleError::TooMany`].
    pub fn after(&self, change: &Change) -> Result<Self, CircleError> {
        let position = self.next();
        let mut members = self.members.clone();
        match change {
            Change::Add(address) if self.contains(address) => return Err(CircleError::Member),
            Change::Add(address) => members.push(Member { address: address.clone(), since: position }),
            Change::Remove(address) if !self.contains(address) => return Err(CircleError::Stranger),
            Change::Remove(address) => members.retain(|member| member.address != *address),
        }
        Self::new(position, members)
    }
}

fn take<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], CircleError> {
    let (bytes, after) = rest.split_first_chunk::<N>().ok_or(CircleError::Form)?;
    *rest = after;
    Ok(*bytes)
}

#[cfg(test)]
mod tests;
