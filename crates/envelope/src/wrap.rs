//! One reader's entry: the data key in a NaCl box to the reader's key.

use sealdesk_protocol::envelope::{NONCE_BYTES, Transcript, WRAPPED_KEY_BYTES, WrappedKey};
use sealdesk_protocol::keys::EncryptionKey;

use crate::backend::{self, BadBox, NoContribution};
use crate::schedule::DataKey;
use crate::secret::{EncryptionSecret, Secret};

/// What an entry is bound to, beside its reader: the envelope's header and the commitment to its data key.
pub(crate) struct Binding<'a> {
    pub(crate) header: &'a [u8],
    pub(crate) commitment: &'a [u8],
}

/// Why an entry gives no data key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct UnwrapFailed;

impl From<NoContribution> for UnwrapFailed {
    fn from(_: NoContribution) -> Self {
        Self
    }
}

impl From<BadBox> for UnwrapFailed {
    fn from(_: BadBox) -> Self {
        Self
    }
}

/// Wraps the data key for any number of readers under one ephemeral key pair.
pub(crate) struct Wrapper<'a> {
    binding: Binding<'a>,
    secret: Secret<32>,
    public: [u8; 32],
}

impl<'a> Wrapper<'a> {
    pub(crate) fn new(binding: Binding<'a>, ephemeral: Secret<32>) -> Self {
        let public = backend::x25519_base(&ephemeral);
        Self { binding, secret: ephemeral, public }
    }

    /// The entry for one reader. Never fails for a key that was parsed, since those are not of low order.
    pub(crate) fn wrap(&self, key: &DataKey, reader: &EncryptionKey) -> Result<WrappedKey, NoContribution> {
        let shared = backend::x25519(&self.secret, reader.as_bytes())?;
        let nonce = self.binding.nonce(&self.public, reader);
        let sealed = backend::secretbox_seal(&backend::box_key(&shared), &nonce, key.expose());
        let mut wrapped_key = [0; WRAPPED_KEY_BYTES];
        wrapped_key.copy_from_slice(&sealed);
        Ok(WrappedKey { recipient: reader.fingerprint(), wrapped_key, ephemeral_key: self.public })
    }
}

impl Binding<'_> {
    /// Takes the data key out of a reader's entry. Whether it is the envelope's data key is for the commitment to say.
    pub(crate) fn unwrap(
        &self,
        entry: &WrappedKey,
        reader: &EncryptionSecret,
    ) -> Result<DataKey, UnwrapFailed> {
        let shared = backend::x25519(reader.secret(), &entry.ephemeral_key)?;
        let nonce = self.nonce(&entry.ephemeral_key, reader.public());
        let opened = backend::secretbox_open(&backend::box_key(&shared), &nonce, &entry.wrapped_key)?;
        Secret::filled(|bytes| {
            bytes.copy_from_slice(opened.get(..32).ok_or(UnwrapFailed)?);
            Ok(())
        })
    }

    /// Follows from everything that the box is bound to, so that an entry opens in no other envelope.
    fn nonce(&self, ephemeral_key: &[u8; 32], reader: &EncryptionKey) -> [u8; NONCE_BYTES] {
        let digest = Transcript::new("wrap")
            .raw(self.header)
            .raw(self.commitment)
            .raw(ephemeral_key)
            .field(reader.fingerprint().to_string().as_bytes())
            .raw(reader.as_bytes())
            .finish();
        let mut nonce = [0; NONCE_BYTES];
        nonce.copy_from_slice(&digest[..NONCE_BYTES]);
        nonce
    }
}
