//! `MsgReopenTicket`: a ticket begins again.

use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::wire::virtengine::support::v1::MsgReopenTicket;

use crate::actor::Author;
use crate::desk::{Desk, Registering};
use crate::error::Result;
use crate::node::Transport;
use crate::outcome::Outcome;

impl<T: Transport> Desk<T> {
    /// Begins a resolved or closed ticket again. The reason is public, at most 128 bytes.
    ///
    /// # Errors
    /// [`crate::Error`].
    pub async fn reopen(
        &self,
        author: impl Into<Author<'_>>,
        ticket: TicketId,
        reason: &str,
    ) -> Result<Outcome> {
        self.send_plain(author.into(), Registering::IfNeeded, &|builder| {
            builder.push(&MsgReopenTicket {
                sender: builder.sender().to_string(),
                ticket_id: ticket.to_string(),
                reason: reason.to_owned(),
            })
        })
        .await
    }
}
