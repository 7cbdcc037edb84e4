use serde_json::Value;

use super::*;
use crate::ids::Prefix;

const VECTORS: &str = include_str!("../../../../vectors/adr36.json");

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
