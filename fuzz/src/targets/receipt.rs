//! Proofs and receipts, which are worth nothing if anyone can make another one.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use prost::Message as _;
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::proof;
use sealdesk_protocol::receipt::{Evidence, Handover, Trust, VerifiedReceipt};
use sealdesk_protocol::state::tree;
use sealdesk_protocol::wire::sealdesk::ledger::v1::ProvenRecord;
use sealdesk_protocol::wire::virtengine::support::v1::{SupportTicket, TicketHead};
use sealdesk_store::{Changes, Durability, Snapshot, Store};

use super::block::{block, signed, validators};
use super::{choose, chosen};
use crate::people::chain_id;
use crate::{Outcome, Target};

pub(super) fn targets() -> Vec<Target> {
    let target = |name, run, seeds| Target { name, bytes_max: 16_384, run, seeds, contains_panics: false };
    vec![target("proof", proof, proof_seeds), target("receipt", receipt, receipt_seeds)]
}

fn ticket_id() -> TicketId {
    TicketId::new(7).expect("not zero")
}

/// A state with one ticket of two responses, and twenty other records.
fn records() -> BTreeMap<Vec<u8>, Vec<u8>> {
    let ticket =
        SupportTicket { ticket_id: ticket_id().to_string(), response_count: 2, ..Default::default() };
    let head = TicketHead { ticket: Some(ticket), ..Default::default() }.encode_to_vec();
    let mut records = BTreeMap::from([(tree::ticket(ticket_id()), head)]);
    records.extend((0..3).map(|n: u8| (tree::response(ticket_id(), n.into()), vec![b'r', n])));
    records.extend((0..20).map(|n| (vec![b'o', n], vec![n])));
    records
}

fn state() -> &'static Snapshot {
    static STATE: OnceLock<Snapshot> = OnceLock::new();
    STATE.get_or_init(|| {
        let store = Store::in_memory();
        let records = records().into_iter().map(|(key, record)| (key, Some(record))).collect();
        let staged = store.prepare(1, Changes { records, ..Changes::default() }).expect("a staged block");
        store.commit(staged, Durability::Synced).expect("a committed block");
        store.latest()
    })
}

/// Keys with a record, and without.
fn keys() -> Vec<Vec<u8>> {
    let own = [tree::ticket(ticket_id()), tree::response(ticket_id(), 0), tree::response(ticket_id(), 1)];
    own.into_iter().chain([vec![b'o', 3], vec![b'o', 99]]).collect()
}

fn proven(key: &[u8]) -> ProvenRecord {
    let proven = state().prove(key).expect("a key of a state that is not empty");
    ProvenRecord {
        state_key: key.to_vec(),
        absent: proven.record.is_none(),
        record: proven.record.unwrap_or_default(),
        proof: proven.proof,
    }
}

/// `claim ‖ proof`: each claim in turn, true and false ones. A true claim has one proof, a false one none.
fn proof(data: &[u8]) -> Outcome {
    let keys = keys();
    let Some((choice, proof)) = choose(data, 2 * keys.len()) else { return Outcome::Refused };
    let key = &keys[choice / 2];
    let stored = records().get(key).cloned();
    let claim = match (choice % 2, &stored) {
        (0, stored) => stored.clone(),
        (_, Some(_)) => None,
        (_, None) => Some(b"forged".to_vec()),
    };
    let verified = proof::verify(&state().root(), key, claim.as_deref(), proof);
    if verified.is_ok() {
        assert!(claim == stored, "a lie is proven");
        assert!(proof == proven(key).proof, "a proof was changed and still proves");
    }
    Outcome::from(&verified)
}

fn proof_seeds() -> Vec<Vec<u8>> {
    let keys = keys();
    let seeds = keys.iter().enumerate();
    seeds.flat_map(|(place, key)| [0, 1].map(|lie| chosen(2 * place + lie, &proven(key).proof))).collect()
}

/// Whatever verifies says of the state what is true of it, whoever is trusted.
fn receipt(data: &[u8]) -> Outcome {
    let validators_hash = validators().hash().as_bytes().try_into().expect("a SHA-256");
    let pinned = Trust::Pinned { validators_hash, chain_id: Some(chain_id()) };
    let verified = VerifiedReceipt::verify(data, &pinned);
    if let Ok(receipt) = &verified {
        assert!(receipt.is_pinned() && receipt.app_hash() == &state().root());
        let records = records();
        for (key, record) in receipt.records() {
            assert!(records.get(key) == record.as_ref(), "a receipt proves what is not so");
        }
        let of_ticket =
            receipt.ticket().is_none_or(|ticket| receipt.records().contains_key(&tree::ticket(ticket)));
        assert!(of_ticket, "a receipt of a ticket without the ticket");
    }
    let unpinned = VerifiedReceipt::verify(data, &Trust::Unpinned);
    assert!(unpinned.is_ok() || verified.is_err(), "a pin makes a receipt better");
    Outcome::from(&verified)
}

fn receipt_seeds() -> Vec<Vec<u8>> {
    let header = signed(&block(None, state().root(), Vec::new()));
    let encode = |ticket, keys: &[Vec<u8>], handovers: &[Handover]| {
        let records = keys.iter().map(|key| proven(key)).collect();
        Evidence { signed_header: &header, validators: &validators(), handovers, ticket, records }.encode()
    };
    let keys = keys();
    vec![
        encode(Some(ticket_id()), &keys, &[]),
        encode(Some(ticket_id()), &keys[..3], &[]),
        encode(None, &keys[3..], &[]),
        encode(Some(ticket_id()), &keys[..3], &[handover()]),
    ]
}

/// Of the right form, and to validators who never sign here.
fn handover() -> Handover {
    let mut block = block(None, [7; 32], Vec::new());
    block.header.next_validators_hash = block.header.data_hash.unwrap_or_default();
    Handover { signed_header: signed(&block), validators: validators() }
}
