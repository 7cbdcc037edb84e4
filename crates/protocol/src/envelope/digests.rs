//! The digests of an envelope and of a grant: what is signed, and what stands in the state tree.

use sha2::{Digest as _, Sha256};

use super::context::Context;
use super::shape::{ALGORITHM_ID, Envelope, WrappedKey};
use super::transcript::Transcript;

/// The three digests of one envelope in one context.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Digests {
    /// Over the header and the ciphertext: what a grant refers to.
    pub content: [u8; 32],
    /// Over every wrapped key in order.
    pub root: [u8; 32],
    /// Over both, the client's name and the account key: what is signed, and the record's `payload_digest`.
    pub envelope: [u8; 32],
}

impl Envelope {
    /// The digests of this envelope at the place where it is expected.
    pub fn digests(&self, context: &Context) -> Digests {
        let content = self.content_digest(context);
        let root = recipients_root(self.wrapped_keys());
        let envelope = Transcript::new("envelope")
            .raw(&content)
            .raw(&root)
            .field(self.client_id().as_bytes())
            .field(self.user_key_bytes())
            .finish();
        Digests { content, root, envelope }
    }

    /// `content`: all that a grant's signature needs of the envelope.
    pub fn content_digest(&self, context: &Context) -> [u8; 32] {
        let ciphertext = self.payload_ciphertext();
        Transcript::new("content")
            .raw(&context.header(self.payload_nonce()))
            .u64(u64::try_from(ciphertext.len()).unwrap_or(u64::MAX))
            .raw(&Sha256::digest(ciphertext))
            .finish()
    }
}

fn recipients_root(entries: &[WrappedKey]) -> [u8; 32] {
    let count = u32::try_from(entries.len()).unwrap_or(u32::MAX);
    entries.iter().fold(Transcript::new("recipients").u32(count), with_entry).finish()
}

/// What a grant's signature covers: the envelope by its `content` digest, the granter's address, and the entry.
pub fn grant_digest(content: &[u8; 32], granter: &str, entry: &WrappedKey) -> [u8; 32] {
    with_entry(Transcript::new("grant").raw(content).field(granter.as_bytes()), entry).finish()
}

fn with_entry(transcript: Transcript, entry: &WrappedKey) -> Transcript {
    transcript
        .field(entry.recipient.to_string().as_bytes())
        .field(ALGORITHM_ID.as_bytes())
        .field(&entry.ephemeral_key)
        .field(&entry.wrapped_key)
}
