//! Acts on a ticket beside its life: docs/spec/workday.md's table.

use sealdesk_protocol::envelope::Kind;
use sealdesk_protocol::events::Event;
use sealdesk_protocol::messages::to_any;
use sealdesk_protocol::wire::virtengine::support::v1 as wire;

use super::desk::{DAY, Desk, Done, Place, Refused, Status, support, ticket_text};
use super::plan::Letter;
use super::tickets::done;

/// A ticket given to another customer.
pub struct Transfer<'a> {
    pub to: &'a str,
    pub reason: &'a str,
    pub count: Option<u32>,
}

/// How two tickets stand to each other.
pub struct Linked<'a> {
    pub one: &'a str,
    pub other: &'a str,
    pub kind: &'a str,
    pub remove: bool,
}

/// What a customer says of a resolution.
pub struct Rate<'a> {
    pub score: u32,
    pub comment: Option<&'a Letter>,
}

impl Desk {
    /// Who may write notes on both says how they stand to each other, in one way; both show it.
    pub fn link(&mut self, who: &str, linked: &Linked<'_>) -> Result<Done, Refused> {
        let Linked { one, other, kind, remove } = *linked;
        let ((one, first), (two, second)) = (self.find(one)?, self.find(other)?);
        for ticket in [first, second] {
            if !self.works_on(who, ticket) || ticket.customer == who {
                return Err(support(7));
            }
        }
        let inverse = match kind {
            "duplicate_of" => "duplicated_by",
            "follows_up" => "followed_up_by",
            same => same,
        };
        let known = first.links.get(&two);
        if remove && known.map(String::as_str) != Some(kind) {
            return Err(support(58));
        }
        if !remove && known.is_some() {
            return Err(support(57));
        }
        if !remove && (first.links.len() >= 32 || second.links.len() >= 32) {
            return Err(support(59));
        }
        let mut events = Vec::new();
        for (number, other, kind) in [(one, two, kind), (two, one, inverse)] {
            let links = &mut self.change(number).links;
            if remove {
                links.remove(&other);
            } else {
                links.insert(other, kind.to_owned());
            }
            events.push(Event::TicketLinked(wire::EventTicketLinked {
                ticket_id: ticket_text(number),
                other: ticket_text(other),
                kind: kind.to_owned(),
                removed: remove,
                linked_by: who.to_owned(),
                block_height: self.height_i64(),
                timestamp: self.now,
            }));
        }
        done(events, to_any(&wire::MsgLinkTicketsResponse {}))
    }

    /// Its customer, who is not staff, says how well it was resolved: once for each resolution, until it cannot be reopened any more.
    pub fn rate(&mut self, who: &str, id: &str, rate: &Rate<'_>, place: Place) -> Result<Done, Refused> {
        let (number, ticket) = self.find(id)?;
        if ticket.customer != who || self.is_staff(who) {
            return Err(support(7));
        }
        let Some(resolved_at) = ticket.resolved_at else { return Err(support(20)) };
        let window = i64::from(self.params.reopen_window_days) * DAY;
        let late = ticket.closed_at.is_some_and(|closed| self.now > closed + window);
        let again = ticket.ratings.last().is_some_and(|last| last.resolved_at == resolved_at);
        if late || again || ticket.ratings.len() >= 32 {
            return Err(support(54));
        }
        let mut comment = None;
        if let Some(letter) = rate.comment {
            let max = self.params.max_responses_per_ticket;
            if ticket.responses.len() >= usize::try_from(max - max / 5).unwrap() {
                return Err(support(13));
            }
            let expected = self.place(Kind::Rating, id, who, place);
            let version = self.judge_letter(Some(letter), &expected, &ticket.audience(false))?;
            comment = Some(self.sealed(letter, version, &expected));
        }
        let (block_height, timestamp) = (self.height_i64(), self.now);
        let ticket = self.change(number);
        let index = u32::try_from(ticket.responses.len()).unwrap();
        let agent = ticket.assignee.clone().unwrap_or_default();
        let responded = comment.is_some().then(|| {
            Event::TicketResponded(wire::EventTicketResponded {
                ticket_id: id.to_owned(),
                responder: who.to_owned(),
                response_index: index,
                internal: false,
                block_height,
                timestamp,
            })
        });
        let place = if comment.is_some() { index + 1 } else { 0 };
        ticket.ratings.push(wire::TicketRating {
            score: rate.score,
            rated_at: timestamp,
            resolved_at,
            agent: agent.clone(),
            customer: who.to_owned(),
            comment: place,
        });
        let rated = Event::TicketRated(wire::EventTicketRated {
            ticket_id: id.to_owned(),
            customer: who.to_owned(),
            score: rate.score,
            agent,
            comment: comment.is_some(),
            block_height,
            timestamp,
        });
        ticket.responses.extend(comment);
        let events = responded.into_iter().chain([rated]).collect();
        done(events, to_any(&wire::MsgRateTicketResponse { comment: place }))
    }

    /// An administrator gives it to another customer: active, not staff, with a key.
    pub fn transfer(&mut self, who: &str, id: &str, transfer: &Transfer<'_>) -> Result<Done, Refused> {
        let Transfer { to, reason, count } = *transfer;
        let (number, ticket) = self.find(id)?;
        if !self.is_administrator(who) {
            return Err(support(7));
        }
        if ticket.customer == to {
            return Err(support(51));
        }
        if !self.is_active(to) || self.is_staff(to) || !self.has_active_key(to) {
            return Err(support(52));
        }
        if ticket.is_worked_on_by(to) {
            return Err(support(21));
        }
        if ticket.before.len() >= 8 {
            return Err(support(53));
        }
        let responses = u32::try_from(ticket.responses.len()).unwrap();
        if count.is_some_and(|count| count != responses) {
            return Err(support(40));
        }
        if ticket.status != Status::Closed {
            self.received.insert(to.to_owned());
        }
        let ticket = self.change(number);
        let previous = std::mem::replace(&mut ticket.customer, to.to_owned());
        ticket.before.push(previous.clone());
        let event = Event::TicketTransferred(wire::EventTicketTransferred {
            ticket_id: ticket_text(number),
            previous_customer: previous,
            new_customer: to.to_owned(),
            transferred_by: who.to_owned(),
            reason: reason.to_owned(),
            block_height: self.height_i64(),
            timestamp: self.now,
        });
        done(vec![event], to_any(&wire::MsgTransferTicketResponse {}))
    }

    /// Puts a ticket aside for at most 366 days, or takes it up again.
    pub fn snooze(&mut self, who: &str, id: &str, until: i64) -> Result<Done, Refused> {
        let (number, ticket) = self.find(id)?;
        if !self.works_on(who, ticket) {
            return Err(support(7));
        }
        match ticket.status {
            Status::Resolved => return Err(support(15)),
            Status::Closed => return Err(support(8)),
            _ => {}
        }
        if until != 0 && (until <= self.now || until > self.now + 366 * DAY) {
            return Err(support(50));
        }
        let ticket = self.change(number);
        // One that is back and is put aside until the time that it has waited for already does not exist: that time has passed.
        (ticket.snoozed_until, ticket.due_at) = match until {
            0 => (None, None),
            until => (Some(until), Some(until - 1)),
        };
        let event = Event::TicketSnoozed(wire::EventTicketSnoozed {
            ticket_id: ticket_text(number),
            until,
            snoozed_by: who.to_owned(),
            block_height: self.height_i64(),
            timestamp: self.now,
        });
        done(vec![event], to_any(&wire::MsgSnoozeTicketResponse {}))
    }

    /// What a ticket waited for.
    pub fn happen(&mut self, number: u64) -> Event {
        let ticket = self.tickets.get_mut(&number).unwrap();
        if ticket.status == Status::Resolved {
            return self.close(number, "auto", "resolved");
        }
        ticket.due_at = None;
        Event::TicketDue(wire::EventTicketDue {
            ticket_id: ticket_text(number),
            block_height: self.height_i64(),
            timestamp: self.now,
        })
    }
}
