//! What everyone can check of a sealed envelope without being able to open it.
//!
//! [`context`] says to which place on which chain an envelope belongs, [`shape`] turns wire bytes into an
//! [`Envelope`] whose form is beyond doubt, [`digests`] computes what is signed, and [`signatures`] verifies it;
//! [`known`] keeps what was verified ahead of the block, [`erased`] is what stays of one that was destroyed.
//! Sealing and opening live in the crate `sealdesk-envelope`, which the ledger's crates never reach.

mod context;
mod digests;
mod erased;
mod known;
mod shape;
mod signatures;
mod transcript;

pub use context::{Context, Kind};
pub use digests::{Digests, Disclosed, grant_digest};
pub use erased::ErasedEnvelope;
pub use known::{KnownSignatures, SignedGrant};
pub use shape::{
    ALGORITHM_ID, ALGORITHM_VERSION, CLIENT_ID_BYTES_MAX, COMMITMENT_BYTES, Envelope, EnvelopeError,
    EnvelopeLimits, NONCE_BYTES, PADDED_BYTES_MIN, RECIPIENTS_MAX, TAG_BYTES, UserSignature, WIRE_VERSION,
    WRAPPED_KEY_BYTES, WrappedKey, padded_len,
};
pub use signatures::{
    AccountKey, client_message, grant_message, user_digest, verify_grant, verify_signatures,
};
pub use transcript::{LABEL_PREFIX, Transcript, signed_message};

#[cfg(test)]
mod tests;
