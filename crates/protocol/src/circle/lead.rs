//! From a circle that is trusted on one ledger to the circle with which a later ledger begins that continues it.

use thiserror::Error;

use super::{Circle, Ledger, WalkError, continued, step};
use crate::identity::{Ancestry, Beginning};
use crate::wire::sealdesk::ledger::v1::{CircleChange, LedgerContinues};

/// Why votes do not lead from a trusted ledger to one that is said to continue it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum LeadError {
    /// It does not name the trusted ledger among those that it continues.
    #[error("it does not come from that ledger")]
    Stranger,
    /// It goes on from earlier administrators than those that are trusted.
    #[error(
        "it was made from an older copy, which ends at change {begins} of the administrators, and change {known} is known here"
    )]
    Older {
        /// The position that is trusted.
        known: u64,
        /// The position with which the later ledger begins.
        begins: u64,
    },
    /// It begins with others than the changes lead to.
    #[error("it begins with other administrators than change {0} led to")]
    Others(u64),
    /// Too few members voted for it.
    #[error("{votes} of {members} administrators voted for it, and more than half have to")]
    TooFew {
        /// How many voted.
        votes: usize,
        /// How many there were.
        members: usize,
    },
    /// A change, or the votes to continue, are not those of the members.
    #[error(transparent)]
    Walk(#[from] WalkError),
}

/// The way from a trusted circle to the beginning of a later ledger, change by change, each by the votes of the ledger where it was made.
#[derive(Debug)]
pub struct Lead<'a> {
    /// The ledger that is walked now, and those after it, as far as the later one's beginning.
    way: &'a [Beginning],
    end: &'a Beginning,
    circle: Circle,
}

impl<'a> Lead<'a> {
    /// The way from a circle of `trusted` to the ledger of this ancestry.
    ///
    /// # Errors
    /// [`LeadError::Stranger`] where that ledger does not come from the trusted one, [`LeadError::Older`], [`LeadError::Others`].
    pub fn new(trusted: &Ledger, circle: Circle, ancestry: &'a Ancestry) -> Result<Self, LeadError> {
        let is_trusted = |one: &Beginning| one.identity() == trusted.identity;
        let place = ancestry.earlier().iter().position(is_trusted).ok_or(LeadError::Stranger)?;
        let way = ancestry.earlier().get(place..).unwrap_or_default();
        let mut lead = Self { way, end: ancestry.beginning(), circle };
        lead.pass()?;
        Ok(lead)
    }

    /// The position of the change that comes next; `None` at the end of the way.
    pub fn next(&self) -> Option<u64> {
        (!self.way.is_empty()).then(|| self.circle.next())
    }

    /// Follows the change that comes next.
    ///
    /// # Errors
    /// [`LeadError`]: the first thing wrong with it.
    pub fn step(&mut self, record: &CircleChange) -> Result<(), LeadError> {
        let ledger = Ledger::of(self.way.first().ok_or(LeadError::Others(self.circle.position()))?);
        self.circle = step(&ledger, &self.circle, record)?;
        self.pass()
    }

    /// Goes over to every ledger that begins with the circle that was come to.
    fn pass(&mut self) -> Result<(), LeadError> {
        while let Some((_, rest)) = self.way.split_first() {
            let next = &rest.first().unwrap_or(self.end).circle;
            let (known, begins) = (self.circle.position(), next.position());
            match known.cmp(&begins) {
                std::cmp::Ordering::Less => break,
                std::cmp::Ordering::Greater => return Err(LeadError::Older { known, begins }),
                std::cmp::Ordering::Equal if self.circle != *next => return Err(LeadError::Others(known)),
                std::cmp::Ordering::Equal => self.way = rest,
            }
        }
        Ok(())
    }
}

/// Verifies that the ledger of this ancestry continues the one before it, by votes of more than half of the circle that it began with.
///
/// # Errors
/// [`LeadError::Stranger`] where it continues none, [`LeadError::TooFew`], [`LeadError::Walk`].
pub fn is_continued(ancestry: &Ancestry, votes: &LedgerContinues) -> Result<(), LeadError> {
    let before = Ledger::of(ancestry.earlier().last().ok_or(LeadError::Stranger)?);
    match continued(&before, &ancestry.beginning().circle, &ancestry.identity(), votes) {
        Err(WalkError::TooFew { votes, members, .. }) => Err(LeadError::TooFew { votes, members }),
        judged => Ok(judged?),
    }
}
