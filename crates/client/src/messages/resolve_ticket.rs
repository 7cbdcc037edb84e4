//! `MsgResolveTicket`: the work is done.

use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::wire::virtengine::support::v1::MsgResolveTicket;

use crate::actor::Author;
use crate::desk::{Desk, Registering};
use crate::error::Result;
use crate::node::Transport;
use crate::outcome::Outcome;

impl<T: Transport> Desk<T> {
    /// Says that a ticket is answered. The resolution is public, at most 128 bytes.
    ///
    /// # Errors
    /// [`crate::Error`].
    pub async fn resolve(
        &self,
        author: impl Into<Author<'_>>,
        ticket: TicketId,
        resolution: &str,
    ) -> Result<Outcome> {
        self.send_plain(author.into(), Registering::IfNeeded, &|builder| {
            builder.push(&MsgResolveTicket {
                sender: builder.sender().to_string(),
                ticket_id: ticket.to_string(),
                resolution_ref: resolution.to_owned(),
            })
        })
        .await
    }
}
