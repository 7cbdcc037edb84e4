//! `MsgCloseTicket`: a ticket ends.

use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::wire::virtengine::support::v1::MsgCloseTicket;

use crate::actor::Author;
use crate::desk::{Desk, Registering};
use crate::error::Result;
use crate::node::Transport;
use crate::outcome::Outcome;

impl<T: Transport> Desk<T> {
    /// Ends a ticket. The reason is public, at most 128 bytes.
    ///
    /// # Errors
    /// [`crate::Error`].
    pub async fn close(
        &self,
        author: impl Into<Author<'_>>,
        ticket: TicketId,
        reason: &str,
    ) -> Result<Outcome> {
        self.send_plain(author.into(), Registering::IfNeeded, &|builder| {
            builder.push(&MsgCloseTicket {
                sender: builder.sender().to_string(),
                ticket_id: ticket.to_string(),
                reason: reason.to_owned(),
            })
        })
        .await
    }
}
