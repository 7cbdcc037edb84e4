//! What is said to have happened is what the ledger proves: what somebody can open after they were let in, whoever alone could read,
//! and parameters.

use std::time::Duration;

use sealdesk_client::Error;
use sealdesk_client::access::{AccessTotal, Lack};
use sealdesk_client::actor::Actor;
use sealdesk_client::can_open::{Closed, LookedThrough};
use sealdesk_client::compose::ComposeError;
use sealdesk_client::desk::Desk;
use sealdesk_client::messages::{NewResponse, NewTicket, Progress};
use sealdesk_client::trust::Trust;
use sealdesk_protocol::circle::Change;
use sealdesk_protocol::ids::{Address, TicketId};
use sealdesk_protocol::messages::{AssignableRole, GrantTarget};
use sealdesk_protocol::params::Params;
use sealdesk_protocol::state::tree;
use sealdesk_protocol::wire::virtengine::support::v1::{AccessGrant, TicketHead};

use crate::world::forging::spoil_grants;
use crate::world::people::key_record;
use crate::world::{
    FakeNode, Lie, Shared, add_administrator, add_key, add_member, change_circle, people, prefix, read, write,
};

fn address(actor: &Actor) -> Address {
    actor.address(&prefix())
}

/// A ticket with an answer and a note, and an administrator who came later.
async fn later_administrator() -> (Shared, Desk<FakeNode>, TicketId, &'static Actor) {
    let (shared, people) = (Shared::new(), people());
    let desk = shared.desk().await;
    let ticket = NewTicket::new("technical", "It does not start", "Since this morning.");
    let id = desk.create_ticket(&people.customer, &ticket).await.unwrap().ticket_id.unwrap();
    desk.respond(&people.admin, id, &NewResponse::new("Is it plugged in?")).await.unwrap();
    desk.respond(&people.admin, id, &NewResponse::note("They asked before.")).await.unwrap();
    let later = &people.others[0];
    shared.lock().change(|state| {
        add_administrator(state, &address(later));
        add_key(state, &address(later), key_record(later, 0));
    });
    (shared, desk, id, later)
}

#[tokio::test(start_paused = true)]
async fn what_somebody_can_open_is_counted_from_proofs_and_each_lack_has_its_reason() {
    let (shared, desk, id, later) = later_administrator().await;
    let (admin, agent, customer) = (&people().admin, address(&people().agent), &people().customer);
    let before = desk.access(admin, id, &address(later)).await.unwrap();
    assert_eq!((before.messages, before.opens, before.is_whole()), (3, 0, false));
    assert!(before.lacks.iter().all(|(_, lack)| *lack == Lack::NotGranted), "{before:?}");
    // A customer lets them into what they can open themselves, and the note is not called open.
    let granted = desk.grant_access(customer, id, &address(later)).await.unwrap().access.unwrap();
    assert_eq!((granted.messages, granted.opens), (3, 2));
    assert_eq!(granted.lacks, [(GrantTarget::Response(1), Lack::NotOpened)]);
    let granted = desk.grant_access(admin, id, &address(later)).await.unwrap().access.unwrap();
    assert!(granted.is_whole() && granted.opens == 3, "{granted:?}");
    // Notes are nothing that the customer lacks; nobody without a key can open anything.
    let of_customer = desk.access(admin, id, &address(customer)).await.unwrap();
    assert_eq!((of_customer.messages, of_customer.opens), (2, 2));
    let keyless = desk.access(admin, id, &address(&people().others[1])).await.unwrap();
    assert!(keyless.lacks.iter().all(|(_, lack)| *lack == Lack::NoKey), "{keyless:?}");
    // No room, and an envelope that is kept back.
    let full = vec![AccessGrant { granter: "somebody".into(), ..AccessGrant::default() }; 64];
    shared.lock().grants.insert((id.number(), 0), full.clone());
    shared.lock().change(|state| {
        let head: TicketHead = read(state, &tree::ticket(id));
        let grants_hash = sealdesk_protocol::ticket::grants_hash(&full).to_vec();
        write(state, &tree::ticket(id), &TicketHead { grants_hash, ..head });
    });
    let assigned = desk.assign(admin, id, &agent).await.unwrap().access.unwrap();
    assert!(assigned.lacks.contains(&(GrantTarget::Ticket, Lack::NoRoom)), "{assigned:?}");
    assert!(!assigned.later && assigned.opens == 2, "{assigned:?}");
    shared.lock().envelopes.remove(&(id.number(), 0));
    let withheld = desk.access(admin, id, &agent).await.unwrap();
    assert!(withheld.lacks.contains(&(GrantTarget::Ticket, Lack::Withheld)), "{withheld:?}");
}

#[tokio::test(start_paused = true)]
async fn a_grant_that_the_node_invents_opens_nothing() {
    let (shared, desk, id, later) = later_administrator().await;
    shared.lock().lie = Some(Lie::Invented);
    let granted = desk.grant_access(&people().admin, id, &address(later)).await.unwrap();
    assert!(!granted.outcomes[0].proven && granted.access.unwrap().opens == 0);
    let all = desk.grant_all(&people().admin, &address(later), None, &mut |_| {}).await.unwrap();
    assert_eq!((all.unproven, all.access.messages, all.access.opens), (1, 3, 0));
    assert!(!all.access.is_whole());
}

#[tokio::test(start_paused = true)]
async fn somebody_who_is_no_administrator_any_more_grants_nothing_and_is_told_so() {
    let (shared, desk, _, later) = later_administrator().await;
    let all = desk.grant_all(&people().admin, &address(later), None, &mut |_| {}).await.unwrap();
    assert!(all.access.is_whole() && !all.only_own && all.access.opens == 3, "{all:?}");
    let former = &people().others[1];
    shared.lock().change(|state| {
        add_administrator(state, &address(former));
        change_circle(state, &[&people().admin, later], &Change::Remove(address(former)));
    });
    // The small ledger lists everybody's tickets as theirs, as a lying node would.
    let error = desk.grant_all(former, &address(later), None, &mut |_| {}).await.unwrap_err();
    assert!(matches!(error, Error::Compose(ComposeError::NothingToGrant(_))), "{error}");
    let words = ComposeError::NothingToGrant(address(former)).to_string();
    assert!(words.contains("is not an administrator"), "{words}");
}

#[tokio::test(start_paused = true)]
async fn who_alone_could_read_is_found_before_they_leave() {
    let (_, desk, id, later) = later_administrator().await;
    let admin = address(&people().admin);
    let mut heard = Vec::new();
    let alone = desk.only_reader(&admin, &[], &mut |done, all| heard.push((done, all))).await.unwrap();
    assert_eq!((alone.tickets, alone.unseen, heard), (vec![id], 0, vec![(1, 1)]));
    assert!(desk.only_reader(&address(later), &[], &mut |_, _| {}).await.unwrap().tickets.is_empty());
    desk.grant_access(&people().admin, id, &address(later)).await.unwrap();
    // What somebody grants who is about to be put out proves nothing to others; whoever leaves by themselves knows.
    assert_eq!(desk.only_reader(&admin, &[], &mut |_, _| {}).await.unwrap().tickets, [id]);
    for own in [&people().admin, later] {
        assert!(desk.only_reader(&admin, &[own], &mut |_, _| {}).await.unwrap().tickets.is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn what_nobody_on_the_staff_can_open_is_counted_text_by_text() {
    let (shared, desk, id, later) = later_administrator().await;
    let (admin, customer) = (&people().admin, &people().customer);
    let looked = async |own: &[&Actor]| desk.unopened(own).await.unwrap();
    // Of the first administrator's they lack all three; of those another one can let them in.
    let found = looked(&[]).await;
    assert_eq!((found.unopened.len(), found.unseen, found.withheld), (1, 0, Vec::new()));
    assert_eq!(
        (found.unopened[0].by.clone(), found.unopened[0].closed),
        (vec![address(later)], Closed::default())
    );
    shared.lock().change(|state| {
        change_circle(state, &[admin, later], &Change::Remove(address(admin)));
    });
    let nobody = |found: &LookedThrough| {
        let one = &found.unopened[0];
        (one.texts, one.by.len(), one.closed.to_all, one.closed.notes)
    };
    assert_eq!(nobody(&looked(&[]).await), (3, 0, 3, 1));
    // Their own text is readable now, and only what is left is told; the newest answer the administrator opens anyhow.
    desk.respond(customer, id, &NewResponse::new("Still.")).await.unwrap();
    assert_eq!(nobody(&looked(&[]).await), (4, 0, 3, 1));
    // Following the hint: the customer lets them in, which both looks believe. A note is beyond them.
    desk.grant_access(customer, id, &address(later)).await.unwrap();
    assert_eq!(nobody(&looked(&[]).await), (4, 0, 1, 1));
    assert_eq!(nobody(&looked(&[later]).await), (4, 0, 1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_grant_that_does_not_open_is_found_where_the_readers_key_is_here() {
    let (shared, desk, id, later) = later_administrator().await;
    let admin = address(&people().admin);
    desk.grant_access(&people().admin, id, &address(later)).await.unwrap();
    assert_eq!(desk.unopened(&[later]).await.unwrap().unopened, []);
    // The same grant of the ticket's own text, with another copy of its key: nobody else can see that.
    spoil_grants(&shared, id, Some(&people().admin));
    let looked = desk.unopened(&[]).await.unwrap();
    assert_eq!((looked.unopened, looked.named), (Vec::new(), vec![admin.clone(), address(later)]));
    let looked = desk.unopened(&[later]).await.unwrap();
    assert_eq!((looked.unopened.len(), looked.unopened[0].by.clone()), (1, vec![address(later)]));
    assert_eq!(looked.named, std::slice::from_ref(&admin));
    for own in [&[][..], &[later]] {
        assert_eq!(desk.only_reader(&admin, own, &mut |_, _| {}).await.unwrap().tickets, [id]);
    }
    // Whoever spoiled the copy and was put out is nobody's word for it any more: what the customer wrote is open to nobody now.
    shared.lock().change(|state| {
        change_circle(state, &[&people().admin, later], &Change::Remove(admin.clone()));
    });
    assert_eq!(desk.unopened(&[]).await.unwrap().unopened[0].closed.to_all, 3);
}

#[tokio::test(start_paused = true)]
async fn a_grant_that_its_granter_did_not_sign_lets_nobody_in() {
    let (shared, desk, id, later) = later_administrator().await;
    let admin = &people().admin;
    desk.grant_access(admin, id, &address(later)).await.unwrap();
    let reads = async || desk.administrators_who_read(id).await.unwrap().unwrap()[1].1;
    assert!(reads().await && desk.unopened(&[]).await.unwrap().unopened.is_empty());
    // The validators write that the administrator let them in.
    spoil_grants(&shared, id, None);
    assert!(!reads().await);
    let looked = desk.unopened(&[]).await.unwrap().unopened;
    assert_eq!(looked.into_iter().map(|one| one.by).collect::<Vec<_>>(), [[address(later)]]);
    // Nobody else reads it once the customer's and the administrator's own keys are gone.
    let found = desk.only_reader(&address(admin), &[admin], &mut |_, _| {}).await.unwrap();
    assert_eq!(found.tickets, [id]);
}

#[tokio::test(start_paused = true)]
async fn an_assignee_who_has_left_the_staff_opens_nothing_for_the_desk() {
    let (shared, desk, id, later) = later_administrator().await;
    let (admin, agent) = (&people().admin, &people().agent);
    shared.lock().agents = vec![address(agent)];
    desk.assign(admin, id, &address(agent)).await.unwrap();
    shared.lock().change(|state| {
        change_circle(state, &[admin, later], &Change::Remove(address(admin)));
    });
    let closed = async || desk.unopened(&[]).await.unwrap().unopened[0].closed;
    // Whoever let the agent in and appointed them has left: nobody in the circle vouches for either.
    assert_eq!(closed().await, Closed { to_all: 3, to_administrators: 0, notes: 1 });
    let alone = desk.only_reader(&address(agent), &[], &mut |_, _| {}).await.unwrap();
    assert_eq!(alone.tickets, [id]);
    shared.lock().change(|state| add_member(state, &address(agent), AssignableRole::Customer));
    assert_eq!(closed().await, Closed { to_all: 3, to_administrators: 0, notes: 1 });
}

#[tokio::test(start_paused = true)]
async fn what_was_refused_is_told_though_an_error_ends_it_later() {
    let (shared, desk, id, later) = later_administrator().await;
    let ticket = NewTicket::new("technical", "It does not start", "Since this morning.");
    desk.create_ticket(&people().customer, &ticket).await.unwrap();
    shared.lock().lie = Some(Lie::RefusedEarly(4));
    let mut silent = |_: &Progress| shared.lock().unproven = u32::MAX;
    let report = desk.grant_all(&people().admin, &address(later), None, &mut silent).await.unwrap();
    assert_eq!(report.refused.iter().map(|(ticket, _)| *ticket).collect::<Vec<_>>(), [id]);
    assert!(report.stopped.is_some_and(|(ticket, _)| ticket > id) && report.last.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_look_before_somebody_leaves_ends_and_uses_no_ticket() {
    let (shared, admin) = (Shared::new(), address(&people().admin));
    let writer = shared.desk().await;
    for _ in 0..12 {
        let ticket = NewTicket::new("technical", "It does not start", "Since this morning.");
        writer.create_ticket(&people().customer, &ticket).await.unwrap();
    }
    let desk = shared.open_over(shared.node().with_patience(Duration::from_secs(1)), Trust::FirstUse);
    let desk = desk.await.unwrap();
    // The node answers everything in the end, and takes its time.
    let slow = |_, _| shared.lock().unproven = 3;
    let before = tokio::time::Instant::now();
    let found = desk.only_reader(&admin, &[], &mut { slow }).await.unwrap();
    let seen = u64::try_from(found.tickets.len()).unwrap();
    assert!(seen > 0 && found.unseen > 0 && seen + found.unseen == 12, "{found:?}");
    assert!(before.elapsed() < Duration::from_secs(4), "{:?}", before.elapsed());
    assert!((1..=12).filter_map(TicketId::new).all(|id| desk.remembered().ticket(id).is_none()));
}

#[tokio::test(start_paused = true)]
async fn who_reads_a_ticket_is_unknown_where_the_node_keeps_it_back() {
    let (shared, desk, id, later) = later_administrator().await;
    let told = desk.administrators_who_read(id).await.unwrap();
    assert_eq!(told, Some(vec![(address(&people().admin), true), (address(later), false)]));
    shared.lock().lie = Some(Lie::WithheldTicket);
    assert_eq!(desk.administrators_who_read(id).await.unwrap(), None);
}

#[tokio::test(start_paused = true)]
async fn parameters_are_proven_by_what_they_are_and_not_by_a_sequence() {
    let shared = Shared::new();
    let desk = shared.desk().await;
    let params = |cooldown| Params { ticket_cooldown_seconds: cooldown, ..Params::default() };
    assert!(desk.update_params(&people().admin, &params(5)).await.unwrap().proven);
    assert_eq!(desk.params().await.unwrap(), params(5));
    shared.lock().ignores_params = true;
    let outcome = desk.update_params(&people().admin, &params(7)).await.unwrap();
    assert!(outcome.code == 0 && !outcome.proven, "the sequence has passed, and nothing has changed");
}

#[test]
fn what_could_not_be_counted_is_not_whole() {
    let mut total = AccessTotal::default();
    assert!(total.is_whole());
    total.add(TicketId::new(1).unwrap(), None);
    assert!(!total.is_whole() && total.uncounted.len() == 1);
}
