//! Several acts on one ticket in one transaction: all of them happen, or none.

use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::ticket::{Priority, Status};
use sealdesk_protocol::wire::virtengine::support::v1::{
    MsgCloseTicket, MsgReopenTicket, MsgResolveTicket, MsgSnoozeTicket, MsgUpdateTicketPriority,
    MsgUpdateTicketStatus,
};

use super::{NewLink, NewResponse, respond_to_ticket};
use crate::actor::Actor;
use crate::compose::TxBuilder;
use crate::desk::{Desk, Registering};
use crate::error::Result;
use crate::node::Transport;
use crate::outcome::Outcome;

/// One act of a transaction. Reasons and resolutions are public, have at most 128 bytes, and may be empty.
pub enum Act<'a> {
    /// Writes a response or a note.
    Respond(&'a NewResponse),
    /// Work begins, or goes on.
    StartWork,
    /// It waits for its customer. One that waits already goes on to wait.
    AwaitCustomer,
    /// The work is done.
    Resolve(&'a str),
    /// It ends.
    Close(&'a str),
    /// It begins again.
    Reopen(&'a str),
    /// How urgent it is, and why.
    Prioritize(Priority, &'a str),
    /// Puts it aside until this second, which is public; `None` takes it up again.
    Snooze(Option<i64>),
    /// Says how it stands to another ticket, whichever is named first.
    Link(NewLink),
    /// Takes that back.
    Unlink(NewLink),
}

impl<T: Transport> Desk<T> {
    /// Does all of this in one transaction, in this order. [`Outcome::response_index`] is the place of the first response. The outcome is
    /// proven where all of it is.
    ///
    /// # Errors
    /// [`crate::Error`]; the ledger's refusal of one is one of all.
    pub async fn act(&self, actor: &Actor, ticket: TicketId, acts: &[Act<'_>]) -> Result<Outcome> {
        self.send(actor, Registering::IfNeeded, |mut builder| async move {
            for act in acts {
                match act {
                    Act::Respond(response) => {
                        let facts = self.ticket_facts(&builder, actor, ticket, &response.provider).await?;
                        respond_to_ticket(&mut builder, ticket, response, &facts, &mut getrandom::SysRng)?;
                        self.name_new_readers(&mut builder, &facts.audience, response.kind(), Some(ticket));
                    }
                    // The ledger would refuse to be told so again.
                    Act::AwaitCustomer
                        if self.ticket(ticket).await?.status == Status::PendingCustomer.to_wire() => {}
                    other => other.push(&mut builder, ticket),
                }
            }
            Ok(builder)
        })
        .await
    }
}

impl Act<'_> {
    /// Puts the message of an act that seals nothing into a transaction.
    fn push(&self, builder: &mut TxBuilder, ticket: TicketId) {
        let (sender, ticket_id) = (builder.sender().to_string(), ticket.to_string());
        let status = |status: Status| MsgUpdateTicketStatus {
            sender: sender.clone(),
            ticket_id: ticket_id.clone(),
            status: status.name().to_owned(),
        };
        match *self {
            Self::Respond(_) => {}
            Self::StartWork => builder.push(&status(Status::InProgress)),
            Self::AwaitCustomer => builder.push(&status(Status::PendingCustomer)),
            Self::Resolve(resolution) => {
                let resolution_ref = resolution.to_owned();
                builder.push(&MsgResolveTicket { sender, ticket_id, resolution_ref });
            }
            Self::Close(reason) => {
                builder.push(&MsgCloseTicket { sender, ticket_id, reason: reason.to_owned() });
            }
            Self::Reopen(reason) => {
                builder.push(&MsgReopenTicket { sender, ticket_id, reason: reason.to_owned() });
            }
            Self::Prioritize(priority, reason) => {
                let (priority, reason) = (priority.name().to_owned(), reason.to_owned());
                builder.push(&MsgUpdateTicketPriority { sender, ticket_id, priority, reason });
            }
            Self::Snooze(until) => {
                builder.push(&MsgSnoozeTicket { sender, ticket_id, until: until.unwrap_or(0) });
            }
            Self::Link(link) => link.push(builder, false),
            Self::Unlink(link) => link.push(builder, true),
        }
    }
}
