//! Whether a ledger that is met continues one that this home trusts. Votes of that one's administrators say it, and nothing else does:
//! neither the node nor the validators of either ledger.

use sealdesk_protocol::circle::{Lead, LeadError, is_continued};
use sealdesk_protocol::identity::{Beginning, Identity};
use sealdesk_protocol::limits::PROOF_KEYS_MAX;
use sealdesk_protocol::state::tree;

use super::{Desk, Memory};
use crate::error::Result;
use crate::node::Transport;
use crate::trust::{Continuation, Pin, Trust};
use crate::verify::VerifyError;

impl<T: Transport> Desk<T> {
    /// That this ledger continues the one of a pin: the pinned circle leads by its own votes to the one with which this ledger began,
    /// and more than half of that one voted for it.
    ///
    /// # Errors
    /// [`VerifyError::NotContinued`] where that is not so, [`VerifyError::NodeTrusted`], and whatever keeps it from being seen.
    pub async fn continuation(&self, old: &Pin) -> Result<Continuation> {
        if self.trust() == Trust::NodeTrusted {
            return Err(VerifyError::NodeTrusted.into());
        }
        let ancestry = &self.chain().ancestry;
        let refuse = |error: LeadError| VerifyError::NotContinued {
            old: old.ledger.chain_id.clone(),
            new: self.chain().chain_id.clone(),
            why: error.to_string(),
        };
        let mut lead = Lead::new(&old.ledger, old.circle.clone(), ancestry).map_err(refuse)?;
        let (last, mut changes) = (ancestry.beginning().circle.position(), Vec::new());
        // A ledger may claim any number of changes: each part is followed before the next one is asked for.
        while let Some(first) = lead.next() {
            let keys = (first..=last).take(PROOF_KEYS_MAX).map(tree::circle_change).collect();
            let facts = self.records(keys).await?;
            for _ in 0..PROOF_KEYS_MAX {
                let Some(position) = lead.next() else { break };
                let record = facts.circle_change(position)?;
                lead.step(&record).map_err(refuse)?;
                changes.push(record);
            }
        }
        let record = self.records(vec![tree::CONTINUES.to_vec()]).await?.continue_votes()?;
        is_continued(ancestry, &record).map_err(refuse)?;
        let (votes, members) = (record.votes.len(), ancestry.beginning().circle.members().len());
        let (height, seen) = (self.left_at(&old.ledger.identity).unwrap_or_default(), old.height);
        Ok(Continuation { old: old.ledger.clone(), height, seen, votes, members, changes })
    }

    /// The height of an earlier ledger from which on it was continued.
    pub(super) fn left_at(&self, old: &Identity) -> Option<u64> {
        let ancestry = &self.chain().ancestry;
        let goes_on =
            |one: &&Beginning| one.continues.as_ref().is_some_and(|continues| continues.identity == *old);
        let next = ancestry.earlier().iter().chain([ancestry.beginning()]).find(goes_on)?;
        next.continues.as_ref().map(|continues| continues.height)
    }
}

impl Memory {
    /// A person agreed to this ledger as the one that continues another which their home trusts.
    pub fn take_over(&self, old: &Pin, continuation: &Continuation) {
        let mut believed = self.lock();
        believed.pin = believed.pin.clone().continuing(old, continuation);
        believed.believe();
    }
}
