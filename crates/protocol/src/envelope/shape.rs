//! The strict form of an envelope: from the wire's message to a value whose every length is known.

use prost::Message as _;
use thiserror::Error;

use crate::keys::{ACCOUNT_KEY_BYTES, Fingerprint, SIGNATURE_BYTES, is_account_key};
use crate::limits::STAFF_DOCUMENT_READERS_MAX;
use crate::wire::virtengine::encryption::v1::{MultiRecipientEnvelope, RecipientMode, WrappedKeyEntry};

/// The wire version of this format. Versions 1 and 2 belong to an implementation whose payload key is a public
/// constant (X25519 with an all-zero peer key), so anyone could open them: they are refused.
pub const WIRE_VERSION: u32 = 3;
/// The only algorithm.
pub const ALGORITHM_ID: &str = "X25519-XSALSA20-POLY1305";
/// The only version of the algorithm.
pub const ALGORITHM_VERSION: u32 = 1;
/// Length of `payload_nonce`, in bytes.
pub const NONCE_BYTES: usize = 24;
/// Length of the commitment to the key that begins `payload_ciphertext`, in bytes.
pub const COMMITMENT_BYTES: usize = 32;
/// Length of a Poly1305 tag, in bytes.
pub const TAG_BYTES: usize = 16;
/// Length of one `wrapped_key`, in bytes: a 32-byte key and its tag.
pub const WRAPPED_KEY_BYTES: usize = 48;
/// The shortest padded plaintext, in bytes.
pub const PADDED_BYTES_MIN: usize = 256;
/// The most bytes of `client_id`.
pub const CLIENT_ID_BYTES_MAX: usize = 64;
/// The most recipients that any parameter may allow.
pub const RECIPIENTS_MAX: usize = 128;

/// The bounds that an envelope is held to; on the ledger they are parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EnvelopeLimits {
    /// The most bytes of the whole encoded message (`max_envelope_bytes`).
    pub envelope_bytes_max: usize,
    /// The most entries of `wrapped_keys` (`max_recipients`, which may not be set above [`RECIPIENTS_MAX`]).
    pub recipients_max: usize,
}

impl EnvelopeLimits {
    /// The widest limits that parameters can set: what a reader applies to a stored record, since the parameters of
    /// its time may have been other ones.
    pub const WIDEST: Self = Self { envelope_bytes_max: 131_072, recipients_max: RECIPIENTS_MAX };

    /// The same of a document, which may have more readers.
    pub const WIDEST_DOCUMENT: Self = Self { recipients_max: STAFF_DOCUMENT_READERS_MAX, ..Self::WIDEST };
}

/// Why an envelope, a grant or their signatures are refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum EnvelopeError {
    /// The encoded message is too long.
    #[error("the envelope has {actual} bytes, more than {max}")]
    TooLarge {
        /// Its encoded length.
        actual: usize,
        /// The limit.
        max: usize,
    },
    /// A field of fixed length has another length.
    #[error("{field} has {actual} bytes, not {expected}")]
    Length {
        /// The field's name on the wire.
        field: &'static str,
        /// The length it must have, in bytes.
        expected: usize,
        /// The length it has, in bytes.
        actual: usize,
    },
    /// The ciphertext's length is not that of a commitment, a tag and a canonically padded plaintext.
    #[error("a payload_ciphertext of {actual} bytes cannot come from canonical padding")]
    CiphertextLength {
        /// The length it has, in bytes.
        actual: usize,
    },
    /// `client_id` is longer than [`CLIENT_ID_BYTES_MAX`].
    #[error("client_id has {actual} bytes, more than {CLIENT_ID_BYTES_MAX}")]
    ClientIdTooLong {
        /// Its length, in bytes.
        actual: usize,
    },
    /// No recipient, or more than the limit.
    #[error("{actual} recipients; there must be 1 to {max}")]
    RecipientCount {
        /// How many there are.
        actual: usize,
        /// The limit.
        max: usize,
    },
    /// A `recipient_id` is not 40 lower-case hexadecimal digits.
    #[error("recipient {index} is not a fingerprint")]
    RecipientId {
        /// Its place in `wrapped_keys`.
        index: usize,
    },
    /// Recipients are not strictly ascending: one stands twice, or the order is not the one.
    #[error("recipient {index} is not above the one before it")]
    RecipientOrder {
        /// The place of the later of the two.
        index: usize,
    },
    /// `metadata` has an entry.
    #[error("metadata must be empty")]
    Metadata,
    /// `recipient_mode` is not 3.
    #[error("recipient mode {actual} is not 3, specific")]
    RecipientMode {
        /// The mode given.
        actual: i32,
    },
    /// `committee_epoch` is not 0.
    #[error("committee_epoch must be 0")]
    CommitteeEpoch,
    /// Of `user_signature` and `user_pub_key` there is only one.
    #[error("user_signature and user_pub_key come together")]
    UserFieldsApart,
    /// `user_pub_key` is not a compressed point of the curve.
    #[error("user_pub_key is not an account key")]
    UserKey,
    /// Another wire version; 1 and 2 are the ones that anyone can open.
    #[error("envelope version {actual} is not {WIRE_VERSION}")]
    Version {
        /// The version given.
        actual: u32,
    },
    /// Another algorithm, or another version of it, in the envelope or an entry.
    #[error("the algorithm is not {ALGORITHM_ID}, version {ALGORITHM_VERSION}")]
    Algorithm,
    /// `client_signature` does not verify for this context under this key.
    #[error("the client signature does not verify")]
    ClientSignature,
    /// `user_pub_key` is not the sender's account key.
    #[error("user_pub_key is not the sender's account key")]
    UserKeyNotSenders,
    /// `user_signature` does not verify.
    #[error("the user signature does not verify")]
    UserSignature,
    /// `grant_signature` does not verify for this envelope under this granter's key.
    #[error("the grant signature does not verify")]
    GrantSignature,
}

/// The data key of an envelope, wrapped for one reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrappedKey {
    /// The reader's key.
    pub recipient: Fingerprint,
    /// The data key under `crypto_box`, with its tag.
    pub wrapped_key: [u8; WRAPPED_KEY_BYTES],
    /// The X25519 public key that the reader combines with the own secret. Any 32 bytes: opening judges it.
    pub ephemeral_key: [u8; 32],
}

impl WrappedKey {
    /// Checks one entry of the wire; `index` is its place, for the error.
    pub fn from_wire(entry: &WrappedKeyEntry, index: usize) -> Result<Self, EnvelopeError> {
        let recipient =
            Fingerprint::parse(&entry.recipient_id).map_err(|_| EnvelopeError::RecipientId { index })?;
        let wrapped_key = exactly("wrapped_key", &entry.wrapped_key)?;
        let ephemeral_key = exactly("ephemeral_pub_key", &entry.ephemeral_pub_key)?;
        if entry.algorithm != ALGORITHM_ID {
            return Err(EnvelopeError::Algorithm);
        }
        Ok(Self { recipient, wrapped_key, ephemeral_key })
    }

    /// The wire's form.
    pub fn to_wire(&self) -> WrappedKeyEntry {
        WrappedKeyEntry {
            recipient_id: self.recipient.to_string(),
            wrapped_key: self.wrapped_key.to_vec(),
            algorithm: ALGORITHM_ID.to_owned(),
            ephemeral_pub_key: self.ephemeral_key.to_vec(),
        }
    }
}

/// The account's own signature over an envelope, beside the client's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserSignature {
    /// The account's compressed secp256k1 key.
    pub public_key: [u8; ACCOUNT_KEY_BYTES],
    /// Compact signature; judged by [`super::verify_signatures`].
    pub signature: [u8; SIGNATURE_BYTES],
}

/// An envelope of the one accepted form. That it exists says nothing yet of its signatures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    payload_ciphertext: Vec<u8>,
    payload_nonce: [u8; NONCE_BYTES],
    wrapped_keys: Vec<WrappedKey>,
    client_id: String,
    client_signature: [u8; SIGNATURE_BYTES],
    user: Option<UserSignature>,
}

impl Envelope {
    /// Accepts the wire's message if all of its form is as docs/spec/envelope.md says, in the order given there.
    pub fn from_wire(wire: &MultiRecipientEnvelope, limits: EnvelopeLimits) -> Result<Self, EnvelopeError> {
        check_size(wire, limits)?;
        let envelope = Self {
            payload_ciphertext: checked_ciphertext(&wire.payload_ciphertext)?,
            payload_nonce: exactly("payload_nonce", &wire.payload_nonce)?,
            wrapped_keys: checked_recipients(&wire.wrapped_keys)?,
            client_id: wire.client_id.clone(),
            client_signature: exactly("client_signature", &wire.client_signature)?,
            user: checked_user(&wire.user_pub_key, &wire.user_signature)?,
        };
        check_constants(wire)?;
        Ok(envelope)
    }

    /// The wire's form; decoding it again gives an equal value.
    pub fn to_wire(&self) -> MultiRecipientEnvelope {
        let (user_pub_key, user_signature) = match &self.user {
            Some(user) => (user.public_key.to_vec(), user.signature.to_vec()),
            None => (Vec::new(), Vec::new()),
        };
        MultiRecipientEnvelope {
            version: WIRE_VERSION,
            algorithm_id: ALGORITHM_ID.to_owned(),
            algorithm_version: ALGORITHM_VERSION,
            recipient_mode: RecipientMode::Specific.into(),
            payload_ciphertext: self.payload_ciphertext.clone(),
            payload_nonce: self.payload_nonce.to_vec(),
            wrapped_keys: self.wrapped_keys.iter().map(WrappedKey::to_wire).collect(),
            client_signature: self.client_signature.to_vec(),
            client_id: self.client_id.clone(),
            user_signature,
            user_pub_key,
            metadata: Default::default(),
            committee_epoch: 0,
        }
    }

    /// Commitment, tag and ciphertext. At least 304 bytes.
    pub fn payload_ciphertext(&self) -> &[u8] {
        &self.payload_ciphertext
    }

    /// `COM`: the first 32 bytes of the ciphertext, which bind it to one data key.
    pub fn commitment(&self) -> &[u8] {
        &self.payload_ciphertext[..COMMITMENT_BYTES]
    }

    /// The payload's nonce.
    pub fn payload_nonce(&self) -> &[u8; NONCE_BYTES] {
        &self.payload_nonce
    }

    /// The readers, strictly ascending by fingerprint.
    pub fn wrapped_keys(&self) -> &[WrappedKey] {
        &self.wrapped_keys
    }

    /// The entry for one reader.
    pub fn entry(&self, recipient: &Fingerprint) -> Option<&WrappedKey> {
        let at = self.wrapped_keys.binary_search_by(|entry| entry.recipient.cmp(recipient)).ok()?;
        self.wrapped_keys.get(at)
    }

    /// The program that sealed it; at most 64 bytes, may be empty.
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// The Ed25519 signature of one of the sender's signing keys.
    pub fn client_signature(&self) -> &[u8; SIGNATURE_BYTES] {
        &self.client_signature
    }

    /// The account's own signature, if there is one.
    pub fn user(&self) -> Option<&UserSignature> {
        self.user.as_ref()
    }

    /// The same envelope under another client signature: how a sealer finishes one whose digest it needed first.
    #[must_use]
    pub fn with_client_signature(mut self, signature: [u8; SIGNATURE_BYTES]) -> Self {
        self.client_signature = signature;
        self
    }

    /// The same envelope under another signature of the account key that it names; nothing if it names none.
    #[must_use]
    pub fn with_user_signature(mut self, signature: [u8; SIGNATURE_BYTES]) -> Self {
        if let Some(user) = &mut self.user {
            user.signature = signature;
        }
        self
    }

    /// The account's own key as the digests take it: empty if there is no user signature.
    pub(super) fn user_key_bytes(&self) -> &[u8] {
        self.user.as_ref().map_or(&[], |user| &user.public_key)
    }
}

/// Padmé of `max(256, len)`: rounds up so that a length tells at most about log log of it, for at most 12% more.
///
/// Returns `None` beyond what a `usize` holds.
pub fn padded_len(len: usize) -> Option<usize> {
    let len = len.max(PADDED_BYTES_MIN);
    let exponent = len.ilog2();
    let zero_bits = exponent - (exponent.ilog2() + 1);
    len.checked_next_multiple_of(1 << zero_bits)
}

/// Everything whose size could make later work large comes first.
fn check_size(wire: &MultiRecipientEnvelope, limits: EnvelopeLimits) -> Result<(), EnvelopeError> {
    let actual = wire.encoded_len();
    if actual > limits.envelope_bytes_max {
        return Err(EnvelopeError::TooLarge { actual, max: limits.envelope_bytes_max });
    }
    let max = limits.recipients_max;
    let actual = wire.wrapped_keys.len();
    if actual == 0 || actual > max {
        return Err(EnvelopeError::RecipientCount { actual, max });
    }
    let actual = wire.client_id.len();
    if actual > CLIENT_ID_BYTES_MAX {
        return Err(EnvelopeError::ClientIdTooLong { actual });
    }
    Ok(())
}

fn check_constants(wire: &MultiRecipientEnvelope) -> Result<(), EnvelopeError> {
    if !wire.metadata.is_empty() {
        return Err(EnvelopeError::Metadata);
    }
    if wire.recipient_mode != i32::from(RecipientMode::Specific) {
        return Err(EnvelopeError::RecipientMode { actual: wire.recipient_mode });
    }
    if wire.committee_epoch != 0 {
        return Err(EnvelopeError::CommitteeEpoch);
    }
    if wire.version != WIRE_VERSION {
        return Err(EnvelopeError::Version { actual: wire.version });
    }
    if wire.algorithm_id != ALGORITHM_ID || wire.algorithm_version != ALGORITHM_VERSION {
        return Err(EnvelopeError::Algorithm);
    }
    Ok(())
}

fn checked_ciphertext(bytes: &[u8]) -> Result<Vec<u8>, EnvelopeError> {
    checked_ciphertext_length(bytes.len())?;
    Ok(bytes.to_vec())
}

pub(super) fn checked_ciphertext_length(actual: usize) -> Result<(), EnvelopeError> {
    let padded = actual.checked_sub(COMMITMENT_BYTES + TAG_BYTES);
    if padded.is_none_or(|len| padded_len(len) != Some(len)) {
        return Err(EnvelopeError::CiphertextLength { actual });
    }
    Ok(())
}

fn checked_recipients(entries: &[WrappedKeyEntry]) -> Result<Vec<WrappedKey>, EnvelopeError> {
    let mut checked: Vec<WrappedKey> = Vec::with_capacity(entries.len());
    for (index, entry) in entries.iter().enumerate() {
        let entry = WrappedKey::from_wire(entry, index)?;
        if checked.last().is_some_and(|last| last.recipient >= entry.recipient) {
            return Err(EnvelopeError::RecipientOrder { index });
        }
        checked.push(entry);
    }
    Ok(checked)
}

pub(super) fn checked_user(
    public_key: &[u8],
    signature: &[u8],
) -> Result<Option<UserSignature>, EnvelopeError> {
    match (public_key, signature) {
        ([], []) => Ok(None),
        ([], _) | (_, []) => Err(EnvelopeError::UserFieldsApart),
        _ => {
            let user = UserSignature {
                public_key: exactly("user_pub_key", public_key)?,
                signature: exactly("user_signature", signature)?,
            };
            if is_account_key(&user.public_key) { Ok(Some(user)) } else { Err(EnvelopeError::UserKey) }
        }
    }
}

pub(super) fn exactly<const N: usize>(field: &'static str, bytes: &[u8]) -> Result<[u8; N], EnvelopeError> {
    bytes.try_into().map_err(|_| EnvelopeError::Length { field, expected: N, actual: bytes.len() })
}
