use std::collections::BTreeSet;

use curve25519_dalek::constants::{ED25519_BASEPOINT_POINT, EIGHT_TORSION};
use curve25519_dalek::scalar::Scalar;
use ed25519_dalek::{Signer as _, SigningKey};
use k256::ecdsa::signature::hazmat::PrehashSigner as _;
use sha2::Sha512;

use super::*;

const IDENTITIES: &str = include_str!("../../../../vectors/envelope/identity.json");

fn bytes(value: &serde_json::Value) -> Vec<u8> {
    hex::decode(value.as_str().unwrap()).unwrap()
}

#[test]
fn known_identities_have_their_fingerprints_addresses_and_proofs() {
    let file: serde_json::Value = serde_json::from_str(IDENTITIES).unwrap();
    for identity in file["identities"].as_array().unwrap() {
        let address = identity["address"].as_str().unwrap();
        let account: [u8; 33] = bytes(&identity["account_public"]).try_into().unwrap();
        assert!(is_account_key_of(&account, address));
        assert!(!is_account_key_of(&account, &address.to_uppercase()));
        for key in identity["keys"].as_array().unwrap() {
            let encryption = EncryptionKey::parse(&bytes(&key["x25519_public"])).unwrap();
            let signing = VerifyKey::parse(&bytes(&key["ed25519_public"])).unwrap();
            assert_eq!(encryption.fingerprint().to_string(), key["fingerprint"].as_str().unwrap());
            let proof = bytes(&key["proof"]);
            assert_eq!(verify_key_proof("desk-1", address, &encryption, &signing, &proof), Ok(()));
            assert_eq!(verify_key_proof("desk-2", address, &encryption, &signing, &proof), Err(BadSignature));
            assert_eq!(verify_key_proof("desk-1", "", &encryption, &signing, &proof), Err(BadSignature));
        }
    }
}

#[test]
fn a_registration_without_the_signing_secret_proves_nothing() {
    // Bug 36 of docs/known-bugs.md: a stranger who copies public keys into a registration of his own lacks the proof.
    let victim = SigningKey::from_bytes(&[7; 32]);
    let stranger = SigningKey::from_bytes(&[8; 32]);
    let encryption = EncryptionKey::parse(&[9; 32]).unwrap();
    let signing = VerifyKey::parse(victim.verifying_key().as_bytes()).unwrap();
    let message = key_proof_message("desk-1", "stranger", &encryption, &signing);
    let forged = stranger.sign(&message).to_bytes();
    assert_eq!(verify_key_proof("desk-1", "stranger", &encryption, &signing, &forged), Err(BadSignature));
    let other_address = key_proof_message("desk-1", "victim", &encryption, &signing);
    let copied = victim.sign(&other_address).to_bytes();
    assert_eq!(verify_key_proof("desk-1", "victim", &encryption, &signing, &copied), Ok(()));
    assert_eq!(verify_key_proof("desk-1", "stranger", &encryption, &signing, &copied), Err(BadSignature));
    assert_eq!(verify_key_proof("desk-1", "victim", &encryption, &signing, &copied[..63]), Err(BadSignature));
}

#[test]
fn fingerprints_are_forty_lower_case_hex_digits_and_nothing_else() {
    let text = "c2cb99aa4ff9962abbada10a4a1f28eece64990c";
    let parsed = Fingerprint::parse(text).unwrap();
    assert_eq!(parsed.to_string(), text);
    assert_eq!(Fingerprint::from_bytes(*parsed.as_bytes()), parsed);
    let long = format!("{text}0");
    for bad in [
        "",
        "c2",
        &text[..39],
        &long,
        &text.to_uppercase(),
        &text.replace('c', "g"),
        &text.replacen('c', " ", 1),
    ] {
        assert_eq!(Fingerprint::parse(bad), Err(KeyError::Fingerprint), "{bad}");
    }
}

/// The u-coordinates of the eight torsion points, and minus one, which lies on the twist.
fn low_order_points() -> BTreeSet<[u8; 32]> {
    let mut points: BTreeSet<[u8; 32]> =
        EIGHT_TORSION.iter().map(|point| point.to_montgomery().to_bytes()).collect();
    let mut minus_one = [0xff; 32];
    minus_one[0] = 0xec;
    minus_one[31] = 0x7f;
    points.insert(minus_one);
    points.insert([0; 32]);
    points
}

#[test]
fn every_low_order_x25519_key_is_refused() {
    let points = low_order_points();
    assert_eq!(points, LOW_ORDER_U.into_iter().collect());
    for point in points {
        assert_eq!(EncryptionKey::parse(&point), Err(KeyError::LowOrder), "{point:?}");
        let shared = curve25519_dalek::MontgomeryPoint(point).mul_clamped([0x42; 32]);
        assert_eq!(shared.to_bytes(), [0; 32]);
    }
}

#[test]
fn a_second_encoding_of_an_x25519_key_is_refused() {
    let mut prime = [0xff; 32];
    prime[0] = 0xed;
    prime[31] = 0x7f;
    for offset in 0..19 {
        let mut twin = prime;
        twin[0] += offset;
        assert_eq!(EncryptionKey::parse(&twin), Err(KeyError::NonCanonical));
    }
    let mut high_bit = [9; 32];
    assert!(EncryptionKey::parse(&high_bit).is_ok());
    high_bit[31] |= 0x80;
    assert_eq!(EncryptionKey::parse(&high_bit), Err(KeyError::NonCanonical));
    prime[0] = 0xeb;
    assert!(EncryptionKey::parse(&prime).is_ok(), "p - 2 is the greatest key");
    assert_eq!(EncryptionKey::parse(&[9; 31]), Err(KeyError::Length { expected: 32, actual: 31 }));
}

#[test]
fn small_order_and_non_canonical_ed25519_keys_are_refused() {
    for point in EIGHT_TORSION {
        assert_eq!(VerifyKey::parse(&point.compress().to_bytes()), Err(KeyError::LowOrder));
    }
    // y = 1 written as p + 1, and x = 0 written as -0: dalek decompresses both.
    let mut y_above_p = [0xff; 32];
    y_above_p[0] = 0xee;
    y_above_p[31] = 0x7f;
    let mut minus_zero = [0; 32];
    minus_zero[0] = 1;
    minus_zero[31] = 0x80;
    // y = 3 + p is a point too, and not of small order.
    let mut of_full_order = y_above_p;
    of_full_order[0] = 0xf0;
    for bytes in [y_above_p, minus_zero, of_full_order] {
        assert_eq!(VerifyKey::parse(&bytes), Err(KeyError::NonCanonical), "{bytes:?}");
    }
    let mut no_point = [0; 32];
    no_point[0] = 2;
    assert_eq!(VerifyKey::parse(&no_point), Err(KeyError::NotOnCurve));
    assert_eq!(VerifyKey::parse(&[]), Err(KeyError::Length { expected: 32, actual: 0 }));
}

/// An Ed25519 signature made by the equation itself, so that its parts can be chosen badly.
fn sign_with(r_torsion: usize, a_torsion: usize, secret: Scalar, message: &[u8]) -> ([u8; 32], [u8; 64]) {
    let nonce = Scalar::from(77_777u64);
    let public = (ED25519_BASEPOINT_POINT * secret + EIGHT_TORSION[a_torsion]).compress().to_bytes();
    let r = (ED25519_BASEPOINT_POINT * nonce + EIGHT_TORSION[r_torsion]).compress().to_bytes();
    let mut hash = Sha512::new();
    hash.update(r);
    hash.update(public);
    hash.update(message);
    let k = Scalar::from_bytes_mod_order_wide(&hash.finalize().into());
    let mut signature = [0; 64];
    signature[..32].copy_from_slice(&r);
    signature[32..].copy_from_slice((nonce + k * secret).as_bytes());
    (public, signature)
}

#[test]
fn a_mixed_order_signature_that_a_cofactored_rule_accepts_is_refused() {
    let secret = Scalar::from(1_234_567u64);
    let (public, good) = sign_with(0, 0, secret, b"message");
    assert_eq!(VerifyKey::parse(&public).unwrap().verify(b"message", &good), Ok(()));
    for torsion in 1..8 {
        let (public, signature) = sign_with(torsion, 0, secret, b"message");
        assert_eq!(VerifyKey::parse(&public).unwrap().verify(b"message", &signature), Err(BadSignature));
    }
}

#[test]
fn a_signature_whose_s_is_not_reduced_is_refused() {
    const ORDER: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let key = SigningKey::from_bytes(&[3; 32]);
    let mut twin = key.sign(b"message").to_bytes();
    let verify = VerifyKey::parse(key.verifying_key().as_bytes()).unwrap();
    assert_eq!(verify.verify(b"message", &twin), Ok(()));
    let mut carry = 0;
    for (byte, order) in twin[32..].iter_mut().zip(ORDER) {
        let sum = u16::from(*byte) + u16::from(order) + carry;
        *byte = sum.to_le_bytes()[0];
        carry = sum >> 8;
    }
    assert_eq!(verify.verify(b"message", &twin), Err(BadSignature));
}

#[test]
fn a_signature_with_a_small_order_r_is_refused() {
    // With S = k·a and R the identity the equation holds; the rule refuses R all the same.
    let secret = Scalar::from(99u64);
    let public = (ED25519_BASEPOINT_POINT * secret).compress().to_bytes();
    let r = EIGHT_TORSION[0].compress().to_bytes();
    let mut hash = Sha512::new();
    hash.update(r);
    hash.update(public);
    hash.update(b"message");
    let k = Scalar::from_bytes_mod_order_wide(&hash.finalize().into());
    let mut signature = [0; 64];
    signature[..32].copy_from_slice(&r);
    signature[32..].copy_from_slice((k * secret).as_bytes());
    let lax = VerifyingKey::from_bytes(&public).unwrap();
    let parsed = ed25519_dalek::Signature::from_bytes(&signature);
    assert!(ed25519_dalek::Verifier::verify(&lax, b"message", &parsed).is_ok(), "a lax verifier accepts it");
    assert_eq!(VerifyKey::parse(&public).unwrap().verify(b"message", &signature), Err(BadSignature));
}

#[test]
fn the_high_s_twin_of_a_secp256k1_signature_is_refused() {
    let key = k256::ecdsa::SigningKey::from_slice(&[5; 32]).unwrap();
    let public = key.verifying_key().to_sec1_point(true);
    let digest = [6; 32];
    let low: k256::ecdsa::Signature = key.sign_prehash(&digest).unwrap();
    assert_eq!(verify_secp256k1(public.as_bytes(), &digest, &low.to_bytes()), Ok(()));
    let high = k256::ecdsa::Signature::from_scalars(low.r().to_bytes(), (-*low.s()).to_bytes()).unwrap();
    assert_eq!(verify_secp256k1(public.as_bytes(), &digest, &high.to_bytes()), Err(BadSignature));
    assert_eq!(verify_secp256k1(public.as_bytes(), &[7; 32], &low.to_bytes()), Err(BadSignature));
    let uncompressed = key.verifying_key().to_sec1_point(false);
    assert_eq!(verify_secp256k1(uncompressed.as_bytes(), &digest, &low.to_bytes()), Err(BadSignature));
    for cut in [0, 63] {
        assert_eq!(verify_secp256k1(public.as_bytes(), &digest, &low.to_bytes()[..cut]), Err(BadSignature));
    }
    assert_eq!(verify_secp256k1(public.as_bytes(), &digest, &[0; 64]), Err(BadSignature));
    assert_eq!(verify_secp256k1(public.as_bytes(), &digest, &[0xff; 64]), Err(BadSignature));
}
