//! A conversation is what the ledger proves, however the node lies about it.

use std::time::Duration;

use sealdesk_client::Error;
use sealdesk_client::desk::Desk;
use sealdesk_client::messages::{NewResponse, NewTicket};
use sealdesk_client::receipt::TicketReceipt;
use sealdesk_client::verify::VerifyError;
use sealdesk_client::view::{Body, Conversation};
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::messages::GrantTarget;
use sealdesk_protocol::state::tree;
use sealdesk_protocol::wire::virtengine::encryption::v1::WrappedKeyEntry;
use sealdesk_protocol::wire::virtengine::support::v1::{AccessGrant, ResponseHead, TicketHead};
use tokio::time::Instant;

use crate::world::{FakeNode, Lie, Shared, add_key, people, prefix, read, write};

/// A ticket with an answer and a note.
async fn conversation() -> (Shared, Desk<FakeNode>, TicketId) {
    let shared = Shared::new();
    let desk = shared.desk().await;
    let ticket = NewTicket::new("technical", "It does not start", "Since this morning.");
    let id = desk.create_ticket(&people().customer, &ticket).await.unwrap().ticket_id.unwrap();
    let admin = &people().admin;
    let first = desk.respond(admin, id, &NewResponse::new("Is it plugged in?")).await.unwrap();
    assert_eq!(first.response_index, Some(0));
    let note = desk.respond(admin, id, &NewResponse::note("He never plugs it in.")).await.unwrap();
    assert_eq!(note.response_index, Some(1));
    (shared, desk, id)
}

fn texts(conversation: &Conversation) -> Vec<Option<&str>> {
    conversation.messages.iter().map(|message| message.text()).collect()
}

const ALL: [Option<&str>; 3] =
    [Some("Since this morning."), Some("Is it plugged in?"), Some("He never plugs it in.")];

#[tokio::test(start_paused = true)]
async fn everyone_reads_what_was_sealed_for_him_and_no_more() {
    let (_, desk, id) = conversation().await;
    let of_admin = desk.read(&people().admin, id).await.unwrap();
    assert_eq!(texts(&of_admin), ALL);
    assert!(of_admin.messages.iter().all(|message| message.warnings.is_empty()));
    let of_customer = desk.read(&people().customer, id).await.unwrap();
    assert_eq!(texts(&of_customer), [ALL[0], ALL[1], None]);
    assert_eq!(of_customer.messages[2].reason(), Some("sealed for others"));
    assert!(of_customer.messages[2].internal);
    let of_agent = desk.read(&people().agent, id).await.unwrap();
    assert_eq!(texts(&of_agent), [None; 3]);
    let customer = people().customer.address(&prefix());
    let readers = of_admin.readers.iter().find(|reader| reader.addresses == [customer.to_string()]).unwrap();
    assert_eq!((readers.messages, readers.granted), (2, false));
}

#[tokio::test(start_paused = true)]
async fn a_ticket_with_answers_is_read_in_two_rounds_of_calls_wherever_the_node_is() {
    let (shared, desk, id) = conversation().await;
    let admin = &people().admin;
    desk.read(admin, id).await.unwrap();
    shared.lock().latency = Duration::from_millis(100);
    let (proofs, begun) = (shared.lock().least.len(), Instant::now());
    assert_eq!(texts(&desk.read(admin, id).await.unwrap()), ALL);
    // What the node shows of it; then its proof and its answers. Its history, and the lists that promises are counted by, come meanwhile.
    assert_eq!(begun.elapsed().as_millis() / 100, 2);
    assert_eq!(shared.lock().least.len() - proofs, 2);
}

#[tokio::test(start_paused = true)]
async fn a_node_without_the_history_tells_the_messages_and_since_when_it_knows() {
    let (shared, desk, id) = conversation().await;
    assert_eq!(desk.read(&people().admin, id).await.unwrap().events_from, None);
    shared.lock().history_from = 77;
    let read = desk.read(&people().admin, id).await.unwrap();
    assert_eq!((texts(&read), read.events_from), (ALL.to_vec(), Some(77)));
}

#[tokio::test(start_paused = true)]
async fn a_proven_conversation_is_shown_whether_or_not_its_events_can_be_had() {
    let (shared, desk, id) = conversation().await;
    shared.lock().tells_no_events = true;
    let read = desk.read(&people().admin, id).await.unwrap();
    assert_eq!(texts(&read), ALL);
    assert!(read.events.is_empty() && read.events_missing.unwrap().contains("the node is busy"));
}

#[tokio::test(start_paused = true)]
async fn an_assigned_agent_can_open_everything_said_before() {
    let (shared, desk, id) = conversation().await;
    let agent = people().agent.address(&prefix());
    let assigned = desk.assign(&people().admin, id, &agent).await.unwrap();
    assert_eq!((assigned.granted, assigned.later.len(), assigned.agent_has_no_key), (3, 0, false));
    assert!(assigned.unopened.is_empty());
    assert_eq!(texts(&desk.read(&people().agent, id).await.unwrap()), ALL);
    // Later messages name him, and granting again finds nothing to do.
    desk.respond(&people().customer, id, &NewResponse::new("It is now.")).await.unwrap();
    let again = desk.grant_access(&people().admin, id, &agent).await.unwrap();
    assert_eq!((again.granted, again.outcomes.len()), (0, 0));
    assert_eq!(desk.read(&people().agent, id).await.unwrap().messages[3].text(), Some("It is now."));
    assert_eq!(shared.lock().grants.len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_new_administrator_is_let_in_to_everything_and_twice_is_once() {
    let (shared, desk, id) = conversation().await;
    let newcomer = &people().others[0];
    let address = newcomer.address(&prefix());
    shared.lock().change(|state| {
        crate::world::add_administrator(state, &address);
        add_key(state, &address, crate::world::people::key_record(newcomer, 0));
    });
    let mut heard = Vec::new();
    let admin = &people().admin;
    let report = desk.grant_all(admin, &address, None, &mut |p| heard.push(p.clone())).await.unwrap();
    assert_eq!((report.tickets, report.granted, report.unopened.len(), report.refused.len()), (1, 3, 0, 0));
    assert_eq!((heard.len(), heard[0].done, heard[0].total, heard[0].ticket), (1, 1, 1, id));
    let again = desk.grant_all(admin, &address, None, &mut |_| {}).await.unwrap();
    assert_eq!((again.tickets, again.granted), (0, 0));
    assert_eq!(texts(&desk.read(newcomer, id).await.unwrap()), ALL);
    let refused = desk.grant_access(admin, id, &people().others[3].address(&prefix())).await.unwrap_err();
    assert!(refused.to_string().contains("no key yet"), "{refused}");
}

#[tokio::test(start_paused = true)]
async fn a_customer_grants_no_notes() {
    let (shared, desk, id) = conversation().await;
    let newcomer = &people().others[0];
    let address = newcomer.address(&prefix());
    shared.lock().change(|state| {
        crate::world::add_administrator(state, &address);
        add_key(state, &address, crate::world::people::key_record(newcomer, 0));
    });
    let granted = desk.grant_access(&people().customer, id, &address).await.unwrap();
    assert_eq!((granted.granted, granted.unopened.len()), (2, 0));
    assert_eq!(texts(&desk.read(newcomer, id).await.unwrap()), [ALL[0], ALL[1], None]);
}

#[tokio::test(start_paused = true)]
async fn a_ticket_full_of_grants_can_still_be_assigned() {
    let (shared, desk, id) = conversation().await;
    {
        let mut world = shared.lock();
        let grants = vec![AccessGrant { granter: "somebody".into(), ..AccessGrant::default() }; 32];
        world.change(|state| {
            let head: TicketHead = read(state, &tree::ticket(id));
            let grants_hash = sealdesk_protocol::ticket::grants_hash(&grants).to_vec();
            write(state, &tree::ticket(id), &TicketHead { grants_hash, ..head });
        });
        world.grants.insert((id.number(), 0), grants);
    }
    let agent = people().agent.address(&prefix());
    let assigned = desk.assign(&people().admin, id, &agent).await.unwrap();
    assert_eq!((assigned.granted, assigned.no_room), (2, vec![GrantTarget::Ticket]));
    assert_eq!(texts(&desk.read(&people().agent, id).await.unwrap()), [None, ALL[1], ALL[2]]);
}

#[tokio::test(start_paused = true)]
async fn grants_to_administrators_take_no_place_of_the_agents() {
    let (shared, desk, id) = conversation().await;
    {
        let mut world = shared.lock();
        let admin = crate::world::people::key_record(&people().admin, 0).key_fingerprint;
        let entry = Some(WrappedKeyEntry { recipient_id: admin, ..WrappedKeyEntry::default() });
        let grant = AccessGrant { granter: "somebody".into(), entry, ..AccessGrant::default() };
        let grants = vec![grant; 40];
        world.change(|state| {
            let head: TicketHead = read(state, &tree::ticket(id));
            let grants_hash = sealdesk_protocol::ticket::grants_hash(&grants).to_vec();
            write(state, &tree::ticket(id), &TicketHead { grants_hash, ..head });
        });
        world.grants.insert((id.number(), 0), grants);
    }
    let agent = people().agent.address(&prefix());
    let assigned = desk.assign(&people().admin, id, &agent).await.unwrap();
    assert_eq!((assigned.granted, assigned.no_room.len()), (3, 0));
}

#[tokio::test(start_paused = true)]
async fn an_envelope_copied_to_another_place_is_not_the_one_that_the_ledger_proves() {
    let (shared, desk, id) = conversation().await;
    shared.lock().lie = Some(Lie::SwappedEnvelopes);
    let error = desk.read(&people().admin, id).await.err().unwrap();
    assert!(matches!(error, Error::Verify(VerifyError::Differs(_))), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_withheld_response_leaves_a_gap_that_shows() {
    let (shared, desk, id) = conversation().await;
    shared.lock().lie = Some(Lie::WithheldResponse);
    let conversation = desk.read(&people().admin, id).await.unwrap();
    assert_eq!(texts(&conversation), [ALL[0], ALL[1], None]);
    assert!(matches!(conversation.messages[2].body, Body::Withheld));
}

#[tokio::test(start_paused = true)]
async fn a_withheld_grant_is_noticed() {
    let (shared, desk, id) = conversation().await;
    desk.assign(&people().admin, id, &people().agent.address(&prefix())).await.unwrap();
    shared.lock().lie = Some(Lie::WithheldGrants);
    let error = desk.read(&people().agent, id).await.err().unwrap();
    assert!(
        matches!(&error, Error::Verify(VerifyError::Differs(what)) if what.contains("grants")),
        "{error}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_ticket_does_not_disappear_by_the_nodes_word_alone() {
    let (shared, desk, id) = conversation().await;
    shared.lock().lie = Some(Lie::NoTicket);
    let error = desk.read(&people().admin, id).await.err().unwrap();
    assert!(matches!(error, Error::Verify(VerifyError::Denied(_))), "{error}");
    let missing = TicketId::new(77).unwrap();
    let error = desk.read(&people().admin, missing).await.err().unwrap();
    assert!(matches!(error, Error::NoSuchTicket(id) if id == missing), "{error}");
}

#[tokio::test(start_paused = true)]
async fn two_records_of_one_place_are_refused() {
    let (shared, desk, id) = conversation().await;
    {
        let mut world = shared.lock();
        let copy = world.envelopes[&(id.number(), 1)].clone();
        world.envelopes.insert((id.number(), 3), copy);
        world.change(|state| {
            let mut head: ResponseHead = read(state, &tree::response(id, 0));
            head.response.as_mut().unwrap().response_index = 2;
            write(state, &tree::response(id, 2), &head);
            let mut ticket: TicketHead = read(state, &tree::ticket(id));
            ticket.ticket.as_mut().unwrap().response_count = 3;
            write(state, &tree::ticket(id), &ticket);
        });
    }
    let error = desk.read(&people().admin, id).await.err().unwrap();
    assert!(matches!(error, Error::Read(_)) && error.to_string().contains("two records"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_revoked_key_still_reads_and_verifies_what_was_written_with_it() {
    let (shared, desk, id) = conversation().await;
    let customer = &people().customer;
    let fingerprint = *customer.pair(0).unwrap().encryption.fingerprint();
    desk.revoke_key(customer, &fingerprint).await.unwrap();
    // The small ledger does not know that message: the list is changed by hand.
    let address = customer.address(&prefix());
    shared.lock().change(|state| {
        let mut list: sealdesk_protocol::wire::sealdesk::ledger::v1::KeyList =
            read(state, &tree::keys(&address));
        list.keys[0].revoked_at = crate::world::NOW;
        write(state, &tree::keys(&address), &list);
    });
    let outcome = desk.respond(customer, id, &NewResponse::new("With a new key.")).await.unwrap();
    let next = *customer.pair(1).unwrap().encryption.fingerprint();
    assert_eq!(outcome.registered_key, Some(next), "the next rotation is registered on the way");
    let conversation = desk.read(customer, id).await.unwrap();
    assert_eq!(texts(&conversation), [ALL[0], ALL[1], None, Some("With a new key.")]);
}

#[tokio::test(start_paused = true)]
async fn a_receipt_says_in_plain_words_what_it_proves_and_what_not() {
    let (_, desk, id) = conversation().await;
    let bytes = desk.receipt(id).await.unwrap();
    let pin = desk.pin();
    let pinned = sealdesk_protocol::receipt::Trust::Pinned {
        validators_hash: pin.validators_hash,
        chain_id: Some(pin.ledger.chain_id),
    };
    let receipt = TicketReceipt::verify(&bytes, &pinned).unwrap();
    assert_eq!((receipt.id, receipt.responses.len()), (id, 2));
    let (proves, not) = (
        receipt.proves(&|at| at.to_string()).join(" "),
        receipt.does_not_prove(&|at| at.to_string()).join(" "),
    );
    assert!(proves.contains("exactly 2 responses") && proves.contains("TKT-00000001"), "{proves}");
    assert!(!not.contains("Not pinned"));
    let loose = TicketReceipt::verify(&bytes, &sealdesk_protocol::receipt::Trust::Unpinned).unwrap();
    assert!(loose.does_not_prove(&|at| at.to_string())[0].starts_with("Not pinned"));
    for place in (0..bytes.len()).step_by(97) {
        let mut changed = bytes.clone();
        changed[place] ^= 1;
        assert!(TicketReceipt::verify(&changed, &pinned).is_err(), "byte {place}");
    }
}
