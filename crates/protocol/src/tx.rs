//! Transactions: from bytes to a [`Tx`] whose form is right, to a [`VerifiedTx`] whose signatures are.
//!
//! The forms and signatures are Cosmos's (`TxRaw`, `SIGN_MODE_DIRECT`, and for hardware wallets `SIGN_MODE_LEGACY_AMINO_JSON`), so that
//! its wallets and libraries work unchanged.
//! What depends on the ledger's state (sequences, account states, `timeout_height`, `timeout_timestamp`) is judged by the machine.

pub mod amino;
pub mod json;
mod signers;

use prost::Message as _;
use sha2::{Digest, Sha256};

use crate::canonical;
use crate::codes::{Refusal, SdkError};
use crate::envelope::KnownSignatures;
use crate::gas;
use crate::ids::{ChainId, Prefix};
use crate::limits::{
    LIST_ENTRIES_FREE, LIST_ENTRY_BYTES_MIN, MEMO_BYTES_MAX, TIME_RANGE, TX_BYTES_MAX, TX_MESSAGES_MAX,
};
use crate::messages::Message;
use crate::wire::cosmos::tx::v1beta1 as wire;

use signers::{Mode, ReadSigners, bytes_worked, check_signers, signing, unsigned_signers};
pub use signers::{Signer, signers_of};

/// SHA-256 of a transaction's bytes as received, by which queries find it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TxHash(pub [u8; 32]);

impl TxHash {
    /// The name of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// Reads 64 hex digits of either case.
    pub fn parse(text: &str) -> Option<Self> {
        hex::decode(text).ok()?.try_into().ok().map(Self)
    }
}

impl std::fmt::Display for TxHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&hex::encode_upper(self.0))
    }
}

impl std::fmt::Debug for TxHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}

/// A transaction of canonical form whose messages pass every check that needs no state.
#[derive(Debug, Clone, PartialEq)]
pub struct Tx {
    bytes: Vec<u8>,
    hash: TxHash,
    body_bytes: Vec<u8>,
    auth_info_bytes: Vec<u8>,
    messages: Vec<Message>,
    signers: Vec<Signer>,
    timeout_height: u64,
    timeout: Option<i64>,
    gas: u64,
}

impl Tx {
    /// Reads a transaction as received.
    ///
    /// # Errors
    /// The code of the first thing wrong: length (21), encoding (2), number of messages (18), memo (12), message type (6),
    /// a message's own check, `unordered` and a wrong `timeout_timestamp` (18), lists of too short entries (18), what it can cost (11),
    /// fee (10), signers and their modes (4), public keys (8).
    pub fn decode(bytes: &[u8], prefix: &Prefix) -> Result<Self, Refusal> {
        Self::read(bytes, prefix, check_signers)
    }

    /// Reads a transaction that nobody has signed yet, to simulate it: modes, signatures and missing public keys
    /// are left alone. It can never be verified.
    ///
    /// # Errors
    /// As [`Tx::decode`], but for what is left alone.
    pub fn decode_unsigned(bytes: &[u8], prefix: &Prefix) -> Result<Self, Refusal> {
        Self::read(bytes, prefix, unsigned_signers)
    }

    fn read(bytes: &[u8], prefix: &Prefix, signers: ReadSigners) -> Result<Self, Refusal> {
        if bytes.len() > TX_BYTES_MAX {
            return Err(SdkError::TxTooLarge { found: bytes.len(), max: TX_BYTES_MAX }.into());
        }
        let raw: wire::TxRaw = decode(bytes, "TxRaw")?;
        let body: wire::TxBody = decode(&raw.body_bytes, "TxBody")?;
        let auth_info: wire::AuthInfo = decode(&raw.auth_info_bytes, "AuthInfo")?;
        let messages = check_body(&body, prefix)?;
        let timeout = check_timeout(&body)?;
        check_lists(&messages, bytes.len())?;
        let gas = gas::check(&messages, signing(&messages, &auth_info), bytes_worked(bytes, &auth_info))?;
        check_fee(auth_info.fee.as_ref())?;
        let signers = signers(&messages, auth_info.signer_infos, raw.signatures, prefix)?;
        Ok(Self {
            bytes: bytes.to_vec(),
            hash: TxHash::of(bytes),
            body_bytes: raw.body_bytes,
            auth_info_bytes: raw.auth_info_bytes,
            messages,
            signers,
            timeout_height: body.timeout_height,
            timeout,
            gas,
        })
    }

    /// Verifies every signature: over the raw bytes as received, or over the transaction's JSON.
    ///
    /// # Errors
    /// Code 4 of `sdk`, naming the signer; 18 where one signed the JSON of a transaction that states no fee.
    pub fn verify(self, chain_id: &ChainId) -> Result<VerifiedTx, Refusal> {
        let direct = sign_digest(&self.body_bytes, &self.auth_info_bytes, chain_id);
        for signer in &self.signers {
            let digest = match signer.mode {
                Mode::Direct => direct,
                Mode::Amino | Mode::Multisig(_) => self.amino_digest(chain_id, signer.sequence)?,
            };
            signer.verify(&digest).map_err(|_| {
                SdkError::Unauthorized(format!("signature verification failed for {}", signer.address))
            })?;
        }
        Ok(VerifiedTx { tx: self, known: KnownSignatures::default() })
    }

    fn amino_digest(&self, chain_id: &ChainId, sequence: u64) -> Result<[u8; 32], Refusal> {
        let body: wire::TxBody = decode(&self.body_bytes, "TxBody")?;
        let auth_info: wire::AuthInfo = decode(&self.auth_info_bytes, "AuthInfo")?;
        let text = amino::SignDoc::new(&body, &auth_info, chain_id)?.text(sequence)?;
        Ok(Sha256::digest(text).into())
    }

    /// The bytes as received.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The transaction's name.
    pub fn hash(&self) -> TxHash {
        self.hash
    }

    /// At least one, at most [`TX_MESSAGES_MAX`].
    pub fn messages(&self) -> &[Message] {
        &self.messages
    }

    /// The distinct signers in the order that the messages name them.
    pub fn signers(&self) -> &[Signer] {
        &self.signers
    }

    /// What it can cost at most, in [`crate::gas`]: of this a block has [`gas::BLOCK_GAS_MAX`].
    pub fn gas(&self) -> u64 {
        self.gas
    }

    /// The last second of a block that may hold it, in Unix seconds: `timeout_timestamp` without its fraction. `None` = any.
    pub fn timeout(&self) -> Option<i64> {
        self.timeout
    }

    /// The last height of a block that may hold it; 0 = any.
    pub fn timeout_height(&self) -> u64 {
        self.timeout_height
    }
}

/// A transaction whose signatures are all good on one chain. Made by [`Tx::verify`] only.
#[derive(Debug, Clone, PartialEq)]
pub struct VerifiedTx {
    tx: Tx,
    known: KnownSignatures,
}

impl VerifiedTx {
    /// The same transaction, with what is known of the signatures of its envelopes.
    #[must_use]
    pub fn knowing(self, known: KnownSignatures) -> Self {
        Self { known, ..self }
    }

    /// What is known of the signatures of its envelopes: nothing, unless somebody verified them ahead.
    pub fn known(&self) -> &KnownSignatures {
        &self.known
    }
}

impl std::ops::Deref for VerifiedTx {
    type Target = Tx;

    fn deref(&self) -> &Tx {
        &self.tx
    }
}

/// What a signer signs: SHA-256 of the canonical `SignDoc`. The account number is 0 for everyone.
pub fn sign_digest(body_bytes: &[u8], auth_info_bytes: &[u8], chain_id: &ChainId) -> [u8; 32] {
    let doc = wire::SignDoc {
        body_bytes: body_bytes.to_vec(),
        auth_info_bytes: auth_info_bytes.to_vec(),
        chain_id: chain_id.as_str().to_owned(),
        account_number: 0,
    };
    Sha256::digest(doc.encode_to_vec()).into()
}

fn decode<M: prost::Message + Default>(bytes: &[u8], what: &str) -> Result<M, Refusal> {
    canonical::decode(bytes, what).map_err(|error| SdkError::TxDecode(error).into())
}

fn check_body(body: &wire::TxBody, prefix: &Prefix) -> Result<Vec<Message>, Refusal> {
    let count = body.messages.len();
    if count == 0 || count > TX_MESSAGES_MAX {
        return Err(SdkError::InvalidRequest(format!(
            "{count} messages, allowed are 1 to {TX_MESSAGES_MAX}"
        ))
        .into());
    }
    if body.memo.len() > MEMO_BYTES_MAX {
        return Err(SdkError::MemoTooLarge { found: body.memo.len(), max: MEMO_BYTES_MAX }.into());
    }
    body.messages.iter().map(|any| Message::decode(any, prefix)).collect()
}

/// `timeout_timestamp` in whole seconds; block times have no fraction either, for the state machine.
fn check_timeout(body: &wire::TxBody) -> Result<Option<i64>, Refusal> {
    if body.unordered {
        let text = "this ledger takes no unordered transactions: sequences say which one is next";
        return Err(SdkError::InvalidRequest(text.to_owned()).into());
    }
    let Some(timeout) = &body.timeout_timestamp else { return Ok(None) };
    if !TIME_RANGE.contains(&timeout.seconds) || !(0..1_000_000_000).contains(&timeout.nanos) {
        let text = "timeout_timestamp is not a time from 1970 to 9999";
        return Err(SdkError::InvalidRequest(text.to_owned()).into());
    }
    Ok(Some(timeout.seconds))
}

/// An entry of a list can be 2 bytes on the wire and is 128 in memory. Without this check a pool of decoded transactions that
/// counts their bytes would hold sixty times as many.
fn check_lists(messages: &[Message], tx_bytes: usize) -> Result<(), Refusal> {
    let found: usize = messages.iter().map(Message::list_entries).sum();
    let max = LIST_ENTRIES_FREE + tx_bytes / LIST_ENTRY_BYTES_MIN;
    if found > max {
        let text = format!("{found} grants and readers in {tx_bytes} bytes, which hold at most {max}");
        return Err(SdkError::InvalidRequest(text).into());
    }
    Ok(())
}

/// This ledger takes no fees; wallets write an empty fee, or a coin with the amount 0.
fn check_fee(fee: Option<&wire::Fee>) -> Result<(), Refusal> {
    let Some(fee) = fee else { return Ok(()) };
    if !fee.payer.is_empty() || !fee.granter.is_empty() {
        return Err(SdkError::InvalidRequest("fee payer and granter must be empty".to_owned()).into());
    }
    if fee.amount.len() > 1 || fee.amount.iter().any(|coin| coin.amount != "0") {
        return Err(SdkError::InvalidCoins.into());
    }
    Ok(())
}

#[cfg(test)]
mod tests;
