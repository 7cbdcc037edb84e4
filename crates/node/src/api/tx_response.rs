//! Transactions shaped as Cosmos shapes them.

use prost::{Message as _, Name as _};
use prost_types::Any;
use sealdesk_machine::{ExecutedMessage, abci_events};
use sealdesk_protocol::block::Time;
use sealdesk_protocol::codes::Refusal;
use sealdesk_protocol::events::Emitted;
use sealdesk_protocol::ids::Prefix;
use sealdesk_protocol::tx::{Tx, TxHash};
use sealdesk_protocol::tx_index::tx_events;
use sealdesk_protocol::wire::cosmos::base::abci::v1beta1::TxResponse;
use sealdesk_protocol::wire::cosmos::tx::v1beta1 as wire;
use sealdesk_protocol::wire::sealdesk::ledger::v1::TxRecord;
use sealdesk_protocol::wire::tendermint::abci;

/// A transaction on the ledger with its result.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct WholeTx {
    /// Its name.
    pub(crate) hash: TxHash,
    /// Its result.
    pub(crate) record: TxRecord,
    /// Its bytes; empty where its messages were refused and the block that has it is not here any more.
    pub(crate) bytes: Vec<u8>,
}

impl WholeTx {
    /// Its events as ABCI has them: what Cosmos says of every transaction, then what the messages did.
    pub(crate) fn events(&self, prefix: &Prefix) -> Vec<abci::Event> {
        let Ok(tx) = Tx::decode(&self.bytes, prefix) else { return Vec::new() };
        let mut events = tx_events(&tx);
        if self.record.code == 0 {
            events.extend(message_events(&tx, &self.record));
        }
        events
    }

    /// The transaction as its parts; `None` where its bytes are not here.
    pub(crate) fn parts(&self) -> Option<wire::Tx> {
        parts(&self.bytes)
    }

    /// As Cosmos's services have it.
    pub(crate) fn response(&self, prefix: &Prefix) -> TxResponse {
        let record = &self.record;
        let tx = self.parts().map(|tx| Any { type_url: wire::Tx::type_url(), value: tx.encode_to_vec() });
        let time = Time::from_unix_timestamp(record.timestamp, 0).map(|time| time.to_rfc3339());
        TxResponse {
            height: record.height,
            txhash: self.hash.to_string(),
            codespace: record.codespace.clone(),
            code: record.code,
            data: hex::encode_upper(&record.data),
            raw_log: record.log.clone(),
            timestamp: time.unwrap_or_default(),
            events: self.events(prefix),
            tx,
            ..TxResponse::default()
        }
    }
}

/// What the messages did. The record does not say how many events belong to each: those that name its action and its sender do.
fn message_events(tx: &Tx, record: &TxRecord) -> Vec<abci::Event> {
    let events: Vec<Emitted> =
        record.events.iter().filter_map(|record| Emitted::from_record(record).ok()).collect();
    let mut rest = events.as_slice();
    let messages: Vec<ExecutedMessage> = tx
        .messages()
        .iter()
        .map(|message| {
            let (type_url, sender) = (message.type_url(), message.signer().to_string());
            let own = rest.iter().take_while(|own| own.action == type_url && own.sender == sender).count();
            rest = rest.get(own..).unwrap_or_default();
            ExecutedMessage { type_url, sender, module: message.module(), events: own }
        })
        .collect();
    abci_events(&messages, &events)
}

/// The answer to a transaction that is not on the ledger.
pub(super) fn refused(hash: TxHash, refusal: &Refusal) -> TxResponse {
    TxResponse {
        txhash: hash.to_string(),
        codespace: refusal.codespace().to_owned(),
        code: refusal.code(),
        raw_log: refusal.to_string(),
        ..TxResponse::default()
    }
}

/// A transaction as its parts; `None` where these bytes are none.
pub(crate) fn parts(bytes: &[u8]) -> Option<wire::Tx> {
    if bytes.is_empty() {
        return None;
    }
    let raw = wire::TxRaw::decode(bytes).ok()?;
    Some(wire::Tx {
        body: Some(wire::TxBody::decode(raw.body_bytes.as_slice()).ok()?),
        auth_info: Some(wire::AuthInfo::decode(raw.auth_info_bytes.as_slice()).ok()?),
        signatures: raw.signatures,
    })
}

/// The bytes that parts would have been signed as.
pub(super) fn raw_of(tx: wire::Tx) -> Vec<u8> {
    let raw = wire::TxRaw {
        body_bytes: tx.body.unwrap_or_default().encode_to_vec(),
        auth_info_bytes: tx.auth_info.unwrap_or_default().encode_to_vec(),
        signatures: tx.signatures,
    };
    raw.encode_to_vec()
}
