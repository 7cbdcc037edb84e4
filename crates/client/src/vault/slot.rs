//! The keys of a vault's slots: of a passphrase, and of what a passkey computes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hkdf::Hkdf;
use rand_core::TryCryptoRng;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::{PASSPHRASE_CHARACTERS_MIN, Slot, VaultError, random, sealed, slot_label};
use crate::passphrase_seal::{Effort, KEY_BYTES, Key, SALT_BYTES};

/// What a passkey's key is derived for.
const PASSKEY_INFO: &[u8] = b"sealdesk/vault/1/passkey";

/// A slot of a vault's key under a passphrase.
///
/// # Errors
/// [`VaultError::PassphraseTooShort`] or [`VaultError::Random`].
pub(super) fn passphrase_slot<R: TryCryptoRng + ?Sized>(
    vault_key: &[u8; KEY_BYTES],
    fingerprint: &str,
    passphrase: &str,
    rng: &mut R,
) -> Result<Slot, VaultError> {
    if passphrase.chars().count() < PASSPHRASE_CHARACTERS_MIN {
        return Err(VaultError::PassphraseTooShort);
    }
    let salt = random::<SALT_BYTES, R>(rng)?;
    let wrapping = stretched(passphrase, &salt, Effort::NEW)?;
    let salt = STANDARD.encode(salt);
    let key = sealed(&wrapping, &slot_label(fingerprint, "passphrase", &salt), vault_key, rng)?;
    let Effort { memory_kib, passes } = Effort::NEW;
    Ok(Slot::Passphrase { kdf: "argon2id".to_owned(), memory_kib, passes, salt, key })
}

/// The key that a passphrase gives with Argon2id.
///
/// # Errors
/// [`VaultError::Form`] where the numbers are out of Argon2's bounds.
pub(super) fn stretched(passphrase: &str, salt: &[u8], effort: Effort) -> Result<Key, VaultError> {
    let key = effort.stretched(passphrase.as_bytes(), salt);
    key.ok_or(VaultError::Form("its passphrase is stretched in a way that is unknown here"))
}

/// The key of a passkey's slot: HKDF-SHA-256 of what the passkey computes, with the slot's own salt.
///
/// # Errors
/// Never for a key of this length.
pub(super) fn derived(computed: &[u8; KEY_BYTES], salt: &[u8]) -> Result<Key, VaultError> {
    let mut key = Zeroizing::new([0; KEY_BYTES]);
    let expanded = Hkdf::<Sha256>::new(Some(salt), computed).expand(PASSKEY_INFO, key.as_mut_slice());
    expanded.map_err(|_| VaultError::Form("a key cannot be derived for its passkey"))?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_passkey_s_key_is_the_one_of_rfc_5869() {
        // By Python's hmac: HKDF-SHA-256 of 32 bytes of 7, with the salt 00…0f.
        let salt: Vec<u8> = (0..16).collect();
        let key = derived(&[7; KEY_BYTES], &salt).unwrap();
        assert_eq!(
            hex::encode(key.as_slice()),
            "6fdf61732e1a67e20f86a18dfd52653af95a57e6b634b3b1846b92d1b4ef9a5e"
        );
        assert_ne!(*derived(&[7; KEY_BYTES], &[0; 16]).unwrap(), *key);
    }
}
