mod handovers;

use ed25519_dalek::{Signer as _, SigningKey};
use proptest::prelude::*;
use prost::Message as _;
use sealdesk_testkit::proof_tree::ProofTree;
use tendermint::validator::Info;
use tendermint::vote::Power;
use tendermint::{PublicKey, Signature};

use super::*;
use crate::block::{Block, Commit, Ground, Hash, Time, precommit_bytes};
use crate::state::tree;
use crate::wire::virtengine::support::v1::{SupportTicket, TicketHead};

/// Signing keys with powers, as many as a set has validators.
type Keys = Vec<(SigningKey, u32)>;

fn keys(powers: &[u32]) -> Keys {
    (1..).zip(powers).map(|(n, power)| (SigningKey::from_bytes(&[n; 32]), *power)).collect()
}

fn set(keys: &Keys) -> ValidatorSet {
    let info = |(key, power): &(SigningKey, u32)| {
        let key = PublicKey::from_raw_ed25519(key.verifying_key().as_bytes()).unwrap();
        Info { proposer_priority: 5.into(), ..Info::new(key, Power::from(*power)) }
    };
    let infos: Vec<Info> = keys.iter().map(info).collect();
    ValidatorSet::new(infos.clone(), infos.first().cloned())
}

/// A header over that state, signed by those of the validators that `signs` picks.
fn signed(keys: &Keys, app_hash: [u8; 32], signs: impl Fn(usize) -> bool) -> SignedHeader {
    signed_with(keys, app_hash, signs, |_| {})
}

/// The same, changed before it is signed.
fn signed_with(
    keys: &Keys,
    app_hash: [u8; 32],
    signs: impl Fn(usize) -> bool,
    change: impl FnOnce(&mut Block),
) -> SignedHeader {
    let (validators, chain_id) = (set(keys), ChainId::parse("desk-1").unwrap());
    let ground = Ground { chain_id: &chain_id, validators: &validators, app_hash, previous: None };
    let time = Time::from_unix_timestamp(1_700_000_000, 7).unwrap();
    let mut block = Block::build(ground, time, vec![]).unwrap();
    change(&mut block);
    let id = block.id().unwrap();
    let bytes = precommit_bytes(&block.header.chain_id, block.header.height, id, block.header.time);
    let sign = |(place, validator): (usize, &Info)| {
        let key =
            keys.iter().find(|(key, _)| key.verifying_key().as_bytes()[..] == validator.pub_key.to_bytes());
        if !signs(place) {
            return CommitSig::BlockIdFlagAbsent;
        }
        CommitSig::BlockIdFlagCommit {
            validator_address: validator.address,
            timestamp: block.header.time,
            signature: Signature::new(key.unwrap().0.sign(&bytes).to_bytes()).unwrap(),
        }
    };
    let signatures = validators.validators().iter().enumerate().map(sign).collect();
    let height = block.header.height;
    let commit = Commit { height, round: 0u16.into(), block_id: id, signatures };
    SignedHeader::new(block.header, commit).unwrap()
}

const TICKET: u64 = 7;

fn ticket_id() -> TicketId {
    TicketId::new(TICKET).unwrap()
}

/// A state with one ticket of two responses, and more.
fn state() -> Vec<(Vec<u8>, Vec<u8>)> {
    let ticket =
        SupportTicket { ticket_id: ticket_id().to_string(), response_count: 2, ..Default::default() };
    let head = TicketHead { ticket: Some(ticket), ..Default::default() }.encode_to_vec();
    let mut records = vec![(tree::ticket(ticket_id()), head)];
    records.extend((0u8..3).map(|n| (tree::response(ticket_id(), n.into()), vec![b'r', n])));
    records.extend((0..20).map(|n| (vec![b'o', n], vec![n])));
    records
}

fn proven(tree: &ProofTree, keys: &[Vec<u8>]) -> Vec<wire::ProvenRecord> {
    let records = state();
    let prove = |key: &Vec<u8>| {
        let found = records.iter().find(|(other, _)| other == key).map(|(_, record)| record.clone());
        wire::ProvenRecord {
            state_key: key.clone(),
            absent: found.is_none(),
            record: found.unwrap_or_default(),
            proof: tree.prove(key),
        }
    };
    keys.iter().map(prove).collect()
}

fn own_keys() -> Vec<Vec<u8>> {
    vec![tree::ticket(ticket_id()), tree::response(ticket_id(), 0), tree::response(ticket_id(), 1)]
}

/// A receipt of the ticket and of what stands at other keys, signed as told.
fn receipt_with(keys: &Keys, records: &[Vec<u8>], signs: impl Fn(usize) -> bool) -> Vec<u8> {
    let tree = ProofTree::new(&state());
    let validators = set(keys);
    Evidence {
        signed_header: &signed(keys, tree.root(), signs),
        validators: &validators,
        handovers: &[],
        ticket: Some(ticket_id()),
        records: proven(&tree, records),
    }
    .encode()
}

fn receipt() -> Vec<u8> {
    let others = [vec![b'o', 3], vec![b'o', 99]];
    receipt_with(&keys(&[1]), &[own_keys().as_slice(), &others].concat(), |_| true)
}

fn pin(keys: &Keys, chain: Option<&str>) -> Trust {
    let Hash::Sha256(validators_hash) = set(keys).hash() else { panic!("a set has a hash") };
    Trust::Pinned { validators_hash, chain_id: chain.map(|chain| ChainId::parse(chain).unwrap()) }
}

#[test]
fn a_receipt_says_what_stands_in_the_ledger() {
    let receipt = VerifiedReceipt::verify(&receipt(), &pin(&keys(&[1]), Some("desk-1"))).unwrap();
    assert_eq!((receipt.height(), receipt.time(), receipt.chain_id().as_str()), (0, 1_700_000_000, "desk-1"));
    assert_eq!(receipt.ticket(), Some(ticket_id()));
    assert!(receipt.is_pinned());
    assert_eq!(receipt.record(&[b'o', 3]), Shown::Present(&[3]));
    assert_eq!(receipt.record(&[b'o', 99]), Shown::Absent);
    assert_eq!(receipt.record(&[b'o', 4]), Shown::NotCovered);
    assert_eq!(receipt.signers().len(), 1);
    assert_eq!(receipt.records().len(), 5);
}

#[test]
fn a_receipt_with_any_bit_changed_is_no_receipt() {
    let (receipt, trust) = (receipt(), pin(&keys(&[1]), None));
    VerifiedReceipt::verify(&receipt, &trust).unwrap();
    for at in 0..receipt.len() {
        for bit in 0..8 {
            let mut changed = receipt.clone();
            changed[at] ^= 1 << bit;
            assert!(VerifiedReceipt::verify(&changed, &trust).is_err(), "byte {at} bit {bit}");
        }
    }
}

#[test]
fn a_receipt_cut_short_is_no_receipt_of_the_ticket() {
    let (receipt, trust) = (receipt(), pin(&keys(&[1]), None));
    for length in 0..receipt.len() {
        let ticket = VerifiedReceipt::verify(&receipt[..length], &trust).map(|shorter| shorter.ticket());
        assert!(matches!(ticket, Err(_) | Ok(None)), "{length} bytes");
    }
}

#[test]
fn a_receipt_with_something_added_is_no_receipt() {
    let (receipt, trust) = (receipt(), pin(&keys(&[1]), None));
    for added in [&[0][..], &[0x30, 0x01], &[0x2a, 0x00]] {
        assert!(VerifiedReceipt::verify(&[&receipt[..], added].concat(), &trust).is_err());
    }
}

#[test]
fn another_ledger_s_receipt_is_refused() {
    let receipt = receipt();
    let other_validators = VerifiedReceipt::verify(&receipt, &pin(&keys(&[1, 1]), None)).unwrap_err();
    assert!(matches!(other_validators, ReceiptError::OtherValidators { .. }), "{other_validators}");
    let other_name = VerifiedReceipt::verify(&receipt, &pin(&keys(&[1]), Some("desk-2"))).unwrap_err();
    assert!(matches!(other_name, ReceiptError::OtherLedger { .. }), "{other_name}");
}

#[test]
fn an_unpinned_receipt_says_so() {
    assert!(!VerifiedReceipt::verify(&receipt(), &Trust::Unpinned).unwrap().is_pinned());
}

#[test]
fn more_than_two_thirds_of_the_power_must_have_signed() {
    let keys = keys(&[10, 10, 10]);
    let two = receipt_with(&keys, &own_keys(), |place| place != 1);
    let error = VerifiedReceipt::verify(&two, &pin(&keys, None)).unwrap_err();
    assert!(matches!(error, ReceiptError::Signatures(_)), "{error}");
    let three = receipt_with(&keys, &own_keys(), |_| true);
    assert_eq!(VerifiedReceipt::verify(&three, &pin(&keys, None)).unwrap().signers().len(), 3);
}

#[test]
fn a_signature_that_is_not_needed_is_left_out() {
    let keys = keys(&[10, 10, 10, 10]);
    let all = receipt_with(&keys, &own_keys(), |_| true);
    assert_eq!(VerifiedReceipt::verify(&all, &pin(&keys, None)).unwrap().signers().len(), 3);
}

#[test]
fn one_validator_cannot_sign_for_another() {
    let keys = keys(&[10, 10, 10]);
    let tree = ProofTree::new(&state());
    let mut header = signed(&keys, tree.root(), |_| true);
    let first = header.commit.signatures[0].clone();
    header.commit.signatures[1] = first;
    let validators = set(&keys);
    let (records, ticket) = (proven(&tree, &own_keys()), Some(ticket_id()));
    let evidence =
        Evidence { signed_header: &header, validators: &validators, handovers: &[], ticket, records };
    let forged = evidence.encode();
    assert!(VerifiedReceipt::verify(&forged, &pin(&keys, None)).is_err());
}

#[test]
fn signatures_stand_in_their_validators_places() {
    // The verifier finds votes by address, so that votes in other places would make a second encoding, and name as signers
    // validators that did not sign.
    let keys = keys(&[10, 10, 10, 10]);
    let tree = ProofTree::new(&state());
    let validators = set(&keys);
    let receipt = |votes: [usize; 4]| {
        let mut header = signed(&keys, tree.root(), |_| true);
        let all = header.commit.signatures.clone();
        header.commit.signatures = votes.iter().map(|vote| all[*vote].clone()).collect();
        header.commit.signatures[3] = CommitSig::BlockIdFlagAbsent;
        let receipt = wire::Receipt {
            version: RECEIPT_VERSION,
            signed_header: Protobuf::<RawSignedHeader>::encode_vec(header),
            validator_set: Protobuf::<RawValidatorSet>::encode_vec(hashed_part(&validators)),
            records: proven(&tree, &own_keys()),
            ticket_id: ticket_id().to_string(),
            handovers: Vec::new(),
        };
        VerifiedReceipt::verify(&receipt.encode_to_vec(), &pin(&keys, None))
    };
    assert_eq!(receipt([0, 1, 2, 3]).unwrap().signers().len(), 3);
    for votes in [[1, 0, 2, 3], [0, 1, 3, 3], [3, 1, 2, 3]] {
        assert!(receipt(votes).is_err(), "{votes:?}");
    }
}

#[test]
fn a_ticket_s_receipt_holds_all_its_responses_in_order() {
    let keys = keys(&[1]);
    let own = own_keys();
    let other = vec![b'o', 1];
    let incomplete = [
        vec![own[0].clone()],
        own[..2].to_vec(),
        vec![own[0].clone(), own[2].clone(), own[1].clone()],
        vec![own[1].clone(), own[2].clone(), own[0].clone()],
        vec![own[0].clone(), own[1].clone(), other.clone()],
        [own.as_slice(), &[own[0].clone()]].concat(),
        [own.as_slice(), &[other.clone(), other.clone()]].concat(),
        [own.as_slice(), &[vec![b'o', 2], other]].concat(),
        vec![],
    ];
    for records in incomplete {
        let receipt = receipt_with(&keys, &records, |_| true);
        assert!(VerifiedReceipt::verify(&receipt, &pin(&keys, None)).is_err(), "{records:?}");
    }
}

#[test]
fn a_receipt_of_another_ticket_is_not_this_one_s() {
    let mut receipt = wire::Receipt::decode(receipt().as_slice()).unwrap();
    receipt.ticket_id = "TKT-00000008".to_owned();
    let error = VerifiedReceipt::verify(&receipt.encode_to_vec(), &Trust::Unpinned).unwrap_err();
    assert!(matches!(error, ReceiptError::Ticket(_)), "{error}");
}

#[test]
fn an_oversized_or_overfull_receipt_is_refused_before_it_is_read() {
    let long = VerifiedReceipt::verify(&vec![0; RECEIPT_BYTES_MAX + 1], &Trust::Unpinned).unwrap_err();
    assert!(matches!(long, ReceiptError::TooLarge { .. }), "{long}");
    let many = [0x22, 0x00].repeat(RECEIPT_RECORDS_MAX + 1);
    let many = VerifiedReceipt::verify(&many, &Trust::Unpinned).unwrap_err();
    assert_eq!(many, ReceiptError::TooManyRecords(RECEIPT_RECORDS_MAX));
}

proptest! {
    #[test]
    fn no_bytes_make_verifying_a_receipt_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(VerifiedReceipt::verify(&bytes, &Trust::Unpinned).is_err());
    }

    #[test]
    fn no_replaced_piece_of_a_receipt_goes_unnoticed(
        at in any::<prop::sample::Index>(),
        with in proptest::collection::vec(any::<u8>(), 0..12),
        length in 0usize..12,
    ) {
        let receipt = receipt();
        let from = at.index(receipt.len());
        let to = (from + length).min(receipt.len());
        let mut changed = receipt.clone();
        changed.splice(from..to, with);
        prop_assume!(changed != receipt);
        prop_assert!(VerifiedReceipt::verify(&changed, &pin(&keys(&[1]), None)).is_err());
    }
}
