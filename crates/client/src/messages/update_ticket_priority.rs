//! `MsgUpdateTicketPriority`: how urgent a ticket is.

use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::ticket::Priority;
use sealdesk_protocol::wire::virtengine::support::v1::MsgUpdateTicketPriority;

use crate::actor::Author;
use crate::desk::{Desk, Registering};
use crate::error::Result;
use crate::node::Transport;
use crate::outcome::Outcome;

impl<T: Transport> Desk<T> {
    /// Changes how urgent a ticket is. The reason is public, at most 128 bytes, and may be empty.
    ///
    /// # Errors
    /// [`crate::Error`].
    pub async fn set_priority(
        &self,
        author: impl Into<Author<'_>>,
        ticket: TicketId,
        priority: Priority,
        reason: &str,
    ) -> Result<Outcome> {
        self.send_plain(author.into(), Registering::IfNeeded, &|builder| {
            builder.push(&MsgUpdateTicketPriority {
                sender: builder.sender().to_string(),
                ticket_id: ticket.to_string(),
                priority: priority.name().to_owned(),
                reason: reason.to_owned(),
            })
        })
        .await
    }
}
