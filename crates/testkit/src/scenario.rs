//! Messages of made-up people, sealed for whoever must read them.

use prost_types::Any;
use sealdesk_protocol::envelope::Kind;
use sealdesk_protocol::messages::to_any;
use sealdesk_protocol::wire::sealdesk::ledger::v1 as ledger;
use sealdesk_protocol::wire::virtengine::encryption::v1 as encryption;
use sealdesk_protocol::wire::virtengine::roles::v1 as roles;
use sealdesk_protocol::wire::virtengine::support::v1 as support;

use crate::desk::Desk;
use crate::forge::{self, Place};
use crate::people::Person;
use crate::{CHAIN_ID, sealing};

pub fn ticket_id(number: u64) -> String {
    format!("TKT-{number:08}")
}

pub fn readers(people: &[&Person]) -> Vec<String> {
    people.iter().map(|person| person.fingerprint(0)).collect()
}

/// A sealed create, as the next transaction's message of that index.
pub fn create_at(desk: &Desk, person: &Person, people: &[&Person], index: u32) -> support::MsgCreateTicket {
    let place =
        Place { ticket_id: String::new(), kind: Kind::Ticket, sequence: desk.sequence(person), index };
    let wire = forge::unsigned(&readers(people), desk.height + u64::from(index));
    support::MsgCreateTicket {
        customer: person.address.to_string(),
        category: "technical".to_owned(),
        priority: String::new(),
        provider_address: String::new(),
        resource_ref: None,
        encrypted_payload: Some(forge::signed(wire, person, 0, &place)),
        attachments: Vec::new(),
    }
}

pub fn create(desk: &Desk, person: &Person, people: &[&Person]) -> Any {
    to_any(&create_at(desk, person, people, 0))
}

/// A sealed response or note.
pub fn respond_wire(
    desk: &Desk,
    person: &Person,
    number: u64,
    people: &[&Person],
    internal: bool,
) -> support::MsgRespondToTicket {
    let kind = if internal { Kind::Note } else { Kind::Response };
    let place = Place { ticket_id: ticket_id(number), kind, sequence: desk.sequence(person), index: 0 };
    let wire = forge::unsigned(&readers(people), desk.height);
    support::MsgRespondToTicket {
        responder: person.address.to_string(),
        ticket_id: ticket_id(number),
        encrypted_payload: Some(forge::signed(wire, person, 0, &place)),
        internal,
        attachments: Vec::new(),
    }
}

pub fn respond(desk: &Desk, person: &Person, number: u64, people: &[&Person]) -> Any {
    to_any(&respond_wire(desk, person, number, people, false))
}

pub fn note(desk: &Desk, person: &Person, number: u64, people: &[&Person]) -> Any {
    to_any(&respond_wire(desk, person, number, people, true))
}

pub fn assign(person: &Person, number: u64, to: &Person) -> Any {
    to_any(&support::MsgAssignTicket {
        sender: person.address.to_string(),
        ticket_id: ticket_id(number),
        assign_to: to.address.to_string(),
        response_count: 0,
        check_count: false,
        collaborators: Vec::new(),
    })
}

/// A vote for a validator's power.
pub fn propose(person: &Person, pub_key: &[u8], power: i64) -> Any {
    to_any(&ledger::MsgProposeValidator {
        sender: person.address.to_string(),
        pub_key: pub_key.to_vec(),
        power,
        moniker: "another".to_owned(),
    })
}

pub fn status(person: &Person, number: u64, status: &str) -> Any {
    to_any(&support::MsgUpdateTicketStatus {
        sender: person.address.to_string(),
        ticket_id: ticket_id(number),
        status: status.to_owned(),
    })
}

pub fn priority(person: &Person, number: u64, priority: &str) -> Any {
    to_any(&support::MsgUpdateTicketPriority {
        sender: person.address.to_string(),
        ticket_id: ticket_id(number),
        priority: priority.to_owned(),
        reason: "it matters".to_owned(),
    })
}

pub fn resolve(person: &Person, number: u64) -> Any {
    to_any(&support::MsgResolveTicket {
        sender: person.address.to_string(),
        ticket_id: ticket_id(number),
        resolution_ref: "fixed".to_owned(),
    })
}

pub fn close(person: &Person, number: u64) -> Any {
    to_any(&support::MsgCloseTicket {
        sender: person.address.to_string(),
        ticket_id: ticket_id(number),
        reason: "no longer needed".to_owned(),
    })
}

pub fn reopen(person: &Person, number: u64) -> Any {
    to_any(&support::MsgReopenTicket {
        sender: person.address.to_string(),
        ticket_id: ticket_id(number),
        reason: "it came back".to_owned(),
    })
}

pub fn transfer(person: &Person, number: u64, to: &Person) -> Any {
    to_any(&support::MsgTransferTicket {
        sender: person.address.to_string(),
        ticket_id: ticket_id(number),
        new_customer: to.address.to_string(),
        reason: "the phrase is lost".to_owned(),
        response_count: 0,
        check_count: false,
    })
}

/// A rating without a comment.
pub fn rate(person: &Person, number: u64, score: u32) -> Any {
    to_any(&support::MsgRateTicket {
        customer: person.address.to_string(),
        ticket_id: ticket_id(number),
        score,
        encrypted_payload: None,
    })
}

/// A rating with a sealed comment.
pub fn rate_with(desk: &Desk, person: &Person, number: u64, score: u32, people: &[&Person]) -> Any {
    let place =
        Place { ticket_id: ticket_id(number), kind: Kind::Rating, sequence: desk.sequence(person), index: 0 };
    let wire = forge::unsigned(&readers(people), desk.height);
    to_any(&support::MsgRateTicket {
        customer: person.address.to_string(),
        ticket_id: ticket_id(number),
        score,
        encrypted_payload: Some(forge::signed(wire, person, 0, &place)),
    })
}

/// Says how a ticket stands to another, or takes that back.
pub fn link(person: &Person, number: u64, kind: &str, other: u64, remove: bool) -> Any {
    to_any(&support::MsgLinkTickets {
        sender: person.address.to_string(),
        ticket_id: ticket_id(number),
        other: ticket_id(other),
        kind: kind.to_owned(),
        remove,
    })
}

/// Puts a ticket aside until then; 0 takes it up again.
pub fn snooze(person: &Person, number: u64, until: i64) -> Any {
    to_any(&support::MsgSnoozeTicket {
        sender: person.address.to_string(),
        ticket_id: ticket_id(number),
        until,
    })
}

pub fn register(person: &Person, n: usize) -> Any {
    to_any(&person.registration(n))
}

pub fn revoke_key(person: &Person, fingerprint: String) -> Any {
    to_any(&encryption::MsgRevokeRecipientKey {
        sender: person.address.to_string(),
        key_fingerprint: fingerprint,
        owner: String::new(),
    })
}

pub fn assign_role(person: &Person, to: &Person, role: &str) -> Any {
    to_any(&roles::MsgAssignRole {
        sender: person.address.to_string(),
        address: to.address.to_string(),
        role: role.to_owned(),
        ..Default::default()
    })
}

pub fn revoke_role(person: &Person, from: &Person, role: &str) -> Any {
    to_any(&roles::MsgRevokeRole {
        sender: person.address.to_string(),
        address: from.address.to_string(),
        role: role.to_owned(),
        ..Default::default()
    })
}

/// A vote for or against an administrator, signed for a ledger as it is now.
pub fn vote(desk: &Desk, person: &Person, about: &Person, removes: bool) -> Any {
    let role = "administrator";
    let message = if removes { revoke_role(person, about, role) } else { assign_role(person, about, role) };
    desk.complete(person, message)
}

pub fn set_state(person: &Person, of: &Person, state: &str) -> Any {
    to_any(&roles::MsgSetAccountState {
        sender: person.address.to_string(),
        address: of.address.to_string(),
        state: state.to_owned(),
        reason: String::new(),
    })
}

pub fn update_params(person: &Person, params: &sealdesk_protocol::params::Params) -> Any {
    to_any(&support::MsgUpdateParams {
        authority: person.address.to_string(),
        params: Some(params.to_wire()),
    })
}

/// A ticket from another system.
pub struct Told<'a> {
    /// Whose it is.
    pub customer: &'a Person,
    /// The readers of all but the note.
    pub people: &'a [&'a Person],
    /// Those of the note.
    pub staff: &'a [&'a Person],
    /// Its name there.
    pub id: &'a str,
}

/// A ticket from another system, with an answer and a note, sealed for the only message of the next transaction.
pub fn import_at(desk: &Desk, person: &Person, told: &Told<'_>) -> support::MsgImportTicket {
    let Told { customer, people, staff, id } = *told;
    let sealed = |kind: Kind, index: u32, people: &[&Person]| {
        let place = Place { ticket_id: String::new(), kind, sequence: desk.sequence(person), index };
        let wire = forge::unsigned(&readers(people), desk.height + u64::from(index));
        Some(forge::signed(wire, person, 0, &place))
    };
    let index = |k| sealdesk_protocol::import::response_index_in_context(0, k);
    let response = |internal, encrypted_payload| support::ImportedResponse { internal, encrypted_payload };
    support::MsgImportTicket {
        sender: person.address.to_string(),
        customer: customer.address.to_string(),
        category: "technical".to_owned(),
        priority: String::new(),
        status: "closed".to_owned(),
        source: "old-desk".to_owned(),
        source_id: id.to_owned(),
        encrypted_payload: sealed(Kind::Ticket, 0, people),
        responses: vec![
            response(false, sealed(Kind::Response, index(0), people)),
            response(true, sealed(Kind::Note, index(1), staff)),
        ],
    }
}

/// A grant on a stored target, read back from the desk: 0 the ticket, k + 1 the response k.
pub fn targeted(
    desk: &Desk,
    granter: &Person,
    number: u64,
    target: u32,
    reader: &str,
) -> support::TargetedGrant {
    let request = support::QueryTicketRequest { ticket_id: ticket_id(number) };
    let snapshot = desk.snapshot();
    let ticket = desk.machine.ticket(&snapshot, &request).unwrap().ticket.unwrap();
    let came = target
        .checked_sub(1)
        .is_some_and(|index| sealdesk_protocol::ticket::is_imported_response(&ticket, index));
    let (envelope, context, sender, kind) = match target.checked_sub(1) {
        None => {
            let author = sealdesk_protocol::ticket::author(&ticket).to_owned();
            (ticket.encrypted_payload, ticket.payload_context, author, Kind::Ticket)
        }
        Some(index) => {
            let request = support::QueryTicketResponsesRequest { ticket_id: ticket_id(number), page: None };
            let all = desk.machine.ticket_responses(&snapshot, &request).unwrap().responses;
            let response = all.into_iter().find(|response| response.response_index == index).unwrap();
            let context = response.payload_context.clone().unwrap();
            let kind = sealdesk_protocol::ticket::response_kind(response.internal, &context);
            (response.encrypted_payload, response.payload_context, response.responder_address, kind)
        }
    };
    let context = context.unwrap();
    let stored_at = sealdesk_protocol::envelope::Context {
        chain_id: if context.chain_id.is_empty() { CHAIN_ID.to_owned() } else { context.chain_id },
        ticket_id: if target == 0 || came { String::new() } else { ticket_id(number) },
        kind,
        sender,
        sequence: context.sequence,
        index: context.index,
    };
    let (_, content) = sealing::digests(&envelope.unwrap(), &stored_at);
    sealing::grant(&content, &granter.text, target, forge::entry(reader, 7), &granter.key(0))
}

pub fn grant(desk: &Desk, granter: &Person, number: u64, target: u32, reader: &str) -> Any {
    to_any(&support::MsgGrantAccess {
        sender: granter.address.to_string(),
        ticket_id: ticket_id(number),
        grants: vec![targeted(desk, granter, number, target, reader)],
        agent: String::new(),
    })
}

/// A desk with an administrator, an agent and a customer, each with a key older than the grace.
pub struct Cast {
    pub desk: Desk,
    pub admin: Person,
    pub agent: Person,
    pub customer: Person,
}

pub fn cast() -> Cast {
    let (admin, agent, customer) = (Person::new("admin"), Person::new("agent"), Person::new("customer"));
    let mut desk = Desk::new(&[&admin]);
    desk.must(&admin, vec![register(&admin, 0), assign_role(&admin, &agent, "support_agent")]);
    desk.must(&agent, vec![register(&agent, 0)]);
    desk.must(&customer, vec![register(&customer, 0)]);
    desk.pass_to(desk.time + 61);
    Cast { desk, admin, agent, customer }
}

impl Cast {
    /// Creates a ticket and returns its number.
    pub fn ticket(&mut self) -> u64 {
        let time = self.desk.time + 60;
        self.desk.pass_to(time);
        let message = create(&self.desk, &self.customer, &[&self.admin, &self.customer]);
        self.desk.must(&self.customer.clone(), vec![message]);
        self.desk.ticket_count()
    }
}
