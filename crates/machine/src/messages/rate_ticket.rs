//! `MsgRateTicket`: what a ticket's customer says of its resolution, once for each, until it could not be reopened any more.
//!
//! The score is public and counted in leaves of its own. The comment is a response, sealed as its own kind.

use sealdesk_protocol::codes::{Moment, SupportError};
use sealdesk_protocol::customer::check_response;
use sealdesk_protocol::envelope::Kind;
use sealdesk_protocol::events::Event;
use sealdesk_protocol::limits::RATINGS_PER_TICKET_MAX;
use sealdesk_protocol::messages::{GrantTarget, RateTicket};
use sealdesk_protocol::params::Params;
use sealdesk_protocol::ticket::{Action, Rating, Ticket};
use sealdesk_protocol::wire::virtengine::support::v1 as wire;

use super::respond_to_ticket::{self, Written};
use super::{existing, judge};
use crate::call::Call;
use crate::errors::Stop;
use crate::limits::reopen_until;
use crate::readers::Audience;
use crate::sealed::{self, Expected, Sealed};
use crate::state::TicketEntry;

pub(super) fn run(
    call: &mut Call<'_, '_>,
    message: &RateTicket,
) -> Result<wire::MsgRateTicketResponse, Stop> {
    let old = existing(call, message.ticket)?;
    judge(call, &old.ticket, Action::Rate)?;
    let params = call.view.params()?;
    let resolved_at = check(&old.ticket, &params, call.block.time)?;
    let comment = judge_comment(call, message, &old, &params)?;

    let index = comment.as_ref().map(|_| old.ticket.response_count);
    let rating = Rating {
        score: message.score,
        rated_at: call.block.time,
        resolved_at,
        agent: old.ticket.assignee.clone(),
        customer: message.customer.clone(),
        comment: index,
    };
    if let Some(sealed) = comment {
        let written =
            Written { responder: &message.customer, is_agent: false, internal: false, attachments: &[] };
        respond_to_ticket::store(call, &old, sealed, &written)?;
    }
    call.change_ticket(&old, |entry| {
        entry.ticket.response_count = old.ticket.response_count.saturating_add(u32::from(index.is_some()));
        entry.ticket.ratings.push(rating);
    })?;
    emit(call, message, &old.ticket, index)?;
    Ok(wire::MsgRateTicketResponse { comment: index.map_or(0, |index| index.saturating_add(1)) })
}

/// Which resolution can be rated now.
fn check(ticket: &Ticket, params: &Params, now: i64) -> Result<i64, SupportError> {
    let Some(resolved_at) = ticket.resolved_at else { return Err(SupportError::NotResolved(ticket.id)) };
    let cannot = |reason: String| Err(SupportError::CannotRate { ticket: ticket.id, reason });
    if let Some(closed_at) = ticket.closed_at {
        let until = reopen_until(closed_at, params);
        if now > until {
            return cannot(format!("it was allowed until {}", Moment(until)));
        }
    }
    if ticket.ratings.last().is_some_and(|last| last.resolved_at == resolved_at) {
        return cannot("this resolution was rated already".to_owned());
    }
    if ticket.ratings.len() >= RATINGS_PER_TICKET_MAX {
        return cannot(format!("it was rated {RATINGS_PER_TICKET_MAX} times"));
    }
    Ok(resolved_at)
}

/// A comment is a response of the customer, for the readers of one.
fn judge_comment(
    call: &Call<'_, '_>,
    message: &RateTicket,
    old: &TicketEntry,
    params: &Params,
) -> Result<Option<Sealed>, Stop> {
    if message.comment.is_none() {
        return Ok(None);
    }
    let ticket = &old.ticket;
    check_response(ticket.response_count, true, params)?;
    let grants = call.view.grants(ticket.id, GrantTarget::Ticket)?;
    let audience = Audience { grants: &grants, ..Audience::of(ticket) };
    let expected = Expected { ticket: Some(ticket.id), kind: Kind::Rating, audience };
    sealed::judge(call, &message.comment, params, &expected).map(Some)
}

fn emit(
    call: &mut Call<'_, '_>,
    message: &RateTicket,
    ticket: &Ticket,
    comment: Option<u32>,
) -> Result<(), Stop> {
    let (ticket_id, block_height, timestamp) = (ticket.id.to_string(), call.height()?, call.block.time);
    if let Some(response_index) = comment {
        call.emit(Event::TicketResponded(wire::EventTicketResponded {
            ticket_id: ticket_id.clone(),
            responder: message.customer.to_string(),
            response_index,
            internal: false,
            block_height,
            timestamp,
        }));
    }
    call.emit(Event::TicketRated(wire::EventTicketRated {
        ticket_id,
        customer: message.customer.to_string(),
        score: message.score,
        agent: ticket.assignee.as_ref().map(ToString::to_string).unwrap_or_default(),
        comment: comment.is_some(),
        block_height,
        timestamp,
    }));
    Ok(())
}
