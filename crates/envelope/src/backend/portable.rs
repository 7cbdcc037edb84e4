//! X25519 by `curve25519-dalek`, for every machine and for the browser.

use curve25519_dalek::MontgomeryPoint;
use zeroize::Zeroize as _;

use crate::secret::Secret;

/// The public key, by the precomputed table of the Edwards form.
pub(crate) fn x25519_base(secret: &Secret<32>) -> [u8; 32] {
    MontgomeryPoint::mul_base_clamped(*secret.expose()).to_bytes()
}

/// The shared secret, which may be all zero.
pub(crate) fn x25519(secret: &Secret<32>, public: &[u8; 32]) -> Secret<32> {
    let mut shared = MontgomeryPoint(*public).mul_clamped(*secret.expose());
    let mut bytes = shared.to_bytes();
    shared.zeroize();
    Secret::take(&mut bytes)
}
