//! A later reader: whoever has opened an envelope wraps its data key again, beside the envelope.

use rand_core::TryCryptoRng;
use sealdesk_protocol::envelope::{WrappedKey, grant_message};
use sealdesk_protocol::keys::{EncryptionKey, SIGNATURE_BYTES};

use crate::open::Opened;
use crate::seal::{SealError, random_secret};
use crate::secret::{Secret, SigningSecret};
use crate::wrap::Wrapper;

/// A grant as `MsgGrantAccess` carries it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The new reader's entry.
    pub entry: WrappedKey,
    /// The granter's signature over the envelope's content, the granter's address and the entry.
    pub signature: [u8; SIGNATURE_BYTES],
}

impl Opened<'_> {
    /// Wraps the data key for another reader, under a fresh ephemeral key (32 bytes from the generator).
    ///
    /// `granter` is the granter's lower-case address, and `signing` one of the granter's active signing keys.
    pub fn grant<R: TryCryptoRng + ?Sized>(
        &self,
        reader: &EncryptionKey,
        granter: &str,
        signing: &SigningSecret,
        rng: &mut R,
    ) -> Result<Grant, SealError> {
        self.grant_with(reader, granter, signing, random_secret(rng)?)
    }

    /// Granting without chance; private to the crate.
    pub(crate) fn grant_with(
        &self,
        reader: &EncryptionKey,
        granter: &str,
        signing: &SigningSecret,
        ephemeral: Secret<32>,
    ) -> Result<Grant, SealError> {
        let wrapper = Wrapper::new(self.received.binding(), ephemeral);
        let entry = wrapper.wrap(&self.key, reader).map_err(|_| SealError::LowOrderReader)?;
        let signature = signing.sign(&grant_message(&self.received.digests().content, granter, &entry));
        Ok(Grant { entry, signature })
    }
}
