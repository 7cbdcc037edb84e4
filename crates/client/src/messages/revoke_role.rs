//! `MsgRevokeRole`: an account loses its role.

use sealdesk_protocol::ids::Address;
use sealdesk_protocol::messages::AssignableRole;
use sealdesk_protocol::wire::virtengine::roles::v1::MsgRevokeRole;

use crate::actor::Actor;
use crate::desk::{Desk, Registering};
use crate::error::Result;
use crate::node::Transport;
use crate::outcome::Outcome;

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
        self.send(actor, Registering::IfNeeded, |mut builder| async move {
            builder.push(&MsgRevokeRole {
                sender: builder.sender().to_string(),
                address: address.to_string(),
                role: role.name().to_owned(),
                ..Default::default()
            });
            Ok(builder)
        })
        .await
    }
}
