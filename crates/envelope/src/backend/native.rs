//! X25519 by `graviola`: half of the time of the portable one, on processors of the last ten years or so.

use graviola::key_agreement::x25519::{PublicKey, StaticPrivateKey};
use zeroize::Zeroize as _;

use super::NoContribution;
use crate::secret::Secret;

/// True where graviola runs: it asserts these features at every call, so that nothing may be missing here.
#[cfg(target_arch = "x86_64")]
pub(crate) fn is_available() -> bool {
    use std::arch::is_x86_feature_detected as has;
    has!("aes")
        && has!("pclmulqdq")
        && has!("bmi1")
        && has!("bmi2")
        && has!("adx")
        && has!("avx")
        && has!("avx2")
}

/// True where graviola runs: it asserts these features at every call, so that nothing may be missing here.
#[cfg(target_arch = "aarch64")]
pub(crate) fn is_available() -> bool {
    use std::arch::is_aarch64_feature_detected as has;
    has!("neon") && has!("aes") && has!("pmull") && has!("sha2")
}

/// The public key.
pub(crate) fn x25519_base(secret: &Secret<32>) -> [u8; 32] {
    StaticPrivateKey::from_array(secret.expose()).public_key().as_bytes()
}

/// The shared secret; graviola refuses an all-zero one itself.
pub(crate) fn x25519(secret: &Secret<32>, public: &[u8; 32]) -> Result<Secret<32>, NoContribution> {
    let shared = StaticPrivateKey::from_array(secret.expose())
        .diffie_hellman(&PublicKey::from_array(public))
        .map_err(|_| NoContribution)?;
    let mut bytes = shared.as_bytes();
    let secret = Secret::take(&mut bytes);
    bytes.zeroize();
    Ok(secret)
}
