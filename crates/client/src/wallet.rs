//! A wallet: the account's key is elsewhere, and each of its signatures is asked for. Nothing that comes back is believed: a signature counts only
//! if it is of the account that was asked, over just the bytes that were to be signed.
//!
//! A wallet signs texts as ADR-36 has them, and transactions as amino JSON, so that the person reads what they sign and hardware wallets can
//! do it. It never seals and never opens anything: those keys come from a phrase (docs/spec/envelope.md).

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use sealdesk_envelope::SigningFailed;
use sealdesk_protocol::adr36;
use sealdesk_protocol::ids::{Address, ChainId};
use sealdesk_protocol::keys::{ACCOUNT_KEY_BYTES, SIGNATURE_BYTES, is_account_key_of, verify_secp256k1};
use sealdesk_protocol::tx::TxHash;
use sha2::{Digest as _, Sha256};
use thiserror::Error;

/// For how many blocks after the one that it was composed by a transaction of a wallet's may come into the ledger. A wallet strikes a time
/// out of what it signs (Keplr knows `timeout_height` and no `timeout_timestamp`), so blocks are all that can bound it: on an embedded ledger
/// that is very busy so many take ten minutes, on a quiet one weeks. The signature itself is not sent when it comes later than the
/// ten minutes that every other transaction has.
pub const TIMEOUT_BLOCKS: u64 = 10_000;

/// What a wallet is asked to sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ToSign<'a> {
    /// A text, by ADR-36.
    Text(&'a str),
    /// A transaction of a ledger, as its amino JSON with sorted keys.
    Tx {
        /// The ledger.
        chain_id: &'a ChainId,
        /// The whole document.
        document: &'a str,
    },
}

impl ToSign<'_> {
    /// What the account's key signs in the end.
    fn digest(self, signer: &Address) -> [u8; 32] {
        match self {
            Self::Text(text) => adr36::digest(signer, text),
            Self::Tx { document, .. } => Sha256::digest(document).into(),
        }
    }
}

/// What a wallet answered: nothing in it has been checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The key that it says it signed with, compressed.
    pub public_key: Vec<u8>,
    /// The signature, compact.
    pub signature: Vec<u8>,
}

/// An answer that is still to come.
pub type Asked<'a> = Pin<Box<dyn Future<Output = Result<Answer, WalletError>> + Send + 'a>>;

/// Whatever asks a person's wallet.
pub trait Wallet: Send + Sync {
    /// Has the account `signer` sign this, for as long as the person takes.
    fn sign<'a>(&'a self, signer: &'a Address, asked: ToSign<'a>) -> Asked<'a>;
}

/// Why a wallet's account did not sign. Nothing was sent, but for [`WalletError::StillUnderway`].
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum WalletError {
    /// The person said no.
    #[error("you said no in your wallet: nothing was sent")]
    Refused,
    /// There is no wallet, or it does not answer.
    #[error(
        "your wallet is not here, so nothing was sent: unlock or install it, load this page again, and try again"
    )]
    Absent,
    /// Another account is chosen in the wallet.
    #[error("another account is chosen in your wallet, so nothing was sent: choose {0} in it, and try again")]
    AnotherAccount(Address),
    /// What was signed is not what was asked.
    #[error(
        "your wallet signed something else than was asked, so nothing was sent: change neither fee nor memo in it, and try again"
    )]
    SomethingElse,
    /// The person took too long.
    #[error("your wallet answered too late, and the ledger has moved on: nothing was sent, try again")]
    TooLate,
    /// The ledger moved on after it was sent, so that it was composed again; and this time the wallet did not sign it.
    #[error(
        "it had to be signed again, since the desk changed meanwhile, and was not: what you signed first may still arrive, as {0}. Look at your tickets before you write it again"
    )]
    StillUnderway(TxHash),
    /// The wallet cannot do it, in its own words.
    #[error("your wallet could not sign, so nothing was sent. It says: {0}")]
    Failed(String),
    /// There is no wallet, and the key that is at hand failed to sign.
    #[error(transparent)]
    Signing(#[from] SigningFailed),
    /// Something here would need the account's key itself.
    #[error("the account's key is in a wallet, and this needs the key itself")]
    KeyElsewhere,
}

/// An account whose key is in a wallet.
pub(crate) struct WalletAccount {
    public_key: [u8; ACCOUNT_KEY_BYTES],
    wallet: Arc<dyn Wallet>,
    /// The last text that was signed, so that whoever has to compose again is not asked for the same signature twice.
    last: Mutex<Option<(String, [u8; SIGNATURE_BYTES])>>,
}

impl WalletAccount {
    pub(crate) fn new(public_key: [u8; ACCOUNT_KEY_BYTES], wallet: Arc<dyn Wallet>) -> Self {
        Self { public_key, wallet, last: Mutex::new(None) }
    }

    /// The account's ADR-36 signature over a text, verified.
    pub(crate) async fn sign_text(
        &self,
        signer: &Address,
        text: &str,
    ) -> Result<[u8; SIGNATURE_BYTES], WalletError> {
        if let Some(signature) = self.signed_before(text) {
            return Ok(signature);
        }
        let signature = self.sign(signer, ToSign::Text(text)).await?;
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some((text.to_owned(), signature));
        Ok(signature)
    }

    /// Its signature, verified.
    pub(crate) async fn sign(
        &self,
        signer: &Address,
        asked: ToSign<'_>,
    ) -> Result<[u8; SIGNATURE_BYTES], WalletError> {
        let Answer { public_key, signature } = self.wallet.sign(signer, asked).await?;
        // Its address is that of the key which is kept: whoever was asked for another one was asked for nothing of ours.
        if public_key != self.public_key || !is_account_key_of(&self.public_key, signer.as_str()) {
            return Err(WalletError::AnotherAccount(signer.clone()));
        }
        verify_secp256k1(&self.public_key, &asked.digest(signer), &signature)
            .map_err(|_| WalletError::SomethingElse)?;
        signature.try_into().map_err(|_| WalletError::SomethingElse)
    }

    fn signed_before(&self, text: &str) -> Option<[u8; SIGNATURE_BYTES]> {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.as_ref().filter(|(signed, _)| signed == text).map(|(_, signature)| *signature)
    }
}
