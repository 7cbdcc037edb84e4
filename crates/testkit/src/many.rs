//! Desks of many tickets, as an import makes them: each with an envelope of its own, signed on the ledger it comes from.

use sealdesk_protocol::envelope::{Context, Kind};
use sealdesk_protocol::genesis::{
    Context as Place, Customer, Entry, Genesis, Key, Keys, Member, Payload, Ticket,
};
use sealdesk_protocol::identity::Identity;
use sealdesk_protocol::ids::ChainId;
use sealdesk_protocol::limits::DAY_SECONDS;
use sealdesk_protocol::wire::virtengine::encryption::v1::MultiRecipientEnvelope;

use crate::desk::{Desk, GENESIS_TIME, genesis_of};
use crate::people::Person;
use crate::scenario::{readers, ticket_id};
use crate::trust::Ledger;
use crate::{forge, sealing};

/// When everything of the imported past happened.
const PAST: i64 = GENESIS_TIME - DAY_SECONDS;
const ORIGIN: &str = "origin";

/// The people of a grown desk.
pub struct People {
    pub admin: Person,
    pub agent: Person,
    /// Whose tickets they all are.
    pub customer: Person,
    /// A customer without tickets.
    pub writer: Person,
}

/// A desk of `count` tickets that go through these statuses again and again.
pub fn grown(count: u64, statuses: &[&str]) -> (Desk, People) {
    let people = People::default();
    let genesis = genesis(&people, count, statuses);
    (Desk::from_genesis(&genesis), people)
}

impl Default for People {
    fn default() -> Self {
        Self {
            admin: Person::new("admin"),
            agent: Person::new("agent"),
            customer: Person::new("customer"),
            writer: Person::new("writer"),
        }
    }
}

/// The document that such a desk begins with.
pub fn genesis(people: &People, count: u64, statuses: &[&str]) -> Genesis {
    genesis_upon(genesis_of(&[&people.admin]), people, count, statuses)
}

/// The same upon a document without a desk, of a node whose key is known.
pub fn genesis_upon(mut genesis: Genesis, people: &People, count: u64, statuses: &[&str]) -> Genesis {
    let ledger = Ledger::of(&genesis);
    let state = &mut genesis.app_state;
    state.params.max_open_tickets_per_customer = 10_000;
    state.members.push(Member {
        address: people.agent.address.to_string(),
        role: "support_agent".to_owned(),
        state: "active".to_owned(),
        assigned_by: people.admin.address.to_string(),
        assigned_at: PAST,
        suspended_at: 0,
        appointment: None,
        was_staff: false,
        last_appointed_at: 0,
    });
    state.members.sort_by(|a, b| a.address.cmp(&b.address));
    state.keys = [&people.admin, &people.agent, &people.customer, &people.writer]
        .map(|person| keys(&ledger.chain_id, &ledger.identity, person))
        .to_vec();
    state.keys.sort_by(|a, b| a.address.cmp(&b.address));
    let numbered = (1..=count).zip(statuses.iter().cycle());
    state.tickets = numbered.map(|(number, status)| ticket(people, number, status)).collect();
    state.ticket_count = count;
    let open = state.tickets.iter().filter(|ticket| ticket.status != "closed").count();
    state.customers = vec![Customer {
        address: people.customer.address.to_string(),
        open_tickets: u32::try_from(open).unwrap(),
        last_created_at: PAST,
        created_at: Vec::new(),
        attached: Vec::new(),
    }];
    genesis
}

fn keys(chain_id: &ChainId, identity: &Identity, person: &Person) -> Keys {
    let pair = person.key(0);
    let key = Key {
        version: 1,
        public_key: person.encryption_key(0).as_bytes().to_vec(),
        signing_key: person.verify_key(0).as_bytes().to_vec(),
        fingerprint: person.fingerprint(0),
        label: String::new(),
        registered_at: PAST,
        revoked_at: 0,
        account_pub_key: person.public.to_vec(),
        account_signature: person.own(chain_id, identity, &pair.public, &pair.signing_public()),
        registered_on: String::new(),
    };
    Keys { address: person.address.to_string(), keys: vec![key] }
}

fn ticket(people: &People, number: u64, status: &str) -> Ticket {
    let resolved = if status == "resolved" { PAST } else { 0 };
    Ticket {
        ticket_id: ticket_id(number),
        customer_address: people.customer.address.to_string(),
        previous_customers: Vec::new(),
        provider_address: String::new(),
        resource_ref: None,
        status: status.to_owned(),
        priority: "normal".to_owned(),
        category: "technical".to_owned(),
        assigned_to: if status == "open" { String::new() } else { people.agent.address.to_string() },
        collaborators: Vec::new(),
        imported: None,
        created_at: PAST,
        updated_at: PAST,
        resolved_at: resolved,
        due_at: if resolved == 0 { 0 } else { resolved + 7 * DAY_SECONDS },
        closed_at: if status == "closed" { PAST } else { 0 },
        resolution_ref: String::new(),
        snoozed_until: 0,
        links: Vec::new(),
        ratings: Vec::new(),
        attachments: Vec::new(),
        steps: Vec::new(),
        steps_dropped: 0,
        payload: payload(people, number),
        responses: Vec::new(),
    }
}

fn payload(people: &People, sequence: u64) -> Payload {
    let at = Context {
        chain_id: ORIGIN.to_owned(),
        ticket_id: String::new(),
        kind: Kind::Ticket,
        sender: people.customer.address.to_string(),
        sequence,
        index: 0,
    };
    let envelope = forge::unsigned(&readers(&[&people.admin, &people.customer]), 1);
    let MultiRecipientEnvelope {
        payload_ciphertext,
        payload_nonce,
        wrapped_keys,
        client_id,
        client_signature,
        ..
    } = sealing::sign(envelope, &at, &people.customer.key(0), None);
    let entry = |entry: sealdesk_protocol::wire::virtengine::encryption::v1::WrappedKeyEntry| Entry {
        recipient_id: entry.recipient_id,
        wrapped_key: entry.wrapped_key,
        ephemeral_pub_key: entry.ephemeral_pub_key,
    };
    Payload {
        context: Place { chain_id: ORIGIN.to_owned(), height: 1, sequence, index: 0, signer_key_version: 1 },
        ciphertext: payload_ciphertext,
        nonce: payload_nonce,
        wrapped_keys: wrapped_keys.into_iter().map(entry).collect(),
        client_id,
        client_signature,
        user: None,
        grants: Vec::new(),
        erased: None,
    }
}
