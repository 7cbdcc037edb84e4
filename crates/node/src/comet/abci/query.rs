//! `abci_query`: a record of the state by its key, with its proof; and the header with which validators changed, for nodes that joined
//! later. Everything else is answered by the node's own API.

use sealdesk_store::KEY_BYTES_MAX;
use tendermint_proto::v0_38::abci;
use tendermint_proto::v0_38::crypto::{ProofOp, ProofOps};

use super::app::App;
use super::blocks::signed;
use super::error::CometError;
use super::handovers::kept;

/// The path of records.
const STATE: &str = "/state";
/// The path of handovers: the data are a height as eight bytes, big-endian, the value is a `Handover`, or empty.
pub(super) const HANDOVER: &str = "/handover";
/// How light clients of CometBFT call a proof of this form.
const PROOF: &str = "ics23:jmt";
/// Cosmos's code for a path that is unknown.
const UNKNOWN_REQUEST: u32 = 6;
/// Cosmos's code for a request that cannot be.
const INVALID_REQUEST: u32 = 18;

impl App {
    /// Answers from the newest state; the header of the block after it proves the answer.
    pub(super) fn query(&self, request: &abci::RequestQuery) -> Result<abci::ResponseQuery, CometError> {
        let snapshot = self.store.latest();
        let height = self.height();
        if request.path == HANDOVER {
            let Ok(asked) = request.data.as_ref().try_into().map(u64::from_be_bytes) else {
                return Ok(refused(INVALID_REQUEST, "data is no height"));
            };
            let value = kept(&snapshot, asked)?.unwrap_or_default().into();
            return Ok(abci::ResponseQuery { value, height: signed(height), ..Default::default() });
        }
        if request.path != STATE {
            return Ok(refused(UNKNOWN_REQUEST, &format!("unknown path: use {STATE} or the node's gRPC")));
        }
        if request.data.is_empty() || request.data.len() > KEY_BYTES_MAX {
            return Ok(refused(INVALID_REQUEST, "data is no state key"));
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
