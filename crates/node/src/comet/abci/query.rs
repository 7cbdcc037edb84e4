//! The query connection: where the ledger stands; a record of the state by its key, with its proof; and the header with which validators
//! changed, for nodes that joined later. Everything else is answered by the node's own API.

use sealdesk_protocol::block::APP_VERSION;
use sealdesk_store::KEY_BYTES_MAX;
use tendermint_proto::v0_38::abci;
use tendermint_proto::v0_38::crypto::{ProofOp, ProofOps};

use super::blocks::signed;
use crate::block::height_of;
use crate::comet::app::App;
use crate::comet::error::CometError;
use crate::comet::validators::changes::{HANDOVER, kept};

/// The path of records.
const STATE: &str = "/state";
/// How light clients of CometBFT call a proof of this form.
const PROOF: &str = "ics23:jmt";
/// Cosmos's code for a path that is unknown.
const UNKNOWN_REQUEST: u32 = 6;
/// Cosmos's code for a request that cannot be.
const INVALID_REQUEST: u32 = 18;

impl App {
    /// Where the ledger stands, by which CometBFT knows what to replay.
    pub(super) fn info(&self) -> abci::ResponseInfo {
        // One record: what the last commit wrote in one piece.
        let snapshot = self.store.latest();
        abci::ResponseInfo {
            data: "sealdesk".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            app_version: APP_VERSION,
            last_block_height: signed(height_of(snapshot.version())),
            last_block_app_hash: snapshot.root().to_vec().into(),
        }
    }

    /// Answers from the newest state; the header of the block after it proves the answer.
    pub(super) fn query(&self, request: &abci::RequestQuery) -> Result<abci::ResponseQuery, CometError> {
        let snapshot = self.store.latest();
        let height = self.height();
        if request.path == HANDOVER {
            let Ok(asked) = request.data.as_ref().try_into().map(u64::from_be_bytes) else {
                return Ok(refused(INVALID_REQUEST, "data is not a height"));
            };
            let value = kept(&snapshot, asked)?.unwrap_or_default().into();
            return Ok(abci::ResponseQuery { value, height: signed(height), ..Default::default() });
        }
        if request.path != STATE {
            return Ok(refused(UNKNOWN_REQUEST, &format!("unknown path: use {STATE} or the node's gRPC")));
        }
        if request.data.is_empty() || request.data.len() > KEY_BYTES_MAX {
            return Ok(refused(INVALID_REQUEST, "data is not a state key"));
        }
        if request.height != 0 && request.height != signed(height) {
            return Ok(refused(INVALID_REQUEST, "only the newest state can be asked for"));
        }
        let mut response =
            abci::ResponseQuery { key: request.data.clone(), height: signed(height), ..Default::default() };
        if request.prove {
            let proof = snapshot.prove(&request.data)?;
            let op = ProofOp { r#type: PROOF.to_owned(), key: request.data.to_vec(), data: proof.proof };
            response.value = proof.record.unwrap_or_default().into();
            response.proof_ops = Some(ProofOps { ops: vec![op] });
        } else {
            response.value = snapshot.get(&request.data)?.unwrap_or_default().into();
        }
        Ok(response)
    }
}

fn refused(code: u32, log: &str) -> abci::ResponseQuery {
    abci::ResponseQuery { code, log: log.to_owned(), codespace: "sdk".to_owned(), ..Default::default() }
}
