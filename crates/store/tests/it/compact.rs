//! A database whose free pages are given back: shorter, and the same state, wherever a crash comes.

use std::collections::BTreeMap;

use sealdesk_store::testing::{CallKind, Fault, Faults};
use sealdesk_store::{Changes, Durability, KeyRange, Result, Store, compact};

type Map = BTreeMap<Vec<u8>, Vec<u8>>;

fn key(n: u64) -> Vec<u8> {
    n.to_be_bytes().to_vec()
}

/// A store from which most side values were removed.
fn emptied(faults: &Faults) -> (Map, [u8; 32]) {
    let store = Store::open(faults.disk("state")).unwrap();
    let mut changes = Changes::default();
    for n in 0..120 {
        changes.side.insert(key(n), Some(vec![n as u8; 6_000]));
        changes.records.insert(key(n), Some(vec![n as u8; 40]));
    }
    store.commit(store.prepare(1, changes).unwrap(), Durability::Synced).unwrap();
    let gone = (0..110).map(|n| (key(n), None)).collect();
    store.commit(store.prepare_side(gone).unwrap(), Durability::Synced).unwrap();
    contents(&store)
}

fn contents(store: &Store) -> (Map, [u8; 32]) {
    let latest = store.latest();
    latest.check_integrity().unwrap();
    let side = latest.scan_side(&KeyRange::all()).unwrap().collect::<Result<Map>>().unwrap();
    (side, latest.root())
}

#[test]
fn a_compacted_store_is_shorter_and_the_same_wherever_a_call_fails() {
    let faults = Faults::new(0);
    let expected = emptied(&faults);
    let (before, from) = (faults.bytes("state").len(), faults.trace().len());
    compact(faults.disk("state")).unwrap();
    let calls = (0u64..).zip(faults.trace()).skip(from);
    let calls: Vec<u64> = calls
        .filter(|(_, call)| !matches!(call.kind, CallKind::Read | CallKind::Len))
        .map(|(nth, _)| nth)
        .collect();
    let after = faults.bytes("state").len();
    assert!(after * 2 < before, "{before} bytes, then {after}");
    assert_eq!(contents(&Store::open(faults.disk("state")).unwrap()), expected);
    let step = calls.len().div_ceil(40);
    for call in calls.into_iter().step_by(step) {
        for fault in [Fault::ErrorBefore, Fault::Torn, Fault::PowerCut, Fault::NoSpace] {
            let faults = Faults::new(call);
            emptied(&faults);
            faults.inject(call, fault);
            let _ = compact(faults.disk("state"));
            faults.free_space();
            faults.restart_after_power_cut();
            let found = contents(&Store::open(faults.disk("state")).unwrap());
            assert_eq!(found, expected, "call {call} {fault:?}");
        }
    }
}
