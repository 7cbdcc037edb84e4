//! `MsgProposeValidator`: a vote on who makes blocks.

use sealdesk_protocol::keys::VerifyKey;
use sealdesk_protocol::wire::sealdesk::ledger::v1::MsgProposeValidator;

use crate::actor::Author;
use crate::desk::{Desk, Registering};
use crate::error::Result;
use crate::node::Transport;
use crate::outcome::Outcome;

/// A validator as it should be.
#[derive(Debug, Clone, PartialEq)]
pub struct ProposedValidator {
    /// Its key.
    pub pub_key: VerifyKey,
    /// Its power; 0 = it should be none.
    pub power: u32,
    /// Its operator's name. PUBLIC.
    pub moniker: String,
}

impl<T: Transport> Desk<T> {
    /// Votes for a validator's power; [`Outcome::vote`] says whether that made a majority.
    ///
    /// # Errors
    /// [`crate::Error`].
    pub async fn propose_validator(
        &self,
        author: impl Into<Author<'_>>,
        proposed: &ProposedValidator,
    ) -> Result<Outcome> {
        self.send_plain(author.into(), Registering::IfNeeded, &|builder| {
            builder.push(&MsgProposeValidator {
                sender: builder.sender().to_string(),
                pub_key: proposed.pub_key.as_bytes().to_vec(),
                power: proposed.power.into(),
                moniker: proposed.moniker.clone(),
            })
        })
        .await
    }
}
