//! One sealed record: the envelope and the grants that a proven head names.

use sealdesk_envelope::{CannotOpen, Expected, Opened, Received};
use sealdesk_protocol::envelope::{AccountKey, Context, Envelope, EnvelopeLimits};
use sealdesk_protocol::ids::Address;
use sealdesk_protocol::keys::{Fingerprint, VerifyKey};
use sealdesk_protocol::ticket::grants_hash;
use sealdesk_protocol::wire::virtengine::encryption::v1::{
    MultiRecipientEnvelope, RecipientKeyRecord, WrappedKeyEntry,
};
use sealdesk_protocol::wire::virtengine::support::v1::AccessGrant;

use crate::actor::Pair;
use crate::trust::{OwnedKey, Person, made_by};
use crate::verify::Chain;

/// What a node gives beside a proven head.
#[derive(Default)]
pub(super) struct Payload {
    pub(super) envelope: Option<MultiRecipientEnvelope>,
    pub(super) grants: Vec<AccessGrant>,
}

/// What a proven head says of its envelope and its grants.
pub(super) struct Digests {
    pub(super) payload: Vec<u8>,
    pub(super) grants: Vec<u8>,
}

/// An envelope that the ledger proves, with its grants.
pub(crate) struct SealedRecord {
    pub(crate) recipients: Vec<Fingerprint>,
    pub(crate) grants: Vec<AccessGrant>,
    received: std::result::Result<Received, CannotOpen>,
    /// The author's own key that signed it; `None` where who wrote it is the ledger's word.
    author: Option<OwnedKey>,
}

/// By which key a record's signature is checked, and whether that says who wrote it. Both are of one record of the directory: what is
/// looked up twice may be found to be two.
pub(super) struct Signer {
    key: VerifyKey,
    owned: Option<OwnedKey>,
}

impl Signer {
    /// The key of an author's record, which may be one that they did not sign, as those of older ledgers are.
    pub(super) fn of(chain: &Chain, author: &Address, record: &RecipientKeyRecord) -> Option<Self> {
        let author = Person::verified(chain, author, std::slice::from_ref(record));
        let owned = author.key_of_version(record.key_version).cloned();
        Some(Self { key: VerifyKey::parse(&record.signing_key).ok()?, owned })
    }

    /// The same key, of which the ledger alone says whose it is there.
    pub(super) fn by_word(self) -> Self {
        Self { owned: None, ..self }
    }
}

impl SealedRecord {
    /// Holds what a node gave against what the ledger proves; the error names what differs.
    pub(super) fn check(
        context: &Context,
        signer: Option<Signer>,
        digests: &Digests,
        envelope: &MultiRecipientEnvelope,
        grants: Vec<AccessGrant>,
    ) -> Result<Self, &'static str> {
        let envelope = Envelope::from_wire(envelope, EnvelopeLimits::WIDEST).map_err(|_| "envelope")?;
        if envelope.digests(context).envelope[..] != *digests.payload {
            return Err("envelope");
        }
        if grants_hash(&grants)[..] != *digests.grants {
            return Err("list of grants");
        }
        let recipients = envelope.wrapped_keys().iter().map(|entry| entry.recipient).collect();
        let Signer { key, owned } = signer.ok_or("author's key")?;
        let expected = Expected { context, signing_key: &key, account: AccountKey::OfSender };
        let received = Received::verify_shaped(envelope, &expected);
        let author = owned.filter(|_| received.is_ok());
        Ok(Self { recipients, grants, received, author })
    }

    /// The author's own key that signed it; `None` where who wrote it is the ledger's word.
    pub(crate) fn author(&self) -> Option<&OwnedKey> {
        self.author.as_ref()
    }

    /// The digest that grants of it sign.
    pub(crate) fn content(&self) -> Option<[u8; 32]> {
        self.received.as_ref().ok().map(|received| received.digests().content)
    }

    /// The digest that the ledger proves, which answers name.
    pub(crate) fn envelope_digest(&self) -> Option<[u8; 32]> {
        self.received.as_ref().ok().map(|received| received.digests().envelope)
    }

    /// Opens with whichever of the reader's pairs fits; `None` where it was sealed for others.
    pub(crate) fn open(&self, pairs: &[Pair]) -> Option<std::result::Result<Opened<'_>, CannotOpen>> {
        let received = match &self.received {
            Ok(received) => received,
            Err(error) => return Some(Err(error.clone())),
        };
        let entries: Vec<WrappedKeyEntry> = self.grants.iter().filter_map(|g| g.entry.clone()).collect();
        let mut result = None;
        for pair in pairs.iter().filter(|pair| self.is_for(pair.encryption.fingerprint())) {
            match received.open(&pair.encryption, &entries) {
                Ok(opened) => return Some(Ok(opened)),
                Err(error) => result = Some(Err(error)),
            }
        }
        result
    }

    /// True if an entry or a grant names this key.
    pub(crate) fn is_for(&self, key: &Fingerprint) -> bool {
        self.recipients.contains(key) || self.granted().any(|granted| granted == *key)
    }

    /// The keys that grants name, whoever made them.
    pub(crate) fn granted(&self) -> impl Iterator<Item = Fingerprint> {
        let entries = self.grants.iter().filter_map(|grant| grant.entry.as_ref());
        entries.filter_map(|entry| Fingerprint::parse(&entry.recipient_id).ok())
    }

    /// The keys that grants of these people name, each with its granter's signature: a record that only says so is the ledger's word.
    pub(crate) fn granted_by<'a>(&self, granters: impl IntoIterator<Item = &'a Person>) -> Vec<Fingerprint> {
        let Some(content) = self.content() else { return Vec::new() };
        let of = |granter| self.grants.iter().filter_map(move |grant| made_by(granter, &content, grant));
        granters.into_iter().flat_map(of).collect()
    }
}
