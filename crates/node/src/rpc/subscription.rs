//! Subscriptions: queries, each held against what every new block brings. Nothing is kept for a subscriber: each reads blocks from the
//! state at their own pace, so they get everything once and in order.

use sealdesk_protocol::tx::Tx;
use sealdesk_protocol::tx_index::{ACTION, MODULE, SENDER};
use serde_json::{Value, json};
use tonic::Status;

use super::error::RpcError;
use super::{Caller, Rpc, shape};
use crate::api::tx_response::WholeTx;
use crate::blocks::StoredBlock;
use crate::search::{Attributes, Operand, Operator, Query, attributes};

/// Subscriptions of one websocket, as in CometBFT.
pub(super) const SUBSCRIPTIONS_MAX: usize = 5;
/// What is subscribed to, by CometBFT's names.
const EVENT: &str = "tm.event";
const TX: &str = "Tx";
const NEW_BLOCK: &str = "NewBlock";
const NEW_BLOCK_HEADER: &str = "NewBlockHeader";

/// What happened, as a subscriber gets it.
struct Happened {
    data: Value,
    attributes: Attributes,
}

/// A query somebody subscribed to.
struct Subscription {
    /// Of the request: every notice has it again.
    id: Value,
    query: Query,
    /// The newest block when they subscribed.
    since: u64,
}

/// What one websocket subscribed to.
#[derive(Default)]
pub(super) struct Subscriptions {
    list: Vec<Subscription>,
    /// The last block that was told of.
    told: u64,
}

impl Subscriptions {
    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The first block that was not told of.
    pub(super) fn next(&self) -> u64 {
        self.told.saturating_add(1)
    }

    /// Subscribes to what comes after a block.
    ///
    /// # Errors
    /// Where the query is not one, or there are too many, or it is there already.
    pub(super) fn add(&mut self, id: Value, text: &str, newest: u64) -> Result<(), RpcError> {
        let query = Query::parse(text).map_err(|error| RpcError::params(error.to_string()))?;
        if self.list.iter().any(|known| known.query.text() == text) {
            return Err(RpcError::internal("already subscribed"));
        }
        if self.list.len() >= SUBSCRIPTIONS_MAX {
            let why = format!(
                "a websocket has at most {SUBSCRIPTIONS_MAX} subscriptions: unsubscribe from one first"
            );
            return Err(RpcError::internal(why));
        }
        if self.list.is_empty() {
            self.told = newest;
        }
        self.list.push(Subscription { id, query, since: newest });
        Ok(())
    }

    /// Ends a subscription.
    ///
    /// # Errors
    /// Where there is none of this query.
    pub(super) fn remove(&mut self, text: &str) -> Result<(), RpcError> {
        let before = self.list.len();
        self.list.retain(|known| known.query.text() != text);
        if self.list.len() == before { Err(RpcError::internal("subscription not found")) } else { Ok(()) }
    }

    /// Ends all of them.
    pub(super) fn clear(&mut self) {
        self.list.clear();
    }

    /// Whether somebody may want events of this name.
    fn want(&self, event: &str) -> bool {
        self.list.iter().any(|subscription| {
            let named = subscription.query.conditions().iter().find(|condition| condition.attribute == EVENT);
            named.is_none_or(|condition| match (&condition.operator, &condition.operand) {
                (Operator::Equal, Operand::Text(text)) => text == event,
                _ => true,
            })
        })
    }

    /// What is told of something that happened in a block, to each who subscribed to it.
    fn notices(&self, height: u64, happened: &Happened) -> Vec<Value> {
        let told = self.list.iter().filter(|subscription| {
            subscription.since < height && subscription.query.matches(&happened.attributes)
        });
        told.map(|subscription| {
            json!({ "jsonrpc": "2.0", "id": subscription.id, "result": {
                "query": subscription.query.text(),
                "data": happened.data,
                "events": happened.attributes,
            } })
        })
        .collect()
    }
}

impl Rpc {
    /// What is told of a block, and counts it as told.
    ///
    /// # Errors
    /// Where it cannot be read, as when it was dropped meanwhile.
    pub(super) async fn notices(
        &self,
        caller: &Caller,
        subscriptions: &mut Subscriptions,
        height: u64,
    ) -> Result<Vec<Value>, Status> {
        let mut notices = Vec::new();
        if subscriptions.want(NEW_BLOCK) || subscriptions.want(NEW_BLOCK_HEADER) {
            let block = self.context.api.whole_block(caller.source, height).await?;
            for event in [NEW_BLOCK, NEW_BLOCK_HEADER].into_iter().filter(|event| subscriptions.want(event)) {
                notices.extend(subscriptions.notices(height, &of_block(event, &block)));
            }
        }
        let mut told = 0;
        while subscriptions.want(TX) {
            let found = self.context.api.block_txs(caller.source, height, told).await?;
            if found.txs.is_empty() {
                break;
            }
            told = told.saturating_add(found.txs.len());
            for tx in &found.txs {
                notices.extend(subscriptions.notices(height, &self.of_tx(tx)));
            }
        }
        subscriptions.told = height;
        Ok(notices)
    }

    fn of_tx(&self, tx: &WholeTx) -> Happened {
        let prefix = self.context.api.ledger().machine().prefix();
        let mut attributes = attributes(&tx.events(prefix));
        let mut add = |name: &str, value: String| attributes.entry(name.to_owned()).or_default().push(value);
        add(EVENT, TX.to_owned());
        add("tx.hash", tx.hash.to_string());
        add("tx.height", tx.record.height.to_string());
        // Whose messages were refused is told too, as a search finds it.
        if let (true, Ok(decoded)) = (tx.record.code != 0, Tx::decode(&tx.bytes, prefix)) {
            for message in decoded.messages() {
                add(SENDER, message.signer().to_string());
                add(ACTION, message.type_url());
                add(MODULE, message.module().to_owned());
            }
        }
        let mut value = shape::tx(tx, prefix);
        let data = json!({ "type": "tendermint/event/Tx", "value": { "TxResult": {
            "height": value["height"].take(),
            "index": value["index"].take(),
            "tx": value["tx"].take(),
            "result": value["tx_result"].take(),
        } } });
        Happened { data, attributes }
    }
}

fn of_block(event: &str, block: &StoredBlock) -> Happened {
    let value = match event {
        NEW_BLOCK => json!({
            "block": shape::block(block),
            "block_id": shape::block_id(Some(&block.id)),
            "result_finalize_block": {
                "events": [], "tx_results": null, "validator_updates": null, "consensus_param_updates": null, "app_hash": "",
            },
        }),
        _ => json!({ "header": shape::header(&block.header) }),
    };
    let mut attributes = Attributes::new();
    attributes.insert(EVENT.to_owned(), vec![event.to_owned()]);
    attributes.insert("block.height".to_owned(), vec![block.header.height.to_string()]);
    Happened { data: json!({ "type": format!("tendermint/event/{event}"), "value": value }), attributes }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subscriptions_are_bounded_and_each_query_is_there_once() {
        let mut subscriptions = Subscriptions::default();
        for n in 0..SUBSCRIPTIONS_MAX {
            subscriptions.add(json!(n), &format!("tm.event='Tx' AND tx.height>{n}"), 7).unwrap();
        }
        assert_eq!(subscriptions.next(), 8);
        assert!(subscriptions.add(json!(9), "tm.event='NewBlock'", 7).is_err());
        assert!(subscriptions.want(TX) && !subscriptions.want(NEW_BLOCK));
        subscriptions.remove("tm.event='Tx' AND tx.height>0").unwrap();
        assert!(subscriptions.remove("tm.event='Tx' AND tx.height>0").is_err());
        assert!(subscriptions.add(json!(9), "tm.event='Tx' AND tx.height>1", 7).is_err(), "it is there");
        assert!(subscriptions.add(json!(9), "tm.event", 7).is_err(), "it is no query");
        subscriptions.add(json!(9), "tm.event='NewBlock'", 7).unwrap();
        assert!(subscriptions.want(NEW_BLOCK));
        subscriptions.clear();
        assert!(subscriptions.is_empty());
    }
}
