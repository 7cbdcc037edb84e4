//! Receipts made after the validators changed, read by who knows earlier ones.

use super::*;

/// Keys of seeds, all of the same power.
fn council(seeds: &[u8]) -> Keys {
    seeds.iter().map(|seed| (SigningKey::from_bytes(&[*seed; 32]), 10)).collect()
}

/// A header of this height with which those keys hand over to others.
fn handover(height: u64, keys: &Keys, next: &Keys) -> Handover {
    handover_with(height, keys, |_| true, |block| block.header.next_validators_hash = set(next).hash())
}

fn handover_with(
    height: u64,
    keys: &Keys,
    signs: impl Fn(usize) -> bool,
    change: impl FnOnce(&mut Block),
) -> Handover {
    let signed_header = signed_with(keys, [9; 32], signs, |block| {
        block.header.height = height.try_into().unwrap();
        change(block);
    });
    Handover { signed_header, validators: set(keys) }
}

/// A receipt signed at height 100 by those keys, after these handovers.
fn receipt_after(handovers: &[Handover], keys: &Keys) -> Vec<u8> {
    let tree = ProofTree::new(&state());
    let signed_header =
        signed_with(keys, tree.root(), |_| true, |block| block.header.height = 100u64.try_into().unwrap());
    let (records, ticket) = (proven(&tree, &own_keys()), Some(ticket_id()));
    let (signed_header, validators) = (&signed_header, &set(keys));
    Evidence { signed_header, validators, handovers, ticket, records }.encode()
}

/// Four validators, of whom two are replaced one after the other, and then all at once.
fn generations() -> [Keys; 4] {
    [council(&[1, 2, 3, 4]), council(&[1, 2, 3, 5]), council(&[1, 2, 6, 5]), council(&[11, 12, 13, 14])]
}

fn succession() -> (Vec<Handover>, [Keys; 4]) {
    let generations = generations();
    let pairs = [10, 11, 40].into_iter().zip(generations.windows(2));
    (pairs.map(|(height, pair)| handover(height, &pair[0], &pair[1])).collect(), generations)
}

#[test]
fn a_receipt_after_two_of_four_validators_changed_verifies_from_the_first_four() {
    let (handovers, generations) = succession();
    let receipt = receipt_after(&handovers[..2], &generations[2]);
    let verified = VerifiedReceipt::verify(&receipt, &pin(&generations[0], Some("desk-1"))).unwrap();
    assert!(verified.is_pinned());
    assert_eq!((verified.handovers(), verified.height()), (2, 99));
    let Hash::Sha256(newest) = set(&generations[2]).hash() else { panic!("a set has a hash") };
    assert_eq!(*verified.validators_hash(), newest);
    assert!(VerifiedReceipt::verify(&receipt, &pin(&generations[3], None)).is_err());
}

#[test]
fn whoever_is_known_on_the_way_is_believed_however_much_changes_at_once() {
    let (handovers, generations) = succession();
    let receipt = receipt_after(&handovers, &generations[3]);
    for (known, left) in generations.iter().zip([3, 2, 1, 0]) {
        let verified = VerifiedReceipt::verify(&receipt, &pin(known, None)).unwrap();
        assert_eq!(verified.handovers(), left);
        assert_eq!(verified.handed_over_at(), [None, Some(40), Some(11), Some(10)][left]);
    }
    let unpinned = VerifiedReceipt::verify(&receipt, &Trust::Unpinned).unwrap();
    assert_eq!((unpinned.is_pinned(), unpinned.handovers(), unpinned.handed_over_at()), (false, 3, None));
    let error = VerifiedReceipt::verify(&receipt, &pin(&council(&[1, 2, 3, 9]), None)).unwrap_err();
    assert!(matches!(error, ReceiptError::OtherValidators { .. }), "{error}");
}

#[test]
fn a_handover_with_any_bit_changed_is_none() {
    let (handovers, generations) = succession();
    let (receipt, trust) = (receipt_after(&handovers, &generations[3]), pin(&generations[0], None));
    VerifiedReceipt::verify(&receipt, &trust).unwrap();
    // The handovers stand last.
    let without = receipt_after(&[], &generations[3]).len();
    for at in without..receipt.len() {
        let mut changed = receipt.clone();
        changed[at] ^= 1 << (at % 8);
        assert!(VerifiedReceipt::verify(&changed, &trust).is_err(), "byte {at}");
    }
}

#[test]
fn no_handover_can_be_left_out_doubled_or_put_elsewhere() {
    let (all, generations) = succession();
    let pick = |places: &[usize]| places.iter().map(|place| all[*place].clone()).collect::<Vec<_>>();
    for places in [&[0, 2][..], &[0, 1], &[1, 0, 2], &[0, 0, 1, 2], &[0, 1, 2, 2], &[2, 1, 0], &[0]] {
        let receipt = receipt_after(&pick(places), &generations[3]);
        let error = VerifiedReceipt::verify(&receipt, &pin(&generations[0], None)).unwrap_err();
        assert!(matches!(error, ReceiptError::Handover { .. }), "{places:?}: {error}");
    }
    // Who is known as the last but one needs no more than the last.
    let receipt = receipt_after(&pick(&[2]), &generations[3]);
    VerifiedReceipt::verify(&receipt, &pin(&generations[2], None)).unwrap();
}

#[test]
fn a_handover_takes_more_than_two_thirds_of_those_before() {
    let (old, new) = (council(&[1, 2, 3, 4]), council(&[5, 6, 7, 8]));
    let name_next = |block: &mut Block| block.header.next_validators_hash = set(&new).hash();
    let by = |signers: usize| {
        let handover = handover_with(10, &old, |place| place < signers, name_next);
        VerifiedReceipt::verify(&receipt_after(&[handover], &new), &pin(&old, None))
    };
    assert!(by(3).is_ok());
    let error = by(2).unwrap_err();
    assert!(matches!(error, ReceiptError::Handover { index: 0, .. }), "{error}");
}

#[test]
fn a_handover_of_another_ledger_too_late_or_to_the_same_is_none() {
    let (old, new) = (council(&[1, 2, 3, 4]), council(&[5, 6, 7, 8]));
    let verify = |handover: Handover, keys: &Keys| {
        VerifiedReceipt::verify(&receipt_after(&[handover], keys), &pin(&old, None))
    };
    assert!(verify(handover(99, &old, &new), &new).is_ok());
    let other = handover_with(
        10,
        &old,
        |_| true,
        |block| {
            block.header.chain_id = "desk-2".parse().unwrap();
            block.header.next_validators_hash = set(&new).hash();
        },
    );
    for wrong in [other, handover(100, &old, &new), handover(101, &old, &new)] {
        let error = verify(wrong, &new).unwrap_err();
        assert!(matches!(error, ReceiptError::Handover { index: 0, .. }), "{error}");
    }
    let error = verify(handover(10, &old, &old), &old).unwrap_err();
    assert!(matches!(error, ReceiptError::Handover { .. }), "{error}");
}

#[test]
fn handovers_are_counted_before_they_are_read() {
    let many = [0xa2, 0x01, 0x00].repeat(RECEIPT_HANDOVERS_MAX + 1);
    let error = VerifiedReceipt::verify(&many, &Trust::Unpinned).unwrap_err();
    assert_eq!(error, ReceiptError::TooManyHandovers);
}

#[test]
fn a_kept_handover_reads_back_as_it_was() {
    let (handovers, _) = succession();
    for handover in handovers {
        let again = Handover::from_wire(&handover.to_wire()).unwrap();
        assert_eq!(again.to_wire(), handover.to_wire());
        assert_eq!(again.validators.hash(), handover.validators.hash());
    }
}
