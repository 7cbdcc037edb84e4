//! The key directory.

use sealdesk_protocol::ids::Address;
use sealdesk_protocol::limits::KEY_GRACE_SECONDS;
use sealdesk_protocol::state::tree;
use sealdesk_protocol::wire::sealdesk::ledger::v1::KeyList;
use sealdesk_protocol::wire::virtengine::encryption::v1::RecipientKeyRecord;

use super::{StateView, index};
use crate::errors::Fatal;

impl StateView<'_> {
    /// Every key an address ever registered, ascending by version.
    pub(crate) fn keys(&self, address: &Address) -> Result<Vec<RecipientKeyRecord>, Fatal> {
        Ok(self.record::<KeyList>(&tree::keys(address))?.unwrap_or_default().keys)
    }

    /// Writes an address's keys with the index of their fingerprints.
    pub(crate) fn put_keys(
        &mut self,
        address: &Address,
        old: &[RecipientKeyRecord],
        keys: Vec<RecipientKeyRecord>,
    ) {
        index::apply(self.state, &index::of_keys(address, old), &index::of_keys(address, &keys));
        self.put_record(tree::keys(address), &KeyList { keys });
    }
}

/// Whether a key has not been revoked.
pub(crate) fn is_active(key: &RecipientKeyRecord) -> bool {
    key.revoked_at == 0
}

/// Whether a key has not been revoked more than [`KEY_GRACE_SECONDS`] ago.
pub(crate) fn was_active_within_grace(key: &RecipientKeyRecord, now: i64) -> bool {
    is_active(key) || now.saturating_sub(key.revoked_at) <= KEY_GRACE_SECONDS
}
