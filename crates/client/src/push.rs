//! Asking a node to push notices to one of a person's devices. Nothing of it is on the ledger.

use sealdesk_protocol::push::{PUSH_SCHEME, PushAct, PushRequest};
use sealdesk_protocol::upload::SignedUpload;

use crate::actor::Actor;
use crate::compose::sign_text;
use crate::desk::Desk;
use crate::error::Result;
use crate::node::Transport;

impl<T: Transport> Desk<T> {
    /// The header `authorization` of a request about notices with exactly this body. It is good for an hour, at the nodes of this ledger.
    ///
    /// # Errors
    /// [`crate::Error::Compose`] where the account cannot sign.
    pub fn sign_push(&self, actor: &Actor, act: PushAct, body: &[u8]) -> Result<String> {
        let (chain, account) = (self.chain(), self.address_of(actor));
        let made = self.now_millis() / 1_000;
        let identity = chain.ancestry.identity();
        let request = PushRequest { ledger: &chain.chain_id, identity: &identity, act, body };
        let signature = sign_text(actor.account(), &account, &request.text(&account, made))?;
        let public_key = actor.account().public_key();
        Ok(SignedUpload { account, made, public_key, signature }.to_header_as(PUSH_SCHEME))
    }
}
