//! How tickets stand to each other: what one record says, the other says from its side.

use std::collections::BTreeMap;

use super::super::GenesisError;
use super::super::records;
use super::CheckedTicket;
use crate::ids::TicketId;
use crate::limits::LINKS_PER_TICKET_MAX;
use crate::ticket::{Link, LinkKind};

pub(super) fn links(record: &records::Ticket, id: TicketId, path: &str) -> Result<Vec<Link>, GenesisError> {
    let path = format!("{path}.links");
    let at = |reason: &str| GenesisError::at(&path, reason);
    let read = |link: &records::Link| {
        let other = TicketId::parse(&link.ticket_id).map_err(|error| at(&error.to_string()))?;
        let kind = LinkKind::parse(&link.kind).ok_or_else(|| at("have a kind that there is not"))?;
        Ok(Link { kind, other })
    };
    let links = record.links.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    if links.len() > LINKS_PER_TICKET_MAX {
        return Err(at("are more than a ticket may have"));
    }
    if !links.is_sorted_by(|one, next| one.other < next.other) || links.iter().any(|link| link.other == id) {
        return Err(at("do not ascend, or name the ticket itself"));
    }
    Ok(links)
}

pub(super) fn check_both_sides(tickets: &[CheckedTicket]) -> Result<(), GenesisError> {
    let said = |ticket: &CheckedTicket| {
        let id = ticket.ticket.id;
        ticket.ticket.links.iter().map(move |link| ((id, link.other), link.kind)).collect::<Vec<_>>()
    };
    let all: BTreeMap<(TicketId, TicketId), LinkKind> = tickets.iter().flat_map(said).collect();
    for ((ticket, other), kind) in &all {
        if all.get(&(*other, *ticket)) != Some(&kind.inverse()) {
            let reason = format!("{other} does not say of {ticket} what that says of it");
            return Err(GenesisError::at("app_state.tickets", reason));
        }
    }
    Ok(())
}
