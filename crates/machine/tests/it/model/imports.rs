//! Tickets from another system: docs/spec/workday.md's "Imports".

use prost_types::Any;
use sealdesk_protocol::envelope::Kind;
use sealdesk_protocol::events::Event;
use sealdesk_protocol::import::ImportSource;
use sealdesk_protocol::messages::to_any;
use sealdesk_protocol::wire::virtengine::support::v1 as wire;

use super::desk::{Desk, Done, Place, Refused, Status, Ticket, support, ticket_text};
use super::plan::Letter;
use super::readers::Audience;
use super::tickets::done;

/// What is asked.
#[derive(Clone, Debug)]
pub struct Plan {
    pub customer: String,
    pub category: String,
    pub priority: String,
    pub status: String,
    pub source: String,
    pub id: String,
    pub envelope: Option<Letter>,
    /// Whether it is a note, and what it says.
    pub responses: Vec<(bool, Option<Letter>)>,
}

/// Where a ticket came from.
#[derive(Clone, Debug, PartialEq)]
pub struct Imported {
    pub system: String,
    pub id: String,
    pub by: String,
    pub responses: u32,
    /// Of the customer, those that the first letter names.
    pub keys: Vec<String>,
}

impl Imported {
    pub fn source(&self) -> ImportSource {
        ImportSource::parse(&self.system, &self.id).unwrap()
    }

    pub fn to_wire(&self) -> wire::Imported {
        wire::Imported {
            source: self.system.clone(),
            source_id: self.id.clone(),
            imported_by: self.by.clone(),
            responses: self.responses,
            customer_keys: self.keys.clone(),
        }
    }
}

/// Who reads what is told of a customer.
pub fn audience(customer: &str, internal: bool) -> Audience<'_> {
    Audience {
        customer,
        before: &[],
        provider: None,
        assignee: None,
        collaborators: &[],
        internal,
        imported: None,
        grants: &[],
    }
}

impl Plan {
    pub fn flaw(&self) -> Option<Refused> {
        let known = ["", "low", "normal", "high", "urgent"].contains(&self.priority.as_str());
        let status = ["open", "closed"].contains(&self.status.as_str());
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'.' || b == b'-';
        let source = (1..=32).contains(&self.source.len()) && self.source.bytes().all(plain);
        (!known).then(|| support(5)).or((!status || !source || self.id.is_empty()).then(|| support(70)))
    }

    pub fn into_any(self, sender: String) -> Any {
        let response = |(internal, letter): (bool, Option<Letter>)| wire::ImportedResponse {
            internal,
            encrypted_payload: letter.map(|letter| letter.wire),
        };
        to_any(&wire::MsgImportTicket {
            sender,
            customer: self.customer,
            category: self.category,
            priority: self.priority,
            status: self.status,
            source: self.source,
            source_id: self.id,
            encrypted_payload: self.envelope.map(|letter| letter.wire),
            responses: self.responses.into_iter().map(response).collect(),
        })
    }
}

impl Desk {
    fn takes(&self, who: &str, plan: &Plan) -> Result<(), Refused> {
        if !self.is_administrator(who) {
            return Err(support(7));
        }
        if !self.params.import_open {
            return Err(support(71));
        }
        let came = |ticket: &Ticket| {
            ticket.imported.as_ref().is_some_and(|it| it.system == plan.source && it.id == plan.id)
        };
        if self.tickets.values().any(came) {
            return Err(support(46));
        }
        if !self.params.allowed_categories.contains(&plan.category) {
            return Err(support(19));
        }
        if !self.is_active(&plan.customer) || self.is_staff(&plan.customer) {
            return Err(support(52));
        }
        Ok(())
    }

    /// An administrator tells of it, once; no limit counts it.
    pub fn import(&mut self, who: &str, plan: &Plan, place: Place) -> Result<Done, Refused> {
        self.takes(who, plan)?;
        let at = |kind, index| self.place(kind, "", who, Place { index, ..place });
        let expected = at(Kind::Ticket, place.index);
        let version =
            self.judge_letter(plan.envelope.as_ref(), &expected, &audience(&plan.customer, false))?;
        let letter = plan.envelope.as_ref().unwrap();
        let first = self.sealed(letter, version, &expected);
        let mut responses = Vec::new();
        for (k, (internal, letter)) in (1..).zip(&plan.responses) {
            let kind = if *internal { Kind::Note } else { Kind::Response };
            let expected = at(kind, place.index + 16 * k);
            let audience = audience(&plan.customer, *internal);
            let version = self.judge_letter(letter.as_ref(), &expected, &audience)?;
            let mut response = self.sealed(letter.as_ref().unwrap(), version, &expected);
            response.is_agent = true;
            responses.push(response);
        }
        let active = self.keys_of(&plan.customer).iter().filter(|key| key.revoked_at.is_none());
        let named = active.map(|key| key.fingerprint.clone()).filter(|key| letter.readers.contains(key));
        let imported = Imported {
            system: plan.source.clone(),
            id: plan.id.clone(),
            by: who.to_owned(),
            responses: u32::try_from(responses.len()).unwrap(),
            keys: named.collect(),
        };
        let number = u64::try_from(self.tickets.len()).unwrap() + 1;
        let closed = plan.status == "closed";
        let priority = if plan.priority.is_empty() { "normal" } else { &plan.priority };
        let event = Event::TicketImported(wire::EventTicketImported {
            ticket_id: ticket_text(number),
            customer: plan.customer.clone(),
            source: plan.source.clone(),
            source_id: plan.id.clone(),
            imported_by: who.to_owned(),
            category: plan.category.clone(),
            priority: priority.to_owned(),
            status: plan.status.clone(),
            responses: imported.responses,
            block_height: self.height_i64(),
            timestamp: self.now,
        });
        if !closed {
            self.received.insert(plan.customer.clone());
        }
        let ticket = Ticket {
            status: if closed { Status::Closed } else { Status::Open },
            priority: priority.to_owned(),
            category: plan.category.clone(),
            closed_at: closed.then_some(self.now),
            imported: Some(imported),
            responses,
            ..Ticket::new(&plan.customer, self.now, first)
        };
        self.tickets.insert(number, ticket);
        done(vec![event], to_any(&wire::MsgImportTicketResponse { ticket_id: ticket_text(number) }))
    }
}
