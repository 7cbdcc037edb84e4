//! The forms of answers: numbers of 64 bits are texts, hashes upper-case hexadecimal digits, all other bytes base64.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sealdesk_protocol::block::{BlockId, Commit, CommitSig, Hash, Header, Time};
use sealdesk_protocol::ids::Prefix;
use sealdesk_protocol::wire::tendermint::abci;
use serde_json::{Value, json};

use crate::api::tx_response::WholeTx;
use crate::api::validators::ValidatorRow;
use crate::blocks::{StoredBlock, StoredCommit};

/// The name of an ed25519 key in CometBFT's JSON.
const ED25519: &str = "tendermint/PubKeyEd25519";
/// The time of a vote that was not given.
const NO_TIME: &str = "0001-01-01T00:00:00Z";

pub(super) fn hash(bytes: &[u8]) -> String {
    hex::encode_upper(bytes)
}

fn of_hash(of: &Hash) -> String {
    hash(of.as_bytes())
}

fn of_optional(of: Option<&Hash>) -> String {
    of.map(of_hash).unwrap_or_default()
}

pub(super) fn time(time: &Time) -> String {
    time.to_rfc3339()
}

/// A block's name; of none, CometBFT has one that is empty.
pub(super) fn block_id(id: Option<&BlockId>) -> Value {
    match id {
        Some(id) => json!({
            "hash": of_hash(&id.hash),
            "parts": { "total": id.part_set_header.total, "hash": of_hash(&id.part_set_header.hash) },
        }),
        None => json!({ "hash": "", "parts": { "total": 0, "hash": "" } }),
    }
}

pub(super) fn header(header: &Header) -> Value {
    json!({
        "version": { "block": header.version.block.to_string(), "app": header.version.app.to_string() },
        "chain_id": header.chain_id.as_str(),
        "height": header.height.to_string(),
        "time": time(&header.time),
        "last_block_id": block_id(header.last_block_id.as_ref()),
        "last_commit_hash": of_optional(header.last_commit_hash.as_ref()),
        "data_hash": of_optional(header.data_hash.as_ref()),
        "validators_hash": of_hash(&header.validators_hash),
        "next_validators_hash": of_hash(&header.next_validators_hash),
        "consensus_hash": of_hash(&header.consensus_hash),
        "app_hash": hash(header.app_hash.as_bytes()),
        "last_results_hash": of_optional(header.last_results_hash.as_ref()),
        "evidence_hash": of_optional(header.evidence_hash.as_ref()),
        "proposer_address": hash(header.proposer_address.as_bytes()),
    })
}

pub(super) fn commit(commit: Option<&Commit>) -> Value {
    match commit {
        Some(commit) => json!({
            "height": commit.height.to_string(),
            "round": commit.round.value(),
            "block_id": block_id(Some(&commit.block_id)),
            "signatures": commit.signatures.iter().map(signature).collect::<Vec<_>>(),
        }),
        None => json!({ "height": "0", "round": 0, "block_id": block_id(None), "signatures": [] }),
    }
}

fn signature(vote: &CommitSig) -> Value {
    let given = |flag: u32, address: &[u8], at: &Time, signature: Option<&[u8]>| {
        json!({
            "block_id_flag": flag,
            "validator_address": hash(address),
            "timestamp": time(at),
            "signature": signature.map(|signature| BASE64.encode(signature)),
        })
    };
    match vote {
        CommitSig::BlockIdFlagAbsent => json!({
            "block_id_flag": 1, "validator_address": "", "timestamp": NO_TIME, "signature": null,
        }),
        CommitSig::BlockIdFlagCommit { validator_address, timestamp, signature } => {
            let signature = signature.as_ref().map(|signature| signature.as_bytes());
            given(2, validator_address.as_bytes(), timestamp, signature)
        }
        CommitSig::BlockIdFlagNil { validator_address, timestamp, signature } => {
            let signature = signature.as_ref().map(|signature| signature.as_bytes());
            given(3, validator_address.as_bytes(), timestamp, signature)
        }
    }
}

pub(super) fn signed_header(stored: &StoredCommit) -> Value {
    let signed = &stored.signed;
    json!({
        "signed_header": { "header": header(signed.header()), "commit": commit(Some(signed.commit())) },
        "canonical": stored.is_canonical,
    })
}

/// A block without its name.
pub(super) fn block(block: &StoredBlock) -> Value {
    json!({
        "header": header(&block.header),
        "data": { "txs": block.txs.iter().map(|tx| BASE64.encode(tx)).collect::<Vec<_>>() },
        "evidence": { "evidence": [] },
        "last_commit": commit(block.last_commit.as_ref()),
    })
}

/// A block with its name.
pub(super) fn named_block(stored: &StoredBlock) -> Value {
    json!({ "block_id": block_id(Some(&stored.id)), "block": block(stored) })
}

/// What a list of blocks says of one.
pub(super) fn meta(block: &StoredBlock) -> Value {
    json!({
        "block_id": block_id(Some(&block.id)),
        "block_size": block.bytes.to_string(),
        "header": header(&block.header),
        "num_txs": block.txs.len().to_string(),
    })
}

pub(super) fn events(events: &[abci::Event]) -> Value {
    events
        .iter()
        .map(|event| {
            let attributes = event.attributes.iter();
            let attributes =
                attributes.map(|at| json!({ "key": at.key, "value": at.value, "index": at.index }));
            json!({ "type": event.r#type, "attributes": attributes.collect::<Vec<_>>() })
        })
        .collect()
}

/// What checking or executing a transaction came to.
pub(super) fn tx_result(code: u32, codespace: &str, log: &str, data: &[u8], of: &[abci::Event]) -> Value {
    json!({
        "code": code,
        "data": if data.is_empty() { Value::Null } else { BASE64.encode(data).into() },
        "log": log,
        "info": "",
        "gas_wanted": "0",
        "gas_used": "0",
        "events": events(of),
        "codespace": codespace,
    })
}

/// The result of a transaction on the ledger.
pub(super) fn result_of(tx: &WholeTx, prefix: &Prefix) -> Value {
    let record = &tx.record;
    tx_result(record.code, &record.codespace, &record.log, &record.data, &tx.events(prefix))
}

/// A transaction on the ledger.
pub(super) fn tx(tx: &WholeTx, prefix: &Prefix) -> Value {
    json!({
        "hash": tx.hash.to_string(),
        "height": tx.record.height.to_string(),
        "index": tx.record.index,
        "tx_result": result_of(tx, prefix),
        "tx": BASE64.encode(&tx.bytes),
    })
}

pub(super) fn key(bytes: &[u8]) -> Value {
    json!({ "type": ED25519, "value": BASE64.encode(bytes) })
}

pub(super) fn validator(row: &ValidatorRow) -> Value {
    json!({
        "address": hash(&row.address),
        "pub_key": key(&row.key),
        "voting_power": row.power.to_string(),
        "proposer_priority": row.priority.to_string(),
    })
}
