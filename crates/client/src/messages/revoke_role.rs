//! `MsgRevokeRole`: an account loses its role.

use sealdesk_protocol::ids::Address;
use sealdesk_protocol::messages::AssignableRole;
use sealdesk_protocol::wire::virtengine::roles::v1::MsgRevokeRole;

use crate::actor::Actor;
use crate::desk::{Desk, Registering};
use crate::error::Result;
use crate::node::Transport;
use crate::submit::Outcome;

impl<T: Transport> Desk<T> {
    /// Takes a role from an account.
    ///
    /// # Errors
    /// [`crate::Error`].
    pub async fn revoke_role(
        &self,
        actor: &Actor,
        address: &Address,
        role: AssignableRole,
    ) -> Result<Outcome> {
        self.send(actor, Registering::IfNeeded, |mut basket| async move {
            basket.push(&MsgRevokeRole {
                sender: basket.sender().to_string(),
                address: address.to_string(),
                role: role.name().to_owned(),
            });
            Ok(basket)
        })
        .await
    }
}
