//! What an administrator tells from another system: who reads it, and what comes later, against a ledger that lies about it.

use std::collections::BTreeSet;

use sealdesk_client::Error;
use sealdesk_client::compose::ComposeError;
use sealdesk_client::messages::{Import, ImportedText, NewImport, NewResponse, names_part};
use sealdesk_envelope::content::{ImportedFrom, TicketContent};
use sealdesk_protocol::circle::Change;
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::import::ImportSource;
use sealdesk_protocol::messages::AssignableRole;
use sealdesk_protocol::state::tree;
use sealdesk_protocol::wire::sealdesk::ledger::v1 as ledger;
use sealdesk_protocol::wire::virtengine::support::v1::TicketHead;

use crate::adversary::{address, key_of, readers, with_second};
use crate::world::people::{copied_record, key_record};
use crate::world::{Shared, add_key, add_member, change_circle, people, read, write};

fn told(author: &str, by_staff: bool) -> ImportedFrom {
    ImportedFrom { author: author.to_owned(), by_staff, at: Some(1_600_000_000), customer: None }
}

fn history(id: &str) -> NewImport {
    let text = |message: &str, internal, author: &str, by_staff| ImportedText {
        message: message.to_owned(),
        internal,
        told: told(author, by_staff),
    };
    NewImport {
        source: ImportSource::parse("old-desk", id).unwrap(),
        customer: address(&people().customer),
        category: "technical".to_owned(),
        priority: None,
        closed: false,
        content: TicketContent::new("It does not start", "Since this morning."),
        told: told("jane@example.org", false),
        responses: vec![
            text("Is it plugged in?", false, "Bob", true),
            text("They never pay.", true, "Bob", true),
        ],
    }
}

fn names(actors: &[&sealdesk_client::actor::Actor]) -> BTreeSet<String> {
    actors.iter().map(|actor| key_of(actor, 0)).collect()
}

/// A desk whose customer has published a key.
pub(crate) fn desk_of_a_customer() -> Shared {
    let (shared, customer) = (Shared::new(), &people().customer);
    shared.lock().change(|state| add_key(state, &address(customer), key_record(customer, 0)));
    shared
}

pub(crate) async fn imported(shared: &Shared) -> TicketId {
    let desk = shared.desk().await;
    match desk.import_ticket(&people().admin, &history("1")).await.unwrap() {
        Import::Done(outcome) => outcome.ticket_id.unwrap(),
        Import::Known(id) => panic!("{id} is known"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_history_is_sealed_for_its_readers_and_told_as_the_importers() {
    let (admin, customer) = (&people().admin, &people().customer);
    let shared = desk_of_a_customer();
    let (id, desk) = (imported(&shared).await, shared.desk().await);
    assert_eq!(readers(&shared, id, 0), names(&[admin, customer]));
    assert_eq!(readers(&shared, id, 1), names(&[admin, customer]));
    assert_eq!(readers(&shared, id, 2), names(&[admin]), "a note");
    let read = desk.read(customer, id).await.unwrap();
    let first = &read.messages[0];
    assert_eq!((first.subject(), first.text()), (Some("It does not start"), Some("Since this morning.")));
    assert_eq!(first.author, address(admin).to_string(), "who tells it signed it");
    let said = read.messages[1].imported.as_ref().unwrap();
    assert_eq!((said.author.as_str(), said.by_staff, said.at), ("Bob", true, Some(1_600_000_000)));
    assert!(read.messages.iter().all(|message| message.warnings.is_empty()));
    // Once more is the same ticket.
    let again = desk.import_ticket(admin, &history("1")).await.unwrap();
    assert!(matches!(again, Import::Known(known) if known == id));
}

#[tokio::test(start_paused = true)]
async fn a_history_that_does_not_fit_says_how_much_does_and_goes_on_in_a_second_ticket() {
    let admin = &people().admin;
    let shared = desk_of_a_customer();
    let desk = shared.desk().await;
    let long = |count: usize| {
        let text = |n: usize| ImportedText {
            message: format!("{n} {}", "x".repeat(4_000)),
            internal: n.is_multiple_of(3),
            told: told("Bob", true),
        };
        NewImport { responses: (0..count).map(text).collect(), ..history("4711/1") }
    };
    let fits = async |import: &NewImport| match desk.import_ticket(admin, import).await {
        Err(Error::Compose(ComposeError::ImportTooLarge { responses, fit, actual, max })) => {
            assert!(responses == import.responses.len() && fit < responses && actual > max);
            fit
        }
        other => panic!("{other:?}"),
    };
    let fit = fits(&long(100)).await;
    assert!((40..70).contains(&fit), "{fit}");
    assert_eq!(fits(&long(fit + 1)).await, fit, "one more does not fit");
    assert!(shared.lock().sent.is_empty(), "nothing was sent that could be refused");
    let mut first = long(100);
    let mut second = first.split_off(fit, 2).unwrap();
    let third = second.split_off(7, 3).unwrap();
    let ids = [&first, &second, &third].map(|one| one.source.id());
    assert_eq!(ids, ["4711/1", "4711/1#sealdesk-part-2", "4711/1#sealdesk-part-3"]);
    // An id that a ticket of another system has is never taken for a part, nor a part's for a ticket's.
    assert_eq!(ids.map(names_part), [false, true, true]);
    for id in ["2024/2", "#sealdesk-part-2", "7#sealdesk-part-", "7#sealdesk-part-2b", "7#part-2"] {
        assert!(!names_part(id), "{id}");
    }
    assert_eq!((first.responses.len(), second.responses.len(), third.responses.len()), (fit, 7, 93 - fit));
    assert_eq!(second.responses[0].message, long(100).responses[fit].message);
    for part in [&first, &second, &third] {
        let Import::Done(outcome) = desk.import_ticket(admin, part).await.unwrap() else {
            panic!("it is new")
        };
        let held = desk.responses_imported(outcome.ticket_id.unwrap()).await.unwrap();
        assert_eq!(held, part.responses.len());
    }
    let mut endless =
        NewImport { source: ImportSource::parse("old-desk", &"9".repeat(128)).unwrap(), ..long(3) };
    assert!(matches!(endless.split_off(1, 2), Err(ComposeError::ImportPart(_))));
}

#[tokio::test(start_paused = true)]
async fn the_customer_reads_later_by_the_members_envelope_while_its_signer_is_one() {
    let (admin, customer) = (&people().admin, &people().customer);
    let shared = desk_of_a_customer();
    let second = with_second(&shared);
    let desk = shared.desk().await;
    let done = desk.import_ticket(second, &history("1")).await.unwrap();
    let Import::Done(outcome) = done else { panic!("it is new") };
    let id = outcome.ticket_id.unwrap();
    desk.respond(admin, id, &NewResponse::new("Still?")).await.unwrap();
    assert_eq!(readers(&shared, id, 3), names(&[admin, second, customer]));
    assert!(desk.memory().take_ended_grants().is_empty());
    // The importer leaves: what they sealed counts no more, and a member is told who reads nothing.
    shared.lock().change(|state| {
        change_circle(state, &[admin, second], &Change::Remove(address(second)));
        state.remove(&tree::member(&address(second)));
    });
    desk.respond(admin, id, &NewResponse::new("And now?")).await.unwrap();
    assert_eq!(readers(&shared, id, 4), names(&[admin]));
    assert_eq!(desk.memory().take_ended_grants().len(), 1);
    // Let in anew, by a grant that counts.
    desk.grant_access(admin, id, &address(customer)).await.unwrap();
    desk.respond(admin, id, &NewResponse::new("Here again.")).await.unwrap();
    assert_eq!(readers(&shared, id, 5), names(&[admin, customer]));
}

#[tokio::test(start_paused = true)]
async fn the_members_envelope_lets_nobody_in_once_the_key_that_signed_it_is_revoked() {
    let (admin, customer) = (&people().admin, &people().customer);
    let shared = desk_of_a_customer();
    let second = with_second(&shared);
    let desk = shared.desk().await;
    let Import::Done(outcome) = desk.import_ticket(second, &history("1")).await.unwrap() else {
        panic!("it is new")
    };
    let id = outcome.ticket_id.unwrap();
    shared.lock().change(|state| {
        let key = tree::keys(&address(second));
        let mut list: ledger::KeyList = read(state, &key);
        list.keys[0].revoked_at = 9;
        write(state, &key, &list);
        add_key(state, &address(second), key_record(second, 1));
    });
    desk.respond(admin, id, &NewResponse::new("Still?")).await.unwrap();
    assert_eq!(readers(&shared, id, 3), BTreeSet::from([key_of(admin, 0), key_of(second, 1)]));
    assert_eq!(desk.memory().take_ended_grants().len(), 1);
    desk.grant_access(admin, id, &address(customer)).await.unwrap();
    desk.respond(admin, id, &NewResponse::new("Here again.")).await.unwrap();
    assert!(readers(&shared, id, 4).contains(&key_of(customer, 0)));
}

#[tokio::test(start_paused = true)]
async fn the_keys_of_an_import_read_nothing_after_a_transfer_whoever_gets_it() {
    let (admin, customer, friend) = (&people().admin, &people().customer, &people().others[4]);
    let shared = desk_of_a_customer();
    let (id, desk) = (imported(&shared).await, shared.desk().await);
    // The ticket went to somebody and came back; in between nobody knows who had its customer's key.
    shared.lock().change(|state| {
        add_key(state, &address(friend), key_record(friend, 0));
        let mut head: TicketHead = read(state, &tree::ticket(id));
        let before = [customer, friend].map(|who| address(who).to_string());
        head.ticket.as_mut().unwrap().previous_customers = before.to_vec();
        write(state, &tree::ticket(id), &head);
    });
    desk.respond(admin, id, &NewResponse::new("Still?")).await.unwrap();
    assert_eq!(readers(&shared, id, 3), names(&[admin]));
    desk.grant_access(admin, id, &address(customer)).await.unwrap();
    desk.respond(admin, id, &NewResponse::new("Here again.")).await.unwrap();
    assert_eq!(readers(&shared, id, 4), names(&[admin, customer]));
}

#[tokio::test(start_paused = true)]
async fn nobody_becomes_a_reader_because_the_ledger_calls_them_the_customer_of_an_import() {
    let (admin, customer, thief) = (&people().admin, &people().customer, &people().others[4]);
    let shared = desk_of_a_customer();
    let (id, desk) = (imported(&shared).await, shared.desk().await);
    shared.lock().change(|state| {
        add_key(state, &address(thief), key_record(thief, 0));
        add_key(state, &address(thief), copied_record(thief, customer, 0));
        let mut head: TicketHead = read(state, &tree::ticket(id));
        let ticket = head.ticket.as_mut().unwrap();
        ticket.customer_address = address(thief).to_string();
        ticket.imported.as_mut().unwrap().customer_keys = vec![key_of(thief, 0)];
        write(state, &tree::ticket(id), &head);
    });
    let _ = desk.respond(admin, id, &NewResponse::new("Still?")).await;
    let key = key_of(thief, 0);
    let sent = shared.lock().sent.clone();
    let holds = |bytes: &[u8]| bytes.windows(key.len()).any(|window| window == key.as_bytes());
    assert!(!sent.iter().any(|tx| holds(tx)), "nothing that left the client names the thief");
}

#[tokio::test(start_paused = true)]
async fn a_stranger_whom_the_ledger_calls_the_importer_lets_nobody_in() {
    let (admin, customer, thief) = (&people().admin, &people().customer, &people().others[4]);
    let shared = Shared::new();
    let desk = shared.desk().await;
    // The thief seals a ticket of their own, and the ledger calls it an import of theirs for the customer.
    shared.lock().change(|state| add_key(state, &address(thief), key_record(thief, 0)));
    let id = desk.create_ticket(thief, &crate::adversary::ticket()).await.unwrap().ticket_id.unwrap();
    shared.lock().change(|state| {
        let mut head: TicketHead = read(state, &tree::ticket(id));
        let ticket = head.ticket.as_mut().unwrap();
        ticket.customer_address = address(customer).to_string();
        ticket.imported = Some(sealdesk_protocol::wire::virtengine::support::v1::Imported {
            source: "old-desk".to_owned(),
            source_id: "1".to_owned(),
            imported_by: address(thief).to_string(),
            responses: 0,
            customer_keys: vec![key_of(thief, 0)],
        });
        write(state, &tree::ticket(id), &head);
    });
    let _ = desk.respond(admin, id, &NewResponse::new("Who is this?")).await;
    let world = shared.lock();
    for (place, envelope) in world.envelopes.iter().filter(|((_, place), _)| *place > 0) {
        let named: Vec<&String> = envelope.wrapped_keys.iter().map(|entry| &entry.recipient_id).collect();
        assert!(!named.contains(&&key_of(thief, 0)), "{place:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_keys_of_an_import_make_nobody_an_assignee() {
    let (admin, customer) = (&people().admin, &people().customer);
    let shared = desk_of_a_customer();
    let (id, desk) = (imported(&shared).await, shared.desk().await);
    // The ledger says that the customer is an agent who has the ticket, and that it is somebody else's.
    shared.lock().change(|state| {
        add_member(state, &address(customer), AssignableRole::SupportAgent);
        let mut head: TicketHead = read(state, &tree::ticket(id));
        let ticket = head.ticket.as_mut().unwrap();
        ticket.customer_address = address(&people().others[4]).to_string();
        ticket.assigned_to = address(customer).to_string();
        write(state, &tree::ticket(id), &head);
    });
    desk.respond(admin, id, &NewResponse::note("They never pay.")).await.unwrap();
    assert_eq!(readers(&shared, id, 3), names(&[admin]));
    let member: ledger::MemberRecord = read(shared.lock().state(), &tree::member(&address(customer)));
    assert_eq!(member.role, AssignableRole::SupportAgent.to_wire());
}

#[tokio::test(start_paused = true)]
async fn no_note_is_sealed_for_whom_the_import_names_whatever_the_ledger_says() {
    let (admin, customer) = (&people().admin, &people().customer);
    let shared = Shared::new();
    let id = imported(&shared).await;
    let desk = shared.desk().await;
    // Who had no key then is let in once they have one: by a grant that counts.
    shared.lock().change(|state| add_key(state, &address(customer), key_record(customer, 0)));
    desk.grant_access(admin, id, &address(customer)).await.unwrap();
    desk.respond(admin, id, &NewResponse::new("Still?")).await.unwrap();
    assert_eq!(readers(&shared, id, 3), names(&[admin, customer]));
    // The validators call them the assignee of a ticket that is somebody else's.
    shared.lock().change(|state| {
        add_member(state, &address(customer), AssignableRole::SupportAgent);
        let mut head: TicketHead = read(state, &tree::ticket(id));
        let ticket = head.ticket.as_mut().unwrap();
        ticket.customer_address = address(&people().others[4]).to_string();
        ticket.assigned_to = address(customer).to_string();
        write(state, &tree::ticket(id), &head);
    });
    let before = shared.lock().sent.len();
    let refused = desk.respond(admin, id, &NewResponse::note("They never pay.")).await;
    assert!(matches!(refused, Err(Error::Compose(ComposeError::NoteForOutsider(_)))));
    let (key, sent) = (key_of(customer, 0), shared.lock().sent.split_off(before));
    let names = |tx: &Vec<u8>| tx.windows(key.len()).any(|window| window == key.as_bytes());
    assert!(!sent.iter().any(names), "the note names their key");
}
