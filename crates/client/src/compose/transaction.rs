//! The transaction's bytes: `TxRaw` in `SIGN_MODE_DIRECT`, without fees.

use prost::Message as _;
use sealdesk_envelope::AccountSecret;
use sealdesk_protocol::ids::ChainId;
use sealdesk_protocol::limits::{TX_BYTES_MAX, TX_MESSAGES_MAX};
use sealdesk_protocol::messages::to_any;
use sealdesk_protocol::tx::{TxHash, sign_digest};
use sealdesk_protocol::wire::cosmos::crypto::secp256k1::PubKey;
use sealdesk_protocol::wire::cosmos::tx::signing::v1beta1::SignMode;
use sealdesk_protocol::wire::cosmos::tx::v1beta1::{
    AuthInfo, Fee, ModeInfo, SignerInfo, TxBody, TxRaw, mode_info,
};

use super::{ComposeError, TxBuilder};

/// A signed transaction, ready to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedTx {
    /// `TxRaw`.
    pub bytes: Vec<u8>,
    /// The sender's sequence that it was signed with.
    pub sequence: u64,
    /// The height of the state in which that sequence was the next one: no block up to it holds this transaction.
    pub after: u64,
}

impl SignedTx {
    /// The transaction's name.
    pub fn hash(&self) -> TxHash {
        TxHash::of(&self.bytes)
    }
}

/// Signs what a builder holds: RFC 6979, low S. The same messages give the same bytes.
///
/// # Errors
/// [`ComposeError::TooLarge`] past the fixed bounds, [`ComposeError::Signing`].
pub fn sign(
    builder: &TxBuilder,
    account: &AccountSecret,
    chain_id: &ChainId,
) -> Result<SignedTx, ComposeError> {
    let messages = builder.messages();
    bounded("messages", messages.len(), TX_MESSAGES_MAX)?;
    let timeout_timestamp = builder.timeout().map(|seconds| prost_types::Timestamp { seconds, nanos: 0 });
    let (messages, memo) = (messages.to_vec(), builder.memo().to_owned());
    let body = TxBody { messages, memo, timeout_timestamp, ..TxBody::default() };
    let (body_bytes, sequence) = (body.encode_to_vec(), builder.sequence());
    let auth_info_bytes = auth_info(account, sequence).encode_to_vec();
    let signature = account.sign_digest(&sign_digest(&body_bytes, &auth_info_bytes, chain_id))?;
    let raw = TxRaw { body_bytes, auth_info_bytes, signatures: vec![signature.to_vec()] };
    let bytes = raw.encode_to_vec();
    bounded("bytes", bytes.len(), TX_BYTES_MAX)?;
    // Who read the facts knows better from when on it can be in a block.
    Ok(SignedTx { bytes, sequence, after: 0 })
}

fn auth_info(account: &AccountSecret, sequence: u64) -> AuthInfo {
    let mode = mode_info::Sum::Single(mode_info::Single { mode: SignMode::Direct.into() });
    let signer = SignerInfo {
        public_key: Some(to_any(&PubKey { key: account.public_key().to_vec() })),
        mode_info: Some(ModeInfo { sum: Some(mode) }),
        sequence,
    };
    AuthInfo { signer_infos: vec![signer], fee: Some(Fee::default()) }
}

fn bounded(what: &'static str, actual: usize, max: usize) -> Result<(), ComposeError> {
    if actual > max { Err(ComposeError::TooLarge { what, actual, max }) } else { Ok(()) }
}
