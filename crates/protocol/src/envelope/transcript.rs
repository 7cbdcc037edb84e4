//! The one way in which bytes are put under a hash: labelled, and with every length before its field.

use sha2::{Digest as _, Sha256};

/// Stands before every label, so that no digest of this version equals one of another.
pub const LABEL_PREFIX: &str = "sealdesk/envelope/3/";

/// `D(l, …)` of docs/spec/envelope.md: SHA-256 of a length-prefixed label and of the fields that follow it.
pub struct Transcript(Sha256);

impl Transcript {
    /// Begins with a label, given without [`LABEL_PREFIX`].
    pub fn new(label: &str) -> Self {
        Self::of(LABEL_PREFIX, label)
    }

    /// Begins with a label of another version or page, which its own prefix names.
    pub fn of(prefix: &str, label: &str) -> Self {
        Self(Sha256::new()).raw(&label_bytes(prefix, label))
    }

    /// `LP(x)`: the field's length in four bytes, then the field.
    #[must_use]
    pub fn field(self, bytes: &[u8]) -> Self {
        self.u32(length(bytes)).raw(bytes)
    }

    /// One byte.
    #[must_use]
    pub fn u8(self, value: u8) -> Self {
        self.raw(&[value])
    }

    /// Four bytes, big-endian.
    #[must_use]
    pub fn u32(self, value: u32) -> Self {
        self.raw(&value.to_be_bytes())
    }

    /// Eight bytes, big-endian.
    #[must_use]
    pub fn u64(self, value: u64) -> Self {
        self.raw(&value.to_be_bytes())
    }

    /// Bytes of a length that the place itself fixes.
    #[must_use]
    pub fn raw(mut self, bytes: &[u8]) -> Self {
        self.0.update(bytes);
        self
    }

    /// The digest.
    pub fn finish(self) -> [u8; 32] {
        self.0.finalize().into()
    }
}

/// What an Ed25519 key signs: `u8(len l) ‖ l ‖ digest`, with the label given without [`LABEL_PREFIX`].
pub fn signed_message(label: &str, digest: &[u8; 32]) -> Vec<u8> {
    let mut message = label_bytes(LABEL_PREFIX, label);
    message.extend_from_slice(digest);
    message
}

/// `u8(len l) ‖ l`. Labels are constants of this project and far shorter than 256 bytes.
fn label_bytes(prefix: &str, label: &str) -> Vec<u8> {
    let total = prefix.len() + label.len();
    let mut bytes = Vec::with_capacity(1 + total + 32);
    bytes.push(u8::try_from(total).unwrap_or(u8::MAX));
    bytes.extend_from_slice(prefix.as_bytes());
    bytes.extend_from_slice(label.as_bytes());
    bytes
}

/// A field's length. What is hashed here was bounded by a limit far below 4 GiB when it was decoded.
pub(super) fn length(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).unwrap_or(u32::MAX)
}
