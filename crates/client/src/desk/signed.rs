//! Requests to a node that it is asked beside the ledger, signed; and sending a transaction that was signed elsewhere. That one cannot be
//! composed anew, so it is sent as it is or not at all; what came of it is proven as of every other.

use sealdesk_protocol::ids::{Address, TicketId};
use sealdesk_protocol::node_request::{NodeRequest, SignedRequest};
use sealdesk_protocol::state::tree;
use sealdesk_protocol::tx::{TxHash, VerifiedTx};
use sealdesk_protocol::wire::cosmos::tx::v1beta1 as wire;
use sealdesk_protocol::wire::cosmos::tx::v1beta1::TxBody;

use super::Desk;
use super::inclusion::Attempt;
use crate::actor::Actor;
use crate::compose::SignedTx;
use crate::error::{Error, Result};
use crate::node::Transport;
use crate::outcome::Outcome;
use crate::signing::{SigningError, verified};
use crate::submit::{Sender, submit_signed};

impl<T: Transport> Desk<T> {
    /// The header `authorization` of a request to a node that is not on the ledger. How long it is good for is the kind's.
    ///
    /// # Errors
    /// [`crate::Error::Compose`] where the account cannot sign, or its wallet does not.
    pub(crate) async fn sign_request<R: NodeRequest>(&self, actor: &Actor, request: &R) -> Result<String> {
        let (account, made) = (self.address_of(actor), self.now_millis() / 1_000);
        let signature = actor.sign_text(&account, &request.text(&account, made)).await?;
        let public_key = *actor.public_key();
        Ok(SignedRequest { account, made, public_key, signature }.to_header::<R>())
    }

    /// The sequence of an account's next transaction, proven.
    ///
    /// # Errors
    /// [`crate::Error`]; also where the state is too old to sign by it.
    pub async fn sequence(&self, account: &Address) -> Result<u64> {
        let facts = self.prove(None, vec![tree::account(account)]).await?;
        self.check_age(&facts)?;
        Ok(facts.sequence(account)?)
    }

    /// Sends a transaction of one account that was signed elsewhere, once, however often it is called: the ledger takes it once, and a
    /// second call gives the outcome of the first.
    ///
    /// # Errors
    /// [`Error::Signing`] where it is not signed, or was changed since, and [`crate::Error`].
    pub async fn broadcast(&self, tx: &wire::Tx) -> Result<Outcome> {
        let verified = verified(tx, self.prefix(), &self.chain().chain_id)?;
        let signer = verified.signers().first().ok_or(SigningError::Unsigned)?;
        let account = tree::account(&signer.address);
        let facts = self.prove(None, vec![account, tree::TICKET_COUNT.to_vec()]).await?;
        self.check_age(&facts)?;
        let (sequence, tickets) = (facts.sequence(&signer.address)?, facts.ticket_count()?);
        let signed =
            SignedTx { bytes: verified.bytes().to_vec(), sequence: signer.sequence, after: facts.height() };
        let messages = tx.body.as_ref().map_or_else(Vec::new, |TxBody { messages, .. }| messages.clone());
        let attempt = Attempt::new(&signer.address, &signed, tickets, &messages);
        if sequence > signed.sequence {
            return self.passed(attempt, &verified).await;
        }
        let mut sending = AsItIs { desk: self, verified: &verified };
        match submit_signed(self.node(), &mut sending, &signed).await {
            Ok(outcome) => Ok(self.confirmed(&attempt, outcome).await),
            Err(Error::Refused(refusal)) => self.refused(&attempt, *refusal).await,
            Err(error) => Err(error),
        }
    }

    /// The outcome of a transaction whose sequence is used: by itself, or by another. Which ticket it made only the node can say, and that
    /// one is looked at.
    async fn passed(&self, mut attempt: Attempt, verified: &VerifiedTx) -> Result<Outcome> {
        let Some(result) = self.node().get_tx(verified.hash()).await? else {
            return Err(Error::Refused(Box::new(used(verified.hash(), attempt.sequence))));
        };
        let outcome = Outcome::of(result, verified.hash(), 1);
        if let Some(ticket) = outcome.ticket_id {
            attempt.looks_at(ticket);
        }
        match outcome.code {
            0 => Ok(self.confirmed(&attempt, outcome).await),
            _ => Err(Error::Refused(Box::new(outcome))),
        }
    }
}

impl Attempt {
    /// Looks for the ticket that it made at this one alone.
    fn looks_at(&mut self, ticket: TicketId) {
        (self.tickets, self.last_ticket) = (ticket.number().saturating_sub(1), Some(ticket.number()));
    }
}

/// The words for a transaction that will never be in a block.
fn used(hash: TxHash, sequence: u64) -> Outcome {
    let signed = SignedTx { bytes: Vec::new(), sequence, after: 0 };
    Outcome { txhash: hash, ..crate::submit::passed(&signed, 1) }
}

/// Sends what cannot be composed anew.
struct AsItIs<'a, T> {
    desk: &'a Desk<T>,
    verified: &'a VerifiedTx,
}

impl<T: Transport> Sender for AsItIs<'_, T> {
    async fn sequence(&mut self) -> Result<u64> {
        let Some(signer) = self.verified.signers().first() else { return Ok(0) };
        let facts = self.desk.prove(None, vec![tree::account(&signer.address)]).await?;
        Ok(facts.sequence(&signer.address)?)
    }

    fn included_at(&mut self, height: u64) {
        self.desk.memory.heard_of(height);
    }
}
