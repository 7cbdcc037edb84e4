//! One ticket's record with what is sealed of its first message, and without its responses.

use std::time::Duration;

use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::state::tree;
use sealdesk_protocol::ticket::author;
use sealdesk_protocol::wire::virtengine::support::v1::SupportTicket;

use super::records::Keys;
use crate::desk::{Desk, head};
use crate::error::{Error, Result};
use crate::node::Transport;
use crate::time::sleep;
use crate::verify::VerifyError;

/// How often a ticket is read again that changed between its proof and its envelope.
const TRIES_MAX: u32 = 6;
/// The first pause before that; it doubles.
const PAUSE: Duration = Duration::from_millis(50);

impl<T: Transport> Desk<T> {
    /// A ticket's record by proof, with the envelope and the grants that the ledger proves of it, as far as the node gives them. That a text
    /// was erased is the node's word.
    ///
    /// # Errors
    /// [`Error::NoSuchTicket`] where that is proven, [`Error::Node`], [`Error::Verify`].
    pub async fn whole_ticket(&self, id: TicketId) -> Result<SupportTicket> {
        let mut pause = PAUSE;
        for _ in 1..TRIES_MAX {
            match self.whole_ticket_once(id).await {
                Err(Error::Verify(VerifyError::Differs(_))) => {}
                other => return other,
            }
            sleep(pause).await;
            pause *= 2;
            self.hear_of_newest().await;
        }
        self.whole_ticket_once(id).await
    }

    async fn whole_ticket_once(&self, id: TicketId) -> Result<SupportTicket> {
        let shown = self.shown_ticket(id).await;
        // Whose key signed it is asked for at once, where the node says who it was.
        let likely = shown.as_ref().ok().and_then(|ticket| self.named(author(ticket)).ok().flatten());
        let keys = std::iter::once(tree::ticket(id)).chain(likely.iter().map(tree::keys));
        let facts = self.records(keys.collect()).await?;
        let ticket = head(&facts, id)?;
        let (given, author) = (shown?, self.listed(author(&ticket))?);
        let facts = self.records_beside(Some(&facts), vec![tree::keys(&author)]).await?;
        let keys = Keys::from([(author.clone(), facts.keys(&author)?)]);
        let (payload, erased) = (given.encrypted_payload.clone(), given.erased.clone());
        let target = self.first_target(&facts, &keys, id, given)?;
        let grants = target.sealed.map(|sealed| sealed.grants);
        let encrypted_payload = payload.filter(|_| grants.is_some());
        let grants = grants.unwrap_or_default();
        Ok(SupportTicket { encrypted_payload, grants, erased, ..ticket })
    }
}
