//! Sending a transaction, and looking it up.

use sealdesk_protocol::tx::TxHash;
use sealdesk_protocol::wire::cosmos::base::abci::v1beta1 as abci;
use sealdesk_protocol::wire::cosmos::tx::v1beta1 as wire;
use tonic::metadata::MetadataValue;

use super::busy::retry_after_of;
use super::calls::tx;
use super::error::{REFUSAL_CHARS_MAX, words};
use super::question::read;
use super::{Node, NodeError, Transport, ask};

/// The metadata that lets a new account in.
const ADMISSION: &str = "sealdesk-admission-bin";

/// What a node says became of a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TxResult {
    /// The block that holds it; 0 where it was refused before any block.
    pub height: u64,
    /// 0, or the code of the refusal.
    pub code: u32,
    /// What the code counts in; empty for 0.
    pub codespace: String,
    /// The refusal in words.
    pub log: String,
    /// `TxMsgData`: what the messages made.
    pub data: Vec<u8>,
    /// The block's time, RFC 3339; empty where there is no block.
    pub timestamp: String,
    /// Of a refusal for want of room: after how many seconds the node wants to be asked again.
    pub retry_after: Option<u64>,
}

impl<T: Transport> Node<T> {
    /// Sends a transaction and waits until its block is durable, or until it is refused.
    ///
    /// # Errors
    /// [`NodeError`]; where [`NodeError::is_unknown_outcome`] holds, it may have happened all the same.
    pub async fn broadcast(&self, bytes: &[u8]) -> Result<TxResult, NodeError> {
        self.broadcast_with(bytes, None).await
    }

    /// As [`Node::broadcast`], with what lets a new account in: a message `Admission`.
    ///
    /// # Errors
    /// As there.
    pub(crate) async fn broadcast_with(
        &self,
        bytes: &[u8],
        admission: Option<&[u8]>,
    ) -> Result<TxResult, NodeError> {
        let request =
            wire::BroadcastTxRequest { tx_bytes: bytes.to_vec(), mode: wire::BroadcastMode::Block.into() };
        let (path, message) = tx::broadcast_tx(&request).into_parts();
        let mut request = tonic::Request::new(message);
        if let Some(admission) = admission {
            let mut value = MetadataValue::from_bytes(admission);
            // No compression of headers keeps it, and no log shows it.
            value.set_sensitive(true);
            request.metadata_mut().insert_bin(ADMISSION, value);
        }
        let answer = self.ask_once("BroadcastTx", self.carry(path, request)).await?;
        let retry_after = retry_after_of(answer.metadata()).map(|after| after.as_secs());
        let answer = read::<wire::BroadcastTxResponse>(answer.into_inner());
        let answer = answer.map_err(|status| NodeError::of(self, "BroadcastTx", &status))?;
        let result = self.result("BroadcastTx", answer.tx_response, TxHash::of(bytes))?;
        Ok(TxResult { retry_after, ..result })
    }

    /// What became of a transaction; `None` where the node's newest state has none of that hash.
    ///
    /// # Errors
    /// [`NodeError`]; [`NodeError::BeforeHistory`] where the node cannot tell, because it knows only what happened since a block.
    pub async fn get_tx(&self, hash: TxHash) -> Result<Option<TxResult>, NodeError> {
        let request = wire::GetTxRequest { hash: hash.to_string() };
        match ask!(self, "GetTx", tx.get_tx(request)) {
            Ok(answer) => self.result("GetTx", answer.tx_response, hash).map(Some),
            Err(NodeError::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// What would become of a transaction, signatures aside. Nothing is written.
    ///
    /// # Errors
    /// [`NodeError`]; a refusal comes as [`NodeError::Answer`].
    pub async fn simulate(&self, bytes: &[u8]) -> Result<abci::Result, NodeError> {
        let request = wire::SimulateRequest { tx_bytes: bytes.to_vec(), tx: None };
        let answer = ask!(self, "Simulate", tx.simulate(request))?;
        answer.result.ok_or_else(|| self.incomplete("Simulate", "a result"))
    }

    fn result(
        &self,
        call: &'static str,
        response: Option<abci::TxResponse>,
        hash: TxHash,
    ) -> Result<TxResult, NodeError> {
        let response = response.ok_or_else(|| self.incomplete(call, "a result"))?;
        if TxHash::parse(&response.txhash) != Some(hash) {
            return Err(self.incomplete(call, "the result of this transaction"));
        }
        let data = hex::decode(&response.data).map_err(|_| self.incomplete(call, "readable data"))?;
        let height = u64::try_from(response.height).unwrap_or(0);
        let abci::TxResponse { code, codespace, raw_log, timestamp, .. } = response;
        let log = words(&raw_log, REFUSAL_CHARS_MAX);
        Ok(TxResult { height, code, codespace, log, data, timestamp, retry_after: None })
    }
}
