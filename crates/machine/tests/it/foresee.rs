//! What was verified ahead of a block changes no result: neither where it is good, nor where it is missing or of another state.

use prost::Message as _;
use prost_types::Any;
use sealdesk_machine::Executed;
use sealdesk_protocol::messages::to_any;
use sealdesk_protocol::tx::VerifiedTx;
use sealdesk_protocol::wire::virtengine::support::v1::MsgGrantAccess;
use sealdesk_store::{Snapshot, State};
use sealdesk_testkit::desk::Desk;
use sealdesk_testkit::people::Person;
use sealdesk_testkit::scenario::{Cast, cast, create, grant, note, register, respond, revoke_key};

/// What a transaction comes to over the desk's state, and the state after it.
fn outcome(desk: &Desk, tx: &VerifiedTx) -> (Executed, Vec<u8>) {
    let mut state = State::new(desk.snapshot());
    let executed = desk.machine.execute_verified(&mut state, &desk.context(), tx, 0).unwrap();
    (executed, format!("{:?}", state.into_changes()).into_bytes())
}

/// Executes a transaction as it is, and with what was verified ahead over each of these states; says whether it helped.
fn agree(desk: &Desk, states: &[Snapshot], tx: &[u8]) -> Vec<bool> {
    let plain = desk.machine.verify(tx, &desk.context()).unwrap();
    let expected = outcome(desk, &plain);
    let mut helped = Vec::new();
    for state in states {
        let foreseen = desk.machine.foresee(state, plain.clone()).unwrap();
        assert_eq!(outcome(desk, &foreseen), expected, "{}", expected.0.log);
        helped.push(foreseen.known() != plain.known());
    }
    helped
}

#[test]
fn what_was_verified_ahead_changes_no_result() {
    let Cast { mut desk, admin, agent, customer } = cast();
    let ticket = create(&desk, &customer, &[&admin, &customer]);
    let before = desk.snapshot();
    let as_customer = desk.tx(&customer, vec![ticket.clone()]);
    assert_eq!(agree(&desk, std::slice::from_ref(&before), &as_customer), [true]);
    desk.must(&customer, vec![ticket]);
    let messages: Vec<(&Person, Any)> = vec![
        (&customer, respond(&desk, &customer, 1, &[&admin, &customer])),
        (&admin, respond(&desk, &admin, 1, &[&admin, &customer])),
        (&admin, note(&desk, &admin, 1, &[&admin])),
        // Sealed by somebody who may not answer here, for readers who are not allowed, and under a number that there is not.
        (&agent, respond(&desk, &agent, 1, &[&admin, &customer])),
        (&admin, note(&desk, &admin, 1, &[&admin, &customer])),
        (&admin, respond(&desk, &admin, 77, &[&admin])),
    ];
    for (who, message) in messages {
        let tx = desk.tx(who, vec![message]);
        assert_eq!(agree(&desk, &[desk.snapshot(), before.clone()], &tx), [true, true]);
    }
    // An envelope of an earlier sequence: its signatures are not good here, and execution says so.
    let answer = respond(&desk, &admin, 1, &[&admin, &customer]);
    desk.must(&admin, vec![answer.clone()]);
    let stale = desk.tx(&admin, vec![answer]);
    assert_eq!(agree(&desk, &[desk.snapshot()], &stale), [false]);
    let refused = outcome(&desk, &desk.machine.verify(&stale, &desk.context()).unwrap()).0;
    assert!(refused.code != 0 && refused.log.contains("signature"), "{}", refused.log);
}

#[test]
fn grants_that_were_verified_ahead_change_no_result() {
    let Cast { mut desk, admin, agent, customer } = cast();
    let before = desk.snapshot();
    desk.must(&customer, vec![create(&desk, &customer, &[&admin, &customer])]);
    desk.must(&admin, vec![respond(&desk, &admin, 1, &[&admin, &customer])]);
    desk.must(&customer, vec![register(&customer, 1)]);
    let reader = customer.fingerprint(1);
    let good = [grant(&desk, &customer, 1, 0, &reader), grant(&desk, &customer, 1, 1, &reader)];
    let tx = desk.tx(&customer, good.to_vec());
    assert_eq!(agree(&desk, &[desk.snapshot(), before.clone()], &tx), [true, false]);
    // One of them is not signed: the others are known to be good, and execution finds the one.
    let mut spoilt = MsgGrantAccess::decode(good[1].value.as_slice()).unwrap();
    spoilt.grants[0].grant_signature[7] ^= 1;
    let tx = desk.tx(&customer, vec![good[0].clone(), to_any(&spoilt)]);
    assert_eq!(agree(&desk, &[desk.snapshot()], &tx), [true]);
    let refused = outcome(&desk, &desk.machine.verify(&tx, &desk.context()).unwrap()).0;
    assert!(refused.code != 0 && refused.log.contains("signature"), "{}", refused.log);
    // Of targets that there are not, and of those who may not grant, nothing is verified.
    let mut nowhere = MsgGrantAccess::decode(good[1].value.as_slice()).unwrap();
    nowhere.grants[0].target = 78;
    let tx = desk.tx(&customer, vec![to_any(&nowhere)]);
    assert_eq!(agree(&desk, &[desk.snapshot()], &tx), [false]);
    let tx = desk.tx(&agent, vec![grant(&desk, &agent, 1, 0, &reader)]);
    assert_eq!(agree(&desk, &[desk.snapshot()], &tx), [false]);
}

#[test]
fn a_key_that_comes_or_goes_between_counts_as_it_does_in_the_block() {
    let Cast { mut desk, admin, customer, .. } = cast();
    let ahead = desk.snapshot();
    let newcomer = Person::new("somebody new");
    let first = desk.tx(&newcomer, vec![register(&newcomer, 0)]);
    assert_eq!(agree(&desk, std::slice::from_ref(&ahead), &first), [false], "nothing is sealed in it");
    desk.must(&customer, vec![register(&customer, 1)]);
    desk.must(&customer, vec![revoke_key(&customer, customer.fingerprint(0))]);
    // Signed by the key that is revoked by now, which was the newest when somebody looked ahead.
    let ticket = create(&desk, &customer, &[&admin, &customer]);
    let tx = desk.tx(&customer, vec![ticket]);
    assert_eq!(agree(&desk, &[ahead, desk.snapshot()], &tx), [true, false]);
    let refused = outcome(&desk, &desk.machine.verify(&tx, &desk.context()).unwrap()).0;
    assert!(refused.code != 0 && refused.log.contains("signature"), "{}", refused.log);
}
