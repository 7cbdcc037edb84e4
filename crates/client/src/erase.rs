//! Having a node destroy the texts and files of a closed ticket. It is that node's own act, so what came of it is looked up there.

use sealdesk_protocol::erasure::ErasureRequest;
use sealdesk_protocol::ids::TicketId;
use serde::Deserialize;
use thiserror::Error;

use crate::actor::Actor;
use crate::desk::Desk;
use crate::error::Result;
use crate::node::Transport;

/// Why a node did not erase a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum EraseError {
    /// The node says no.
    #[error("the node does not erase it: {0}")]
    Refused(String),
    /// It says that it did, and gives the text all the same.
    #[error("the node says that {0} is erased, and still gives its text")]
    StillThere(TicketId),
    /// Its answer says nothing.
    #[error("the node's answer to an erasure cannot be read")]
    Unreadable,
    /// Its address has no host that could be signed for.
    #[error("'{0}' does not name a host that can be signed for")]
    NoHost(String),
}

/// What a node says that it destroyed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ErasedHere {
    /// Texts; 0 where all had been erased before.
    pub texts: u32,
    /// Pieces of files.
    pub pieces: u64,
    /// The newest block that brought one of the texts: the node's blocks up to it hold them still, unless they were dropped. 0: none.
    pub last_block: u64,
}

impl<T: Transport> Desk<T> {
    /// Has the node destroy the texts and files of a closed ticket, and sees that it gives none of them any more.
    ///
    /// # Errors
    /// [`EraseError`]; [`crate::Error::Node`] where the node stayed away.
    #[cfg(not(target_arch = "wasm32"))]
    pub async fn erase(&self, actor: &Actor, ticket: TicketId) -> Result<ErasedHere> {
        let authorization = self.signed_erasure(actor, ticket).await?;
        let answer = self.node().erase(ticket, &authorization).await?;
        let answer = answer.map_err(EraseError::Refused)?;
        let erased: ErasedHere = serde_json::from_slice(&answer).map_err(|_| EraseError::Unreadable)?;
        let shown = self.node().ticket(ticket).await?;
        let most = usize::try_from(shown.response_count).unwrap_or(usize::MAX);
        let responses = if most == 0 { Vec::new() } else { self.node().all_responses(ticket, most).await? };
        let given =
            responses.iter().map(|response| &response.encrypted_payload).chain([&shown.encrypted_payload]);
        if given.flatten().next().is_some() {
            return Err(EraseError::StillThere(ticket).into());
        }
        Ok(erased)
    }

    /// What an `authorization` header says to have this desk's node erase a ticket: it is signed for that node and for an hour.
    ///
    /// # Errors
    /// [`EraseError::NoHost`].
    pub async fn signed_erasure(&self, actor: &Actor, ticket: TicketId) -> Result<String> {
        let chain = self.chain();
        let identity = chain.ancestry.identity();
        let address = self.node().address();
        let uri: Option<http::Uri> = address.parse().ok();
        let host = uri
            .as_ref()
            .and_then(http::Uri::authority)
            .ok_or_else(|| EraseError::NoHost(address.to_owned()))?;
        let request =
            ErasureRequest { ledger: &chain.chain_id, identity: &identity, node: host.as_str(), ticket };
        self.sign_request(actor, &request).await
    }
}
