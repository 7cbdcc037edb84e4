//! Every key of an envelope follows from its data key (DEK) and its header.

use crate::backend::mac;
use crate::secret::Secret;

/// The data key: 32 bytes from the caller's generator, used for one envelope only.
pub(crate) type DataKey = Secret<32>;

/// `esk`, the X25519 secret of which every reader's entry shows the public half. Because it follows from the data key,
/// every reader can make the others' entries again.
pub(crate) fn ephemeral_secret(key: &DataKey, header: &[u8]) -> Secret<32> {
    mac(key, "ephemeral", header)
}

/// `COM`, which binds the ciphertext to one data key: XSalsa20-Poly1305 alone can be made to open under two. It is
/// public, so it leaves the type of secrets.
pub(crate) fn commitment(key: &DataKey, header: &[u8]) -> [u8; 32] {
    *mac(key, "commit", header).expose()
}

/// `K`, the key of the payload.
pub(crate) fn payload_key(key: &DataKey, header: &[u8]) -> Secret<32> {
    mac(key, "payload", header)
}
