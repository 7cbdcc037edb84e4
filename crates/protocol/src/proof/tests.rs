use proptest::prelude::*;
use sealdesk_testkit::proof_tree::ProofTree;

use super::*;
use ics23::NonExistenceProof;

fn records(count: u8) -> Vec<(Vec<u8>, Vec<u8>)> {
    (0..count).map(|n| (vec![b'k', n], vec![b'r', n])).collect()
}

#[test]
fn a_record_is_proven_to_stand_in_the_state() {
    for count in [1, 2, 3, 50] {
        let tree = ProofTree::new(&records(count));
        for (key, record) in records(count) {
            let proof = tree.prove(&key);
            assert_eq!(verify(&tree.root(), &key, Some(&record), &proof), Ok(()));
            assert_eq!(verify(&tree.root(), &key, Some(b"other"), &proof), Err(ProofError::Record));
            assert_eq!(verify(&tree.root(), b"other", Some(&record), &proof), Err(ProofError::Record));
            assert_eq!(verify(&[0; 32], &key, Some(&record), &proof), Err(ProofError::Record));
            assert_eq!(verify(&tree.root(), &key, None, &proof), Err(ProofError::Absence));
        }
    }
}

#[test]
fn a_missing_record_is_proven_to_be_missing() {
    let tree = ProofTree::new(&records(50));
    for n in 100..200 {
        let key = vec![b'k', n];
        let proof = tree.prove(&key);
        assert_eq!(verify(&tree.root(), &key, None, &proof), Ok(()));
        assert_eq!(verify(&tree.root(), &key, Some(b"r"), &proof), Err(ProofError::Record));
        assert_eq!(verify(&tree.root(), b"k\x01", None, &proof), Err(ProofError::Absence));
    }
}

#[test]
fn no_choice_of_neighbours_hides_a_record() {
    for count in [1, 2, 3, 14] {
        let tree = ProofTree::new(&records(count));
        let leaves: Vec<_> =
            (0..usize::from(count)).map(|at| Some(tree.existence(at))).chain([None]).collect();
        for (key, _) in records(count) {
            for left in &leaves {
                for right in &leaves {
                    let (left, right) = (left.clone(), right.clone());
                    let absence = NonExistenceProof { key: tree_key(&key).to_vec(), left, right };
                    let proof = CommitmentProof { proof: Some(Proof::Nonexist(absence)) }.encode_to_vec();
                    assert_eq!(verify(&tree.root(), &key, None, &proof), Err(ProofError::Absence));
                }
            }
        }
    }
}

#[test]
fn an_absence_is_proven_by_its_two_neighbours_and_no_others() {
    let tree = ProofTree::new(&records(14));
    let leaves: Vec<_> = (0..14).map(|at| Some(tree.existence(at))).chain([None]).collect();
    for n in 100..120 {
        let key = vec![b'k', n];
        let pairs =
            leaves.iter().flat_map(|left| leaves.iter().map(move |right| (left.clone(), right.clone())));
        let proves = |(left, right)| {
            let absence = NonExistenceProof { key: tree_key(&key).to_vec(), left, right };
            let proof = CommitmentProof { proof: Some(Proof::Nonexist(absence)) }.encode_to_vec();
            verify(&tree.root(), &key, None, &proof).is_ok()
        };
        assert_eq!(pairs.filter(|pair| proves(pair.clone())).count(), 1, "{n}");
    }
}

#[test]
fn every_changed_byte_of_a_proof_makes_it_fail() {
    let tree = ProofTree::new(&records(20));
    for (key, record) in [(vec![b'k', 3], Some(vec![b'r', 3])), (vec![b'k', 99], None)] {
        let proof = tree.prove(&key);
        for at in 0..proof.len() {
            for bit in 0..8 {
                let mut changed = proof.clone();
                changed[at] ^= 1 << bit;
                assert!(
                    verify(&tree.root(), &key, record.as_deref(), &changed).is_err(),
                    "byte {at} bit {bit}"
                );
            }
        }
    }
}

#[test]
fn an_oversized_proof_is_refused_before_it_is_read() {
    assert_eq!(verify(&[0; 32], b"k", None, &vec![0; PROOF_BYTES_MAX + 1]), Err(ProofError::TooLarge));
}

proptest! {
    #[test]
    fn no_bytes_make_verifying_panic(
        bytes in proptest::collection::vec(any::<u8>(), 0..200),
        at in 0usize..2_000,
        with in any::<u8>(),
    ) {
        let tree = ProofTree::new(&records(9));
        prop_assert!(verify(&tree.root(), b"k", None, &bytes).is_err());
        let mut proof = tree.prove(b"kx");
        let place = at % proof.len();
        proof.splice(place..place + 1, [with, with]);
        prop_assert!(verify(&tree.root(), b"kx", None, &proof).is_err());
    }
}
