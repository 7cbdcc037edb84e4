//! Determinism, atomicity, replay.

use sealdesk_protocol::tx::Tx;
use sealdesk_protocol::wire::cosmos::tx::v1beta1::{AuthInfo, TxRaw};
use sealdesk_testkit::{chain_id, prefix};

use super::*;

#[test]
fn bug_3_checking_a_transaction_any_number_of_times_leaves_the_state_alone() {
    let Cast { desk, admin, customer, .. } = cast();
    let tx = desk.tx(&customer, vec![create(&desk, &customer, &[&admin, &customer])]);
    let before = desk.root();
    for _ in 0..100 {
        assert!(desk.machine.check(&desk.snapshot(), &tx, &|_| None, &next(&desk)).unwrap().is_ok());
        // A proposal that was never decided: executed on a state that is dropped.
        let mut state = State::new(desk.snapshot());
        let block = BlockContext { height: desk.height + 1, time: desk.time + 1 };
        desk.machine.begin(&mut state, &block).unwrap();
        assert_eq!(desk.machine.execute(&mut state, &block, &tx, 0).unwrap().code, 0);
    }
    assert_eq!(desk.root(), before);
}

#[test]
fn a_simulation_tells_what_a_block_would_and_changes_nothing() {
    let Cast { mut desk, admin, customer, agent } = cast();
    let good = desk.tx(&customer, vec![create(&desk, &customer, &[&admin, &customer])]);
    let forbidden = desk.tx(&customer, vec![assign_role(&customer, &agent, "customer")]);
    let unreadable = desk.tx(&customer, vec![create(&desk, &customer, &[&customer])]);
    let before = desk.root();
    for tx in [&forbidden, &unreadable, &good] {
        let block = BlockContext { height: desk.height + 1, time: desk.time + 1 };
        let simulated = desk.machine.simulate(&desk.snapshot(), &block, tx).unwrap();
        assert_eq!(desk.root(), before);
        let mut state = State::new(desk.snapshot());
        desk.machine.begin(&mut state, &block).unwrap();
        let executed = desk.machine.execute(&mut state, &block, tx, 0).unwrap();
        // A simulation reads no signature.
        let but_signatures = |mut executed: sealdesk_machine::Executed| {
            executed.tx_events.retain(|event| event.attributes[0].key != "signature");
            executed
        };
        assert_eq!(but_signatures(simulated), but_signatures(executed));
    }
    desk.block(&good);
    let block = BlockContext { height: desk.height + 1, time: desk.time + 1 };
    let again = desk.machine.simulate(&desk.snapshot(), &block, &good).unwrap();
    assert_eq!((again.codespace.as_str(), again.code), ("sdk", 32), "its sequence is used up");
}

#[test]
fn a_simulation_needs_neither_signature_nor_mode_nor_public_key() {
    let Cast { desk, admin, customer, .. } = cast();
    let signed = desk.tx(&customer, vec![create(&desk, &customer, &[&admin, &customer])]);
    let mut raw = TxRaw::decode(signed.as_slice()).unwrap();
    let mut auth = AuthInfo::decode(raw.auth_info_bytes.as_slice()).unwrap();
    auth.signer_infos[0].public_key = None;
    auth.signer_infos[0].mode_info = None;
    raw.auth_info_bytes = auth.encode_to_vec();
    raw.signatures = vec![Vec::new()];
    let unsigned = raw.encode_to_vec();
    let block = BlockContext { height: desk.height + 1, time: desk.time + 1 };
    let simulated = desk.machine.simulate(&desk.snapshot(), &block, &unsigned).unwrap();
    assert_eq!(simulated.code, 0, "{}", simulated.log);
    let tx = Tx::decode_unsigned(&unsigned, &prefix()).unwrap();
    assert!(tx.verify(&chain_id()).is_err(), "what was read unsigned is never verified");
    assert!(desk.machine.check(&desk.snapshot(), &unsigned, &|_| None, &next(&desk)).unwrap().is_err());
}

#[test]
fn bug_1_and_8_the_same_blocks_give_the_same_hash_at_every_height() {
    let run = || {
        let Cast { mut desk, admin, agent, customer } = cast();
        let mut roots = vec![desk.root()];
        desk.must(&customer, vec![create(&desk, &customer, &[&admin, &customer])]);
        roots.push(desk.root());
        desk.must(&admin, vec![assign(&admin, 1, &agent)]);
        roots.push(desk.root());
        roots
    };
    assert_eq!(run(), run());
}

#[test]
fn bug_5_no_query_changes_the_state() {
    let mut cast = cast();
    cast.ticket();
    let (before, snapshot) = (cast.desk.root(), cast.desk.snapshot());
    let machine = &cast.desk.machine;
    let _ = machine.params(&snapshot).unwrap();
    let _ = machine.open_tickets(&snapshot, &wire::QueryOpenTicketsRequest::default()).unwrap();
    let _ = machine.export(&snapshot, Some(&ChainId::parse("other").unwrap())).unwrap();
    assert_eq!(cast.desk.root(), before);
}

#[test]
fn bug_6_the_text_of_a_refusal_is_in_no_leaf() {
    let Cast { mut desk, admin, .. } = cast();
    desk.refuse(&admin, vec![close(&admin, 77)], "support", 1);
    let state = desk.state();
    for entry in state.scan(&KeyRange::all()).unwrap() {
        let (key, record) = entry.unwrap();
        let shown = String::from_utf8_lossy(&record).into_owned();
        assert!(!shown.contains("not found"), "{}", key.escape_ascii());
    }
}

#[test]
fn bug_7_a_failed_transaction_leaves_nothing_but_its_sequence() {
    let Cast { mut desk, admin, agent, customer } = cast();
    desk.must(&customer, vec![create(&desk, &customer, &[&admin, &customer])]);
    desk.begin(desk.time + 1);
    let before = desk.state().into_changes();
    let messages = vec![assign(&admin, 1, &agent), priority(&admin, 1, "high"), close(&admin, 99)];
    let tx = desk.tx(&admin, messages);
    let executed = desk.execute(&tx);
    assert_eq!(code(&executed), ("support", 1));
    assert!(executed.log.starts_with("message 2: "), "{}", executed.log);
    let mut after = desk.state().into_changes();
    let account = after.records.remove(&tree::account(&admin.address)).unwrap().unwrap();
    assert!(!account.is_empty());
    assert_eq!(after.records, before.records, "no other record");
    let kept: Vec<_> = after.side.keys().filter(|key| !before.side.contains_key(*key)).collect();
    let result = [side::TXS, side::TXS_AT, side::TX_TERMS, side::LAST_CHANGE];
    assert!(kept.iter().all(|key| result.iter().any(|of| key.starts_with(of))), "{kept:?}");
}

#[test]
fn bug_11_lists_and_events_come_from_the_same_commit_as_the_state() {
    let mut cast = cast();
    let number = cast.ticket();
    let machine = &cast.desk.machine;
    let snapshot = cast.desk.snapshot();
    let listed = machine.open_tickets(&snapshot, &wire::QueryOpenTicketsRequest::default()).unwrap().tickets;
    assert_eq!(listed.len(), 1);
    let events = machine.events_after(&snapshot, None, 100).unwrap();
    let id = sealdesk_protocol::ids::TicketId::new(number).unwrap();
    let own = machine.ticket_events_after(&snapshot, id, None, 100).unwrap();
    assert_eq!(own.len(), 1);
    assert_eq!(own[0], *events.last().unwrap());
    let stored = machine.tx(&snapshot, TxHash(own[0].record.tx_hash.clone().try_into().unwrap())).unwrap();
    assert_eq!(stored.unwrap().events.len(), 1);
}

#[test]
fn an_empty_block_changes_no_leaf_and_no_side_value() {
    let Cast { mut desk, .. } = cast();
    let before = desk.root();
    desk.begin(desk.time + 5);
    assert!(desk.state().into_changes().is_empty());
    desk.end();
    assert_eq!(desk.root(), before);
}

#[test]
fn a_refused_replay_does_not_overwrite_the_result_of_the_first() {
    let Cast { mut desk, admin, customer, .. } = cast();
    let tx = desk.tx(&customer, vec![create(&desk, &customer, &[&admin, &customer])]);
    assert_eq!(desk.block(&tx).code, 0);
    assert_eq!(code(&desk.block(&tx)), ("sdk", 32));
    let stored = desk.machine.tx(&desk.snapshot(), TxHash::of(&tx)).unwrap().unwrap();
    assert_eq!(stored.code, 0);
}
