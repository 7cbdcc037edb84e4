//! A node that lies in every way that the protocol allows, and holds the validators' keys: nothing is sealed for whom
//! docs/spec/trust.md does not allow, and no lie about an outcome passes unsaid.

use std::collections::BTreeSet;

use sealdesk_client::Error;
use sealdesk_client::actor::Actor;
use sealdesk_client::desk::Desk;
use sealdesk_client::genesis::{list_key, new_desk, pin_of};
use sealdesk_client::messages::{NewResponse, NewTicket};
use sealdesk_client::outcome::Vote;
use sealdesk_client::reassign::Reassigning;
use sealdesk_client::trust::Trust;
use sealdesk_client::verify::VerifyError;
use sealdesk_protocol::circle::{Change, Circle};
use sealdesk_protocol::genesis::GenesisValidator;
use sealdesk_protocol::identity::{Ancestry, Beginning, Identity};
use sealdesk_protocol::ids::{Address, TicketId};
use sealdesk_protocol::messages::AssignableRole;
use sealdesk_protocol::state::tree;
use sealdesk_protocol::wire::sealdesk::ledger::v1 as ledger;
use sealdesk_protocol::wire::virtengine::support::v1::TicketHead;

use crate::held::is_nothing;
use crate::world::people::{chain, copied_record, key_record};
use crate::world::{
    FakeNode, Lie, Shared, add_administrator, add_key, add_member, chain_id, change_circle, circle,
    open_vote, people, prefix, put_circle, read, write,
};

pub(crate) fn ticket() -> NewTicket {
    NewTicket::new("technical", "It does not start", "Since this morning.")
}

pub(crate) fn address(actor: &Actor) -> Address {
    actor.address(&prefix())
}

pub(crate) fn key_of(actor: &Actor, n: u32) -> String {
    key_record(actor, n).key_fingerprint
}

/// The keys that the last sealed text of a ticket names; response 0 has place 1.
pub(crate) fn readers(shared: &Shared, id: TicketId, place: u32) -> BTreeSet<String> {
    let world = shared.lock();
    let envelope = &world.envelopes[&(id.number(), place)];
    envelope.wrapped_keys.iter().map(|entry| entry.recipient_id.clone()).collect()
}

/// A desk with a second administrator, who has a key.
pub(crate) fn with_second(shared: &Shared) -> &'static Actor {
    let second = &people().others[0];
    shared.lock().change(|state| {
        add_administrator(state, &address(second));
        add_key(state, &address(second), key_record(second, 0));
    });
    second
}

async fn refused(desk: &Desk<FakeNode>, shared: &Shared, is_it: impl Fn(&VerifyError) -> bool) {
    let sent = shared.lock().txs.len();
    let error = desk.create_ticket(&people().customer, &ticket()).await.unwrap_err();
    assert!(matches!(&error, Error::Verify(why) if is_it(why)), "{error}");
    assert_eq!(shared.lock().txs.len(), sent, "nothing was sent");
}

#[tokio::test(start_paused = true)]
async fn bug_70_old_proofs_make_nobody_seal_for_a_removed_administrator() {
    let shared = Shared::new();
    let removed = with_second(&shared);
    let desk = shared.desk().await;
    let id = desk.create_ticket(&people().customer, &ticket()).await.unwrap().ticket_id.unwrap();
    assert!(readers(&shared, id, 0).contains(&key_of(removed, 0)));
    let old = shared.lock().height();
    let admin = &people().admin;
    shared.lock().change(|state| {
        change_circle(state, &[admin, removed], &Change::Remove(address(removed)));
    });
    shared.lock().frozen = Some(old);
    shared.pass(30 * 86_400);
    let (customer, agent) = (&people().customer, address(&people().agent));
    refused(&desk, &shared, |why| matches!(why, VerifyError::Age { .. })).await;
    let answer = desk.respond(customer, id, &NewResponse::new("Still.")).await.unwrap_err();
    let grant = desk.grant_access(admin, id, &address(removed)).await.unwrap_err();
    let all = desk.grant_all(admin, &address(removed), None, &mut |_| {}).await.unwrap_err();
    let assigned = desk.assign(admin, id, &agent).await.unwrap_err();
    for error in [answer, grant, all, assigned] {
        assert!(matches!(error, Error::Verify(VerifyError::Age { .. })), "{error}");
        assert!(error.to_string().contains("the clock may be wrong"), "{error}");
    }
    // What is read may be of any age, and says it.
    assert!(desk.read(customer, id).await.is_ok() && desk.seconds_old() > 86_400);
    // A ledger that goes on is believed, and the removed one reads no more.
    shared.lock().frozen = None;
    shared.lock().behind = -30 * 86_400;
    desk.respond(customer, id, &NewResponse::new("Still.")).await.unwrap();
    assert!(!readers(&shared, id, 1).contains(&key_of(removed, 0)));
}

#[tokio::test(start_paused = true)]
async fn what_is_shown_may_be_of_any_age_to_administrators_too() {
    let shared = Shared::new();
    let (admin, agent) = (address(&people().admin), address(&people().agent));
    shared.lock().agents = vec![agent.clone()];
    let desk = shared.desk().await;
    let id = desk.create_ticket(&people().customer, &ticket()).await.unwrap().ticket_id.unwrap();
    desk.assign(&people().admin, id, &agent).await.unwrap();
    shared.pass(400);
    assert_eq!(desk.inbox(&admin).await.unwrap().in_work.len(), 1);
    assert_eq!(desk.in_work().await.unwrap().tickets.len(), 1);
    assert_eq!(desk.ended_grants().await.unwrap(), []);
    assert_eq!(desk.roster().await.unwrap().len(), 2);
    assert!(
        desk.standing(&agent).await.unwrap().active_keys == 1
            && !is_nothing(&desk.held(&agent).await.unwrap())
    );
    assert_eq!(desk.unopened(&[]).await.unwrap().unopened, []);
    assert!(desk.only_reader(&agent, &[], &mut |_, _| {}).await.unwrap().tickets.is_empty());
    assert!(desk.seconds_old() > 300);
    // Nothing is sealed, granted or passed on by it.
    refused(&desk, &shared, |why| matches!(why, VerifyError::Age { .. })).await;
    let sent = shared.lock().txs.len();
    let (me, all) = (&people().admin, BTreeSet::new());
    let reassigning = Reassigning { from: &agent, to: &admin, only: &all };
    let report = desk.reassign(me, reassigning, &mut |_| {}).await.unwrap();
    assert!(report.passed.is_empty() && report.failed.len() == 1, "{report:?}");
    for error in [
        desk.grant_access(me, id, &agent).await.unwrap_err(),
        desk.assign(me, id, &admin).await.unwrap_err(),
        desk.assign_role(me, &agent, AssignableRole::SupportAgent).await.unwrap_err(),
    ] {
        assert!(matches!(error, Error::Verify(VerifyError::Age { .. })), "{error}");
    }
    assert_eq!(shared.lock().txs.len(), sent, "nothing was sent");
}

#[tokio::test(start_paused = true)]
async fn headers_from_the_future_are_not_sealed_by() {
    let shared = Shared::new();
    shared.lock().behind = -1_000;
    let desk = shared.desk().await;
    refused(&desk, &shared, |why| matches!(why, VerifyError::Age { .. })).await;
}

#[tokio::test(start_paused = true)]
async fn bug_71_the_validators_key_alone_names_no_administrator() {
    let thief = &people().others[3];
    let (admin, second) = (&people().admin, &people().others[0]);
    let appoint = Change::Add(address(thief));
    type Lying<'a> = Box<dyn Fn(&mut crate::world::Records) + 'a>;
    let lies: Vec<Lying<'_>> = vec![
        // Just another list.
        Box::new(|state| put_circle(state, &Circle::first([address(thief)]).unwrap())),
        // One more name, without a change.
        Box::new(|state| put_circle(state, &circle(state).after(&Change::Add(address(thief))).unwrap())),
        // A change by a stranger's vote, by no vote, and by one of two.
        Box::new(|state| change_circle(state, &[thief], &appoint)),
        Box::new(|state| change_circle(state, &[], &appoint)),
        Box::new(|state| change_circle(state, &[second], &appoint)),
        Box::new(|state| change_circle(state, &[second, thief], &appoint)),
        // A good change, and another list than it leads to.
        Box::new(|state| {
            change_circle(state, &[admin, second], &Change::Remove(address(second)));
            put_circle(state, &circle(state).after(&Change::Add(address(thief))).unwrap());
        }),
    ];
    for (place, lie) in lies.iter().enumerate() {
        let shared = Shared::new();
        with_second(&shared);
        let desk = shared.desk().await;
        shared.lock().change(|state| {
            add_key(state, &address(thief), key_record(thief, 0));
            lie(state);
        });
        let error = desk.create_ticket(&people().customer, &ticket()).await.unwrap_err();
        assert!(
            matches!(error, Error::Verify(VerifyError::Circle(_) | VerifyError::Missing(_))),
            "{place}: {error}"
        );
        assert_eq!(shared.lock().txs.len(), 0, "{place}");
        // Nor does somebody who meets it for the first time believe it: the identity says who was first.
        assert!(shared.open(Trust::FirstUse).await.is_err(), "{place}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_second_ledger_of_the_name_is_another_identity() {
    let shared = Shared::new();
    let pin = shared.desk().await.pin();
    let other = Beginning {
        circle: Circle::first([address(&people().others[3])]).unwrap(),
        ..chain().ancestry.beginning().clone()
    };
    let ancestry = Ancestry::new(other, Vec::new()).unwrap();
    shared.lock().change(|state| {
        write(state, tree::BEGINNING, &ancestry.to_wire());
        put_circle(state, &ancestry.beginning().circle);
    });
    let named = Trust::Named(vec![pin.ledger.identity]);
    for trust in [Trust::Pinned(Box::new(pin)), named] {
        let error = shared.open(trust).await.err().unwrap();
        assert!(matches!(error, Error::Verify(VerifyError::OtherIdentity { .. })), "{error}");
    }
    let met = shared.open(Trust::Named(vec![ancestry.identity()])).await.unwrap();
    assert_eq!(met.pin().ledger.identity, ancestry.identity());
    assert!(shared.open(Trust::Named(vec![Identity([9; 32])])).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn where_height_and_time_disagree_there_are_two_histories() {
    let shared = Shared::new();
    let desk = shared.desk().await;
    desk.params().await.unwrap();
    shared.lock().behind = 100;
    shared.lock().change(|_| {});
    refused(&desk, &shared, |why| matches!(why, VerifyError::TwoHistories { .. })).await;
    // An older height that claims to be newer is the same lie.
    let shared = Shared::new();
    shared.lock().change(|_| {});
    let desk = shared.desk().await;
    let old = shared.lock().height() - 1;
    shared.lock().frozen = Some(old);
    shared.lock().behind = -100;
    refused(&desk, &shared, |why| matches!(why, VerifyError::TwoHistories { .. })).await;
}

#[tokio::test(start_paused = true)]
async fn bug_73_an_invented_outcome_is_said_not_to_be_proven() {
    let shared = Shared::new();
    let desk = shared.desk().await;
    let written = desk.create_ticket(&people().customer, &ticket()).await.unwrap();
    assert!(written.proven);
    shared.lock().lie = Some(Lie::Invented);
    let (customer, admin, id) = (&people().customer, &people().admin, written.ticket_id.unwrap());
    let agent = address(&people().agent);
    let outcomes = [
        desk.create_ticket(customer, &ticket()).await.unwrap(),
        desk.respond(admin, id, &NewResponse::new("No.")).await.unwrap(),
        desk.assign(admin, id, &agent).await.unwrap().outcome,
        desk.register_key(admin, "").await.unwrap(),
        desk.close(admin, id, "").await.unwrap(),
        desk.assign_role(admin, &agent, AssignableRole::Administrator).await.unwrap(),
    ];
    assert!(outcomes.iter().all(|outcome| outcome.code == 0 && !outcome.proven));
    assert_eq!(shared.lock().tickets(), 1);
}

#[tokio::test(start_paused = true)]
async fn bug_76_neither_an_assignment_nor_a_copied_key_makes_a_reader() {
    let shared = Shared::new();
    let desk = shared.desk().await;
    let (customer, admin, agent) = (&people().customer, &people().admin, &people().agent);
    let id = desk.create_ticket(customer, &ticket()).await.unwrap().ticket_id.unwrap();
    desk.assign(admin, id, &address(agent)).await.unwrap();
    // The validators write into the ledger that a friend of theirs has the ticket. They have a key of their own, and a copy of the agent's.
    let thief = &people().others[3];
    shared.lock().change(|state| {
        add_member(state, &address(thief), AssignableRole::SupportAgent);
        add_key(state, &address(thief), key_record(thief, 0));
        add_key(state, &address(thief), copied_record(thief, agent, 0));
        let mut head: TicketHead = read(state, &tree::ticket(id));
        head.ticket.as_mut().unwrap().assigned_to = address(thief).to_string();
        write(state, &tree::ticket(id), &head);
    });
    desk.respond(customer, id, &NewResponse::new("Still.")).await.unwrap();
    // The copy is the agent's key, whom the administrator let in; the thief's own one gets nothing.
    let named = readers(&shared, id, 1);
    assert_eq!(named, BTreeSet::from([key_of(admin, 0), key_of(customer, 0), key_of(agent, 0)]));
}

#[tokio::test(start_paused = true)]
async fn a_key_that_its_owner_did_not_sign_is_sealed_for_by_nobody() {
    let shared = Shared::new();
    let desk = shared.desk().await;
    let (customer, admin, thief) = (&people().customer, &people().admin, &people().others[3]);
    // The validators put keys of their own beside the administrator's: without a signature, and with that of another account.
    shared.lock().change(|state| {
        let stranger = key_record(thief, 0);
        let unsigned = sealdesk_protocol::wire::virtengine::encryption::v1::RecipientKeyRecord {
            account_pub_key: Vec::new(),
            account_signature: Vec::new(),
            ..key_record(thief, 1)
        };
        add_key(state, &address(admin), stranger);
        add_key(state, &address(admin), unsigned);
    });
    let id = desk.create_ticket(customer, &ticket()).await.unwrap().ticket_id.unwrap();
    assert_eq!(readers(&shared, id, 0), BTreeSet::from([key_of(admin, 0), key_of(customer, 0)]));
}

#[tokio::test(start_paused = true)]
async fn nothing_is_sealed_for_a_customer_whose_own_key_did_not_sign_the_ticket() {
    let shared = Shared::new();
    let desk = shared.desk().await;
    let (customer, admin) = (&people().customer, &people().admin);
    let id = desk.create_ticket(customer, &ticket()).await.unwrap().ticket_id.unwrap();
    shared.lock().change(|state| {
        let mut list: ledger::KeyList = read(state, &tree::keys(&address(customer)));
        list.keys[0].account_signature[5] ^= 1;
        write(state, &tree::keys(&address(customer)), &list);
    });
    // A home that saw the key before refuses it for that; this one did not.
    let desk = shared.desk().await;
    let sent = shared.lock().txs.len();
    let error = desk.respond(admin, id, &NewResponse::new("Is it plugged in?")).await.unwrap_err();
    assert!(error.to_string().contains("it is not proven that they wrote it"), "{error}");
    assert_eq!(shared.lock().txs.len(), sent);
}

// Also a hidden answer.
#[tokio::test(start_paused = true)]
async fn bug_75_what_was_seen_is_remembered_after_errors_and_nothing_older_believed() {
    let shared = Shared::new();
    let desk = shared.desk().await;
    let first = desk.pin();
    let (customer, admin) = (&people().customer, &people().admin);
    let id = desk.create_ticket(customer, &ticket()).await.unwrap().ticket_id.unwrap();
    let before_the_answer = shared.lock().height();
    desk.respond(admin, id, &NewResponse::new("Is it plugged in?")).await.unwrap();
    let memory = desk.memory();
    with_second(&shared);
    let failed = desk.grant_all(admin, &address(customer), None, &mut |_| {}).await;
    assert!(failed.is_err());
    let pin = memory.pin();
    assert!(pin.height > first.height && pin.circle.position() == 1 && pin.changes.len() == 1);
    shared.lock().frozen = Some(before_the_answer);
    let error = desk.read(customer, id).await.err().unwrap();
    assert!(matches!(error, Error::Verify(VerifyError::Stale { .. })), "{error}");
    let opened = shared.open(Trust::Pinned(Box::new(pin))).await;
    assert!(matches!(opened.err().unwrap(), Error::Verify(VerifyError::Stale { .. })));
}

#[tokio::test(start_paused = true)]
async fn two_hundred_changes_are_followed_and_kept_as_they_go() {
    let shared = Shared::new();
    let desk = shared.desk().await;
    let (admin, other) = (&people().admin, &people().others[0]);
    shared.lock().change(|state| {
        for _ in 0..100 {
            add_administrator(state, &address(other));
            change_circle(state, &[admin, other], &Change::Remove(address(other)));
        }
    });
    assert_eq!(desk.circle().await.unwrap().position(), 200);
    let pin = desk.pin();
    assert_eq!((pin.circle.position(), pin.changes.len()), (200, 200));
    assert!(shared.open(Trust::FirstUse).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_node_that_is_believed_without_proofs_is_not_sealed_for() {
    let shared = Shared::new();
    let id = {
        let desk = shared.desk().await;
        desk.create_ticket(&people().customer, &ticket()).await.unwrap().ticket_id.unwrap()
    };
    let desk = shared.open(Trust::NodeTrusted).await.unwrap();
    refused(&desk, &shared, |why| matches!(why, VerifyError::NodeTrusted)).await;
    let error = desk.grant_access(&people().admin, id, &address(&people().agent)).await.unwrap_err();
    assert!(matches!(error, Error::Verify(VerifyError::NodeTrusted)), "{error}");
    assert!(desk.read(&people().customer, id).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_vote_that_does_not_decide_is_kept_and_said_so() {
    let shared = Shared::new();
    let second = with_second(&shared);
    let desk = shared.desk().await;
    let third = address(&people().others[1]);
    let vote = desk.assign_role(&people().admin, &third, AssignableRole::Administrator).await.unwrap();
    assert_eq!((vote.vote, vote.proven), (Some(open_vote(1, 2)), true));
    let open = desk.inbox(&address(second)).await.unwrap().votes;
    assert_eq!(open.len(), 1);
    assert!(open[0].address == third.as_str() && !open[0].removes && open[0].members == 2);
    assert!(desk.inbox(&address(&people().admin)).await.unwrap().votes.is_empty(), "they have voted");
    let vote = desk.assign_role(second, &third, AssignableRole::Administrator).await.unwrap();
    assert_eq!((vote.vote, vote.proven), (Some(Vote::Decided), true));
    assert_eq!(desk.circle().await.unwrap().members().len(), 3);
    // One stolen key changes nothing of three.
    let stolen = desk.revoke_role(second, &third, AssignableRole::Administrator).await.unwrap();
    assert_eq!(stolen.vote, Some(open_vote(1, 3)));
}

#[tokio::test(start_paused = true)]
async fn a_new_administrator_is_named_once_to_whoever_seals() {
    let shared = Shared::new();
    let desk = shared.desk().await;
    let memory = desk.memory();
    let customer = &people().customer;
    let id = desk.create_ticket(customer, &ticket()).await.unwrap().ticket_id.unwrap();
    assert_eq!(memory.take_notes().len(), 1);
    let second = with_second(&shared);
    desk.respond(customer, id, &NewResponse::new("Still.")).await.unwrap();
    let notes = memory.take_notes();
    let expected = format!(
        "new reader: {}, administrator since change 1, voted by {}",
        address(second),
        address(&people().admin)
    );
    assert_eq!(notes, [expected]);
    desk.respond(customer, id, &NewResponse::new("Still.")).await.unwrap();
    assert!(memory.take_notes().is_empty());
}

// What a first meeting shows is known before anything is composed, and nobody has agreed to it yet.
#[tokio::test(start_paused = true)]
async fn bug_79_a_first_meeting_is_not_agreed_to_and_a_genesis_is() {
    let shared = Shared::new();
    let desk = shared.desk().await;
    assert!(!desk.pin().agreed && desk.pin().ledger.identity == chain().identity());
    desk.memory().agree();
    assert!(desk.pin().agreed);
    let validators = vec![GenesisValidator::new(&[3; 32], 10, "solo")];
    let admin = &people().admin;
    let mut genesis =
        new_desk(&chain_id(), &prefix(), &[address(admin)], validators, crate::world::NOW).unwrap();
    list_key(&mut genesis, admin).unwrap();
    let pin = pin_of(&genesis).unwrap();
    assert!(pin.agreed && pin.circle.contains(&address(admin)));
}
