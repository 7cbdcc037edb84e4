//! Every message of `proto/` in its one encoding, and what is made of it without further checks.

use prost::Message as _;
use sealdesk_protocol::events::Event;
use sealdesk_protocol::identity::Identity;
use sealdesk_protocol::messages::{Message, to_any};
use sealdesk_protocol::wire::cosmos::tx::v1beta1 as tx;
use sealdesk_protocol::wire::sealdesk::ledger::v1 as ledger;
use sealdesk_protocol::wire::virtengine::{
    encryption::v1 as encryption, roles::v1 as roles, support::v1 as support,
};
use sealdesk_protocol::{canonical, json};
use sealdesk_testkit::trust::{Ledger, continues};

use super::{choose, chosen};
use crate::people::{administrator, agent, customer, prefix, registration, sealed, ticket_context};
use crate::{Outcome, Target};

const BYTES_MAX: usize = 4_096;

pub(super) fn targets() -> Vec<Target> {
    let target = |name, run, seeds| Target { name, bytes_max: BYTES_MAX, run, seeds, contains_panics: false };
    vec![
        target("canonical", canonical, canonical_seeds),
        target("message", message, message_seeds),
        target("event", event, event_seeds),
        target("json_view", json_view, json_view_seeds),
    ]
}

/// Decodes strictly and leniently and compares.
fn judge<M: prost::Message + Default + PartialEq>(data: &[u8]) -> Outcome {
    let strict = canonical::decode::<M>(data, "message");
    let lenient = M::decode(data).ok();
    if let Ok(strict) = &strict {
        assert!(lenient.as_ref() == Some(strict), "the strict reading differs from the lenient one");
        assert!(strict.encode_to_vec() == data, "what was read is written otherwise");
    }
    if let Some(lenient) = lenient {
        let again = canonical::decode::<M>(&lenient.encode_to_vec(), "message");
        assert!(again.as_ref() == Ok(&lenient), "what prost writes is not canonical");
    }
    Outcome::from(&strict)
}

const JUDGES: [fn(&[u8]) -> Outcome; 16] = [
    judge::<tx::TxRaw>,
    judge::<tx::TxBody>,
    judge::<tx::AuthInfo>,
    judge::<support::SupportTicket>,
    judge::<support::TicketResponse>,
    judge::<support::TicketHead>,
    judge::<support::Params>,
    judge::<encryption::MultiRecipientEnvelope>,
    judge::<encryption::RecipientKeyRecord>,
    judge::<ledger::CustomerRecord>,
    judge::<ledger::KeyList>,
    judge::<ledger::TxRecord>,
    judge::<ledger::Receipt>,
    judge::<ledger::StatusResponse>,
    judge::<roles::RoleAssignment>,
    judge::<support::MsgGrantAccess>,
];

fn canonical(data: &[u8]) -> Outcome {
    let Some((choice, rest)) = choose(data, JUDGES.len()) else { return Outcome::Refused };
    JUDGES[choice](rest)
}

fn canonical_seeds() -> Vec<Vec<u8>> {
    let body = tx::TxBody {
        messages: vec![to_any(&assign())],
        memo: "memo".into(),
        timeout_height: 300,
        ..tx::TxBody::default()
    };
    let customer_record = ledger::CustomerRecord {
        open_tickets: 2,
        last_created_at: -1,
        created_at: vec![1, 1 << 40],
        attached: Vec::new(),
    };
    let addresses = [("grpc".to_owned(), "127.0.0.1:1".to_owned())].into();
    let status = ledger::StatusResponse { height: 7, addresses, ..Default::default() };
    vec![
        chosen(0, &tx::TxRaw { body_bytes: body.encode_to_vec(), ..Default::default() }.encode_to_vec()),
        chosen(1, &body.encode_to_vec()),
        chosen(3, &ticket().encode_to_vec()),
        chosen(4, &response().encode_to_vec()),
        chosen(7, &envelope().encode_to_vec()),
        chosen(9, &customer_record.encode_to_vec()),
        chosen(13, &status.encode_to_vec()),
        chosen(15, &grant().encode_to_vec()),
    ]
}

/// `type ‖ value`: a message of a transaction. What it accepts is what its module's checks accept.
fn message(data: &[u8]) -> Outcome {
    let type_urls = Message::type_urls();
    let Some((choice, value)) = choose(data, type_urls.len()) else { return Outcome::Refused };
    let any = prost_types::Any { type_url: type_urls[choice].clone(), value: value.to_vec() };
    let decoded = Message::decode(&any, &prefix());
    if let Ok(message) = &decoded {
        assert_eq!(message.type_url(), type_urls[choice]);
        assert!(message.signer().as_str().starts_with("virtengine1"));
    }
    Outcome::from(&decoded)
}

fn message_seeds() -> Vec<Vec<u8>> {
    let type_urls = Message::type_urls();
    messages()
        .iter()
        .filter_map(|any| {
            let choice = type_urls.iter().position(|url| *url == any.type_url)?;
            Some(chosen(choice, &any.value))
        })
        .collect()
}

/// One valid message of each kind that a desk uses.
pub(super) fn messages() -> Vec<prost_types::Any> {
    [acts(), life(), people()].concat()
}

/// A ticket's life, and the desk's limits.
fn life() -> Vec<prost_types::Any> {
    let (sender, ticket_id) = (administrator().address().to_string(), "TKT-00000001".to_owned());
    let reason = "because".to_owned();
    vec![
        to_any(&create()),
        to_any(&support::MsgRespondToTicket {
            responder: customer().address().to_string(),
            ticket_id: ticket_id.clone(),
            encrypted_payload: Some(envelope()),
            internal: false,
            attachments: Vec::new(),
        }),
        to_any(&support::MsgUpdateTicketStatus {
            sender: sender.clone(),
            ticket_id: ticket_id.clone(),
            status: "in_progress".into(),
        }),
        to_any(&support::MsgUpdateTicketPriority {
            sender: sender.clone(),
            ticket_id: ticket_id.clone(),
            priority: "urgent".into(),
            reason: reason.clone(),
        }),
        to_any(&support::MsgResolveTicket {
            sender: sender.clone(),
            ticket_id: ticket_id.clone(),
            resolution_ref: "kb-1".into(),
        }),
        to_any(&support::MsgCloseTicket {
            sender: sender.clone(),
            ticket_id: ticket_id.clone(),
            reason: reason.clone(),
        }),
        to_any(&support::MsgReopenTicket { sender: sender.clone(), ticket_id, reason: reason.clone() }),
        to_any(&grant()),
        to_any(&support::MsgUpdateParams {
            authority: sender.clone(),
            params: Some(sealdesk_protocol::params::Params::default().to_wire()),
        }),
    ]
}

/// Who is who, and who makes the blocks.
fn people() -> Vec<prost_types::Any> {
    let (sender, address) = (administrator().address().to_string(), agent().address().to_string());
    let reason = "because".to_owned();
    vec![
        to_any(&registration(agent())),
        to_any(&encryption::MsgRevokeRecipientKey {
            sender: address.clone(),
            key_fingerprint: agent().encryption.fingerprint().to_string(),
            owner: String::new(),
        }),
        to_any(&roles::MsgAssignRole {
            sender: sender.clone(),
            address: address.clone(),
            role: "support_agent".into(),
            ..Default::default()
        }),
        to_any(&roles::MsgRevokeRole {
            sender: sender.clone(),
            address: address.clone(),
            role: "support_agent".into(),
            ..Default::default()
        }),
        to_any(&roles::MsgSetAccountState {
            sender: sender.clone(),
            address,
            state: "suspended".into(),
            reason,
        }),
        to_any(&proposal()),
        to_any(&continuation()),
    ]
}

/// The acts on a ticket beside its life.
fn acts() -> Vec<prost_types::Any> {
    let (sender, ticket_id) = (administrator().address().to_string(), "TKT-00000001".to_owned());
    vec![
        to_any(&assign()),
        to_any(&import()),
        to_any(&support::MsgTransferTicket {
            sender: sender.clone(),
            ticket_id: ticket_id.clone(),
            new_customer: customer().address().to_string(),
            reason: "because".into(),
            response_count: 1,
            check_count: true,
        }),
        to_any(&support::MsgRateTicket {
            customer: customer().address().to_string(),
            ticket_id: ticket_id.clone(),
            score: 5,
            encrypted_payload: Some(envelope()),
        }),
        to_any(&support::MsgLinkTickets {
            sender: sender.clone(),
            ticket_id: ticket_id.clone(),
            other: "TKT-00000002".into(),
            kind: "related".into(),
            remove: false,
        }),
        to_any(&support::MsgSnoozeTicket { sender, ticket_id, until: 1_800_000_000 }),
    ]
}

/// The administrator's vote for a validator.
fn proposal() -> ledger::MsgProposeValidator {
    ledger::MsgProposeValidator {
        sender: administrator().address().to_string(),
        pub_key: agent().signing.public().as_bytes().to_vec(),
        power: 1,
        moniker: "node".into(),
    }
}

/// The administrator's vote that another ledger continues the desk's.
fn continuation() -> ledger::MsgContinueLedger {
    let old = Ledger::of(&crate::desk::genesis());
    continues(&old, &administrator().person, &Identity([7; 32]))
}

/// The customer's first ticket.
fn create() -> support::MsgCreateTicket {
    support::MsgCreateTicket {
        customer: customer().address().to_string(),
        category: "technical".into(),
        priority: "high".into(),
        provider_address: agent().address().to_string(),
        resource_ref: Some(support::ResourceReference {
            r#type: "lease".into(),
            id: format!("{}/7/1/1", customer().address()),
            owner: customer().address().to_string(),
        }),
        encrypted_payload: Some(envelope()),
        attachments: Vec::new(),
    }
}

fn assign() -> support::MsgAssignTicket {
    support::MsgAssignTicket {
        sender: administrator().address().to_string(),
        ticket_id: "TKT-00000001".into(),
        assign_to: agent().address().to_string(),
        response_count: 1,
        check_count: true,
        collaborators: Vec::new(),
    }
}

fn import() -> support::MsgImportTicket {
    let response = support::ImportedResponse { internal: true, encrypted_payload: Some(envelope()) };
    support::MsgImportTicket {
        sender: administrator().address().to_string(),
        customer: customer().address().to_string(),
        category: "technical".into(),
        priority: "high".into(),
        status: "open".into(),
        source: "old-desk".into(),
        source_id: "4711".into(),
        encrypted_payload: Some(envelope()),
        responses: vec![response],
    }
}

fn grant() -> support::MsgGrantAccess {
    let grant = support::TargetedGrant {
        target: 1,
        entry: envelope().wrapped_keys.into_iter().next(),
        grant_signature: vec![7; 64],
        granter_key_version: 1,
    };
    support::MsgGrantAccess {
        sender: administrator().address().to_string(),
        ticket_id: "TKT-00000001".into(),
        grants: vec![grant],
        agent: String::new(),
    }
}

fn envelope() -> encryption::MultiRecipientEnvelope {
    let readers = [*administrator().encryption.public(), *customer().encryption.public()];
    sealed(&ticket_context(1), customer(), &readers, b"It is on fire")
}

fn ticket() -> support::SupportTicket {
    support::SupportTicket {
        ticket_id: "TKT-00000001".into(),
        customer_address: customer().address().to_string(),
        resource_ref: create().resource_ref,
        status: support::TicketStatus::Resolved.into(),
        priority: support::TicketPriority::High.into(),
        category: "technical".into(),
        encrypted_payload: Some(envelope()),
        created_at: 1_700_000_000,
        resolved_at: 1_700_000_100,
        snoozed_until: 1_800_000_000,
        payload_context: Some(support::EnvelopeContext {
            kind: 1,
            sequence: 1,
            height: 2,
            ..Default::default()
        }),
        ..Default::default()
    }
}

fn response() -> support::TicketResponse {
    support::TicketResponse {
        ticket_id: "TKT-00000001".into(),
        responder_address: agent().address().to_string(),
        encrypted_payload: Some(envelope()),
        created_at: 1_700_000_050,
        internal: true,
        grants: vec![support::AccessGrant { granter: agent().address().to_string(), ..Default::default() }],
        ..Default::default()
    }
}

/// `type ‖ value`: an event of the index. What is read is written again, and shown as ABCI and as JSON.
fn event(data: &[u8]) -> Outcome {
    let names = Event::type_names();
    let Some((choice, value)) = choose(data, names.len()) else { return Outcome::Refused };
    let decoded = Event::decode(&names[choice], value);
    if let Ok(event) = &decoded {
        assert_eq!(event.type_name(), names[choice]);
        assert_eq!(event.encode(), value);
        for (name, json) in event.attributes() {
            assert!(serde_json::from_str::<serde_json::Value>(&json).is_ok(), "{name} is shown as no JSON");
        }
        assert!(json::event(event).is_object());
    }
    Outcome::from(&decoded)
}

fn event_seeds() -> Vec<Vec<u8>> {
    let created = support::EventTicketCreated {
        ticket_id: "TKT-00000001".into(),
        customer: "a \"quoted\" name".into(),
        block_height: -3,
        timestamp: i64::MAX,
        ..Default::default()
    };
    let registered = encryption::EventRecipientKeyRegistered { key_version: 3, ..Default::default() };
    vec![chosen(0, &created.encode_to_vec()), chosen(10, &registered.encode_to_vec())]
}

/// `type ‖ value`: records as our own JSON shows them. A node may have sent anything.
fn json_view(data: &[u8]) -> Outcome {
    let Some((choice, rest)) = choose(data, 6) else { return Outcome::Refused };
    let shown = match choice {
        0 => show(rest, |wire: support::SupportTicket| json::Ticket::from(wire)),
        1 => show(rest, |wire: support::TicketResponse| json::Response::from(wire)),
        2 => show(rest, |wire: support::Params| json::Params::from(wire)),
        3 => show(rest, |wire: encryption::RecipientKeyRecord| json::RecipientKey::from(wire)),
        4 => show(rest, |wire: roles::RoleAssignment| json::RoleAssignment::from(wire)),
        _ => show(rest, |wire: support::AccessGrant| json::Grant::from(wire)),
    };
    let Some(shown) = shown else { return Outcome::Refused };
    assert!(shown.is_ok(), "a record cannot be shown");
    Outcome::Accepted
}

fn show<M: prost::Message + Default, V: serde::Serialize>(
    data: &[u8],
    view: fn(M) -> V,
) -> Option<serde_json::Result<String>> {
    Some(serde_json::to_string(&view(M::decode(data).ok()?)))
}

fn json_view_seeds() -> Vec<Vec<u8>> {
    let grant = support::AccessGrant { created_at: i64::MIN, ..Default::default() };
    vec![
        chosen(0, &ticket().encode_to_vec()),
        chosen(1, &response().encode_to_vec()),
        chosen(5, &grant.encode_to_vec()),
    ]
}
