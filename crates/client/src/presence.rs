//! Who else of the staff is at a ticket. A node passes on what people signed; nothing of it is on the ledger, and nothing is taken on the
//! node's word: whose a frame is, of which ticket and how old it is says its signature, and who is on the staff is in the
//! circle, or was appointed by somebody in it.

use serde::{Deserialize, Serialize};

use sealdesk_protocol::ids::{Address, TicketId};
use sealdesk_protocol::node_request::SignedRequest;
pub use sealdesk_protocol::presence::Doing;
use sealdesk_protocol::presence::{Other, Others, PRESENCE_LIFE, PRESENT_MAX, PresenceFrame};
use sealdesk_protocol::state::tree;

use crate::actor::Actor;
use crate::desk::Desk;
use crate::error::Result;
use crate::node::Transport;

/// Somebody else on the staff who is at a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Present {
    /// Who.
    pub address: String,
    /// What they do.
    pub doing: Doing,
}

impl<T: Transport> Desk<T> {
    /// The header `authorization` by which somebody says that they are at a ticket. It is good for a minute, at the nodes of this ledger.
    ///
    /// # Errors
    /// [`crate::Error::Compose`] where the account cannot sign.
    pub async fn sign_presence(&self, actor: &Actor, ticket: TicketId, doing: Doing) -> Result<String> {
        let identity = self.chain().ancestry.identity();
        let frame = PresenceFrame { ledger: &self.chain().chain_id, identity: &identity, ticket, doing };
        self.sign_request(actor, &frame).await
    }

    /// Who of those that the node names are others at this ticket now, and on the staff. Whoever is not, or did not sign that, is left out.
    ///
    /// # Errors
    /// Where it cannot be proven who is on the staff.
    pub async fn present(&self, actor: &Actor, ticket: TicketId, told: &Others) -> Result<Vec<Present>> {
        let own = self.address_of(actor);
        let mut signed: Vec<(Address, Doing)> = Vec::new();
        for other in told.others.iter().take(PRESENT_MAX) {
            let Some(account) = self.signer_of(ticket, other) else { continue };
            if account != own && signed.iter().all(|(known, _)| *known != account) {
                signed.push((account, other.doing));
            }
        }
        if signed.is_empty() {
            return Ok(Vec::new());
        }
        let mut keys: Vec<Vec<u8>> = signed.iter().map(|(account, _)| tree::member(account)).collect();
        keys.push(tree::ADMINISTRATORS.to_vec());
        let mut facts = self.records(keys).await?;
        let circle = self.circle_of(&facts).await?;
        let mut present = Vec::new();
        for (account, doing) in signed {
            if circle.contains(&account) || self.is_believed_agent(&account, &circle, &mut facts).await? {
                present.push(Present { address: account.to_string(), doing });
            }
        }
        Ok(present)
    }

    /// Who signed that they do this at this ticket, lately.
    fn signer_of(&self, ticket: TicketId, other: &Other) -> Option<Address> {
        let signed = SignedRequest::parse::<PresenceFrame<'_>>(self.prefix(), &other.authorization).ok()?;
        let now = self.now_millis() / 1_000;
        // It was fresh when the node took it, and is passed on for its life at most.
        let taken = now.saturating_sub_unsigned(PRESENCE_LIFE.as_secs());
        let is_fresh = |at: i64| signed.is_fresh::<PresenceFrame<'_>>(at);
        if !is_fresh(now) && !is_fresh(taken) {
            return None;
        }
        let identity = self.chain().ancestry.identity();
        let chain_id = &self.chain().chain_id;
        let frame = PresenceFrame { ledger: chain_id, identity: &identity, ticket, doing: other.doing };
        signed.verify(&frame).ok().map(|()| signed.account)
    }
}
