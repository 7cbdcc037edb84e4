//! The digests of an envelope and of a grant: what is signed, and what stands in the state tree.

use sha2::{Digest as _, Sha256};

use super::context::Context;
use super::shape::{ALGORITHM_ID, Envelope, NONCE_BYTES, WrappedKey};
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
        Digests::of(content, self.recipients_root(), self.client_id(), self.user_key_bytes())
    }

    /// `root`: over every wrapped key in order.
    pub(super) fn recipients_root(&self) -> [u8; 32] {
        recipients_root(self.wrapped_keys())
    }

    /// `content`: all that a grant's signature needs of the envelope.
    pub fn content_digest(&self, context: &Context) -> [u8; 32] {
        let ciphertext = self.payload_ciphertext();
        let bytes = u64::try_from(ciphertext.len()).unwrap_or(u64::MAX);
        content_digest(context, self.payload_nonce(), bytes, &Sha256::digest(ciphertext).into())
    }
}

/// What a message that is disclosed to a third party shows of its envelope.
#[derive(Debug, Clone, Copy)]
pub struct Disclosed<'a> {
    /// The nonce of the payload.
    pub payload_nonce: &'a [u8; NONCE_BYTES],
    /// The ciphertext, with its commitment.
    pub payload_ciphertext: &'a [u8],
    /// The digest over every wrapped key: who the readers were is not shown.
    pub recipients: [u8; 32],
    /// The program that sealed it; may be empty.
    pub client_id: &'a str,
    /// The account key that signed it beside the client's; empty where none did.
    pub user_pub_key: &'a [u8],
}

impl Digests {
    /// The digests of the envelope of which this is shown, at the place where it is expected.
    pub fn of_disclosed(context: &Context, disclosed: &Disclosed<'_>) -> Self {
        let Disclosed { payload_nonce, payload_ciphertext, recipients, client_id, user_pub_key } = *disclosed;
        let bytes = u64::try_from(payload_ciphertext.len()).unwrap_or(u64::MAX);
        let content =
            content_digest(context, payload_nonce, bytes, &Sha256::digest(payload_ciphertext).into());
        Self::of(content, recipients, client_id, user_pub_key)
    }

    /// The digests of an envelope from its parts.
    pub(super) fn of(content: [u8; 32], root: [u8; 32], client_id: &str, user_key: &[u8]) -> Self {
        let envelope = Transcript::new("envelope")
            .raw(&content)
            .raw(&root)
            .field(client_id.as_bytes())
            .field(user_key)
            .finish();
        Self { content, root, envelope }
    }
}

/// `content` from the header and what is known of the ciphertext.
pub(super) fn content_digest(
    context: &Context,
    nonce: &[u8; NONCE_BYTES],
    ciphertext_bytes: u64,
    ciphertext_sha256: &[u8; 32],
) -> [u8; 32] {
    Transcript::new("content")
        .raw(&context.header(nonce))
        .u64(ciphertext_bytes)
        .raw(ciphertext_sha256)
        .finish()
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
