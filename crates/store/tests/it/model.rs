//! The store against a plain map: random blocks, transactions, scans and proofs.

use std::collections::BTreeMap;

use ics23::{CommitmentProof, HostFunctionsManager};
use proptest::prelude::*;
use sealdesk_store::{Durability, KeyRange, Snapshot, State, Store};
use sha2::{Digest, Sha256};

type Map = BTreeMap<Vec<u8>, Vec<u8>>;

#[derive(Clone, Debug)]
enum Step {
    Put(Vec<u8>, Vec<u8>),
    Delete(Vec<u8>),
    PutSide(Vec<u8>, Vec<u8>),
    DeleteSide(Vec<u8>),
}

fn key() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(0u8..4, 0..4)
}

fn step() -> impl Strategy<Value = Step> {
    let value = || prop::collection::vec(any::<u8>(), 0..40);
    prop_oneof![
        4 => (key(), value()).prop_map(|(key, value)| Step::Put(key, value)),
        3 => key().prop_map(Step::Delete),
        2 => (key(), value()).prop_map(|(key, value)| Step::PutSide(key, value)),
        1 => key().prop_map(Step::DeleteSide),
    ]
}

/// Transactions of a block, each kept or rolled back, and whether the block is synced.
type Block = (Vec<(Vec<Step>, bool)>, bool);

fn blocks() -> impl Strategy<Value = Vec<Block>> {
    let tx = (prop::collection::vec(step(), 0..12), any::<bool>());
    prop::collection::vec((prop::collection::vec(tx, 0..5), any::<bool>()), 1..8)
}

fn apply(state: &mut State, records: &mut Map, side: &mut Map, step: &Step) {
    match step.clone() {
        Step::Put(key, value) => {
            state.put(key.clone(), value.clone());
            records.insert(key, value);
        }
        Step::Delete(key) => {
            state.delete(key.clone());
            records.remove(&key);
        }
        Step::PutSide(key, value) => {
            state.put_side(key.clone(), value.clone());
            side.insert(key, value);
        }
        Step::DeleteSide(key) => {
            state.delete_side(key.clone());
            side.remove(&key);
        }
    }
}

fn pairs(map: &Map, prefix: &[u8]) -> Vec<(Vec<u8>, Vec<u8>)> {
    map.iter().filter(|(key, _)| key.starts_with(prefix)).map(|(k, v)| (k.clone(), v.clone())).collect()
}

fn check_scans(state: &State, records: &Map, side: &Map) {
    for prefix in [&[][..], &[1], &[2, 3], &[3, 3, 3]] {
        let range = KeyRange::prefix(prefix);
        let found: Vec<_> = state.scan(&range).unwrap().map(Result::unwrap).collect();
        assert_eq!(found, pairs(records, prefix));
        let mut found: Vec<_> = state.scan(&range).unwrap().rev().map(Result::unwrap).collect();
        found.reverse();
        assert_eq!(found, pairs(records, prefix));
        let found: Vec<_> = state.scan_side(&range).unwrap().map(Result::unwrap).collect();
        assert_eq!(found, pairs(side, prefix));
        check_both_ends(state, &range, &pairs(records, prefix));
    }
}

/// Takes from the two ends in turn, as a reader that meets in the middle would.
fn check_both_ends(state: &State, range: &KeyRange, expected: &[(Vec<u8>, Vec<u8>)]) {
    let mut scan = state.scan(range).unwrap();
    let (mut front, mut back) = (Vec::new(), Vec::new());
    while let Some(entry) = scan.next() {
        front.push(entry.unwrap());
        back.extend(scan.next_back().transpose().unwrap());
    }
    front.extend(back.into_iter().rev());
    assert_eq!(front, expected);
}

fn sha(bytes: &[u8]) -> Vec<u8> {
    Sha256::digest(bytes).to_vec()
}

fn verifies(snapshot: &Snapshot, proof: &[u8], key: &[u8], record: Option<&[u8]>) -> bool {
    use ics23_prost::Message;
    let Ok(proof) = CommitmentProof::decode(proof) else { return false };
    let (spec, root) = (jmt::ics23_spec(), snapshot.root().to_vec());
    match record {
        Some(record) => {
            let (key, value) = (sha(key), sha(record));
            ics23::verify_membership::<HostFunctionsManager>(&proof, &spec, &root, &key, &value)
        }
        None => ics23::verify_non_membership::<HostFunctionsManager>(&proof, &spec, &root, &sha(key)),
    }
}

/// Whether two proofs of absence show the same neighbours.
fn only_repeats_key(proof: &[u8], changed: &[u8]) -> bool {
    use ics23::commitment_proof::Proof::Nonexist;
    use ics23_prost::Message;
    let neighbours = |bytes: &[u8]| match CommitmentProof::decode(bytes).ok()?.proof? {
        Nonexist(proof) => Some((proof.left, proof.right)),
        _ => None,
    };
    neighbours(proof) == neighbours(changed)
}

fn check_proofs(snapshot: &Snapshot, records: &Map) {
    if records.is_empty() {
        assert!(snapshot.prove(b"x").is_err());
        return;
    }
    for key in records.keys().cloned().chain([vec![9], vec![1, 9], vec![]]) {
        let record = records.get(&key).map(Vec::as_slice);
        let proof = snapshot.prove(&key).unwrap();
        assert_eq!(proof.record.as_deref(), record);
        assert!(verifies(snapshot, &proof.proof, &key, record), "{key:?}");
        assert!(!verifies(snapshot, &proof.proof, &key, Some(b"another record")));
        match record {
            Some(_) => {
                assert!(!verifies(snapshot, &proof.proof, b"another key", record));
                assert!(!verifies(snapshot, &proof.proof, &key, None));
            }
            None => records.keys().for_each(|present| {
                assert!(!verifies(snapshot, &proof.proof, present, None), "{present:?} shown absent");
            }),
        }
    }
}

/// Puts all records into a new store at once: the root must not tell how they came about.
fn root_without_history(records: &Map) -> [u8; 32] {
    let store = Store::in_memory();
    let mut state = State::new(store.latest());
    for (key, record) in records {
        state.put(key.clone(), record.clone());
    }
    store.prepare(7, state.into_changes()).unwrap().root()
}

fn check_block(store: &Store, version: u64, block: &Block, model: &mut (Map, Map)) {
    let mut state = State::new(store.latest());
    for (steps, keep) in &block.0 {
        let before = model.clone();
        state.begin_tx().unwrap();
        steps.iter().for_each(|step| apply(&mut state, &mut model.0, &mut model.1, step));
        check_scans(&state, &model.0, &model.1);
        if *keep {
            state.commit_tx().unwrap();
        } else {
            state.rollback_tx();
            *model = before;
        }
        check_scans(&state, &model.0, &model.1);
    }
    let staged = store.prepare(version, state.into_changes()).unwrap();
    let durability = if block.1 { Durability::Synced } else { Durability::Deferred };
    store.commit(staged, durability).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn agrees_with_a_map(blocks in blocks()) {
        let store = Store::in_memory();
        let mut model = (Map::new(), Map::new());
        let mut past = Vec::new();
        for (version, block) in (1..).zip(&blocks) {
            check_block(&store, version, block, &mut model);
            prop_assert_eq!(store.latest().root(), root_without_history(&model.0));
            past.push(model.0.clone());
        }
        check_scans(&State::new(store.latest()), &model.0, &model.1);
        for (version, records) in (1..).zip(&past) {
            let snapshot = store.at(version).unwrap();
            check_proofs(&snapshot, records);
            prop_assert_eq!(snapshot.scan(&KeyRange::all()).unwrap().count(), records.len());
        }
    }

    #[test]
    fn a_changed_proof_fails(at in any::<prop::sample::Index>(), bit in 0u8..8, absent in any::<bool>()) {
        let store = Store::in_memory();
        let mut state = State::new(store.latest());
        (0u8..50).for_each(|n| state.put([n], [n; 9]));
        store.commit(store.prepare(1, state.into_changes()).unwrap(), Durability::Synced).unwrap();
        let snapshot = store.latest();
        let key = if absent { [200] } else { [20] };
        let record = (!absent).then_some(&[20; 9][..]);
        let proof = snapshot.prove(&key).unwrap().proof;
        let mut changed = proof.clone();
        let index = at.index(proof.len());
        changed[index] ^= 1 << bit;
        // A proof of absence repeats the key it was asked about, and no verifier reads it: only that may change freely.
        if !absent || !only_repeats_key(&proof, &changed) {
            prop_assert!(!verifies(&snapshot, &changed, &key, record));
        }
    }
}
