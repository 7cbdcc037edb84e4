//! The state machine: what a transaction may change, and what everyone may ask.

use prost::Message as _;
use sealdesk_machine::{Executed, QueryError};
use sealdesk_protocol::limits::{PAGE_BYTES_MAX, PAGE_RECORDS_MAX};
use sealdesk_protocol::messages::{Message, to_any};
use sealdesk_protocol::state::tree;
use sealdesk_protocol::wire::cosmos::tx::v1beta1::TxBody;
use sealdesk_protocol::wire::virtengine::{
    encryption::v1 as encryption, roles::v1 as roles, support::v1 as support,
};
use sealdesk_store::{Changes, State};

use super::wire::messages;
use super::{choose, chosen};
use crate::desk::{Desk, TICKETS, assign, create_ticket, grant, put_document, respond};
use crate::people::{Person, agent, cast, customer, prefix, sign};
use crate::{Outcome, Target};

pub(super) fn targets() -> Vec<Target> {
    let target = |name, run, seeds| Target { name, bytes_max: 8_192, run, seeds, contains_panics: false };
    vec![
        target("execute", execute, execute_seeds),
        Target { bytes_max: 512, ..target("query", query, query_seeds) },
    ]
}

/// `0 ‖ transaction` or `1 ‖ body`, a body being signed by the sender of its first message with the sequence that is due.
fn execute(data: &[u8]) -> Outcome {
    let Some((choice, rest)) = choose(data, 2) else { return Outcome::Refused };
    let tx = if choice == 0 { Some(rest.to_vec()) } else { signed(rest) };
    let Some(tx) = tx else { return Outcome::Refused };
    let (executed, changes) = run_on_desk(&tx);
    let again = run_on_desk(&tx);
    assert!(again == (executed.clone(), changes.clone()), "one transaction has two results");
    judge(&executed, changes);
    if executed.code == 0 { Outcome::Accepted } else { Outcome::Refused }
}

fn run_on_desk(tx: &[u8]) -> (Executed, Changes) {
    let desk = Desk::get();
    let mut state = State::new(desk.snapshot());
    let executed =
        desk.ledger.machine.execute(&mut state, &desk.next, tx, 0).expect("no transaction stops the node");
    desk.ledger.machine.finish(&mut state, &desk.next).expect("no transaction stops the node");
    (executed, state.into_changes())
}

/// A refusal leaves the sequence behind at most, and what stays outside it leaves nothing.
fn judge(executed: &Executed, changes: Changes) {
    let desk = Desk::get();
    if !executed.admitted {
        assert!(executed.code != 0 && changes.is_empty(), "what was not admitted changed the state");
    } else if executed.code != 0 {
        let sequences = changes.records.keys().all(|key| key.starts_with(tree::ACCOUNTS));
        assert!(sequences, "a refused transaction changed more than its sequences");
        assert!(
            executed.events.is_empty() && executed.data.is_empty(),
            "a refused transaction says that it did something"
        );
    }
    let moved = !changes.records.is_empty();
    let staged = desk
        .ledger
        .store
        .prepare(desk.snapshot().version() + 1, changes)
        .expect("what a block changes can be staged");
    assert_eq!(staged.root() != desk.snapshot().root(), moved, "the root does not follow the records");
}

fn signed(body: &[u8]) -> Option<Vec<u8>> {
    let first = TxBody::decode(body).ok()?.messages.into_iter().next()?;
    let message = Message::decode(&first, &prefix()).ok()?;
    let person = cast().iter().find(|person| person.address() == *message.signer())?;
    Some(sign(body, &[(person, Desk::get().sequence(person))]))
}

fn execute_seeds() -> Vec<Vec<u8>> {
    let desk = Desk::get();
    let sequence = |person: &Person| desk.sequence(person);
    let mut messages = messages();
    messages.extend([
        to_any(&create_ticket(sequence(customer()))),
        to_any(&respond(sequence(agent()), false)),
        to_any(&respond(sequence(agent()), true)),
        to_any(&grant()),
        to_any(&put_document(sequence(customer()))),
        to_any(&assign(TICKETS[0], 1)),
        to_any(&support::MsgReopenTicket {
            sender: customer().address().to_string(),
            ticket_id: TICKETS[1].into(),
            reason: "again".into(),
        }),
    ]);
    let mut seeds: Vec<Vec<u8>> = messages
        .iter()
        .map(|message| {
            let body = TxBody { messages: vec![message.clone()], ..TxBody::default() };
            chosen(1, &body.encode_to_vec())
        })
        .collect();
    seeds.push(chosen(
        0,
        &desk.ledger.tx(&customer().person, vec![to_any(&create_ticket(sequence(customer())))]),
    ));
    seeds
}

/// How many records an answer has, its size, and where the next page begins.
type Page = Result<(usize, usize, Vec<u8>), QueryError>;

fn tickets(answer: Result<support::QueryTicketsResponse, QueryError>) -> Page {
    answer.map(|answer| (answer.tickets.len(), answer.encoded_len(), answer.next_cursor))
}

fn single<M: prost::Message>(answer: Result<M, QueryError>) -> Page {
    answer.map(|answer| (1, answer.encoded_len(), Vec::new()))
}

/// `which ‖ request`. An answer is bounded, and no question stops the node.
fn query(data: &[u8]) -> Outcome {
    let Some((choice, rest)) = choose(data, ASK.len()) else { return Outcome::Refused };
    match ASK[choice](rest) {
        None => Outcome::Refused,
        Some(Err(QueryError::Fatal(fatal))) => panic!("a question stops the node: {fatal}"),
        Some(Err(QueryError::BeforeHistory { .. })) => panic!("this desk knows all its history"),
        Some(Err(QueryError::NotListed(why))) => panic!("this desk has every list: {why}"),
        Some(Err(QueryError::Invalid(_) | QueryError::NotFound(_) | QueryError::TooBroad { .. })) => {
            Outcome::Refused
        }
        Some(Ok((records, bytes, next_cursor))) => {
            assert!(
                records <= PAGE_RECORDS_MAX as usize && bytes < 2 * PAGE_BYTES_MAX,
                "a page has no bound"
            );
            assert!(records > 0 || next_cursor.is_empty(), "a page of nothing is not the last");
            Outcome::Accepted
        }
    }
}

/// Decodes a request and asks it.
fn asked<R: prost::Message + Default>(data: &[u8], ask: impl FnOnce(&Desk, R) -> Page) -> Option<Page> {
    Some(ask(Desk::get(), R::decode(data).ok()?))
}

/// One query, asked with an encoded request; `None` where the bytes are none.
type Question = fn(&[u8]) -> Option<Page>;

const ASK: [Question; 16] = [
    |data| asked(data, |desk, request| single(desk.ledger.machine.ticket(&desk.snapshot(), &request))),
    |data| {
        asked(data, |desk, request| {
            tickets(desk.ledger.machine.tickets_by_customer(&desk.snapshot(), &request))
        })
    },
    |data| {
        asked(data, |desk, request| {
            tickets(desk.ledger.machine.tickets_by_provider(&desk.snapshot(), &request))
        })
    },
    |data| {
        asked(data, |desk, request| tickets(desk.ledger.machine.tickets_by_agent(&desk.snapshot(), &request)))
    },
    |data| {
        asked(data, |desk, request| {
            tickets(desk.ledger.machine.tickets_by_status(&desk.snapshot(), &request))
        })
    },
    |data| asked(data, |desk, request| tickets(desk.ledger.machine.open_tickets(&desk.snapshot(), &request))),
    |data| asked(data, responses),
    |data| asked(data, |desk, request| single(desk.ledger.machine.account(&desk.snapshot(), &request))),
    |data| asked(data, role_members),
    |data| {
        asked(data, |desk, request| single(desk.ledger.machine.recipient_keys(&desk.snapshot(), &request)))
    },
    |data| {
        asked(data, |desk, request| {
            single(desk.ledger.machine.keys_by_fingerprint(&desk.snapshot(), &request))
        })
    },
    |data| asked(data, |desk, request| single(desk.ledger.machine.document(&desk.snapshot(), &request))),
    |data| asked(data, documents),
    |data| asked(data, |desk, request| single(desk.ledger.machine.ratings(&desk.snapshot(), &request))),
    |data| asked(data, queue),
    |data| asked(data, holders),
];

fn queue(desk: &Desk, request: support::QueryTicketQueueRequest) -> Page {
    let answer = desk.ledger.machine.ticket_queue(&desk.snapshot(), &request)?;
    Ok((answer.tickets.len(), answer.encoded_len(), answer.next_cursor))
}

fn holders(desk: &Desk, request: support::QueryTicketHoldersRequest) -> Page {
    let answer = desk.ledger.machine.ticket_holders(&desk.snapshot(), &request)?;
    Ok((answer.addresses.len(), answer.encoded_len(), answer.next_cursor))
}

fn responses(desk: &Desk, request: support::QueryTicketResponsesRequest) -> Page {
    let answer = desk.ledger.machine.ticket_responses(&desk.snapshot(), &request)?;
    Ok((answer.responses.len(), answer.encoded_len(), answer.next_cursor))
}

fn documents(desk: &Desk, request: support::QueryDocumentsRequest) -> Page {
    let answer = desk.ledger.machine.documents(&desk.snapshot(), &request)?;
    Ok((answer.documents.len(), answer.encoded_len(), answer.next_cursor))
}

fn role_members(desk: &Desk, request: roles::QueryRoleMembersRequest) -> Page {
    let answer = desk.ledger.machine.role_members(&desk.snapshot(), &request)?;
    Ok((answer.members.len(), answer.encoded_len(), answer.next_cursor))
}

fn query_seeds() -> Vec<Vec<u8>> {
    let page =
        |cursor: &[u8], reverse| Some(support::PageRequest { cursor: cursor.to_vec(), limit: 1, reverse });
    let (customer, agent) = (customer().address().to_string(), agent());
    let agent_address = agent.address().to_string();
    let ticket_id = TICKETS[0].to_owned();
    let by_customer = support::QueryTicketsByCustomerRequest {
        customer_address: customer,
        status: "in_progress".into(),
        page: page(&[], true),
    };
    let by_agent = support::QueryTicketsByAgentRequest {
        agent_address: agent_address.clone(),
        status: String::new(),
        page: page(&1_u64.to_be_bytes(), false),
    };
    let by_status = support::QueryTicketsByStatusRequest { status: "resolved".into(), page: None };
    let open = support::QueryOpenTicketsRequest { priority: "high".into(), page: page(&[], false) };
    let responses =
        support::QueryTicketResponsesRequest { ticket_id: ticket_id.clone(), page: page(&[], false) };
    let members = roles::QueryRoleMembersRequest {
        role: "support_agent".into(),
        cursor: b"virtengine1".to_vec(),
        limit: 2,
    };
    let keys = encryption::QueryRecipientKeysRequest { address: agent_address.clone(), active_only: true };
    let key_fingerprint = agent.encryption.fingerprint().to_string();
    let owners = encryption::QueryKeysByFingerprintRequest { key_fingerprint, ..Default::default() };
    let (shelf, owner) = ("own".to_owned(), agent_address.clone());
    let document = support::QueryDocumentRequest {
        shelf: shelf.clone(),
        owner: owner.clone(),
        name: "read-marks".into(),
    };
    let shelf = support::QueryDocumentsRequest { shelf, owner, page: page(b"drafts", true) };
    vec![
        chosen(0, &support::QueryTicketRequest { ticket_id }.encode_to_vec()),
        chosen(1, &by_customer.encode_to_vec()),
        chosen(3, &by_agent.encode_to_vec()),
        chosen(4, &by_status.encode_to_vec()),
        chosen(5, &open.encode_to_vec()),
        chosen(6, &responses.encode_to_vec()),
        chosen(7, &roles::QueryAccountRequest { address: agent_address }.encode_to_vec()),
        chosen(8, &members.encode_to_vec()),
        chosen(9, &keys.encode_to_vec()),
        chosen(10, &owners.encode_to_vec()),
        chosen(11, &document.encode_to_vec()),
        chosen(12, &shelf.encode_to_vec()),
    ]
}
