//! `MsgUpdateTicketStatus`: work begins, or waits for the customer.

use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::ticket::Status;
use sealdesk_protocol::wire::virtengine::support::v1::MsgUpdateTicketStatus;

use crate::actor::Author;
use crate::desk::{Desk, Registering};
use crate::error::Result;
use crate::node::Transport;
use crate::outcome::Outcome;

impl<T: Transport> Desk<T> {
    /// Begins work on a ticket, or goes on with it.
    ///
    /// # Errors
    /// [`crate::Error`].
    pub async fn start_work(&self, author: impl Into<Author<'_>>, ticket: TicketId) -> Result<Outcome> {
        self.update_status(author, ticket, Status::InProgress).await
    }

    /// Says that a ticket waits for its customer.
    ///
    /// # Errors
    /// [`crate::Error`].
    pub async fn await_customer(&self, author: impl Into<Author<'_>>, ticket: TicketId) -> Result<Outcome> {
        self.update_status(author, ticket, Status::PendingCustomer).await
    }

    async fn update_status(
        &self,
        author: impl Into<Author<'_>>,
        ticket: TicketId,
        status: Status,
    ) -> Result<Outcome> {
        self.send_plain(author.into(), Registering::IfNeeded, &|builder| {
            builder.push(&MsgUpdateTicketStatus {
                sender: builder.sender().to_string(),
                ticket_id: ticket.to_string(),
                status: status.name().to_owned(),
            })
        })
        .await
    }
}
