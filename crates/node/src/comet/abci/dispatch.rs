//! One request, one response.

use sealdesk_protocol::codes::Refusal;
use sealdesk_protocol::tx::TxHash;
use tendermint_proto::v0_38::abci::{
    self, CheckTxType, Request, Response, request, response, response_process_proposal,
    response_verify_vote_extension,
};

use super::app::App;
use super::blocks::time_of;
use super::error::CometError;
use super::proposal::Judge;
use crate::ledger::Ledger as _;

impl App {
    /// Answers CometBFT. After an exception to a block's request the ledger has stopped, and so will CometBFT.
    pub fn answer(&self, request: Request) -> Response {
        let Some(value) = request.value else { return exception("the request holds nothing") };
        let in_consensus = matches!(
            value,
            request::Value::InitChain(_) | request::Value::FinalizeBlock(_) | request::Value::Commit(_)
        );
        let metrics = self.gate.metrics().clone();
        let _measured = metrics.replica.as_ref().map(|replica| replica.request(&value));
        match self.value_of(value) {
            Ok(value) => Response { value: Some(value) },
            Err(error) => {
                tracing::error!("CometBFT's request cannot be answered: {error}");
                if in_consensus || !matches!(error, CometError::Malformed(_)) {
                    self.gate.stop(&error.to_string());
                }
                exception(&error.to_string())
            }
        }
    }

    fn value_of(&self, value: request::Value) -> Result<response::Value, CometError> {
        use {request::Value as Asked, response::Value as Said};
        Ok(match value {
            Asked::Echo(echo) => Said::Echo(abci::ResponseEcho { message: echo.message }),
            Asked::Flush(_) => Said::Flush(abci::ResponseFlush {}),
            Asked::Info(_) => Said::Info(self.info()),
            Asked::InitChain(request) => Said::InitChain(self.init_chain(&request)?),
            Asked::Query(request) => Said::Query(self.query(&request)?),
            Asked::CheckTx(request) => Said::CheckTx(self.check_tx(&request)?),
            Asked::PrepareProposal(request) => Said::PrepareProposal(self.prepare_proposal(request)?),
            Asked::ProcessProposal(request) => Said::ProcessProposal(self.process_proposal(&request)?),
            Asked::FinalizeBlock(request) => Said::FinalizeBlock(self.finalize_block(&request)?),
            Asked::Commit(_) => Said::Commit(self.commit()?),
            Asked::ExtendVote(_) => Said::ExtendVote(abci::ResponseExtendVote::default()),
            Asked::VerifyVoteExtension(request) => Said::VerifyVoteExtension(verify_extension(&request)),
            Asked::ListSnapshots(_) => Said::ListSnapshots(self.list_snapshots()),
            Asked::OfferSnapshot(request) => Said::OfferSnapshot(self.offer_snapshot(&request)?),
            Asked::LoadSnapshotChunk(request) => Said::LoadSnapshotChunk(self.load_chunk(&request)),
            Asked::ApplySnapshotChunk(request) => Said::ApplySnapshotChunk(self.apply_chunk(&request)?),
        })
    }

    fn check_tx(&self, request: &abci::RequestCheckTx) -> Result<abci::ResponseCheckTx, CometError> {
        let snapshot = self.store.latest();
        let next_height = self.height().saturating_add(1);
        let again = request.r#type() == CheckTxType::Recheck;
        let mut pool = self.pool();
        let checked = match again {
            true => pool.recheck(&self.machine, &snapshot, &request.tx, next_height)?,
            false => pool.check(&self.machine, &snapshot, &request.tx, next_height)?,
        };
        self.show(&pool);
        drop(pool);
        let Err(refusal) = checked else { return Ok(abci::ResponseCheckTx::default()) };
        let (hash, metrics) = (TxHash::of(&request.tx), self.gate.metrics());
        match again {
            true => {
                metrics.pool.dropped(1);
                self.gate.dropped(hash, &refusal);
            }
            false => {
                metrics.pool.refused(&refusal);
                self.gate.refused(hash, &refusal);
            }
        }
        Ok(refused(&refusal))
    }

    fn prepare_proposal(
        &self,
        request: abci::RequestPrepareProposal,
    ) -> Result<abci::ResponsePrepareProposal, CometError> {
        let height = u64::try_from(request.height).map_err(|_| CometError::Malformed("a height"))?;
        let bytes_max = usize::try_from(request.max_tx_bytes).unwrap_or(0);
        let (snapshot, pool) = (self.store.latest(), self.pool());
        let txs = Judge::new(&self.machine, &pool, &snapshot, height).choose(request.txs, bytes_max)?;
        Ok(abci::ResponsePrepareProposal { txs })
    }

    fn process_proposal(
        &self,
        request: &abci::RequestProcessProposal,
    ) -> Result<abci::ResponseProcessProposal, CometError> {
        use response_process_proposal::ProposalStatus;
        let height = u64::try_from(request.height).map_err(|_| CometError::Malformed("a height"))?;
        // A time that is none makes a proposal to refuse, not an error of ours.
        let time = time_of(request.time.as_ref()).map_or(i64::MIN, |time| time.unix_timestamp());
        let (snapshot, pool) = (self.store.latest(), self.pool());
        let judge = Judge::new(&self.machine, &pool, &snapshot, height);
        let accepted = judge.accepts(&request.txs, time, self.last_time())?;
        let status = if accepted { ProposalStatus::Accept } else { ProposalStatus::Reject };
        Ok(abci::ResponseProcessProposal { status: status.into() })
    }
}

/// Extensions stay off, so an honest vote has an empty one.
fn verify_extension(request: &abci::RequestVerifyVoteExtension) -> abci::ResponseVerifyVoteExtension {
    use response_verify_vote_extension::VerifyStatus;
    let status = if request.vote_extension.is_empty() { VerifyStatus::Accept } else { VerifyStatus::Reject };
    abci::ResponseVerifyVoteExtension { status: status.into() }
}

fn refused(refusal: &Refusal) -> abci::ResponseCheckTx {
    abci::ResponseCheckTx {
        code: refusal.code(),
        codespace: refusal.codespace().to_owned(),
        log: refusal.to_string(),
        ..Default::default()
    }
}

fn exception(error: &str) -> Response {
    Response { value: Some(response::Value::Exception(abci::ResponseException { error: error.to_owned() })) }
}
