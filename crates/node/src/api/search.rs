//! Transactions and blocks found for a caller, with everything that an answer shows of them.

use sealdesk_machine::{FoundTx, QueryError, TxPage, TxSearch};
use sealdesk_protocol::tx::TxHash;
use tonic::{Code, Status};

use super::tx_response::WholeTx;
use super::{Api, status};
use crate::http::source::Source;
use crate::ledger::Tip;
use crate::search::TxPlan;

/// Bytes of refused transactions that one answer shows, which are read from their blocks.
const REFUSED_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Part of what a search finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    /// How many to pass over.
    pub(crate) skip: usize,
    /// How many to give.
    pub(crate) take: usize,
    /// The newest first.
    pub(crate) descending: bool,
}

/// Transactions that were found.
#[derive(Clone, Debug)]
pub(crate) struct WholeTxs {
    /// One part of them.
    pub(crate) txs: Vec<WholeTx>,
    /// How many there are; where many fit, at least so many.
    pub(crate) total: usize,
    /// The first block whose transactions are here, where older ones are not.
    pub(crate) history_from: Option<u64>,
}

impl Api {
    /// A transaction by its name.
    ///
    /// # Errors
    /// [`Code::NotFound`] where no block has it, and the errors of reading.
    pub(crate) async fn whole_tx(&self, source: Source, hash: TxHash) -> Result<WholeTx, Status> {
        let record = self.work(source, move |api| {
            let (machine, tip) = (api.ledger().machine(), api.ledger().tip());
            let record = machine.tx(&tip.snapshot, hash).map_err(status::of_query)?;
            record.ok_or_else(|| no_tx(api, &tip, hash))
        });
        let mut whole = self.whole(source, vec![FoundTx { hash, record: record.await? }]).await?;
        whole.pop().ok_or_else(|| Status::internal("the transaction is lost"))
    }

    /// A part of the transactions that a plan finds.
    ///
    /// # Errors
    /// [`Code::OutOfRange`] where the part begins too far behind, and the errors of reading.
    pub(crate) async fn search_txs(
        &self,
        source: Source,
        plan: TxPlan,
        part: Part,
    ) -> Result<WholeTxs, Status> {
        let work = move |api: &Api| search(api, plan, part);
        let (page, history_from) = self.long_work(source, work).await?;
        Ok(WholeTxs { txs: self.whole(source, page.found).await?, total: page.total, history_from })
    }

    /// The transactions of a block that used up their sequences, from a number on, at most as many as a page has.
    ///
    /// # Errors
    /// The errors of reading.
    pub(crate) async fn block_txs(
        &self,
        source: Source,
        height: u64,
        skip: usize,
    ) -> Result<WholeTxs, Status> {
        let plan = TxPlan { hash: None, conditions: Vec::new(), heights: height..=height };
        let take = usize::try_from(sealdesk_protocol::limits::PAGE_RECORDS_MAX).unwrap_or(usize::MAX);
        // One block's list is short: it is read like any other.
        let work = move |api: &Api| search(api, plan, Part { skip, take, descending: false });
        let (page, history_from) = self.work(source, work).await?;
        Ok(WholeTxs { txs: self.whole(source, page.found).await?, total: page.total, history_from })
    }

    /// Gives each its bytes. Of a transaction whose messages were refused, only its block has them.
    async fn whole(&self, source: Source, found: Vec<FoundTx>) -> Result<Vec<WholeTx>, Status> {
        let mut txs = Vec::with_capacity(found.len());
        let mut block: Option<(u64, Vec<Vec<u8>>)> = None;
        let mut bytes_read: usize = 0;
        for FoundTx { hash, mut record } in found {
            let mut bytes = std::mem::take(&mut record.tx);
            let height = u64::try_from(record.height).unwrap_or_default();
            if bytes.is_empty() {
                if block.as_ref().is_none_or(|(at, _)| *at != height) {
                    block = match self.whole_block(source, height).await {
                        Ok(stored) => Some((height, stored.txs)),
                        // The result is shown without what has gone.
                        Err(status) if status.code() == Code::NotFound => None,
                        Err(status) => return Err(status),
                    };
                }
                let index = usize::try_from(record.index).unwrap_or(usize::MAX);
                bytes = block.as_ref().and_then(|(_, txs)| txs.get(index).cloned()).unwrap_or_default();
                bytes_read = bytes_read.saturating_add(bytes.len());
                if bytes_read > REFUSED_BYTES_MAX {
                    return Err(Status::out_of_range(
                        "these transactions are too long for one page: ask for fewer",
                    ));
                }
            }
            txs.push(WholeTx { hash, record, bytes });
        }
        Ok(txs)
    }
}

/// What a plan finds, and where the history begins that it was found in.
fn search(api: &Api, plan: TxPlan, part: Part) -> Result<(TxPage, Option<u64>), Status> {
    let (machine, tip) = (api.ledger().machine(), api.ledger().tip());
    let (TxPlan { hash, conditions, heights }, Part { skip, take, descending }) = (plan, part);
    let search = TxSearch { hash, conditions, heights, descending, skip, take };
    let start = machine.history_start(&tip.snapshot).map_err(status::of_query)?;
    let page = machine.search_txs(&tip.snapshot, &search).map_err(status::of_query)?;
    Ok((page, start.map(|start| start.from)))
}

/// Why a transaction is not found: a node whose history begins later cannot tell whether there is one. In Cosmos's words, since clients
/// that wait for a transaction look for these: cosmpy for "tx" and "not found".
fn no_tx(api: &Api, tip: &Tip, hash: TxHash) -> Status {
    let absent = format!("tx not found: {hash}");
    match api.ledger().machine().history_start(&tip.snapshot) {
        Ok(None) => Status::not_found(absent),
        Ok(Some(start)) => {
            let why = QueryError::BeforeHistory { from: start.from };
            status::before_history(Code::NotFound, &format!("{absent}: {why}"), start.from)
        }
        Err(error) => status::of_query(error),
    }
}
