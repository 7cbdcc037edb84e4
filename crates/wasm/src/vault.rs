//! Where a page keeps a person's phrase: sealed, and opened into an [`Identity`] that JavaScript cannot look into.

use std::sync::Arc;

use sealdesk_client::actor::{Actor, Phrase};
use sealdesk_client::vault;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};
use zeroize::Zeroizing;

use crate::error::failed;
use crate::identity::Identity;
use crate::wallet::{PageWallet, account_key};

/// What a share of a key, and what a passkey computes, has in bytes.
const SHARE_BYTES: usize = 32;

/// An open vault. `free()` wipes its key.
#[wasm_bindgen]
pub struct Vault(vault::Vault);

#[wasm_bindgen]
impl Vault {
    /// Makes the vault of a recovery phrase, under a passphrase of at least 8 characters. `wallet` is the account's public key where that is in
    /// a wallet, compressed.
    ///
    /// # Errors
    /// What is wrong with the phrase, the passphrase or the key.
    pub fn make(phrase: String, passphrase: String, wallet: Option<Vec<u8>>) -> Result<Self, JsValue> {
        let (phrase, passphrase) = (Zeroizing::new(phrase), Zeroizing::new(passphrase));
        let (phrase, rng) = (Phrase::parse(&phrase).map_err(|error| failed(&error))?, &mut getrandom::SysRng);
        let made = match wallet {
            Some(key) => vault::Vault::make_with_wallet(&phrase, &account_key(&key)?, &passphrase, rng),
            None => vault::Vault::make(&phrase, &passphrase, rng),
        };
        made.map(Self).map_err(|error| failed(&error))
    }

    /// Opens what [`Vault::document`] gave, with its passphrase.
    ///
    /// # Errors
    /// Where the passphrase is wrong, or the document damaged.
    pub fn unlock(document: &str, passphrase: String) -> Result<Self, JsValue> {
        let passphrase = Zeroizing::new(passphrase);
        vault::Vault::unlock(document, &passphrase).map(Self).map_err(|error| failed(&error))
    }

    /// Opens it with what its passkey computed, 32 bytes.
    ///
    /// # Errors
    /// Where it is another passkey, or the document damaged.
    #[wasm_bindgen(js_name = unlockWithPasskey)]
    pub fn unlock_with_passkey(document: &str, credential: &str, computed: &[u8]) -> Result<Self, JsValue> {
        let computed = share(computed)?;
        let opened = vault::Vault::unlock_with_passkey(document, credential, &computed);
        opened.map(Self).map_err(|error| failed(&error))
    }

    /// Opens it with the two shares that [`Vault::split`] gave.
    ///
    /// # Errors
    /// Where they do not belong together, or to this vault.
    pub fn resume(document: &str, here: &[u8], there: &[u8]) -> Result<Self, JsValue> {
        let opened = vault::Vault::resume(document, &*share(here)?, &*share(there)?);
        opened.map(Self).map_err(|error| failed(&error))
    }

    /// Two shares of 32 bytes, one after the other. One alone says nothing.
    ///
    /// # Errors
    /// Where the browser gives no randomness.
    pub fn split(&self) -> Result<Vec<u8>, JsValue> {
        let [here, there] = self.0.split(&mut getrandom::SysRng).map_err(|error| failed(&error))?;
        Ok([*here, *there].concat())
    }

    /// What to keep: nothing in it is in clear but the fingerprint of the phrase's first key.
    pub fn document(&self) -> String {
        self.0.document()
    }

    /// The credentials of the passkeys that open a document.
    pub fn passkeys(document: &str) -> Vec<String> {
        vault::Vault::passkeys(document)
    }

    /// The identity of its phrase; where its account is in a wallet, of that account.
    ///
    /// # Errors
    /// Where what was kept is damaged.
    pub fn identity(&self) -> Result<Identity, JsValue> {
        let phrase = self.0.phrase().map_err(|error| failed(&error))?;
        if let Some(key) = self.0.wallet().map_err(|error| failed(&error))? {
            return Ok(Identity::of(Actor::with_wallet(&phrase, key, Arc::new(PageWallet))));
        }
        Actor::of(&phrase).map(Identity::of).map_err(|error| failed(&error))
    }

    /// The recovery phrase, to be shown to the person who asks for it and then forgotten.
    ///
    /// # Errors
    /// Where what was kept is damaged.
    pub fn phrase(&self) -> Result<String, JsValue> {
        // JavaScript's copy cannot be wiped from here; ours is.
        self.0.phrase().map(|phrase| phrase.reveal().to_string()).map_err(|error| failed(&error))
    }

    /// Changes the passphrase; [`Vault::document`] is another one afterwards.
    ///
    /// # Errors
    /// Where the new one is too short.
    #[wasm_bindgen(js_name = changePassphrase)]
    pub fn change_passphrase(&mut self, passphrase: String) -> Result<(), JsValue> {
        let passphrase = Zeroizing::new(passphrase);
        self.0.change_passphrase(&passphrase, &mut getrandom::SysRng).map_err(|error| failed(&error))
    }

    /// Lets a passkey open it too.
    ///
    /// # Errors
    /// Where it has as many ways to open it as it can have.
    #[wasm_bindgen(js_name = addPasskey)]
    pub fn add_passkey(&mut self, credential: &str, computed: &[u8]) -> Result<(), JsValue> {
        let computed = share(computed)?;
        self.0.add_passkey(credential, &computed, &mut getrandom::SysRng).map_err(|error| failed(&error))
    }

    /// No longer lets a passkey open it.
    #[wasm_bindgen(js_name = removePasskey)]
    pub fn remove_passkey(&mut self, credential: &str) {
        self.0.remove_passkey(credential);
    }

    /// Seals a record of the page, which opens under its name alone.
    ///
    /// # Errors
    /// Where the browser gives no randomness.
    pub fn seal(&self, name: &str, record: &str) -> Result<String, JsValue> {
        self.0.seal(name, record.as_bytes(), &mut getrandom::SysRng).map_err(|error| failed(&error))
    }

    /// Opens a record.
    ///
    /// # Errors
    /// Where it was changed, or is of another name or vault.
    pub fn open(&self, name: &str, record: &str) -> Result<String, JsValue> {
        let opened = self.0.open(name, record).map_err(|error| failed(&error))?;
        std::str::from_utf8(&opened).map(str::to_owned).map_err(|error| failed(&error))
    }
}

fn share(bytes: &[u8]) -> Result<Zeroizing<[u8; SHARE_BYTES]>, JsValue> {
    let share = bytes.try_into().map_err(|_| failed(&"a share of a key has 32 bytes"))?;
    Ok(Zeroizing::new(share))
}
