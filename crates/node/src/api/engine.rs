//! What the engine is asked for a caller: whole blocks, the signatures over them, what waits, and what only CometBFT knows of the network.
//!
//! Each takes a turn, and the turn goes with the work: whoever takes a request back does not get the next turn before the work has ended.

use std::sync::Arc;
use std::time::Duration;

use sealdesk_machine::{Machine, QueryError};
use sealdesk_protocol::codes::Refusal;
use serde_json::{Value, json};
use tokio::sync::Mutex;
use tokio::task::JoinError;
use tokio::time::Instant;
use tonic::Status;

use super::fair_queue::Work;
use super::{Api, status};
use crate::blocks::{StoredBlock, StoredCommit, Waiting};
use crate::http::source::Source;
use crate::ledger::Tip;

/// How long CometBFT's status is good enough for everyone who asks: one question a second, however many want to know.
const STATUS_LASTS: Duration = Duration::from_secs(1);

/// CometBFT's status, and when it was asked for.
pub(super) type KnownStatus = Mutex<Option<(Instant, Arc<Value>)>>;

impl Api {
    /// A whole block.
    ///
    /// # Errors
    /// Why it is not here.
    pub(crate) async fn whole_block(&self, source: Source, height: u64) -> Result<StoredBlock, Status> {
        self.with_block(source, height, |_, _, block| Ok(block)).await
    }

    /// What is made of a whole block, in the same turn and in one for long work: its answer in JSON may take more time than reading it.
    ///
    /// # Errors
    /// Why the block is not here, and those of the work.
    pub(crate) async fn with_block<T: Send + 'static>(
        &self,
        source: Source,
        height: u64,
        work: impl FnOnce(&Machine, &Tip, StoredBlock) -> Result<T, QueryError> + Send + 'static,
    ) -> Result<T, Status> {
        let (turn, api) = (self.0.blocks.next(source, Work::Short).await?, self.clone());
        let done = tokio::spawn(async move {
            let block = api.ledger().block(height).await.map_err(|error| status::of_block(&error))?;
            let work = move |api: &Api| {
                let tip = api.ledger().tip();
                work(api.ledger().machine(), &tip, block).map_err(status::of_query)
            };
            let made = api.long_work(source, work).await;
            drop(turn);
            made
        });
        done.await.unwrap_or_else(failed)
    }

    /// The header of a block with signatures over it.
    ///
    /// # Errors
    /// Why it is not here.
    pub(crate) async fn commit_at(&self, source: Source, height: u64) -> Result<StoredCommit, Status> {
        let (turn, ledger) = (self.0.blocks.next(source, Work::Short).await?, self.ledger().clone());
        let done = tokio::spawn(async move {
            let commit = ledger.commit(height).await;
            drop(turn);
            commit.map_err(|error| status::of_block(&error))
        });
        done.await.unwrap_or_else(failed)
    }

    /// What waits for a block.
    ///
    /// # Errors
    /// Where the caller should come back later.
    pub(crate) async fn waiting(&self, source: Source) -> Result<Waiting, Status> {
        let (turn, ledger) = (self.0.network.next(source, Work::Short).await?, self.ledger().clone());
        let done = tokio::spawn(async move {
            let waiting = ledger.waiting().await;
            drop(turn);
            Ok(waiting)
        });
        done.await.unwrap_or_else(failed)
    }

    /// What CometBFT answers; `None` where there is no CometBFT.
    ///
    /// # Errors
    /// Where it does not answer, and where the caller should come back later.
    pub(crate) async fn ask_comet(
        &self,
        source: Source,
        method: &'static str,
        params: Value,
    ) -> Result<Option<Value>, Status> {
        let (turn, ledger) = (self.0.network.next(source, Work::Short).await?, self.ledger().clone());
        let done = tokio::spawn(async move {
            let answer = ledger.ask_comet(method, params).await;
            drop(turn);
            answer.transpose().map_err(Status::unavailable)
        });
        done.await.unwrap_or_else(failed)
    }

    /// CometBFT's status, not older than a second; `None` where there is no CometBFT.
    ///
    /// # Errors
    /// As [`Api::ask_comet`].
    pub(crate) async fn comet_status(&self, source: Source) -> Result<Option<Arc<Value>>, Status> {
        // Who comes while it is asked for waits here, and not for a turn.
        let mut known = self.0.comet_status.lock().await;
        if let Some((_, status)) = known.as_ref().filter(|(asked, _)| asked.elapsed() < STATUS_LASTS) {
            return Ok(Some(status.clone()));
        }
        let answer = self.ask_comet(source, "status", json!({})).await?.map(Arc::new);
        *known = answer.clone().map(|status| (Instant::now(), status));
        Ok(answer)
    }

    /// What the ledger says to a transaction that it is not asked to take: `None` where it would take it. Whatever is only tried
    /// is work that may take long.
    ///
    /// # Errors
    /// Where the state cannot be read, and where the caller should come back later.
    pub(crate) async fn check(&self, source: Source, tx: Vec<u8>) -> Result<Option<Refusal>, Status> {
        self.long_work(source, move |api| api.ledger().check(&tx).map_err(|error| status::of_stop(&error)))
            .await
    }
}

/// Work that ended without an answer.
fn failed<T>(_: JoinError) -> Result<T, Status> {
    Err(Status::internal("the query failed"))
}

#[cfg(test)]
mod tests;
