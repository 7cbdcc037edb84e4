//! The key directory.

use prost::Message as _;
use sealdesk_protocol::ids::Address;
use sealdesk_protocol::keys::Fingerprint;
use sealdesk_protocol::limits::{ACTIVE_KEYS_MAX, KEY_GRACE_SECONDS, KEY_REGISTRATIONS_PER_DAY_MAX};
use sealdesk_protocol::state::{side, tree};
use sealdesk_protocol::wire::sealdesk::ledger::v1::KeyList;
use sealdesk_protocol::wire::virtengine::encryption::v1::RecipientKeyRecord;

use sealdesk_store::State;

use super::{StateView, index};
use crate::errors::Fatal;

/// Bytes of a fingerprint in a list of them.
const KEY_ID_BYTES: usize = 20;
/// Most revoked keys of an address that are in use: no more can be revoked within [`KEY_GRACE_SECONDS`].
const REVOKED_IN_USE_MAX: usize = ACTIVE_KEYS_MAX + KEY_REGISTRATIONS_PER_DAY_MAX;

impl StateView<'_> {
    /// Every key an address ever registered, ascending by version.
    pub(crate) fn keys(&self, address: &Address) -> Result<Vec<RecipientKeyRecord>, Fatal> {
        Ok(self.record::<KeyList>(&tree::keys(address))?.unwrap_or_default().keys)
    }

    /// Those of an address's keys that can be active or within [`KEY_GRACE_SECONDS`] of their revocation now or later, ascending by
    /// version: few, however many keys the address has had.
    pub(crate) fn keys_in_use(&self, address: &Address) -> Result<Vec<RecipientKeyRecord>, Fatal> {
        Ok(self.side::<KeyList>(&side::keys_in_use(address))?.unwrap_or_default().keys)
    }

    /// Adds the fingerprint of every key that an address ever registered, as [`Fingerprint::as_bytes`] has it, ascending.
    pub(crate) fn add_key_ids(
        &self,
        address: &Address,
        ids: &mut Vec<[u8; KEY_ID_BYTES]>,
    ) -> Result<(), Fatal> {
        let bytes = self.state.get_side(&side::key_ids(address))?.unwrap_or_default();
        ids.extend(bytes.as_chunks::<KEY_ID_BYTES>().0);
        Ok(())
    }

    /// Writes an address's keys with the lists that follow from them.
    pub(crate) fn put_keys(
        &mut self,
        address: &Address,
        old: &[RecipientKeyRecord],
        keys: Vec<RecipientKeyRecord>,
    ) -> Result<(), Fatal> {
        let member = self.member(address)?;
        let counts = self.counts_as_agent(&member)?;
        let lists = |keys: &[RecipientKeyRecord]| index::of_reader(address, &member, counts, keys);
        index::apply(self.state, &lists(old), &lists(&keys));
        put_derived(self.state, address, &keys);
        self.put_record(tree::keys(address), &KeyList { keys });
        Ok(())
    }
}

/// Writes what follows from an address's keys beside their index.
pub(super) fn put_derived(state: &mut State, address: &Address, keys: &[RecipientKeyRecord]) {
    let in_use = KeyList { keys: in_use(keys) };
    state.put_side(side::keys_in_use(address), in_use.encode_to_vec());
    let ids = keys.iter().filter_map(|key| Fingerprint::parse(&key.key_fingerprint).ok());
    let mut ids: Vec<[u8; KEY_ID_BYTES]> = ids.map(|id| *id.as_bytes()).collect();
    ids.sort_unstable();
    state.put_side(side::key_ids(address), ids.concat());
}

/// The keys that are active, and those revoked no longer than the grace before the last revocation: no later block counts any other. An
/// address has few active keys and few registrations a day, so there are few of both. Where an import set the clock back, everything
/// that was revoked later was revoked at one time; then the newest of these are in use.
fn in_use(keys: &[RecipientKeyRecord]) -> Vec<RecipientKeyRecord> {
    let last = keys.iter().map(|key| key.revoked_at).max().unwrap_or(0);
    let (active, revoked): (Vec<&RecipientKeyRecord>, Vec<&RecipientKeyRecord>) =
        keys.iter().filter(|key| was_active_within_grace(key, last)).partition(|key| is_active(key));
    let newest = revoked.len().saturating_sub(REVOKED_IN_USE_MAX);
    let mut in_use: Vec<RecipientKeyRecord> =
        active.into_iter().chain(revoked.into_iter().skip(newest)).cloned().collect();
    in_use.sort_by_key(|key| key.key_version);
    in_use
}

/// Whether a key has not been revoked.
pub(crate) fn is_active(key: &RecipientKeyRecord) -> bool {
    key.revoked_at == 0
}

/// Whether a key has not been revoked more than [`KEY_GRACE_SECONDS`] ago.
pub(crate) fn was_active_within_grace(key: &RecipientKeyRecord, now: i64) -> bool {
    is_active(key) || now.saturating_sub(key.revoked_at) <= KEY_GRACE_SECONDS
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(version: u32, revoked_at: i64) -> RecipientKeyRecord {
        RecipientKeyRecord { key_version: version, revoked_at, ..RecipientKeyRecord::default() }
    }

    #[test]
    fn few_keys_are_in_use_where_an_import_revoked_all_of_them_at_one_time() {
        let mut keys: Vec<RecipientKeyRecord> = (1..=251).map(|version| key(version, 1_000)).collect();
        keys.extend((252..=256).map(|version| key(version, 0)));
        let versions: Vec<u32> = in_use(&keys).iter().map(|key| key.key_version).collect();
        assert_eq!(versions, (242..=256).collect::<Vec<u32>>());
    }

    #[test]
    fn what_is_revoked_within_the_grace_stays_in_use_and_nothing_else() {
        let keys = [key(1, 100), key(2, 939), key(3, 940), key(4, 0), key(5, 1_000)];
        let versions: Vec<u32> = in_use(&keys).iter().map(|key| key.key_version).collect();
        assert_eq!(versions, [3, 4, 5]);
    }
}
