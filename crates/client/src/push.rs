//! Asking a node to push notices to one of a person's devices. Nothing of it is on the ledger.

use sealdesk_protocol::push::{PushAct, PushRequest};

use crate::actor::Actor;
use crate::desk::Desk;
use crate::error::Result;
use crate::node::Transport;

impl<T: Transport> Desk<T> {
    /// The header `authorization` of a request about notices with exactly this body. It is good for an hour, at the nodes of this ledger.
    ///
    /// # Errors
    /// [`crate::Error::Compose`] where the account cannot sign.
    pub async fn sign_push(&self, actor: &Actor, act: PushAct, body: &[u8]) -> Result<String> {
        let chain = self.chain();
        let identity = chain.ancestry.identity();
        self.sign_request(actor, &PushRequest { ledger: &chain.chain_id, identity: &identity, act, body })
            .await
    }
}
