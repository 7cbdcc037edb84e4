use sealdesk_protocol::identity::Identity;
use sealdesk_protocol::ids::Prefix;
use sealdesk_stacks::principal::Principal;

use super::file::{RememberedError, RememberedFile};
use super::*;
use crate::durable;

const NOW: Moment = Moment { height: 7, time: 1_700_000_000 };
const TOMORROW: Moment = Moment { height: 9, time: NOW.time + DAY_SECONDS };

fn prefix() -> Prefix {
    Prefix::parse(Prefix::DEFAULT).unwrap()
}

fn person(n: u16) -> Address {
    let mut key = [2; 33];
    key[1..3].copy_from_slice(&n.to_be_bytes());
    Address::of_public_key(&prefix(), &key)
}

fn used(customer: u16, digest: u8, day: i64) -> UsedTicket {
    UsedTicket { customer: person(customer), digest: [digest; 32], day }
}

fn id(number: u64) -> TicketId {
    TicketId::new(number).unwrap()
}

fn key(n: u8, revoked_at: i64) -> RecipientKeyRecord {
    RecipientKeyRecord { public_key: vec![n; 32], revoked_at, ..RecipientKeyRecord::default() }
}

#[test]
fn another_customer_another_text_or_no_ticket_at_all_contradicts() {
    let mut known = Remembered::default();
    assert!(known.use_ticket(id(1), used(1, 1, 5)) && !known.use_ticket(id(1), used(1, 1, 5)));
    let (alice, bob) = (person(1), person(2));
    let check =
        |customer: &Address, digest: u8| known.check_ticket(id(1), Some((customer.as_str(), &[digest; 32])));
    assert_eq!(check(&alice, 1), Ok(()));
    assert!(matches!(check(&bob, 1), Err(Contradiction::Customer { .. })));
    assert_eq!(check(&alice, 2), Err(Contradiction::Text(id(1))));
    assert_eq!(known.check_ticket(id(1), None), Err(Contradiction::Gone(id(1))));
    assert_eq!(known.check_ticket(id(2), None), Ok(()));
}

#[test]
fn keys_are_only_added_and_revoked() {
    let (mut known, alice) = (Remembered::default(), person(1));
    assert!(known.see_keys(&alice, &[key(1, 0), key(2, 0)], NOW));
    assert!(!known.see_keys(&alice, &[key(1, 0), key(2, 0)], NOW));
    let good = [key(1, 99), key(2, 0), key(3, 0)];
    assert_eq!(known.check_keys(&alice, &good), Ok(()));
    assert!(known.see_keys(&alice, &good, TOMORROW));
    let (revived, other) = ([key(1, 0), key(2, 0), key(3, 0)], [key(1, 99), key(4, 0), key(3, 0)]);
    let at = |version| (alice.clone(), version);
    let (person, version) = at(1);
    assert_eq!(known.check_keys(&alice, &revived), Err(Contradiction::Revived { person, version }));
    let (person, version) = at(2);
    assert_eq!(known.check_keys(&alice, &other), Err(Contradiction::Key { person, version }));
    let (person, version) = at(3);
    assert_eq!(known.check_keys(&alice, &good[..2]), Err(Contradiction::Key { person, version }));
    assert!(known.is_newer(&alice, NOW.height) && !known.is_newer(&alice, TOMORROW.height));
}

#[test]
fn where_no_place_is_proven_keys_are_a_set() {
    let alice = Principal::parse("SP000000000000000000002Q6VF78").unwrap();
    let (mut known, mut other) = (Remembered::<Principal>::default(), Remembered::default());
    assert!(known.see_keys(&alice, &[key(2, 0)], NOW));
    assert!(other.see_keys(&alice, &[key(1, 0)], NOW));
    known.merge(other).unwrap();
    assert!(!known.see_keys(&alice, &[key(1, 0)], NOW));
    assert_eq!(known.check_keys(&alice, &[key(3, 0), key(1, 0), key(2, 0)]), Ok(()));
    assert_eq!(known.check_keys(&alice, &[key(1, 0), key(3, 0)]), Err(Contradiction::KeyGone(alice)));
}

#[test]
fn what_was_used_longest_ago_goes_first_and_no_reader_before_a_stranger() {
    let mut known = Remembered::default();
    for number in 1..=u64::try_from(TICKETS_MAX).unwrap() {
        known.use_ticket(id(number), used(1, 1, 10));
    }
    known.use_ticket(id(2), used(1, 1, 12));
    known.use_ticket(id(20_000), used(1, 1, 11));
    known.use_ticket(id(20_001), used(1, 1, 11));
    assert_eq!(known.tickets.len(), TICKETS_MAX);
    assert!(known.ticket(id(1)).is_none() && known.ticket(id(3)).is_none());
    assert!(known.ticket(id(2)).is_some() && known.ticket(id(20_001)).is_some());
    let keys: Vec<RecipientKeyRecord> = (0..64).map(|n| key(n, 0)).collect();
    let people = u16::try_from(KEYS_MAX / keys.len()).unwrap();
    for n in 0..people {
        known.see_keys(&person(n), &keys, NOW);
    }
    assert!(known.seal_for(&person(0)) && !known.seal_for(&person(0)));
    for n in 0..people {
        known.see_keys(&person(1_000 + n), &keys, TOMORROW);
    }
    assert!(known.has_sealed_for(&person(0)));
    assert_eq!(known.people.len(), usize::from(people));
    assert!((1..people).filter(|n| known.person(&person(*n)).is_some()).count() == 0);
}

#[test]
fn votes_are_remembered_until_they_could_not_decide_any_more() {
    let mut known = Remembered::default();
    let vote = |change| CastVote { voter: person(1), change, address: person(2), removes: false };
    known.cast(vote(1), NOW.time);
    known.cast(vote(2), NOW.time + CIRCLE_VOTE_SECONDS_MAX);
    assert_eq!(known.votes().count(), 2);
    assert!(known.end_votes(|vote| vote.change == 1) && !known.end_votes(|vote| vote.change == 1));
    assert_eq!(known.votes().collect::<Vec<_>>(), [&vote(2)]);
    known.cast(vote(3), NOW.time + CIRCLE_VOTE_SECONDS_MAX + 1);
    assert_eq!(known.votes.len(), 2);
    for change in 10..200 {
        known.cast(vote(change), NOW.time + CIRCLE_VOTE_SECONDS_MAX + 2);
    }
    assert_eq!(known.votes.len(), VOTES_MAX);
}

fn file(home: &std::path::Path, identity: u8) -> RememberedFile {
    RememberedFile::of(home, &prefix(), &Identity([identity; 32]))
}

fn some() -> Remembered {
    let mut known = Remembered::default();
    known.use_ticket(id(1), used(1, 1, 5));
    known.see_keys(&person(1), &[key(1, 3), key(2, 0)], NOW);
    known.seal_for(&person(1));
    known.cast(CastVote { voter: person(1), change: 4, address: person(2), removes: true }, NOW.time);
    known.believe_agent(&person(3), NOW.time - 9, NOW);
    known
}

#[test]
fn an_agent_who_was_seen_going_comes_back_by_a_newer_appointment_alone() {
    let (mut known, bob, made) = (Remembered::default(), person(3), NOW.time - 9_000);
    let ended = |found| found == Err(Contradiction::Ended(person(3)));
    // Of whom nothing was believed nothing is remembered, whatever a ledger says of them.
    assert!(!known.see_agent(&bob, None, NOW) && !known.see_agent(&bob, Some(1), NOW));
    assert_eq!(known.check_agent(&bob, Some(1)), Ok(()));
    assert!(known.believe_agent(&bob, made, NOW) && !known.believe_agent(&bob, made, NOW));
    assert!(ended(known.check_agent(&bob, Some(made - 1))) && known.check_agent(&bob, Some(made)) == Ok(()));
    let old = Moment { height: NOW.height - 1, ..NOW };
    assert!(!known.see_agent(&bob, None, old), "an older state says nothing of a newer one");
    assert_eq!(known.agents_before(TOMORROW.day()).collect::<Vec<_>>(), [&bob]);
    assert!(known.see_agent(&bob, Some(made), TOMORROW) && !known.see_agent(&bob, Some(made), TOMORROW));
    assert_eq!(known.agents_before(TOMORROW.day()).count(), 0);
    assert!(known.see_agent(&bob, None, TOMORROW) && known.agent(&bob).unwrap().is_gone());
    assert_eq!(known.agents_before(i64::MAX).count(), 0, "of whom is known to be gone nothing is asked");
    // No appointment that the ledger could still have taken then ended: only those that it could not take later.
    let oldest = TOMORROW.time - 3_600;
    assert!(ended(known.check_agent(&bob, Some(made))) && ended(known.check_agent(&bob, Some(oldest - 1))));
    assert_eq!((known.check_agent(&bob, Some(oldest)), known.check_agent(&bob, None)), (Ok(()), Ok(())));
    assert!(known.believe_agent(&bob, oldest, TOMORROW) && !known.agent(&bob).unwrap().is_gone());
    assert!(ended(known.check_agent(&bob, Some(made))), "the one before stays over");
}

#[test]
fn of_two_commands_the_one_that_saw_an_agent_go_is_believed() {
    let (bob, made) = (person(3), NOW.time - 9);
    let mut here = Remembered::default();
    here.believe_agent(&bob, made, NOW);
    let mut there = here.clone();
    there.see_agent(&bob, None, TOMORROW);
    let both = |mut one: Remembered, other: &Remembered| {
        one.merge(other.clone()).unwrap();
        one
    };
    let (one, other) = (both(here.clone(), &there), both(there.clone(), &here));
    assert!(one == other && one.check_agent(&bob, Some(made)).is_err());
    let identity = Identity([1; 32]);
    assert_eq!(Remembered::from_json(&one.to_json(&identity), &prefix(), &identity), Ok(one.clone()));
    // An appointment of later is kept through a merge with what is older.
    here.believe_agent(&bob, TOMORROW.time, Moment { height: 10, ..TOMORROW });
    assert!(!both(one, &here).agent(&bob).unwrap().is_gone());
}

#[test]
fn a_ledger_that_continues_another_is_held_against_what_was_seen_before_it_left() {
    let (early, late, ahead) = (person(1), person(2), person(3));
    let at = |height: u64| Moment { height, time: NOW.time + i64::try_from(height).unwrap() };
    let mut old = Remembered::default();
    for who in [&early, &late] {
        old.believe_agent(who, NOW.time - 9_000, at(10));
    }
    old.believe_agent(&ahead, NOW.time + 10 * DAY_SECONDS, at(10));
    old.see_agent(&early, None, at(20));
    old.see_agent(&late, None, at(40));
    // Whoever is seen gone again was gone before.
    old.see_agent(&early, None, at(50));
    assert_eq!((old.agent(&early).unwrap().height, old.agent(&late).unwrap().height), (20, 40));
    let mut new = Remembered::default();
    assert!(new.take_along_agents(&old, 30, at(60).time));
    assert!(!new.take_along_agents(&old, 30, at(60).time), "once is enough");
    assert!(new.check_agent(&early, Some(NOW.time - 9_000)).is_err());
    assert_eq!(new.check_agent(&early, Some(at(60).time)), Ok(()));
    // An older copy shows honestly what ended after it was made, and a clock that was set back what is said to be later.
    assert_eq!(new.check_agent(&late, Some(NOW.time - 9_000)), Ok(()));
    assert_eq!(new.check_agent(&ahead, Some(NOW.time)), Ok(()));
    // The new ledger's own states, of small heights, are believed.
    assert!(new.believe_agent(&early, at(60).time, Moment { height: 2, time: at(60).time }));
    assert!(!new.agent(&early).unwrap().is_gone());
}

#[test]
fn of_too_many_agents_those_who_are_gone_are_remembered_longest() {
    let mut known = Remembered::default();
    let gone = person(0);
    known.believe_agent(&gone, 1, NOW);
    known.see_agent(&gone, None, NOW);
    for n in 1..=u16::try_from(AGENTS_SEEN_MAX).unwrap() {
        known.believe_agent(&person(n), 1, TOMORROW);
    }
    assert_eq!(known.agents.len(), AGENTS_SEEN_MAX);
    assert!(known.agent(&gone).unwrap().is_gone());
}

#[test]
fn bug_100_two_commands_at_once_lose_nothing_that_either_remembers() {
    let home = tempfile::tempdir().unwrap();
    let file = file(home.path(), 1);
    assert_eq!(file.load().unwrap(), Remembered::default());
    file.keep(some()).unwrap();
    assert_eq!(file.load().unwrap(), some());
    let mut other = Remembered::default();
    other.use_ticket(id(1), used(1, 1, 6));
    other.use_ticket(id(2), used(2, 2, 6));
    other.see_keys(&person(1), &[key(1, 0), key(2, 4), key(3, 0)], TOMORROW);
    file.keep(other).unwrap();
    let both = file.load().unwrap();
    assert_eq!((both.tickets.len(), both.ticket(id(1)).unwrap().day), (2, 6));
    let keys = &both.person(&person(1)).unwrap().keys;
    assert_eq!(keys.iter().map(|key| key.revoked).collect::<Vec<_>>(), [true, true, false]);
    assert!(both.has_sealed_for(&person(1)) && both.votes().count() == 1);
    // Another history is not mixed with it, and nothing changes.
    let mut forged = Remembered::default();
    forged.use_ticket(id(1), used(2, 1, 9));
    assert!(matches!(file.keep(forged), Err(RememberedError::Contradiction(_))));
    assert_eq!(file.load().unwrap(), both);
    file.forget().unwrap();
    assert_eq!(file.load().unwrap(), Remembered::default());
}

#[test]
fn what_is_remembered_of_one_ledger_says_nothing_of_another() {
    let home = tempfile::tempdir().unwrap();
    let (one, other) = (file(home.path(), 1), file(home.path(), 2));
    one.keep(some()).unwrap();
    assert_eq!(other.load().unwrap(), Remembered::default());
    std::fs::copy(one.path(), other.path()).unwrap();
    assert!(matches!(other.load(), Err(RememberedError::Form { .. })));
    for damaged in ["", "{", "[]", r#"{"identity":"","tickets":{},"people":{},"votes":[]}"#] {
        durable::write_private(one.path(), damaged.as_bytes()).unwrap();
        assert!(matches!(one.load(), Err(RememberedError::Form { .. })), "{damaged}");
        assert!(one.keep(some()).is_err(), "a damaged file is not an empty one");
    }
}
