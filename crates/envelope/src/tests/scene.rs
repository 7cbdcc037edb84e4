//! A desk of a sender and three readers, with everything that an attacker who is also the sender can do.

use sealdesk_protocol::envelope::{AccountKey, Context, Envelope, EnvelopeLimits, Kind};
use sealdesk_protocol::keys::EncryptionKey;
use sealdesk_protocol::wire::virtengine::encryption::v1::{MultiRecipientEnvelope, WrappedKeyEntry};

use crate::open::{CannotOpen, Expected, Reason, Received};
use crate::schedule::DataKey;
use crate::seal::{Message, Signers, seal_with, sign};
use crate::secret::{AccountSecret, EncryptionSecret, Secret, SigningSecret};

pub(super) const PLAINTEXT: &[u8] = br#"{"v":1,"subject":"Printer","description":"It is on fire"}"#;
pub(super) const NONCE: [u8; 24] = [0x17; 24];
pub(super) const DEK: [u8; 32] = [0x91; 32];

pub(super) fn secret(byte: u8) -> Secret<32> {
    Secret::take(&mut [byte; 32])
}

pub(super) fn reader(byte: u8) -> EncryptionSecret {
    EncryptionSecret::take(&mut [byte; 32]).unwrap()
}

pub(super) fn signing(byte: u8) -> SigningSecret {
    SigningSecret::take(&mut [byte; 32]).unwrap()
}

pub(super) struct Scene {
    pub(super) context: Context,
    pub(super) signing: SigningSecret,
    pub(super) account: AccountSecret,
    pub(super) readers: Vec<EncryptionSecret>,
}

impl Scene {
    pub(super) fn new() -> Self {
        let mut readers = vec![reader(0x21), reader(0x42), reader(0x63)];
        readers.sort_by_key(|reader| *reader.fingerprint());
        let context = Context {
            chain_id: "desk-00112233aabbccdd".into(),
            ticket_id: String::new(),
            kind: Kind::Ticket,
            sender: "virtengine19rl4cm2hmr8afy4kldpxz3fka4jguq0a6mvv5p".into(),
            sequence: 7,
            index: 0,
        };
        let account = AccountSecret::take(&mut [0x55; 32]).unwrap();
        Self { context, signing: signing(0x33), account, readers }
    }

    pub(super) fn publics(&self) -> Vec<EncryptionKey> {
        self.readers.iter().map(|reader| *reader.public()).collect()
    }

    pub(super) fn message<'a>(&'a self, plaintext: &'a [u8], readers: &'a [EncryptionKey]) -> Message<'a> {
        let limits = EnvelopeLimits::WIDEST;
        Message { context: &self.context, plaintext, readers, client_id: "tests", limits }
    }

    pub(super) fn seal(&self) -> Envelope {
        self.seal_under(&Secret::take(&mut DEK.clone()), PLAINTEXT)
    }

    pub(super) fn seal_under(&self, key: &DataKey, plaintext: &[u8]) -> Envelope {
        let signers = Signers { signing: &self.signing, account: Some(&self.account) };
        seal_with(&self.message(plaintext, &self.publics()), &signers, key, NONCE).unwrap()
    }

    /// Both signatures anew over a changed envelope: what a malicious sender does.
    pub(super) fn resign(&self, wire: &MultiRecipientEnvelope) -> MultiRecipientEnvelope {
        self.resign_in(&self.context, wire)
    }

    pub(super) fn resign_in(
        &self,
        context: &Context,
        wire: &MultiRecipientEnvelope,
    ) -> MultiRecipientEnvelope {
        let limits = EnvelopeLimits::WIDEST;
        let envelope = Envelope::from_wire(wire, limits).unwrap();
        let account = envelope.user().is_some().then_some(&self.account);
        sign(envelope, context, &Signers { signing: &self.signing, account }).unwrap().to_wire()
    }

    pub(super) fn receive_in(
        &self,
        context: &Context,
        wire: &MultiRecipientEnvelope,
    ) -> Result<Received, CannotOpen> {
        let public = self.account.public_key();
        let expected =
            Expected { context, signing_key: self.signing.public(), account: AccountKey::Is(&public) };
        Received::verify(wire, &expected)
    }

    /// What the first reader gets.
    pub(super) fn open(&self, wire: &MultiRecipientEnvelope) -> Result<Vec<u8>, Reason> {
        self.open_as(wire, &self.readers[0], &[])
    }

    pub(super) fn open_as(
        &self,
        wire: &MultiRecipientEnvelope,
        reader: &EncryptionSecret,
        grants: &[WrappedKeyEntry],
    ) -> Result<Vec<u8>, Reason> {
        let received = self.receive_in(&self.context, wire).map_err(|refused| refused.0)?;
        let opened = received.open(reader, grants).map_err(|refused| refused.0)?;
        Ok(opened.plaintext().to_vec())
    }
}
