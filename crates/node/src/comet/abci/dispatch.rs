//! One request, one response.

use tendermint_proto::v0_38::abci::{self, Request, Response, request, response};

use super::proposal::verify_extension;
use crate::comet::app::App;
use crate::comet::error::CometError;
use crate::ledger::Ledger as _;

impl App {
    /// Answers CometBFT. After an exception to a block's request the ledger has stopped, and so will CometBFT.
    pub fn answer(&self, request: Request) -> Response {
        let Some(value) = request.value else { return exception("the request holds nothing") };
        let in_consensus = matches!(
            value,
            request::Value::InitChain(_) | request::Value::FinalizeBlock(_) | request::Value::Commit(_)
        );
        let replica = self.handle.metrics().replica.as_ref();
        let _measured = replica.map(|replica| replica.request(&value));
        match self.dispatch(value) {
            Ok(value) => Response { value: Some(value) },
            Err(error) => {
                tracing::error!("CometBFT's request cannot be answered: {error}");
                if in_consensus || !matches!(error, CometError::Malformed(_)) {
                    self.handle.stop(&error.to_string());
                }
                exception(&error.to_string())
            }
        }
    }

    fn dispatch(&self, value: request::Value) -> Result<response::Value, CometError> {
        use {request::Value as Asked, response::Value as Said};
        Ok(match value {
            // Every connection.
            Asked::Echo(echo) => Said::Echo(abci::ResponseEcho { message: echo.message }),
            Asked::Flush(_) => Said::Flush(abci::ResponseFlush {}),

            // The consensus connection. Vote extensions stay off.
            Asked::InitChain(request) => Said::InitChain(self.init_chain(&request)?),
            Asked::PrepareProposal(request) => Said::PrepareProposal(self.prepare_proposal(request)?),
            Asked::ProcessProposal(request) => Said::ProcessProposal(self.process_proposal(&request)?),
            Asked::ExtendVote(_) => Said::ExtendVote(abci::ResponseExtendVote::default()),
            Asked::VerifyVoteExtension(request) => Said::VerifyVoteExtension(verify_extension(&request)),
            Asked::FinalizeBlock(request) => Said::FinalizeBlock(self.finalize_block(&request)?),
            Asked::Commit(_) => Said::Commit(self.commit()?),

            // The mempool connection.
            Asked::CheckTx(request) => Said::CheckTx(self.check_tx(&request)?),

            // The query connection.
            Asked::Info(_) => Said::Info(self.info()),
            Asked::Query(request) => Said::Query(self.query(&request)?),

            // The snapshot connection.
            Asked::ListSnapshots(_) => Said::ListSnapshots(self.list_snapshots()),
            Asked::OfferSnapshot(request) => Said::OfferSnapshot(self.offer_snapshot(&request)?),
            Asked::LoadSnapshotChunk(request) => Said::LoadSnapshotChunk(self.load_chunk(&request)),
            Asked::ApplySnapshotChunk(request) => Said::ApplySnapshotChunk(self.apply_chunk(&request)?),
        })
    }
}

fn exception(error: &str) -> Response {
    Response { value: Some(response::Value::Exception(abci::ResponseException { error: error.to_owned() })) }
}
