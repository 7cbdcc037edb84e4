//! `MsgAssignRole`: an account gets a role.

use sealdesk_protocol::ids::Address;
use sealdesk_protocol::messages::AssignableRole;
use sealdesk_protocol::wire::virtengine::roles::v1::MsgAssignRole;

use crate::actor::Actor;
use crate::desk::{Desk, Registering};
use crate::error::Result;
use crate::node::Transport;
use crate::outcome::Outcome;

impl<T: Transport> Desk<T> {
    /// Gives an account a role.
    ///
    /// # Errors
    /// [`crate::Error`].
    pub async fn assign_role(
        &self,
        actor: &Actor,
        address: &Address,
        role: AssignableRole,
    ) -> Result<Outcome> {
        self.send(actor, Registering::IfNeeded, |mut builder| async move {
            builder.push(&MsgAssignRole {
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
