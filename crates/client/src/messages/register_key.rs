//! `MsgRegisterRecipientKey`: the keys that others seal to, and that envelopes are signed with.

use sealdesk_protocol::state::tree;

use crate::actor::Actor;
use crate::compose::Registration;
use crate::desk::{Desk, Registering};
use crate::error::Result;
use crate::node::Transport;
use crate::outcome::Outcome;

impl<T: Transport> Desk<T> {
    /// Registers the actor's next pair of keys: the first one for a newcomer, another one for a rotation. The label is
    /// public, at most 128 bytes, and may be empty. [`Outcome::registered_key`] says which.
    ///
    /// # Errors
    /// [`crate::Error`].
    pub async fn register_key(&self, actor: &Actor, label: &str) -> Result<Outcome> {
        self.send(actor, Registering::Never, |mut builder| async move {
            let sender = builder.sender().clone();
            let listed = self.records(vec![tree::keys(&sender)]).await?.keys(&sender)?;
            let pair = actor.next_pair(&listed).map_err(crate::compose::ComposeError::from)?;
            let registration = Registration { chain: self.chain(), address: &sender, pair: &pair, label };
            builder.push(&registration.sign_by(actor).await?);
            Ok(builder)
        })
        .await
    }
}
