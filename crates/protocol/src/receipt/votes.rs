//! The signatures of validators, by the rules of ZIP 215, as CometBFT and the crate `tendermint` have them. Counted on the curve that
//! everything else here is signed on: what the crate brings for it is a second curve and a third SHA-512.

use curve25519_dalek::edwards::{CompressedEdwardsY, EdwardsPoint};
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::IsIdentity as _;
use sha2::{Digest as _, Sha512};
use tendermint::crypto::signature::{Error, Verifier};
use tendermint::{PublicKey, Signature};
use tendermint_light_client_verifier::PredicateVerifier;
use tendermint_light_client_verifier::operations::{ProdCommitValidator, ProvidedVotingPowerCalculator};
use tendermint_light_client_verifier::predicates::ProdPredicates;

/// The crate's verifier of headers, with [`Votes`].
pub(super) type HeaderVerifier =
    PredicateVerifier<ProdPredicates, ProvidedVotingPowerCalculator<Votes>, ProdCommitValidator>;

/// Verifies the votes of validators.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Votes;

impl Verifier for Votes {
    fn verify(&self, pubkey: PublicKey, msg: &[u8], signature: &Signature) -> Result<(), Error> {
        let key = pubkey.ed25519().ok_or(Error::UnsupportedKeyType)?;
        let key = CompressedEdwardsY::from_slice(key.as_bytes()).map_err(|_| Error::MalformedPublicKey)?;
        let signature: &[u8; 64] = signature.as_bytes().try_into().map_err(|_| Error::MalformedSignature)?;
        if is_signed(&key, msg, signature).unwrap_or(false) { Ok(()) } else { Err(Error::VerificationFailed) }
    }
}

/// Whether `[8](R − ([s]B − [k]A))` is the identity; `None` where a point is none of the curve, or the number too large. A point may be
/// written in another way than its one canonical way, and may be of small order: what one verifier accepts, all of them accept.
fn is_signed(key: &CompressedEdwardsY, message: &[u8], signature: &[u8; 64]) -> Option<bool> {
    let (point, number) = signature.split_first_chunk::<32>()?;
    let number = Scalar::from_canonical_bytes(number.try_into().ok()?).into_option()?;
    let challenge = Sha512::new().chain_update(point).chain_update(key.as_bytes()).chain_update(message);
    let challenge = Scalar::from_bytes_mod_order_wide(&challenge.finalize().into());
    let expected =
        EdwardsPoint::vartime_double_scalar_mul_basepoint(&challenge, &-key.decompress()?, &number);
    Some((CompressedEdwardsY(*point).decompress()? - expected).mul_by_cofactor().is_identity())
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::{Signer as _, SigningKey};
    use proptest::prelude::*;
    use tendermint::crypto::default::signature::Verifier as Reference;

    use super::*;

    /// Whether the vote is accepted, which has to be what the crate's own verifier says of it.
    fn accepted(key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
        let key = PublicKey::from_raw_ed25519(key).unwrap();
        let signature = Signature::try_from(&signature[..]).unwrap();
        let ours = Votes.verify(key, message, &signature).is_ok();
        assert_eq!(ours, Reference.verify(key, message, &signature).is_ok(), "{key:?} {signature:?}");
        ours
    }

    /// Every way to write a point of small order: the eight points, and the six other encodings that decompress to one of them.
    fn small_order() -> Vec<[u8; 32]> {
        let torsion = curve25519_dalek::constants::EIGHT_TORSION.map(|point| point.compress().to_bytes());
        let mut found = torsion.to_vec();
        // y from p on is y − p once more, and the sign of x = 0 is no sign.
        for low in 0xed..=0xff_u8 {
            for high in [0x7f, 0xff] {
                let mut bytes = [0xff; 32];
                (bytes[0], bytes[31]) = (low, high);
                found.push(bytes);
            }
        }
        for low in [1, 0xec] {
            let mut bytes = if low == 1 { [0; 32] } else { [0xff; 32] };
            (bytes[0], bytes[31]) = (low, if low == 1 { 0x80 } else { 0xff });
            found.push(bytes);
        }
        let is_small = |bytes: &[u8; 32]| {
            CompressedEdwardsY(*bytes).decompress().is_some_and(|point| point.is_small_order())
        };
        found.retain(is_small);
        found.sort_unstable();
        found.dedup();
        found
    }

    #[test]
    fn points_of_small_order_count_in_every_way_they_are_written() {
        let points = small_order();
        assert_eq!(points.len(), 14, "the encodings that ZIP 215 names");
        for key in &points {
            for point in &points {
                let mut signature = [0; 64];
                signature[..32].copy_from_slice(point);
                assert!(accepted(key, b"Zcash", &signature), "{key:?} {point:?}");
                signature[32] = 1;
                assert!(!accepted(key, b"Zcash", &signature), "{key:?} {point:?}");
            }
        }
    }

    #[test]
    fn a_number_from_the_order_on_is_refused() {
        let key = SigningKey::from_bytes(&[7; 32]);
        let mut signature = key.sign(b"vote").to_bytes();
        assert!(accepted(key.verifying_key().as_bytes(), b"vote", &signature));
        // The order of the group, in little-endian bytes, added once: the same number, written larger.
        let order = hex::decode("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010").unwrap();
        let mut carry = 0;
        for (byte, more) in signature[32..].iter_mut().zip(order) {
            let sum = u16::from(*byte) + u16::from(more) + carry;
            (*byte, carry) = (sum.to_le_bytes()[0], sum >> 8);
        }
        assert!(!accepted(key.verifying_key().as_bytes(), b"vote", &signature));
    }

    proptest! {
        #[test]
        fn what_was_signed_is_accepted_and_nothing_else(
            seed: [u8; 32],
            message: Vec<u8>,
            at in 0usize..64,
            bit in 0u8..8,
            bytes: [u8; 32],
        ) {
            let key = SigningKey::from_bytes(&seed);
            let public = key.verifying_key().to_bytes();
            let mut signature = key.sign(&message).to_bytes();
            prop_assert!(accepted(&public, &message, &signature));
            let other = [&message[..], b"."].concat();
            prop_assert!(!accepted(&public, &other, &signature));
            signature[at] ^= 1 << bit;
            prop_assert!(!accepted(&public, &message, &signature));
            prop_assert!(!accepted(&bytes, &message, &signature));
        }
    }
}
