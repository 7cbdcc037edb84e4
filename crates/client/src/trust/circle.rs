//! From the circle that a home trusts to the one that the ledger shows: change by change, each by its votes.

use prost::Message as _;
use sealdesk_protocol::circle::{Circle, step};
use sealdesk_protocol::limits::PROOF_KEYS_MAX;
use sealdesk_protocol::state::tree;
use sealdesk_protocol::wire::sealdesk::ledger::v1::CircleChange;

use super::Pin;
use crate::verify::{Proven, VerifyError};

/// What comes next on the way to a circle that a proof shows.
pub(crate) enum Step {
    /// Nothing: it is the pinned one.
    There,
    /// Proven records of these changes.
    Ask(Vec<Vec<u8>>),
}

/// Most changes that are followed of a ledger which nobody has agreed to: more than a desk makes in two months. Whoever serves a ledger
/// of their own can make as many as they like.
pub(crate) const CHANGES_OF_STRANGERS_MAX: u64 = 1_024;
/// Most bytes of changes that are kept of a ledger, as they are encoded; the newest ones.
const KEPT_CHANGES_BYTES_MAX: usize = 1_048_576;

/// What is needed to get from the pin to this circle: at most 128 changes at a time.
///
/// # Errors
/// [`VerifyError::Circle`] where no change leads there, [`VerifyError::ManyChanges`].
pub(crate) fn next(pin: &Pin, found: &Circle) -> Result<Step, VerifyError> {
    let (known, shown) = (pin.circle.position(), found.position());
    if pin.circle == *found {
        return Ok(Step::There);
    }
    if shown <= known {
        let why = format!("it shows change {shown}, though this home followed them to change {known}");
        return Err(VerifyError::Circle(why));
    }
    if !pin.agreed && shown - known > CHANGES_OF_STRANGERS_MAX {
        return Err(VerifyError::ManyChanges(shown - known));
    }
    let keys = (pin.circle.next()..=shown).take(PROOF_KEYS_MAX).map(tree::circle_change);
    Ok(Step::Ask(keys.collect()))
}

impl Pin {
    /// Follows the proven changes that come next, each vote verified, as far as the records go and not beyond `last`.
    ///
    /// # Errors
    /// [`VerifyError::Circle`] for a change that members' votes do not lead to, [`VerifyError::Missing`].
    pub(crate) fn follow(&mut self, facts: &Proven, last: u64) -> Result<(), VerifyError> {
        for _ in 0..PROOF_KEYS_MAX {
            if self.circle.position() >= last {
                break;
            }
            let record = facts.circle_change(self.circle.next())?;
            self.circle = step(&self.ledger, &self.circle, &record)
                .map_err(|error| VerifyError::Circle(error.to_string()))?;
            self.changes.push(record);
        }
        self.forget_oldest();
        Ok(())
    }

    /// Keeps of the changes the newest ones, and not more bytes than a file of pins has room for.
    pub(super) fn forget_oldest(&mut self) {
        let mut room = KEPT_CHANGES_BYTES_MAX;
        let fits = |change: &&CircleChange| {
            let left = room.checked_sub(change.encoded_len());
            room = left.unwrap_or_default();
            left.is_some()
        };
        let kept = self.changes.iter().rev().take_while(fits).count();
        self.changes.drain(..self.changes.len() - kept);
    }
}
