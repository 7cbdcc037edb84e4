//! Making the indexes of a stopped ledger anew: the lists that queries page through follow from the records, so they can be made again
//! where they are in doubt. Both engines keep them in the same file of a home.

use sealdesk_store::{Durability, FileDisk, STATE_FILE, State, Store};

use crate::block::{height_of, load};
use crate::home::{Home, HomeError};
use crate::run::NodeError;
use crate::solo::SoloError;

/// Makes the indexes of a home's ledger anew from its records, and gives the height of its state. Records, root and height stay what
/// they are.
///
/// # Errors
/// [`NodeError`] if the home has no ledger, or while the ledger runs, or where the state is damaged; the indexes stay as they were then.
pub fn rebuild_indexes(home: &Home) -> Result<u64, NodeError> {
    let genesis = home.genesis()?;
    let store = Store::open(FileDisk::open(&home.data_dir(), STATE_FILE).map_err(SoloError::from)?);
    let store = store.map_err(SoloError::from)?;
    if store.latest().version() == 0 {
        return Err(HomeError::Missing(home.path().to_owned()).into());
    }
    let machine = load(&store, &genesis, |found, expected| SoloError::OtherLedger { found, expected })?;
    let mut state = State::new(store.latest());
    sealdesk_machine::rebuild_indexes(&mut state, machine.prefix()).map_err(SoloError::from)?;
    let staged = store.prepare_side(state.into_changes().side).map_err(SoloError::from)?;
    store.commit(staged, Durability::Synced).map_err(SoloError::from)?;
    Ok(height_of(store.latest().version()))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use sealdesk_protocol::state::side;
    use sealdesk_store::{KeyRange, Snapshot, Writes};
    use sealdesk_testkit::people::Person;

    use super::*;
    use crate::desk;
    use crate::solo::{Setup, Solo, file_disks};

    type Rows = Vec<(Vec<u8>, Vec<u8>)>;

    fn store(home: &Home) -> Store {
        Store::open(FileDisk::open(&home.data_dir(), STATE_FILE).unwrap()).unwrap()
    }

    fn roles(snapshot: &Snapshot) -> Rows {
        snapshot.scan_side(&KeyRange::prefix(side::ROLES)).unwrap().map(Result::unwrap).collect()
    }

    #[test]
    fn indexes_that_were_lost_are_made_anew_and_nothing_else_changes() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::new(dir.path());
        let genesis = home.init(desk::genesis()).unwrap();
        let clock = desk::clock();
        let open = || {
            let (disks, key) = (file_disks(&home).unwrap(), home.key().unwrap());
            Solo::open(Setup { disks, genesis: genesis.clone(), key, clock: Arc::new(clock.clone()) })
        };
        let mut solo = open().unwrap();
        let running = rebuild_indexes(&home).unwrap_err();
        assert!(matches!(&running, NodeError::Ledger(error) if error.is_in_use()), "{running}");
        desk::execute(&mut solo, &clock, &Person::number(0).appoint(0, &Person::number(1)));
        solo.sync().unwrap();
        let height = solo.height();
        drop(solo);

        let live = store(&home);
        let (listed, root) = (roles(&live.latest()), live.latest().root());
        assert!(!listed.is_empty());
        let lost: Writes = listed.iter().map(|(key, _)| (key.clone(), None)).collect();
        live.commit(live.prepare_side(lost).unwrap(), Durability::Synced).unwrap();
        assert!(roles(&live.latest()).is_empty());
        drop(live);

        assert_eq!(rebuild_indexes(&home).unwrap(), height);
        let again = store(&home);
        assert_eq!((roles(&again.latest()), again.latest().root()), (listed, root));
        drop(again);
        assert_eq!(open().unwrap().height(), height, "the ledger goes on from there");
    }
}
