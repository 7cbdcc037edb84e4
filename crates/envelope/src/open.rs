//! Opening, in the order of docs/spec/envelope.md. Plaintext leaves this module only when every check has passed.

use std::fmt;

use sealdesk_protocol::envelope::{
    AccountKey, Context, Digests, Envelope, EnvelopeError, EnvelopeLimits, WrappedKey, verify_signatures,
};
use sealdesk_protocol::keys::{EncryptionKey, Fingerprint, VerifyKey};
use sealdesk_protocol::wire::virtengine::encryption::v1::{MultiRecipientEnvelope, WrappedKeyEntry};
use subtle::ConstantTimeEq as _;
use thiserror::Error;
use zeroize::Zeroizing;

use crate::schedule::{self, DataKey};
use crate::secret::EncryptionSecret;
use crate::wrap::{Binding, Wrapper};
use crate::{backend, padding};

/// The envelope cannot be opened. Whoever asks learns no more, so that nobody can learn from the answers; the reason
/// is kept for this crate's tests and for `known_answers`.
#[derive(Clone, Error)]
#[error("cannot open")]
pub struct CannotOpen(pub(crate) Reason);

/// All are equal, since comparing is a way to ask.
impl PartialEq for CannotOpen {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for CannotOpen {}

impl fmt::Debug for CannotOpen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CannotOpen")
    }
}

/// The precise reason. None of them says anything of secret bytes.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum Reason {
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    #[error("not a recipient")]
    NotARecipient,
    #[error("the wrapped key does not unwrap")]
    Unwrap,
    #[error("the commitment is to another key")]
    Commitment,
    #[error("the payload's box does not open")]
    Payload,
    #[error("the padding is not canonical")]
    Padding,
}

impl From<Reason> for CannotOpen {
    fn from(reason: Reason) -> Self {
        Self(reason)
    }
}

/// What a reader expects of a record, from the ledger and never from the envelope.
pub struct Expected<'a> {
    /// The place of the record: the transaction that carried it, from the record's `EnvelopeContext`.
    pub context: &'a Context,
    /// The sender's signing key of the recorded version.
    pub signing_key: &'a VerifyKey,
    /// The account key that a user signature must be of, where there is one.
    pub account: AccountKey<'a>,
}

/// An envelope whose form and signatures are good for the place where it was found.
pub struct Received {
    envelope: Envelope,
    header: Vec<u8>,
    digests: Digests,
}

impl Received {
    /// Strict form, allowed version and algorithm, header from the expected context, both signatures.
    pub fn verify(wire: &MultiRecipientEnvelope, expected: &Expected<'_>) -> Result<Self, CannotOpen> {
        let envelope = Envelope::from_wire(wire, EnvelopeLimits::WIDEST).map_err(Reason::from)?;
        Self::verify_shaped(envelope, expected)
    }

    /// The same for an envelope whose form is already known to be good.
    pub fn verify_shaped(envelope: Envelope, expected: &Expected<'_>) -> Result<Self, CannotOpen> {
        let digests = verify_signatures(&envelope, expected.context, expected.signing_key, expected.account)
            .map_err(Reason::from)?;
        let header = expected.context.header(envelope.payload_nonce());
        Ok(Self { envelope, header, digests })
    }

    /// The envelope.
    pub fn envelope(&self) -> &Envelope {
        &self.envelope
    }

    /// What was signed; `envelope` of it is the `payload_digest` that the ledger proves.
    pub fn digests(&self) -> &Digests {
        &self.digests
    }

    /// Opens with one of the reader's secrets: by the reader's own entry, then by each grant for this key, until one
    /// fits. Grants of other keys, and grants of a broken form, are passed over.
    pub fn open(
        &self,
        reader: &EncryptionSecret,
        grants: &[WrappedKeyEntry],
    ) -> Result<Opened<'_>, CannotOpen> {
        let own = self.envelope.entry(reader.fingerprint()).cloned();
        let granted = grants.iter().filter_map(|entry| WrappedKey::from_wire(entry, 0).ok());
        self.open_by(reader, own.into_iter().chain(granted)).map_err(CannotOpen)
    }

    /// Tries the entries for this reader's key, and tells why the last of them did not fit.
    pub(crate) fn open_by(
        &self,
        reader: &EncryptionSecret,
        entries: impl Iterator<Item = WrappedKey>,
    ) -> Result<Opened<'_>, Reason> {
        let mut reason = Reason::NotARecipient;
        for entry in entries.filter(|entry| entry.recipient == *reader.fingerprint()) {
            match self.open_entry(reader, &entry) {
                Ok(opened) => return Ok(opened),
                Err(failed) => reason = failed,
            }
        }
        Err(reason)
    }

    fn open_entry(&self, reader: &EncryptionSecret, entry: &WrappedKey) -> Result<Opened<'_>, Reason> {
        let key = self.binding().unwrap(entry, reader).map_err(|_| Reason::Unwrap)?;
        let plaintext = open_payload(&key, &self.header, &self.envelope)?;
        Ok(Opened { received: self, key, plaintext })
    }

    pub(crate) fn binding(&self) -> Binding<'_> {
        Binding { header: &self.header, commitment: self.envelope.commitment() }
    }
}

/// The commitment in constant time, then the box, then the padding.
pub(crate) fn open_payload(
    key: &DataKey,
    header: &[u8],
    envelope: &Envelope,
) -> Result<Zeroizing<Vec<u8>>, Reason> {
    let expected = schedule::commitment(key, header);
    if !bool::from(expected.ct_eq(envelope.commitment())) {
        return Err(Reason::Commitment);
    }
    let sealed = &envelope.payload_ciphertext()[expected.len()..];
    let payload_key = schedule::payload_key(key, header);
    let mut padded = backend::secretbox_open(&payload_key, envelope.payload_nonce(), sealed)
        .map_err(|_| Reason::Payload)?;
    let length = padding::message_len(&padded).ok_or(Reason::Padding)?;
    padded.truncate(length);
    Ok(padded)
}

/// An opened envelope: its plaintext, and the data key with which it can be granted to others. Not printable:
///
/// ```compile_fail
/// fn print(opened: &sealdesk_envelope::Opened<'_>) { format!("{opened:?}"); }
/// ```
pub struct Opened<'a> {
    pub(crate) received: &'a Received,
    pub(crate) key: DataKey,
    pub(crate) plaintext: Zeroizing<Vec<u8>>,
}

impl Opened<'_> {
    /// What was sealed.
    pub fn plaintext(&self) -> &[u8] {
        &self.plaintext
    }

    /// Which of these keys have an entry that is not the one that sealing makes: a sender named them as readers, and
    /// sealed so that they cannot open. A client warns of it; the envelope is opened all the same.
    ///
    /// Keys without an entry are not judged; who must be among the readers is the ledger's rule.
    pub fn entries_that_cannot_open(&self, readers: &[EncryptionKey]) -> Vec<Fingerprint> {
        let header = &self.received.header;
        let ephemeral = schedule::ephemeral_secret(&self.key, header);
        let wrapper = Wrapper::new(self.received.binding(), ephemeral);
        let is_wrong = |reader: &&EncryptionKey| {
            let entry = self.received.envelope.entry(&reader.fingerprint());
            entry.is_some_and(|entry| wrapper.wrap(&self.key, reader).ok().as_ref() != Some(entry))
        };
        readers.iter().filter(is_wrong).map(EncryptionKey::fingerprint).collect()
    }
}
