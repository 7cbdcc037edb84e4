//! What happened in a block, as subscribers are told of it: written once, whoever wants it, and kept for as long as somebody tells of it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use sealdesk_machine::QueryError;
use sealdesk_protocol::ids::Prefix;
use sealdesk_protocol::tx::Tx;
use sealdesk_protocol::tx_index::{ACTION, MODULE, SENDER};
use serde_json::{Value, json};
use tokio::sync::OnceCell;
use tonic::Status;

use super::{Caller, Rpc, shape};
use crate::api::Api;
use crate::api::tx_response::WholeTx;
use crate::blocks::StoredBlock;
use crate::search::{Attributes, attributes};

/// The attribute that says what happened, and CometBFT's names for that.
pub(super) const EVENT: &str = "tm.event";
pub(super) const TX: &str = "Tx";
pub(super) const NEW_BLOCK: &str = "NewBlock";
pub(super) const NEW_BLOCK_HEADER: &str = "NewBlockHeader";
/// Pages that are kept though nobody tells of them: those of the newest block, for whoever comes a little later.
const KEPT: usize = 3;

/// Part of what happened in a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    Block,
    Header,
    /// A page of its transactions, from a number on.
    Txs(usize),
}

/// One thing that happened.
pub(super) struct HistoryEvent {
    /// In JSON.
    pub(super) data: String,
    /// The attributes, in JSON.
    pub(super) events: String,
    pub(super) attributes: Attributes,
}

/// Some of them, in their order.
pub(super) type Page = Vec<HistoryEvent>;

type Key = (u64, What);
/// A page that is written once, whoever comes first.
type Written = Arc<OnceCell<Arc<Page>>>;

/// The newest pages, the oldest of them first.
#[derive(Default)]
pub(super) struct Notices(Mutex<VecDeque<(Key, Written)>>);

impl Notices {
    fn page(&self, key: Key) -> Written {
        let mut pages = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, page)) = pages.iter().find(|(known, _)| *known == key) {
            return page.clone();
        }
        if pages.len() >= KEPT {
            pages.pop_front();
        }
        let page = Written::default();
        pages.push_back((key, page.clone()));
        page
    }
}

impl HistoryEvent {
    fn of(data: &Value, attributes: Attributes) -> Self {
        Self { data: data.to_string(), events: json!(attributes).to_string(), attributes }
    }

    /// Bytes of memory that it takes, and as many for the one notice that is on its way.
    pub(super) fn bytes(&self) -> usize {
        self.data.len().saturating_add(self.events.len().saturating_mul(2)).saturating_mul(2)
    }
}

impl Rpc {
    /// Part of what happened in a block.
    ///
    /// # Errors
    /// Where it cannot be read, as when it was dropped meanwhile.
    pub(super) async fn history_page(
        &self,
        caller: &Caller,
        height: u64,
        what: What,
    ) -> Result<Arc<Page>, Status> {
        let page = self.notices.page((height, what));
        page.get_or_try_init(|| self.write(caller, height, what)).await.cloned()
    }

    async fn write(&self, caller: &Caller, height: u64, what: What) -> Result<Arc<Page>, Status> {
        let (api, source) = (&self.context.api, caller.source);
        let page = match what {
            What::Txs(skip) => {
                let found = api.block_txs(source, height, skip).await?;
                let write = move |api: &Api| {
                    let prefix = api.ledger().machine().prefix();
                    Ok(found.txs.iter().map(|tx| of_tx(tx, prefix)).collect())
                };
                api.work(source, write).await?
            }
            What::Block | What::Header => {
                let write = move |_: &_, _: &_, block| Ok::<_, QueryError>(vec![of_block(what, &block)]);
                api.with_block(source, height, write).await?
            }
        };
        Ok(Arc::new(page))
    }
}

fn of_tx(tx: &WholeTx, prefix: &Prefix) -> HistoryEvent {
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
    HistoryEvent::of(&data, attributes)
}

fn of_block(what: What, block: &StoredBlock) -> HistoryEvent {
    let (event, value) = match what {
        What::Block => {
            let value = json!({
                "block": shape::block(block),
                "block_id": shape::block_id(Some(&block.id)),
                // What came of it is told by `block_results`. A null list of results is none that tendermint-rpc reads: it drops the event.
                "result_finalize_block": {
                    "events": [], "validator_updates": null, "consensus_param_updates": null, "app_hash": "",
                },
            });
            (NEW_BLOCK, value)
        }
        _ => (NEW_BLOCK_HEADER, json!({ "header": shape::header(&block.header) })),
    };
    let mut attributes = Attributes::new();
    attributes.insert(EVENT.to_owned(), vec![event.to_owned()]);
    attributes.insert("block.height".to_owned(), vec![block.header.height.to_string()]);
    HistoryEvent::of(&json!({ "type": format!("tendermint/event/{event}"), "value": value }), attributes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_page_is_written_once_and_few_are_kept() {
        let notices = Notices::default();
        let first = notices.page((7, What::Txs(0)));
        let written = first.get_or_init(async || Arc::new(Page::new())).await;
        let again = notices.page((7, What::Txs(0)));
        assert!(again.get().is_some_and(|page| Arc::ptr_eq(page, written)), "it is the same one");
        for n in 1..=KEPT {
            notices.page((7, What::Txs(n)));
        }
        assert!(notices.page((7, What::Txs(0))).get().is_none(), "it is kept no longer");
        assert_eq!(notices.0.lock().unwrap().len(), KEPT);
    }
}
