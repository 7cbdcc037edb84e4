//! Who makes blocks: votes that must not count, and sets that no engine could run with.

use super::*;
use sealdesk_machine::ValidatorUpdate;
use sealdesk_protocol::limits::{VALIDATOR_VOTES_PER_ADMINISTRATOR_MAX, VALIDATORS_MAX};
use sealdesk_protocol::wire::sealdesk::ledger::v1 as ledger;
use sealdesk_testkit::scenario::propose;

/// A desk of so many administrators, the first of whom made the others such.
fn council(number: usize) -> (Desk, Vec<Person>) {
    let people: Vec<Person> = (0..number).map(|n| Person::new(&format!("administrator {n}"))).collect();
    let desk = Desk::new(&people.iter().collect::<Vec<_>>());
    (desk, people)
}

fn key(n: usize) -> [u8; 32] {
    *Person::new(&format!("validator {n}")).verify_key(0).as_bytes()
}

fn vote(desk: &mut Desk, who: &Person, n: usize, power: i64) -> bool {
    let executed = desk.must(who, vec![propose(who, &key(n), power)]);
    let data =
        sealdesk_protocol::wire::cosmos::base::abci::v1beta1::TxMsgData::decode(&*executed.data).unwrap();
    ledger::MsgProposeValidatorResponse::decode(&*data.msg_responses[0].value).unwrap().applied
}

fn asked(desk: &Desk) -> ledger::QueryValidatorsResponse {
    desk.machine.validators(&desk.snapshot(), &ledger::QueryValidatorsRequest {}).unwrap()
}

fn keys(desk: &Desk) -> Vec<Vec<u8>> {
    asked(desk).validators.into_iter().map(|validator| validator.pub_key).collect()
}

#[test]
fn more_than_half_of_the_active_administrators_make_a_validator_and_half_do_not() {
    let (mut desk, people) = council(4);
    assert!(!vote(&mut desk, &people[0], 1, 5));
    assert!(!vote(&mut desk, &people[1], 1, 5), "two of four are no majority");
    assert!(!vote(&mut desk, &people[2], 1, 6), "another power is another proposal");
    assert!(vote(&mut desk, &people[3], 1, 5));
    assert!(asked(&desk).proposals.is_empty(), "what was said of that key is over");
    assert_eq!(asked(&desk).height, 4);
    assert!(keys(&desk).contains(&key(1).to_vec()));
    assert!(vote(&mut council(1).0, &people[0], 1, 5), "who is alone decides alone");
}

#[test]
fn bug_28_the_vote_of_an_administrator_who_is_one_no_more_counts_for_nothing() {
    let (mut desk, people) = council(4);
    let [chair, other, gone, third] = &people[..] else { panic!("four") };
    assert!(!vote(&mut desk, gone, 1, 5));
    assert!(!vote(&mut desk, chair, 1, 5));
    desk.must(gone, vec![revoke_role(gone, gone, "administrator")]);
    assert_eq!(asked(&desk).proposals[0].voters, [chair.address.to_string()], "who leaves loses their votes");
    desk.must(chair, vec![assign_role(chair, gone, "administrator")]);
    desk.must(other, vec![assign_role(other, gone, "administrator")]);
    assert!(desk.circle().contains(&gone.address), "two of three appoint");
    assert_eq!(asked(&desk).proposals[0].voters.len(), 1, "and does not get them back");
    assert!(!vote(&mut desk, third, 1, 5), "two of four");
    assert!(vote(&mut desk, gone, 1, 5));
}

#[test]
fn a_majority_that_comes_about_by_itself_is_applied_with_the_next_vote() {
    let (mut desk, people) = council(4);
    assert!(!vote(&mut desk, &people[0], 1, 5));
    assert!(!vote(&mut desk, &people[1], 1, 5));
    desk.must(&people[3], vec![revoke_role(&people[3], &people[3], "administrator")]);
    assert!(!keys(&desk).contains(&key(1).to_vec()));
    assert!(vote(&mut desk, &people[1], 1, 5), "the same vote again is counted again");
}

#[test]
fn the_newest_vote_replaces_and_a_vote_for_what_holds_takes_back() {
    let (mut desk, people) = council(3);
    assert!(!vote(&mut desk, &people[0], 1, 5));
    assert!(!vote(&mut desk, &people[0], 1, 6));
    assert_eq!(asked(&desk).proposals.iter().map(|p| p.power).collect::<Vec<_>>(), [6]);
    assert!(!vote(&mut desk, &people[0], 1, 0));
    assert!(asked(&desk).proposals.is_empty());
    desk.refuse(&people[0], vec![propose(&people[0], &key(1), 0)], "sdk", 18);
}

#[test]
fn votes_are_bounded_for_each_administrator_and_for_nobody_else() {
    let (mut desk, people) = council(3);
    for n in 1..=VALIDATOR_VOTES_PER_ADMINISTRATOR_MAX {
        assert!(!vote(&mut desk, &people[0], n, 1));
    }
    desk.refuse(&people[0], vec![propose(&people[0], &key(99), 1)], "sdk", 18);
    assert!(!vote(&mut desk, &people[0], 1, 2), "a vote replaced is no vote more");
    assert!(!vote(&mut desk, &people[1], 99, 1), "another administrator has room of his own");
}

#[test]
fn a_hundred_validators_are_the_most_and_one_the_least() {
    let (mut desk, people) = council(1);
    let own = keys(&desk)[0].clone();
    desk.refuse(&people[0], vec![propose(&people[0], &own, 0)], "sdk", 18);
    let hundred: Vec<_> = (1..VALIDATORS_MAX).map(|n| propose(&people[0], &key(n), 1)).collect();
    for part in hundred.chunks(16) {
        desk.must(&people[0], part.to_vec());
    }
    assert_eq!(keys(&desk).len(), VALIDATORS_MAX);
    assert!(keys(&desk).is_sorted());
    desk.refuse(&people[0], vec![propose(&people[0], &key(100), 1)], "sdk", 18);
    desk.must(&people[0], vec![propose(&people[0], &own, 0), propose(&people[0], &key(100), 1)]);
}

/// Runs the messages in one block, and gives what it tells the engine.
fn updates(desk: &mut Desk, who: &Person, messages: Vec<prost_types::Any>) -> Vec<ValidatorUpdate> {
    let tx = desk.tx(who, messages);
    desk.begin(desk.time + 1);
    assert_eq!(desk.execute(&tx).code, 0);
    desk.end()
}

#[test]
fn a_block_names_each_validator_it_changed_once_and_in_the_order_of_keys() {
    let (mut desk, people) = council(1);
    let who = &people[0];
    let own: [u8; 32] = keys(&desk)[0].clone().try_into().unwrap();
    let changes = vec![
        propose(who, &key(1), 1),
        propose(who, &key(2), 1),
        propose(who, &key(1), 9),
        propose(who, &key(2), 0),
        propose(who, &key(3), 4),
        propose(who, &own, 0),
    ];
    let found = updates(&mut desk, who, changes);
    let mut expected =
        [(key(1), 9), (key(3), 4), (own, 0)].map(|(pub_key, power)| ValidatorUpdate { pub_key, power });
    expected.sort_by_key(|update| update.pub_key);
    assert_eq!(found, expected);
    assert_eq!(desk.machine.validator_changes(&desk.snapshot(), 9).unwrap().len(), 2);

    let back_and_forth = vec![propose(who, &key(1), 1), propose(who, &key(1), 9)];
    assert_eq!(updates(&mut desk, who, back_and_forth), []);
    assert_eq!(desk.machine.validator_changes(&desk.snapshot(), 9).unwrap().len(), 2, "nothing changed");
    desk.pass_to(desk.time + 1);
}

#[test]
fn the_validators_of_a_block_are_those_that_stood_two_blocks_before() {
    let (mut desk, people) = council(1);
    vote(&mut desk, &people[0], 1, 5);
    let changes = desk.machine.validator_changes(&desk.snapshot(), 9).unwrap();
    assert_eq!(
        changes.iter().map(|set| (set.height, set.first_signed())).collect::<Vec<_>>(),
        [(1, 3), (0, 1)]
    );
    assert_eq!(changes.iter().map(|set| set.validators.len()).collect::<Vec<_>>(), [2, 1]);
    assert_eq!(desk.machine.validator_changes(&desk.snapshot(), 1).unwrap().len(), 1, "the newest alone");
}
