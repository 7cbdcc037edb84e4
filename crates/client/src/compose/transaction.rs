//! The transaction's bytes: `TxRaw` without fees, in `SIGN_MODE_DIRECT`, or as the JSON that a wallet shows.

use prost::Message as _;
use sealdesk_envelope::AccountSecret;
use sealdesk_protocol::ids::{Address, ChainId};
use sealdesk_protocol::keys::{ACCOUNT_KEY_BYTES, SIGNATURE_BYTES};
use sealdesk_protocol::limits::{TX_BYTES_MAX, TX_MESSAGES_MAX};
use sealdesk_protocol::messages::to_any;
use sealdesk_protocol::tx::{TxHash, amino, sign_digest};
use sealdesk_protocol::wire::cosmos::crypto::secp256k1::PubKey;
use sealdesk_protocol::wire::cosmos::tx::signing::v1beta1 as signing;
use sealdesk_protocol::wire::cosmos::tx::v1beta1::{
    AuthInfo, Fee, ModeInfo, SignerInfo, Tx, TxBody, TxRaw, mode_info,
};

use super::{ComposeError, TxBuilder};
use crate::actor::Actor;
use crate::wallet::ToSign;

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

/// A transaction that was composed and not signed: its account signs it elsewhere.
#[derive(Debug, Clone, PartialEq)]
pub struct UnsignedTx {
    /// Messages, memo, and until when it may come into a block.
    pub body: TxBody,
    /// Whose signature it needs.
    pub signer: Address,
    /// The account's sequence in the facts that it was composed from. What is sealed in it opens with no other.
    pub sequence: u64,
}

impl UnsignedTx {
    /// What a builder holds.
    ///
    /// # Errors
    /// [`ComposeError::TooLarge`] past the fixed bounds.
    pub fn of(builder: &TxBuilder) -> Result<Self, ComposeError> {
        let (body, signer) = (body(builder)?, builder.sender().clone());
        Ok(Self { body, signer, sequence: builder.sequence() })
    }

    /// As a file holds it: with an empty fee, and nobody's signature.
    pub fn to_tx(&self) -> Tx {
        let auth_info = AuthInfo { signer_infos: Vec::new(), fee: Some(Fee::default()) };
        Tx { body: Some(self.body.clone()), auth_info: Some(auth_info), signatures: Vec::new() }
    }
}

/// What of a transaction its signer signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignMode {
    /// Its bytes: `SIGN_MODE_DIRECT`.
    Direct,
    /// Its JSON, as hardware wallets do: `SIGN_MODE_LEGACY_AMINO_JSON`.
    Amino,
}

impl SignMode {
    fn to_wire(self) -> i32 {
        match self {
            Self::Direct => signing::SignMode::Direct.into(),
            Self::Amino => signing::SignMode::LegacyAminoJson.into(),
        }
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
    let (body_bytes, sequence) = (body(builder)?.encode_to_vec(), builder.sequence());
    let auth_info_bytes = auth_info(&account.public_key(), sequence, SignMode::Direct).encode_to_vec();
    let signature = account.sign_digest(&sign_digest(&body_bytes, &auth_info_bytes, chain_id))?;
    signed(TxRaw { body_bytes, auth_info_bytes, signatures: vec![signature.to_vec()] }, sequence)
}

/// As [`sign`], where a wallet may sign for the account: it is shown the transaction as JSON.
///
/// # Errors
/// As [`sign`]; [`ComposeError::Wallet`] where the wallet did not sign just this.
pub(crate) async fn sign_by(
    builder: &TxBuilder,
    actor: &Actor,
    chain_id: &ChainId,
) -> Result<SignedTx, ComposeError> {
    if !actor.has_wallet() {
        return sign(builder, actor.account()?, chain_id);
    }
    let (body, sequence) = (body(builder)?, builder.sequence());
    let auth_info = auth_info(actor.public_key(), sequence, SignMode::Amino);
    let text = amino::SignDoc::new(&body, &auth_info, chain_id).and_then(|document| document.text(sequence));
    let document = text.map_err(ComposeError::NoJson)?;
    let raw = |signature: Vec<u8>| TxRaw {
        body_bytes: body.encode_to_vec(),
        auth_info_bytes: auth_info.encode_to_vec(),
        signatures: vec![signature],
    };
    // Nobody is asked for what the ledger would not take.
    signed(raw(vec![0; SIGNATURE_BYTES]), sequence)?;
    let asked = ToSign::Tx { chain_id, document: &document };
    let signature = actor.sign_in_wallet(builder.sender(), asked).await?;
    signed(raw(signature.to_vec()), sequence)
}

fn signed(raw: TxRaw, sequence: u64) -> Result<SignedTx, ComposeError> {
    let bytes = raw.encode_to_vec();
    bounded("bytes", bytes.len(), TX_BYTES_MAX)?;
    // Who read the facts knows better from when on it can be in a block.
    Ok(SignedTx { bytes, sequence, after: 0 })
}

fn body(builder: &TxBuilder) -> Result<TxBody, ComposeError> {
    let messages = builder.messages();
    bounded("messages", messages.len(), TX_MESSAGES_MAX)?;
    let timeout_timestamp = builder.timeout().map(|seconds| prost_types::Timestamp { seconds, nanos: 0 });
    let (messages, memo) = (messages.to_vec(), builder.memo().to_owned());
    let timeout_height = builder.last_height().unwrap_or_default();
    Ok(TxBody { messages, memo, timeout_height, timeout_timestamp, ..TxBody::default() })
}

/// One signer who pays nothing.
pub(crate) fn auth_info(account: &[u8; ACCOUNT_KEY_BYTES], sequence: u64, mode: SignMode) -> AuthInfo {
    let mode = mode_info::Sum::Single(mode_info::Single { mode: mode.to_wire() });
    let signer = SignerInfo {
        public_key: Some(to_any(&PubKey { key: account.to_vec() })),
        mode_info: Some(ModeInfo { sum: Some(mode) }),
        sequence,
    };
    AuthInfo { signer_infos: vec![signer], fee: Some(Fee::default()) }
}

pub(crate) fn bounded(what: &'static str, actual: usize, max: usize) -> Result<(), ComposeError> {
    if actual > max { Err(ComposeError::TooLarge { what, actual, max }) } else { Ok(()) }
}
