//! A reader's guard against one place being used twice.

use std::collections::BTreeSet;

use sealdesk_protocol::envelope::Context;
use thiserror::Error;

/// Two records claim one message of one transaction: one of them is a copy.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("two records claim message {index} of {sender}'s transaction {sequence}")]
pub struct PlaceUsedTwice {
    /// The sender of both.
    pub sender: String,
    /// The sequence of both.
    pub sequence: u64,
    /// The message's place of both.
    pub index: u32,
}

/// The places of the records that a reader has seen in one conversation or one desk.
#[derive(Debug, Default)]
pub struct PlacesSeen(BTreeSet<(String, String, u64, u32)>);

impl PlacesSeen {
    /// Notes the place of one record; refuses the second record of one (chain, sender, sequence, index).
    pub fn note(&mut self, context: &Context) -> Result<(), PlaceUsedTwice> {
        let Context { chain_id, sender, sequence, index, .. } = context;
        if self.0.insert((chain_id.clone(), sender.clone(), *sequence, *index)) {
            Ok(())
        } else {
            Err(PlaceUsedTwice { sender: sender.clone(), sequence: *sequence, index: *index })
        }
    }
}
