//! What a home remembers of tickets and keys, held against a ledger whose validators show another history.

use sealdesk_client::Error;
use sealdesk_client::desk::Desk;
use sealdesk_client::messages::{NewResponse, NewTicket};
use sealdesk_client::notes::{Note, Why};
use sealdesk_client::trust::Trust;
use sealdesk_client::trust::remembered::{Contradiction, Remembered};
use sealdesk_client::verify::VerifyError;
use sealdesk_protocol::circle::Change;
use sealdesk_protocol::ids::{Address, TicketId};
use sealdesk_protocol::messages::AssignableRole;
use sealdesk_protocol::state::tree;
use sealdesk_protocol::tx::Tx;
use sealdesk_protocol::wire::sealdesk::ledger::v1::KeyList;
use sealdesk_protocol::wire::virtengine::encryption::v1::RecipientKeyRecord;
use sealdesk_protocol::wire::virtengine::support::v1::TicketHead;

use crate::world::people::key_record;
use crate::world::{
    FakeNode, Fault, Lie, NOW, Records, Shared, add_administrator, add_key, add_member, change_circle,
    circle, people, prefix, read, write,
};

fn address(actor: &sealdesk_client::actor::Actor) -> Address {
    actor.address(&prefix())
}

fn ticket() -> NewTicket {
    NewTicket::new("technical", "It does not start", "Since this morning.")
}

/// A later command of a home: its pin, and what it remembers.
async fn later(shared: &Shared, home: &(Trust, Remembered)) -> Desk<FakeNode> {
    shared.open(home.0.clone()).await.unwrap().with_remembered(home.1.clone())
}

fn kept(desk: &Desk<FakeNode>) -> (Trust, Remembered) {
    (Trust::Pinned(Box::new(desk.pin())), desk.memory().take_remembered().unwrap())
}

fn contradiction(error: Error) -> Contradiction {
    match error {
        Error::Verify(VerifyError::Contradiction(found)) => found,
        other => panic!("{other}"),
    }
}

fn change_ticket(state: &mut Records, id: TicketId, change: impl FnOnce(&mut TicketHead)) {
    let mut head: TicketHead = read(state, &tree::ticket(id));
    change(&mut head);
    write(state, &tree::ticket(id), &head);
}

fn change_key(state: &mut Records, of: &Address, change: impl FnOnce(&mut Vec<RecipientKeyRecord>)) {
    let mut list: KeyList = read(state, &tree::keys(of));
    change(&mut list.keys);
    write(state, &tree::keys(of), &list);
}

#[tokio::test(start_paused = true)]
async fn another_ticket_under_a_number_that_was_used_is_refused() {
    let shared = Shared::new();
    let desk = shared.desk().await;
    let (customer, admin) = (&people().customer, &people().admin);
    let id = desk.create_ticket(customer, &ticket()).await.unwrap().ticket_id.unwrap();
    let home = kept(&desk);
    let used = home.1.ticket(id).unwrap();
    assert_eq!(used.customer, address(customer));
    // The home of whoever only read it knows as much.
    let reader = shared.desk().await;
    reader.read(admin, id).await.unwrap();
    assert_eq!(reader.remembered().ticket(id).unwrap().digest, used.digest);
    type Lying = fn(&mut Records, TicketId);
    type Fits = fn(&Contradiction) -> bool;
    let lies: [(Lying, Fits); 3] = [
        (
            |state, id| {
                let thief = address(&people().others[3]).to_string();
                change_ticket(state, id, |head| head.ticket.as_mut().unwrap().customer_address = thief);
            },
            |found| matches!(found, Contradiction::Customer { .. }),
        ),
        (
            |state, id| change_ticket(state, id, |head| head.payload_digest[3] ^= 1),
            |found| matches!(found, Contradiction::Text(_)),
        ),
        (
            |state, id| {
                state.remove(&tree::ticket(id));
            },
            |found| matches!(found, Contradiction::Gone(_)),
        ),
    ];
    let before = shared.lock().state().clone();
    for (place, (lie, is_it)) in lies.into_iter().enumerate() {
        shared.lock().change(|state| lie(state, id));
        let sent = shared.lock().txs.len();
        let agent = address(&people().agent);
        let answer =
            later(&shared, &home).await.respond(admin, id, &NewResponse::new("No.")).await.err().unwrap();
        let assigned = later(&shared, &home).await.assign(admin, id, &agent).await.err().unwrap();
        let granted =
            later(&shared, &home).await.grant_access(admin, id, &address(admin)).await.err().unwrap();
        let one = later(&shared, &home).await.ticket(id).await.err().unwrap();
        let closed = later(&shared, &home).await.close(admin, id, "").await.err().unwrap();
        for error in [answer, assigned, granted, one, closed] {
            let text = error.to_string();
            assert!(text.contains("this home used") || text.contains("this home has used"), "{text}");
            assert!(is_it(&contradiction(error)), "{place}: {text}");
        }
        if place < 2 {
            let read = later(&shared, &home).await.read(admin, id).await.err().unwrap();
            assert!(is_it(&contradiction(read)), "{place}");
            let inbox = later(&shared, &home).await.inbox(&address(admin)).await.err().unwrap();
            assert!(is_it(&contradiction(inbox)), "{place}");
        }
        assert_eq!(shared.lock().txs.len(), sent, "{place}: nothing was sent");
        shared.lock().change(|state| *state = before.clone());
    }
    assert!(later(&shared, &home).await.read(admin, id).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_revoked_key_that_is_active_again_or_a_changed_record_is_refused() {
    let shared = Shared::new();
    let (customer, admin) = (&people().customer, &people().admin);
    let who = address(admin);
    shared.lock().change(|state| {
        add_key(state, &who, key_record(admin, 1));
        change_key(state, &who, |keys| keys[0].revoked_at = 5);
    });
    let desk = shared.desk().await;
    let id = desk.create_ticket(customer, &ticket()).await.unwrap().ticket_id.unwrap();
    let home = kept(&desk);
    let known = home.1.person(&who).unwrap();
    assert_eq!(known.keys.iter().map(|key| key.revoked).collect::<Vec<_>>(), [true, false]);
    assert!(known.sealed);
    let before = shared.lock().state().clone();
    type Lying = fn(&mut Vec<RecipientKeyRecord>);
    let lies: [(Lying, Contradiction); 4] = [
        (|keys| keys[0].revoked_at = 0, Contradiction::Revived { person: who.clone(), version: 1 }),
        (|keys| keys[1].registered_at += 1, Contradiction::Key { person: who.clone(), version: 2 }),
        (|keys| keys[1].account_signature[0] ^= 1, Contradiction::Key { person: who.clone(), version: 2 }),
        (
            |keys| {
                keys.pop();
            },
            Contradiction::Key { person: who.clone(), version: 2 },
        ),
    ];
    for (lie, expected) in lies {
        shared.lock().change(|state| change_key(state, &who, lie));
        let sent = shared.lock().txs.len();
        let desk = later(&shared, &home).await;
        let errors = [
            desk.create_ticket(customer, &ticket()).await.err().unwrap(),
            desk.respond(customer, id, &NewResponse::new("Still.")).await.err().unwrap(),
            desk.read(customer, id).await.err().unwrap(),
            desk.keys(&who).await.err().unwrap(),
        ];
        for error in errors {
            assert_eq!(contradiction(error), expected);
        }
        assert_eq!(shared.lock().txs.len(), sent);
        shared.lock().change(|state| *state = before.clone());
    }
    // Another key, and another revocation, are how keys change.
    shared.lock().change(|state| {
        change_key(state, &who, |keys| keys[1].revoked_at = 9);
        add_key(state, &who, key_record(admin, 2));
    });
    let desk = later(&shared, &home).await;
    assert!(desk.create_ticket(customer, &ticket()).await.is_ok());
    // Whoever trusts the ledger anew from its beginning is shown no older state either.
    let newer = desk.remembered();
    shared.lock().change(|state| *state = before.clone());
    let error = shared.desk().await.with_remembered(newer).keys(&who).await.err().unwrap();
    assert!(matches!(error, Error::Verify(VerifyError::Contradiction(_))), "{error}");
}

#[tokio::test(start_paused = true)]
async fn what_is_new_is_told_once_and_a_node_that_is_believed_teaches_nothing() {
    let shared = Shared::new();
    let desk = shared.desk().await;
    assert!(desk.memory().take_remembered().is_none());
    let customer = &people().customer;
    let id = desk.create_ticket(customer, &ticket()).await.unwrap().ticket_id.unwrap();
    assert!(desk.memory().take_remembered().is_some() && desk.memory().take_remembered().is_none());
    desk.respond(customer, id, &NewResponse::new("Still.")).await.unwrap();
    assert!(desk.memory().take_remembered().is_none(), "nothing was new on that day");
    let trusting = shared.open(Trust::NodeTrusted).await.unwrap();
    trusting.read(customer, id).await.unwrap();
    assert!(trusting.memory().take_remembered().is_none() && trusting.remembered() == Remembered::default());
}

// The ledger's half is that an import keeps every change.
#[tokio::test(start_paused = true)]
async fn bug_78_a_restored_backup_brings_no_removed_administrator_back() {
    let shared = Shared::new();
    let (admin, removed) = (&people().admin, &people().others[0]);
    let backup = {
        let mut world = shared.lock();
        world.change(|state| {
            add_administrator(state, &address(removed));
            add_key(state, &address(removed), key_record(removed, 0));
        });
        world.state().clone()
    };
    shared.lock().change(|state| change_circle(state, &[admin, removed], &Change::Remove(address(removed))));
    let desk = shared.desk().await;
    desk.create_ticket(&people().customer, &ticket()).await.unwrap();
    let home = kept(&desk);
    // The operator restores the backup, and the ledger goes on from there, past what this home has seen.
    shared.lock().change(|state| *state = backup);
    let opened = shared.open(home.0.clone()).await;
    let error = opened.err().unwrap();
    assert!(matches!(error, Error::Verify(VerifyError::Circle(_))), "{error}");
    assert!(error.to_string().contains("change 1") && error.to_string().contains("change 2"), "{error}");
    // Nor is another circle of the same position the one that was followed.
    shared.lock().change(|state| {
        add_administrator(state, &address(&people().others[1]));
        assert_eq!(circle(state).position(), 2);
    });
    assert!(matches!(shared.open(home.0).await.err().unwrap(), Error::Verify(VerifyError::Circle(_))));
}

// The ledger's half is that a block later than that refuses it.
#[tokio::test(start_paused = true)]
async fn bug_74_whatever_is_sent_names_the_last_second_in_which_it_can_be_carried_out() {
    let shared = Shared::new();
    let desk = shared.desk().await;
    let (customer, admin) = (&people().customer, &people().admin);
    let newcomer = &people().others[1];
    shared.lock().change(|state| add_member(state, &address(newcomer), AssignableRole::SupportAgent));
    let id = desk.create_ticket(customer, &ticket()).await.unwrap().ticket_id.unwrap();
    let mut sent = Vec::new();
    let mut late = |shared: &Shared| {
        let mut world = shared.lock();
        let bytes = world.pending.drain(..).map(|(_, bytes)| bytes).collect::<Vec<_>>();
        sent.extend(bytes);
    };
    // Each is taken and kept back: whoever has it could carry it out later.
    macro_rules! kept_back {
        ($call:expr) => {{
            shared.lock().script.push_back(Fault::Late);
            let _ = tokio::time::timeout(std::time::Duration::from_millis(1), $call).await;
            late(&shared);
        }};
    }
    kept_back!(desk.create_ticket(customer, &ticket()));
    kept_back!(desk.respond(customer, id, &NewResponse::new("Still.")));
    kept_back!(desk.assign(admin, id, &address(&people().agent)));
    kept_back!(desk.register_key(newcomer, ""));
    kept_back!(desk.close(admin, id, ""));
    kept_back!(desk.assign_role(admin, &address(newcomer), AssignableRole::Administrator));
    assert_eq!(sent.len(), 6);
    for bytes in sent {
        let tx = Tx::decode(&bytes, &prefix()).unwrap();
        let last = tx.timeout().unwrap();
        assert!(last > NOW && last <= NOW + 600 + 200, "{last}");
    }
}

#[tokio::test(start_paused = true)]
async fn every_reader_who_is_new_to_a_home_is_named_by_whatever_seals_or_grants() {
    let shared = Shared::new();
    let desk = shared.desk().await;
    let (customer, admin, agent) = (&people().customer, &people().admin, &people().agent);
    let id = desk.create_ticket(customer, &ticket()).await.unwrap().ticket_id.unwrap();
    // The administrator's home knows nobody yet.
    let desk = shared.desk().await;
    let notes = || desk.memory().take_notes();
    desk.respond(admin, id, &NewResponse::note("He never plugs it in.")).await.unwrap();
    assert!(notes().is_empty(), "a note is sealed for no customer, and they know themselves");
    desk.respond(admin, id, &NewResponse::new("Is it plugged in?")).await.unwrap();
    assert_eq!(notes(), [format!("new reader: {}, who wrote {id}", address(customer))]);
    desk.assign(admin, id, &address(agent)).await.unwrap();
    assert_eq!(notes(), [format!("new reader: {}, who is given {id}", address(agent))]);
    let second = &people().others[0];
    shared.lock().change(|state| {
        add_administrator(state, &address(second));
        add_key(state, &address(second), key_record(second, 0));
    });
    desk.grant_access(admin, id, &address(second)).await.unwrap();
    let voted = format!("administrator since change 1, voted by {}", address(admin));
    assert_eq!(notes(), [format!("new reader: {}, {voted}", address(second))]);
    desk.respond(admin, id, &NewResponse::new("Hello?")).await.unwrap();
    desk.grant_all(admin, &address(second), None, &mut |_| {}).await.unwrap();
    assert!(notes().is_empty());
    // And whoever was not in a home that remembers is named by its next command, where the assignment is what lets them in.
    let other = shared.desk().await;
    other.respond(customer, id, &NewResponse::new("It is now.")).await.unwrap();
    let mut named = other.memory().take_notes();
    named.sort();
    let mut expected = vec![
        format!("new reader: {}, administrator since before this ledger was known here", address(admin)),
        format!("new reader: {}, {voted}", address(second)),
        format!(
            "new reader: {}, whom the ledger calls the assignee of {id}, by a key that an administrator granted",
            address(agent)
        ),
    ];
    expected.sort();
    assert_eq!(named, expected);
}

#[tokio::test(start_paused = true)]
async fn a_refused_reply_names_and_remembers_nobody_and_the_next_that_is_taken_does() {
    let shared = Shared::new();
    let desk = shared.desk().await;
    let (customer, admin) = (&people().customer, &people().admin);
    let id = desk.create_ticket(customer, &ticket()).await.unwrap().ticket_id.unwrap();
    let desk = shared.desk().await;
    for lie in [Lie::RefusedInBlock(2), Lie::RefusedEarly(3)] {
        shared.lock().lie = Some(lie);
        desk.respond(admin, id, &NewResponse::new("Is it plugged in?")).await.unwrap_err();
        assert!(desk.memory().take_notes().is_empty());
        assert!(!desk.remembered().has_sealed_for(&address(customer)));
    }
    shared.lock().lie = None;
    desk.respond(admin, id, &NewResponse::new("Is it plugged in?")).await.unwrap();
    let named = desk.memory().take_named();
    let why = Why::Customer(Some(id));
    assert_eq!(named, [Note::NewReader { address: address(customer), why }]);
    assert!(desk.remembered().has_sealed_for(&address(customer)));
}

#[tokio::test(start_paused = true)]
async fn whoever_gives_a_ticket_to_themselves_is_no_new_reader_to_themselves() {
    let shared = Shared::new();
    let desk = shared.desk().await;
    let (customer, admin) = (&people().customer, &people().admin);
    let id = desk.create_ticket(customer, &ticket()).await.unwrap().ticket_id.unwrap();
    let desk = shared.desk().await;
    desk.assign(admin, id, &address(admin)).await.unwrap();
    let notes = desk.memory().take_notes();
    assert!(!notes.iter().any(|note| note.contains(address(admin).as_str())), "{notes:?}");
}
