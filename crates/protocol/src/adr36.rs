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
mod tests {
    use super::*;
    use crate::ids::Prefix;
    use serde_json::Value;

    const VECTORS: &str = include_str!("../../../vectors/adr36.json");

    struct Case {
        signer: Address,
        text: String,
        key: [u8; ACCOUNT_KEY_BYTES],
        signature: [u8; SIGNATURE_BYTES],
        json: Value,
    }

    fn cases() -> Vec<Case> {
        let file: Value = serde_json::from_str(VECTORS).unwrap();
        let read = |case: &Value| {
            let text = |field: &str| case[field].as_str().unwrap().to_owned();
            let bytes = |field: &str| hex::decode(text(field)).unwrap();
            let prefix = Prefix::parse(Prefix::DEFAULT).unwrap();
            let (key, signature) = parts(&bytes("pub_key"), &bytes("signature")).unwrap();
            let signer = Address::parse(&prefix, &text("signer")).unwrap();
            Case { signer, text: text("text"), key, signature, json: case.clone() }
        };
        file["cases"].as_array().unwrap().iter().map(read).collect()
    }

    #[test]
    fn what_a_wallet_signs_is_what_cosmjs_makes() {
        let cases = cases();
        assert!(cases.len() >= 16, "{}", cases.len());
        for case in cases {
            let name = &case.json["name"];
            assert_eq!(sign_doc(&case.signer, &case.text), case.json["sign_doc"].as_str().unwrap(), "{name}");
            assert_eq!(hex::encode(digest(&case.signer, &case.text)), case.json["digest"], "{name}");
            assert_eq!(verify(&case.key, &case.signer, &case.text, &case.signature), Ok(()), "{name}");
        }
    }

    #[test]
    fn a_signature_is_good_for_one_text_of_one_account_only() {
        let cases = cases();
        for a in &cases {
            for b in &cases {
                let same = a.signer == b.signer && a.text == b.text;
                assert_eq!(verify(&b.key, &b.signer, &b.text, &a.signature).is_ok(), same);
                let strange = a.signer != b.signer;
                assert!(!strange || verify(&b.key, &a.signer, &a.text, &a.signature).is_err());
            }
        }
        let case = &cases[0];
        let low = k256::ecdsa::Signature::from_slice(&case.signature).unwrap();
        let high = k256::ecdsa::Signature::from_scalars(low.r().to_bytes(), (-*low.s()).to_bytes()).unwrap();
        let high: [u8; 64] = high.to_bytes().as_slice().try_into().unwrap();
        assert_eq!(verify(&case.key, &case.signer, &case.text, &high), Err(BadSignature));
    }
}
