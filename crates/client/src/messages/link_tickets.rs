//! `MsgLinkTickets`: how two tickets stand to each other.

use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::ticket::LinkKind;
use sealdesk_protocol::wire::virtengine::support::v1::{MsgCloseTicket, MsgLinkTickets};

use crate::actor::Author;
use crate::compose::TxBuilder;
use crate::desk::{Desk, Registering};
use crate::error::Result;
use crate::node::Transport;
use crate::outcome::Outcome;

/// How a ticket stands to another.
#[derive(Debug, Clone, Copy)]
pub struct NewLink {
    /// The first one.
    pub ticket: TicketId,
    /// Related, a duplicate of the other, or a follow-up to it.
    pub kind: LinkKind,
    /// The other one.
    pub other: TicketId,
}

impl NewLink {
    pub(super) fn push(self, builder: &mut TxBuilder, remove: bool) {
        builder.push(&MsgLinkTickets {
            sender: builder.sender().to_string(),
            ticket_id: self.ticket.to_string(),
            other: self.other.to_string(),
            kind: self.kind.name().to_owned(),
            remove,
        });
    }
}

impl<T: Transport> Desk<T> {
    /// Says how two tickets stand to each other; public, in the records of both.
    ///
    /// # Errors
    /// [`crate::Error`].
    pub async fn link(&self, author: impl Into<Author<'_>>, link: NewLink) -> Result<Outcome> {
        self.send_plain(author.into(), Registering::IfNeeded, &|builder| {
            link.push(builder, false);
        })
        .await
    }

    /// Takes back how two tickets stand to each other.
    ///
    /// # Errors
    /// [`crate::Error`].
    pub async fn unlink(&self, author: impl Into<Author<'_>>, link: NewLink) -> Result<Outcome> {
        self.send_plain(author.into(), Registering::IfNeeded, &|builder| {
            link.push(builder, true);
        })
        .await
    }

    /// Merges a ticket into another: says in one transaction that it is a duplicate, and closes it. The reason is public, at most 128 bytes,
    /// and may be empty.
    ///
    /// # Errors
    /// [`crate::Error`].
    pub async fn merge(
        &self,
        author: impl Into<Author<'_>>,
        ticket: TicketId,
        into: TicketId,
        reason: &str,
    ) -> Result<Outcome> {
        self.send_plain(author.into(), Registering::IfNeeded, &|builder| {
            NewLink { ticket, kind: LinkKind::DuplicateOf, other: into }.push(builder, false);
            builder.push(&MsgCloseTicket {
                sender: builder.sender().to_string(),
                ticket_id: ticket.to_string(),
                reason: reason.to_owned(),
            });
        })
        .await
    }
}
