//! What is posted: an event in the JSON of REST, in the envelope that Standard Webhooks asks for.

use sealdesk_protocol::codes::SdkError;
use sealdesk_protocol::ids::ChainId;
use sealdesk_protocol::wire::sealdesk::ledger::v1::LedgerEvent;
use sealdesk_protocol::{json as views, text};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::feed::Cursor;

/// The type of a message that tells of nothing: whether it arrives is all.
pub const TEST_TYPE: &str = "sealdesk.webhooks.Test";
/// Bytes of the ledger's digest that a message's name has.
const LEDGER_BYTES: usize = 8;
/// Bytes of the event's digest that it has.
const EVENT_BYTES: usize = 8;

/// A message to a webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its name: of one event the same at every node of the ledger, for every endpoint and in every attempt, so that who gets it twice
    /// notices; and of no other event, also where the ledger was restored from an earlier backup and its blocks have other events since.
    pub id: String,
    /// The full name of what it tells.
    pub kind: String,
    /// Its JSON.
    pub body: Vec<u8>,
}

impl Message {
    /// The message of an event of a ledger's feed.
    ///
    /// # Errors
    /// Code 2 of `sdk` where it holds no event of this ledger.
    pub fn of_event(chain_id: &ChainId, event: &LedgerEvent) -> Result<Self, SdkError> {
        let data = views::ledger_event(event)?;
        let place = Cursor::decode(&event.cursor).unwrap_or_else(Cursor::start);
        // No full stop may be in a name, since one ends it in what is signed; a chain id may have some.
        let ledger = Sha256::digest(chain_id.as_str().as_bytes());
        let ledger = hex::encode(ledger.get(..LEDGER_BYTES).unwrap_or(&ledger));
        let mut digest = Sha256::new();
        for part in [event.r#type.as_bytes(), event.tx_hash.as_bytes(), &event.value] {
            digest.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            digest.update(part);
        }
        let digest = digest.chain_update(event.timestamp.to_be_bytes()).finalize();
        let digest = hex::encode(digest.get(..EVENT_BYTES).unwrap_or(&digest));
        let id = format!("msg_{ledger}_{}_{}_{digest}", place.height(), place.number());
        Ok(Self::new(id, &event.r#type, event.timestamp, chain_id, data))
    }

    /// A message that tells of nothing. `timestamp` is in Unix seconds.
    ///
    /// # Errors
    /// [`getrandom::Error`] where the system has no randomness to give.
    pub fn test(chain_id: &ChainId, timestamp: i64) -> Result<Self, getrandom::Error> {
        let mut random = [0; LEDGER_BYTES];
        getrandom::fill(&mut random)?;
        let id = format!("msg_test_{}", hex::encode(random));
        Ok(Self::new(id, TEST_TYPE, timestamp, chain_id, json!({})))
    }

    fn new(id: String, kind: &str, timestamp: i64, chain_id: &ChainId, data: Value) -> Self {
        let body = json!({
            "type": kind,
            "timestamp": views::time(timestamp),
            "chain_id": chain_id.as_str(),
            "data": data,
        });
        // As REST has it: what could drive a terminal is escaped.
        Self { id, kind: kind.to_owned(), body: text::escaped_json(&body.to_string()).into_bytes() }
    }
}
