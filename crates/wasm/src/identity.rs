//! Who acts: the secrets of a recovery phrase.

use sealdesk_client::actor::{Actor, Phrase, PhraseLength, first_fingerprint};
use sealdesk_protocol::ids::{Address, Prefix};
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};
use zeroize::Zeroizing;

use crate::error::failed;
use crate::wallet::account_key;

/// An unlocked identity. JavaScript holds it and sees nothing of it; `free()` wipes it.
#[wasm_bindgen]
pub struct Identity(Actor);

#[wasm_bindgen]
impl Identity {
    /// Makes a new recovery phrase: 12 words, or 24. It is given out once, to be shown to the person and then forgotten.
    ///
    /// # Errors
    /// Where the browser gives no randomness.
    #[wasm_bindgen(js_name = newPhrase)]
    pub fn new_phrase(long: bool) -> Result<String, JsValue> {
        let length = if long { PhraseLength::TwentyFour } else { PhraseLength::Twelve };
        let phrase = Phrase::generate(length, &mut getrandom::SysRng).map_err(|error| failed(&error))?;
        // JavaScript's copy cannot be wiped from here; ours is.
        Ok(phrase.reveal().to_string())
    }

    /// Unlocks the identity of a recovery phrase.
    ///
    /// # Errors
    /// What is wrong with the phrase: a word that is not in the list, their number, or their checksum.
    #[wasm_bindgen(constructor)]
    pub fn new(phrase: String) -> Result<Self, JsValue> {
        let text = Zeroizing::new(phrase);
        let phrase = Phrase::parse(&text).map_err(|error| failed(&error))?;
        Actor::of(&phrase).map(Self).map_err(|error| failed(&error))
    }

    /// The account's address under a ledger's prefix.
    ///
    /// # Errors
    /// Where the prefix is not one.
    pub fn address(&self, prefix: &str) -> Result<String, JsValue> {
        let prefix = Prefix::parse(prefix).map_err(|error| failed(&error))?;
        Ok(self.0.address(&prefix).to_string())
    }

    /// Whether a wallet signs for the account, so that each signature asks the person.
    #[wasm_bindgen(getter, js_name = hasWallet)]
    pub fn has_wallet(&self) -> bool {
        self.0.has_wallet()
    }

    /// The address of a wallet's account under a ledger's prefix, by its public key, compressed.
    ///
    /// # Errors
    /// Where it is not a key of secp256k1, or the prefix is not one.
    #[wasm_bindgen(js_name = addressOf)]
    pub fn address_of(key: &[u8], prefix: &str) -> Result<String, JsValue> {
        let prefix = Prefix::parse(prefix).map_err(|error| failed(&error))?;
        Ok(Address::of_public_key(&prefix, &account_key(key)?).to_string())
    }

    /// The fingerprint of the first key, which names an identity before any ledger knows it.
    ///
    /// # Errors
    /// Where the phrase has no such key, which has never been seen.
    pub fn fingerprint(&self) -> Result<String, JsValue> {
        first_fingerprint(&self.0).map(|found| found.to_string()).map_err(|error| failed(&error))
    }

    pub(crate) fn of(actor: Actor) -> Self {
        Self(actor)
    }

    pub(crate) fn actor(&self) -> &Actor {
        &self.0
    }
}
