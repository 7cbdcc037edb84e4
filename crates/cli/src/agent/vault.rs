//! The one page of memory that holds keyring keys: kept out of swap where the system allows it, and out of core dumps.

use std::collections::BTreeSet;
use std::io::{self, Read};

use memmap2::{Advice, MmapMut};
use sealdesk_client::keyring::{KEYRING_KEY_BYTES, KeyringKeyId};
use zeroize::Zeroize as _;

/// Length of the page, in bytes.
const PAGE_BYTES: usize = 4_096;
/// Most keyring keys that an agent holds: those of one page.
pub(super) const KEYS_MAX: usize = PAGE_BYTES / KEYRING_KEY_BYTES;

/// Keyring keys, each at its place in the page. They are read into it, and written out of it, without another copy in this process.
pub(super) struct Vault {
    page: MmapMut,
    /// Whose place is whose; what was forgotten has none.
    ids: Vec<Option<KeyringKeyId>>,
    is_locked: bool,
}

impl Vault {
    /// An empty one.
    pub(super) fn new() -> io::Result<Self> {
        let page = MmapMut::map_anon(PAGE_BYTES)?;
        page.advise(Advice::DontDump)?;
        page.advise(Advice::DontFork)?;
        // What a process may lock is limited (RLIMIT_MEMLOCK), in some containers to nothing. Whoever unlocks is told then.
        let is_locked = page.lock().is_ok();
        Ok(Self { page, ids: Vec::new(), is_locked })
    }

    /// Whether the system keeps the page out of its swap.
    pub(super) fn is_locked(&self) -> bool {
        self.is_locked
    }

    /// Takes in the keys of these names, in their order. There are at most [`KEYS_MAX`].
    pub(super) fn fill(&mut self, ids: Vec<KeyringKeyId>, from: &mut impl Read) -> io::Result<()> {
        let room = ids.len().checked_mul(KEYRING_KEY_BYTES).and_then(|length| self.page.get_mut(..length));
        from.read_exact(room.ok_or(io::ErrorKind::InvalidInput)?)?;
        self.ids = ids.into_iter().map(Some).collect();
        Ok(())
    }

    /// How many keys it holds.
    pub(super) fn len(&self) -> usize {
        self.ids.iter().flatten().count()
    }

    /// One of them.
    pub(super) fn key(&self, id: KeyringKeyId) -> Option<&[u8]> {
        let place = self.ids.iter().position(|held| *held == Some(id))?;
        self.page.chunks_exact(KEYRING_KEY_BYTES).nth(place)
    }

    /// Forgets every key but these.
    pub(super) fn keep(&mut self, wanted: &BTreeSet<KeyringKeyId>) {
        for (held, key) in self.ids.iter_mut().zip(self.page.chunks_exact_mut(KEYRING_KEY_BYTES)) {
            if held.is_some_and(|id| !wanted.contains(&id)) {
                key.zeroize();
                *held = None;
            }
        }
    }
}

impl Drop for Vault {
    fn drop(&mut self) {
        self.page.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_is_not_wanted_any_more_is_gone_from_the_page() {
        let ids: Vec<_> = [1, 2, 3].map(|n| KeyringKeyId([n; 32])).into();
        let keys: Vec<u8> = [11, 12, 13].into_iter().flat_map(|n| [n; KEYRING_KEY_BYTES]).collect();
        let mut vault = Vault::new().unwrap();
        vault.fill(ids.clone(), &mut keys.as_slice()).unwrap();
        assert_eq!((vault.len(), vault.key(ids[1])), (3, Some(&[12; 32][..])));
        vault.keep(&BTreeSet::from([ids[0], ids[2]]));
        assert_eq!((vault.len(), vault.key(ids[1])), (2, None));
        assert_eq!(vault.key(ids[2]), Some(&[13; 32][..]), "the others stay at their places");
        assert!(!vault.page.contains(&12));
    }

    #[test]
    fn no_more_keys_are_taken_than_the_page_has_room_for() {
        let ids = |count: usize| vec![KeyringKeyId([0; 32]); count];
        let mut endless = io::repeat(7);
        assert!(Vault::new().unwrap().fill(ids(KEYS_MAX), &mut endless).is_ok());
        assert!(Vault::new().unwrap().fill(ids(KEYS_MAX + 1), &mut endless).is_err());
        let cut_off = [7; KEYRING_KEY_BYTES - 1];
        assert!(Vault::new().unwrap().fill(ids(1), &mut cut_off.as_slice()).is_err());
    }
}
