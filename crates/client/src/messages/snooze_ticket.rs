//! `MsgSnoozeTicket`: a ticket is put aside until a time.

use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::wire::virtengine::support::v1::MsgSnoozeTicket;

use crate::actor::Author;
use crate::desk::{Desk, Registering};
use crate::error::Result;
use crate::node::Transport;
use crate::outcome::Outcome;

impl<T: Transport> Desk<T> {
    /// Puts a ticket aside until this second, which is public and at most 366 days ahead; `None` takes it up again.
    ///
    /// # Errors
    /// [`crate::Error`].
    pub async fn snooze(
        &self,
        author: impl Into<Author<'_>>,
        ticket: TicketId,
        until: Option<i64>,
    ) -> Result<Outcome> {
        self.send_plain(author.into(), Registering::IfNeeded, &|builder| {
            builder.push(&MsgSnoozeTicket {
                sender: builder.sender().to_string(),
                ticket_id: ticket.to_string(),
                until: until.unwrap_or(0),
            })
        })
        .await
    }
}
