//! `MsgContinueLedger`: a member votes that this ledger continues the one which its beginning names.

use sealdesk_protocol::circle::Ballot;
use sealdesk_protocol::state::tree;
use sealdesk_protocol::wire::sealdesk::ledger::v1::MsgContinueLedger;

use crate::actor::Actor;
use crate::desk::{Desk, Registering};
use crate::error::Result;
use crate::node::Transport;
use crate::outcome::Outcome;
use crate::verify::VerifyError;

impl<T: Transport> Desk<T> {
    /// Votes that this ledger continues the one before: with more than half of its members, programs that trusted that one follow.
    ///
    /// # Errors
    /// [`crate::Error`]; [`VerifyError::Missing`] where this ledger continues none.
    pub async fn continue_ledger(&self, actor: &Actor) -> Result<Outcome> {
        self.send(actor, Registering::IfNeeded, |mut builder| async move {
            let none = || VerifyError::Missing("the ledger that this one continues".to_owned());
            let old = self.chain().ancestry.earlier().last().ok_or_else(none)?;
            let facts = self.records(vec![tree::CONTINUES.to_vec()]).await?;
            // A vote is signed for what is proven and fresh, like every other one.
            self.check_age(&facts)?;
            let (circle, made, sender) =
                (&self.chain().ancestry.beginning().circle, facts.time(), builder.sender().clone());
            let fingerprint = circle.fingerprint(&old.identity());
            let ballot = Ballot::Continue(&self.chain().identity());
            let text = ballot.text(&old.chain_id, &fingerprint, circle.next(), made);
            builder.push(&MsgContinueLedger {
                sender: sender.to_string(),
                made,
                account_pub_key: actor.public_key().to_vec(),
                account_signature: actor.sign_text(&sender, &text).await?.to_vec(),
            });
            Ok(builder)
        })
        .await
    }
}
