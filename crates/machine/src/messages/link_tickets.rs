//! `MsgLinkTickets`: staff say how two tickets stand to each other, and both records show it.

use sealdesk_protocol::codes::SupportError;
use sealdesk_protocol::events::Event;
use sealdesk_protocol::limits::LINKS_PER_TICKET_MAX;
use sealdesk_protocol::messages::LinkTickets;
use sealdesk_protocol::ticket::{Action, Link, Ticket};
use sealdesk_protocol::wire::virtengine::support::v1 as wire;

use super::{existing, judge};
use crate::call::Call;
use crate::errors::Stop;

pub(super) fn run(
    call: &mut Call<'_, '_>,
    message: &LinkTickets,
) -> Result<wire::MsgLinkTicketsResponse, Stop> {
    let sides = [existing(call, message.ticket)?, existing(call, message.other)?];
    for side in &sides {
        judge(call, &side.ticket, Action::Link)?;
    }
    let kinds = [message.kind, message.kind.inverse()];
    let others = [message.other, message.ticket];
    let links = [0, 1].map(|side| Link { kind: kinds[side], other: others[side] });
    for (side, link) in sides.iter().zip(&links) {
        check(&side.ticket, link, message.remove)?;
    }

    for (side, link) in sides.iter().zip(links) {
        call.change_ticket(side, |entry| {
            let links = &mut entry.ticket.links;
            links.retain(|known| known.other != link.other);
            if !message.remove {
                links.push(link);
                links.sort_unstable_by_key(|link| link.other);
            }
        })?;
        let event = wire::EventTicketLinked {
            ticket_id: side.ticket.id.to_string(),
            other: link.other.to_string(),
            kind: link.kind.name().to_owned(),
            removed: message.remove,
            linked_by: message.sender.to_string(),
            block_height: call.height()?,
            timestamp: call.block.time,
        };
        call.emit(Event::TicketLinked(event));
    }
    Ok(wire::MsgLinkTicketsResponse {})
}

/// Two tickets stand to each other in one way at most, so that none is a duplicate of its own duplicate.
fn check(ticket: &Ticket, link: &Link, remove: bool) -> Result<(), SupportError> {
    let (ticket_id, other) = (ticket.id, link.other);
    if remove {
        let stands = ticket.links.contains(link);
        return if stands { Ok(()) } else { Err(SupportError::LinkNotFound { ticket: ticket_id, other }) };
    }
    if ticket.links.iter().any(|known| known.other == other) {
        return Err(SupportError::LinkExists { ticket: ticket_id, other });
    }
    if ticket.links.len() >= LINKS_PER_TICKET_MAX {
        return Err(SupportError::TooManyLinks { ticket: ticket_id, max: LINKS_PER_TICKET_MAX });
    }
    Ok(())
}
