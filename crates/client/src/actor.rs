//! Who acts: the secrets of one recovery phrase, and which of its keys the directory lists. The account is the phrase's own, or a wallet's.

use std::sync::Arc;

use sealdesk_envelope::{AccountSecret, EncryptionSecret, Identity, IdentityError, SigningSecret};
pub use sealdesk_envelope::{Phrase, PhraseLength};
use sealdesk_protocol::adr36;
use sealdesk_protocol::ids::{Address, Prefix};
use sealdesk_protocol::keys::{ACCOUNT_KEY_BYTES, Fingerprint, SIGNATURE_BYTES};
use sealdesk_protocol::wire::virtengine::encryption::v1::RecipientKeyRecord;
use sealdesk_stacks::address::Address as StacksAddress;
use sealdesk_stacks::transaction::Network;

use crate::wallet::{ToSign, Wallet, WalletAccount, WalletError};

/// Rotations of one phrase that are searched for. A ledger lists at most 256 keys an address, revoked ones included, and
/// a client takes the lowest number that was never registered.
const ROTATIONS_MAX: u32 = 320;

/// An unlocked identity. Neither printable nor cloneable, like the secrets inside:
///
/// ```compile_fail
/// fn print(actor: &sealdesk_client::actor::Actor) { format!("{actor:?}"); }
/// ```
/// ```compile_fail
/// fn copy(actor: sealdesk_client::actor::Actor) { let _ = (actor.clone(), actor); }
/// ```
pub struct Actor {
    identity: Identity,
    account: Account,
    public_key: [u8; ACCOUNT_KEY_BYTES],
}

/// What signs for somebody's account.
enum Account {
    /// The phrase's own key.
    Held(AccountSecret),
    /// A wallet, which is asked each time.
    Wallet(WalletAccount),
}

/// Of whom a transaction is.
#[derive(Clone, Copy)]
pub enum Author<'a> {
    /// Somebody whose secrets are at hand: they seal, and sign.
    Unlocked(&'a Actor),
    /// An account whose key is elsewhere, or stays locked. What is composed for it is not signed here, and seals nothing.
    Elsewhere(&'a Address),
}

impl Author<'_> {
    /// The account's address under a ledger's prefix.
    pub fn address(self, prefix: &Prefix) -> Address {
        match self {
            Self::Unlocked(actor) => actor.address(prefix),
            Self::Elsewhere(address) => address.clone(),
        }
    }
}

impl<'a> From<&'a Actor> for Author<'a> {
    fn from(actor: &'a Actor) -> Self {
        Self::Unlocked(actor)
    }
}

/// The n-th pair of keys of an identity.
pub struct Pair {
    /// Counts rotations from 0.
    pub n: u32,
    /// Opens what is sealed to it.
    pub encryption: EncryptionSecret,
    /// Signs envelopes and grants.
    pub signing: SigningSecret,
}

impl Actor {
    /// Unlocks the identity of a phrase. Takes some milliseconds: 2,048 rounds of PBKDF2.
    ///
    /// # Errors
    /// [`IdentityError`] for a phrase that has no account key, which has never been seen.
    pub fn of(phrase: &Phrase) -> Result<Self, IdentityError> {
        let identity = Identity::of(phrase);
        let account = identity.account()?;
        let public_key = account.public_key();
        Ok(Self { identity, account: Account::Held(account), public_key })
    }

    /// Unlocks the identity of a phrase that seals and opens, for an account whose key is in a wallet. The phrase's own account is not used.
    pub fn with_wallet(
        phrase: &Phrase,
        public_key: [u8; ACCOUNT_KEY_BYTES],
        wallet: Arc<dyn Wallet>,
    ) -> Self {
        let account = Account::Wallet(WalletAccount::new(public_key, wallet));
        Self { identity: Identity::of(phrase), account, public_key }
    }

    /// The account's address under a ledger's prefix.
    pub fn address(&self, prefix: &Prefix) -> Address {
        Address::of_public_key(prefix, &self.public_key)
    }

    /// The account's compressed secp256k1 key.
    pub fn public_key(&self) -> &[u8; ACCOUNT_KEY_BYTES] {
        &self.public_key
    }

    /// Whether a wallet signs for the account, so that each signature asks the person.
    pub fn has_wallet(&self) -> bool {
        matches!(self.account, Account::Wallet(_))
    }

    /// The account key, which signs transactions.
    ///
    /// # Errors
    /// [`WalletError::KeyElsewhere`] where it is in a wallet.
    pub fn account(&self) -> Result<&AccountSecret, WalletError> {
        match &self.account {
            Account::Held(secret) => Ok(secret),
            Account::Wallet(_) => Err(WalletError::KeyElsewhere),
        }
    }

    /// The account's ADR-36 signature over a text, under a ledger's address of it. A wallet asks the person.
    ///
    /// # Errors
    /// [`WalletError`].
    pub(crate) async fn sign_text(
        &self,
        address: &Address,
        text: &str,
    ) -> Result<[u8; SIGNATURE_BYTES], WalletError> {
        match &self.account {
            Account::Held(secret) => Ok(secret.sign_digest(&adr36::digest(address, text))?),
            Account::Wallet(wallet) => wallet.sign_text(address, text).await,
        }
    }

    /// The signature of an account that is in a wallet, over what the wallet shows the person.
    ///
    /// # Errors
    /// [`WalletError`]; [`WalletError::Absent`] where the key is at hand, which signs bytes instead.
    pub(crate) async fn sign_in_wallet(
        &self,
        address: &Address,
        asked: ToSign<'_>,
    ) -> Result<[u8; SIGNATURE_BYTES], WalletError> {
        match &self.account {
            Account::Held(_) => Err(WalletError::Absent),
            Account::Wallet(wallet) => wallet.sign(address, asked).await,
        }
    }

    /// The account key on Stacks.
    ///
    /// # Errors
    /// [`IdentityError`] for a phrase that has no such key, which has never been seen.
    pub fn stacks_account(&self) -> Result<AccountSecret, IdentityError> {
        self.identity.stacks_account()
    }

    /// The account's address on a network of Stacks.
    ///
    /// # Errors
    /// As [`Actor::stacks_account`].
    pub fn stacks_address(&self, network: Network) -> Result<StacksAddress, IdentityError> {
        let key = self.stacks_account()?.public_key();
        Ok(StacksAddress::of_public_key(network.single_version(), &key))
    }

    /// The n-th pair of keys.
    ///
    /// # Errors
    /// [`IdentityError`] if a derived key is not one that the directory accepts, which has never been seen.
    pub fn pair(&self, n: u32) -> Result<Pair, IdentityError> {
        let (encryption, signing) = (self.identity.encryption(n)?, self.identity.signing(n)?);
        Ok(Pair { n, encryption, signing })
    }

    /// The key of what is kept for this person on their own disk ([`Identity::cache_key`]).
    #[cfg(not(target_arch = "wasm32"))]
    pub(crate) fn cache_key(&self) -> Result<zeroize::Zeroizing<[u8; 32]>, IdentityError> {
        self.identity.cache_key()
    }

    /// Which n-th pairs of this identity the directory lists for its address, revoked ones included, with the record's
    /// place in `listed`. Nothing else needs to be kept about rotations: the phrase and the ledger say it all.
    ///
    /// # Errors
    /// As [`Actor::pair`].
    pub fn registered(&self, listed: &[RecipientKeyRecord]) -> Result<Vec<(Pair, usize)>, IdentityError> {
        let mut found = Vec::new();
        for n in 0..ROTATIONS_MAX {
            if found.len() == listed.len() {
                break;
            }
            let pair = self.pair(n)?;
            if let Some(place) = listed.iter().position(|record| is_pair(record, &pair)) {
                found.push((pair, place));
            } else if n > 2 * u32::try_from(found.len()).unwrap_or(u32::MAX).saturating_add(8) {
                // Keys of another phrase are listed too: a gap this wide is the end of our own.
                break;
            }
        }
        Ok(found)
    }

    /// The pair for a new registration: the lowest n that this address never registered.
    ///
    /// # Errors
    /// As [`Actor::pair`].
    pub fn next_pair(&self, listed: &[RecipientKeyRecord]) -> Result<Pair, IdentityError> {
        let used: Vec<u32> = self.registered(listed)?.iter().map(|(pair, _)| pair.n).collect();
        let free = (0..=ROTATIONS_MAX).find(|n| !used.contains(n)).unwrap_or(ROTATIONS_MAX);
        self.pair(free)
    }
}

/// The version by which the directory lists an address's pair: that of its active record, else the one that registering it now gets.
pub(crate) fn key_version(pair: &Pair, listed: &[RecipientKeyRecord]) -> u32 {
    let active = listed.iter().find(|record| is_pair(record, pair) && record.revoked_at == 0);
    let next = || listed.last().map_or(0, |record| record.key_version).saturating_add(1);
    active.map_or_else(next, |record| record.key_version)
}

fn is_pair(record: &RecipientKeyRecord, pair: &Pair) -> bool {
    record.public_key == pair.encryption.public().as_bytes()
        && record.signing_key == pair.signing.public().as_bytes()
}

/// The fingerprint of the first pair, which names an identity before any ledger knows it.
pub fn first_fingerprint(actor: &Actor) -> Result<Fingerprint, IdentityError> {
    Ok(*actor.pair(0)?.encryption.fingerprint())
}
