//! Someone with those of their keys that they signed themselves. Nothing is sealed for any other.

use std::collections::BTreeSet;

use sealdesk_protocol::identity::Identity;
use sealdesk_protocol::ids::Address;
use sealdesk_protocol::keys::{EncryptionKey, Fingerprint, PUBLIC_KEY_BYTES, VerifyKey};
use sealdesk_protocol::ownership::verify_record;
use sealdesk_protocol::wire::virtengine::encryption::v1::RecipientKeyRecord;

use crate::actor::Pair;
use crate::verify::Chain;

/// A key of the directory whose owner said that it is theirs.
#[derive(Debug, Clone, PartialEq)]
pub struct OwnedKey {
    /// What is sealed to.
    pub encryption: EncryptionKey,
    /// What its owner signs with, checked.
    signing: [u8; PUBLIC_KEY_BYTES],
    /// Its place in the owner's list, from 1; 0 for one that the transaction at hand registers.
    pub version: u32,
    /// Whether it is not revoked.
    pub active: bool,
}

impl OwnedKey {
    /// What its owner signs with.
    pub fn signing(&self) -> Option<VerifyKey> {
        VerifyKey::parse(&self.signing).ok()
    }
}

/// Someone who may be a reader, with the keys that count: made only from records whose owner's signature was verified. Whether those
/// are new enough to seal by is the desk's to judge, which hands out people for that.
#[derive(Debug, Clone, PartialEq)]
pub struct Person {
    /// Who it is.
    pub address: Address,
    /// Ascending by version.
    keys: Vec<OwnedKey>,
}

impl Person {
    /// The person whom the directory lists with these records. Those without their owner's signature for this ledger, or for one
    /// that leads to it, are left out.
    pub fn verified(chain: &Chain, address: &Address, listed: &[RecipientKeyRecord]) -> Self {
        let keys = listed.iter().filter_map(|record| owned(chain, address, record)).collect();
        Self { address: address.clone(), keys }
    }

    /// The keys that can be sealed to, the newest first.
    pub fn active_keys(&self) -> Vec<EncryptionKey> {
        self.keys.iter().rev().filter(|key| key.active).map(|key| key.encryption).collect()
    }

    /// The key of a version.
    pub fn key_of_version(&self, version: u32) -> Option<&OwnedKey> {
        self.keys.iter().find(|key| key.version == version)
    }

    /// Whether one of the keys, active or not, has this fingerprint.
    pub fn has(&self, fingerprint: &Fingerprint) -> bool {
        self.keys.iter().any(|key| key.encryption.fingerprint() == *fingerprint)
    }

    /// The person with none but these of their keys.
    #[must_use]
    pub(crate) fn only(mut self, fingerprints: &BTreeSet<Fingerprint>) -> Self {
        self.keys.retain(|key| fingerprints.contains(&key.encryption.fingerprint()));
        self
    }

    /// The person with a pair of their own phrase that no record shows yet.
    #[must_use]
    pub(crate) fn with_pair(mut self, pair: &Pair) -> Self {
        self.keys.push(OwnedKey {
            encryption: *pair.encryption.public(),
            signing: *pair.signing.public().as_bytes(),
            version: 0,
            active: true,
        });
        self
    }
}

/// Whether its owner signed a record, on this ledger or on one that leads to it.
fn owned(chain: &Chain, address: &Address, record: &RecipientKeyRecord) -> Option<OwnedKey> {
    let on = match record.registered_on.as_slice() {
        [] => Some(chain.ancestry.beginning()),
        bytes => Identity::from_bytes(bytes).and_then(|identity| chain.ancestry.find(&identity)),
    }?;
    verify_record(record, address, &on.chain_id, &on.identity()).ok()?;
    Some(OwnedKey {
        encryption: EncryptionKey::parse(&record.public_key).ok()?,
        signing: *VerifyKey::parse(&record.signing_key).ok()?.as_bytes(),
        version: record.key_version,
        active: record.revoked_at == 0,
    })
}
