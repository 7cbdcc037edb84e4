//! Keys of one person, seen at different times.

use sealdesk_protocol::wire::virtengine::encryption::v1::RecipientKeyRecord;

use super::{SeenKey, SeenPerson, seen};

impl SeenPerson {
    /// Whether every key that was seen is listed, wherever it stands.
    pub(super) fn are_among(&self, listed: &[RecipientKeyRecord]) -> bool {
        let listed: Vec<SeenKey> = listed.iter().map(seen).collect();
        self.keys.iter().all(|key| listed.iter().any(|found| found.record == key.record))
    }

    /// The keys that were seen, and then those that are new: where no place is proven, the order says nothing.
    pub(super) fn with(&self, found: &[SeenKey]) -> Vec<SeenKey> {
        let mut keys = self.keys.clone();
        for key in found {
            if keys.iter().all(|known| known.record != key.record) {
                keys.push(*key);
            }
        }
        keys
    }

    /// Takes in what another command saw of the same list.
    pub(super) fn merge(&mut self, other: Self) {
        let longer = other.keys.len().max(self.keys.len());
        let key = |place: usize| {
            let (known, found) = (self.keys.get(place), other.keys.get(place));
            let either = *known.or(found)?;
            let revoked = known.is_some_and(|key| key.revoked) || found.is_some_and(|key| key.revoked);
            Some(SeenKey { revoked, ..either })
        };
        self.keys = (0..longer).filter_map(key).collect();
        self.height = self.height.max(other.height);
        self.day = self.day.max(other.day);
        self.sealed |= other.sealed;
    }
}
