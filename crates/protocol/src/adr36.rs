//! Signatures of accounts over texts, as Cosmos's ADR-36 has them: a wallet shows the text, and our own client makes the same bytes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use crate::ids::Address;
use crate::keys::{ACCOUNT_KEY_BYTES, BadSignature, SIGNATURE_BYTES, is_account_key_of, verify_secp256k1};

/// What a wallet signs: amino JSON with sorted keys, of no chain, without numbers, fee and memo. The text stands in it as base64.
pub fn sign_doc(signer: &Address, text: &str) -> String {
    // Neither base64 nor an address holds a character that JSON escapes.
    let data = STANDARD.encode(text);
    format!(
        concat!(
            r#"{{"account_number":"0","chain_id":"","fee":{{"amount":[],"gas":"0"}},"memo":"","#,
            r#""msgs":[{{"type":"sign/MsgSignData","value":{{"data":"{data}","signer":"{signer}"}}}}],"sequence":"0"}}"#,
        ),
        data = data,
        signer = signer,
    )
}

/// What the account's key signs: SHA-256 of [`sign_doc`].
pub fn digest(signer: &Address, text: &str) -> [u8; 32] {
    Sha256::digest(sign_doc(signer, text)).into()
}

/// Verifies that the account `signer` signed `text`: the address is the hash of the key, and the signature is compact, with a
/// low S.
///
/// # Errors
/// [`BadSignature`], whatever is wrong.
pub fn verify(
    public_key: &[u8; ACCOUNT_KEY_BYTES],
    signer: &Address,
    text: &str,
    signature: &[u8; SIGNATURE_BYTES],
) -> Result<(), BadSignature> {
    if !is_account_key_of(public_key, signer.as_str()) {
        return Err(BadSignature);
    }
    verify_secp256k1(public_key, &digest(signer, text), signature)
}

/// A key and a signature as messages and records carry them; `None` where either has another length.
pub fn parts(
    public_key: &[u8],
    signature: &[u8],
) -> Option<([u8; ACCOUNT_KEY_BYTES], [u8; SIGNATURE_BYTES])> {
    Some((public_key.try_into().ok()?, signature.try_into().ok()?))
}

#[cfg(test)]
mod tests;
