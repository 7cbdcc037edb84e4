//! The guard against copied homes. An older copy remembers less than its validator has signed, and CometBFT would sign the newest
//! height once more while it catches up, as
//! `an_older_copy_of_a_validator_never_signs_again_for_a_height` shows.
//!
//! A directory knows its number and its birth; both are written down in it, and a copy of it has others. A snapshot of a whole
//! disk cannot be told from the disk.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::sleep;

use super::app::App;
use super::error::CometError;
use super::process::config::{CometConfig, StateSyncConfig};
use super::process::home::{CometHome, replace};
use crate::home::Home;
use crate::ledger::Ledger as _;
use crate::validator::ValidatorKey;

/// Seconds by which the clocks of validators may differ.
const CLOCKS_SECONDS: i64 = 2;
/// Between two looks at the newest block.
const LOOK: Duration = Duration::from_millis(100);

/// A home whose CometBFT is about to be started, with the key that it would sign with.
#[derive(Clone, Copy)]
pub(super) struct CloneGuard<'a> {
    pub(super) comet: &'a CometHome,
    pub(super) app: &'a App,
    pub(super) key: &'a ValidatorKey,
}

impl CloneGuard<'_> {
    /// Refuses a home whose record of what its validator has signed is older than its state. No block is committed without the
    /// signature of a validator with a third of the power, so the record of such a validator is behind the state only where one of the
    /// two is a copy. Other validators have to catch up before they sign anyway.
    ///
    /// # Errors
    /// [`CometError::OlderCopy`].
    pub(super) fn check_signed(&self) -> Result<(), CometError> {
        let (signed, state) = (self.comet.signed_height()?.unwrap_or(0), self.app.height());
        let (power, total) = self.powers();
        // A state that came from another node was made without this key.
        let came = self.app.machine.history_start(&self.app.store.latest())?.is_some();
        if power.saturating_mul(3) >= total && signed < state && !(came && signed == 0) {
            return Err(CometError::OlderCopy { signed, state });
        }
        Ok(())
    }

    /// Whether this home is a copy that has to see first how far its validator has signed. The others show it by the blocks that they
    /// make, which they cannot without a third of the power; a validator that is alone signs against no other.
    ///
    /// # Errors
    /// [`CometError::Copied`] where the others make no blocks without this validator.
    pub(super) fn must_follow(&self) -> Result<bool, CometError> {
        let (power, total) = self.powers();
        let data = self.comet.data();
        if power == 0 || power == total || !is_copy(&data)? {
            return Ok(false);
        }
        if power.saturating_mul(3) >= total {
            return Err(CometError::Copied(note(&data)));
        }
        Ok(true)
    }

    /// Waits for a block that was made after this moment: whatever the validator has signed before was for an earlier one.
    ///
    /// # Errors
    /// [`CometError::Stopped`] if the ledger stops before.
    pub(super) async fn later_block(&self) -> Result<(), CometError> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let after = i64::try_from(now).unwrap_or(i64::MAX).saturating_add(CLOCKS_SECONDS);
        let handle = self.app.handle();
        while handle.tip().time.unix_timestamp() <= after {
            if let Some(reason) = handle.stopped() {
                return Err(CometError::Stopped(reason));
            }
            sleep(LOOK).await;
        }
        Ok(())
    }

    /// Writes down that this directory is the one that its validator signs in.
    ///
    /// # Errors
    /// [`CometError::Io`].
    pub(super) fn write_down(&self) -> Result<(), CometError> {
        write_down(&self.comet.data())
    }

    /// The section of a state sync that CometBFT is told to use: only while no block was executed here. Later CometBFT would ignore
    /// it, and a trust point of long ago means nothing.
    ///
    /// # Errors
    /// [`CometError::StateSync`] for a section that cannot be used, [`CometError::NoSigningRecord`] for a validator's key without its
    /// record.
    pub(super) fn state_sync(&self, config: &CometConfig) -> Result<Option<StateSyncConfig>, CometError> {
        let untouched = self.app.is_untouched()?;
        let state_sync = config.state_sync.clone().filter(|_| untouched);
        if let Some(state_sync) = &state_sync {
            state_sync.check()?;
            // The validators of the genesis are known now; those that were voted in, when the state is here.
            if self.powers().0 > 0 && !is_recorded(self.comet, config)? {
                return Err(CometError::NoSigningRecord);
            }
        }
        Ok(state_sync)
    }

    /// This validator's voting power, and everyone's.
    fn powers(&self) -> (u64, u64) {
        let validators = self.app.handle().validators();
        let own = validators.validators().iter().find(|v| v.pub_key.to_bytes() == self.key.public_key());
        (own.map_or(0, |own| own.power()), validators.total_voting_power().value())
    }
}

/// The validator key of a home, where what it has signed is written nowhere and the operator does not say that this is nothing.
///
/// # Errors
/// [`CometError`] where the home's files cannot be read.
pub(super) fn unrecorded_key(home: &Home, config: &CometConfig) -> Result<Option<[u8; 32]>, CometError> {
    // A home whose CometBFT the operator runs need not have the key.
    if !home.key_file().exists() || is_recorded(&CometHome::open(home.path())?, config)? {
        return Ok(None);
    }
    Ok(Some(home.key()?.public_key()))
}

/// Whether it is known what the validator's key has signed. A node that catches up block by block signs nothing before the end either;
/// but where a key comes back without its record, nothing says what it may not sign again, and state sync leads within seconds to the
/// newest height, which it may have signed.
fn is_recorded(comet: &CometHome, config: &CometConfig) -> Result<bool, CometError> {
    let never_signed = config.state_sync.as_ref().is_some_and(|state_sync| state_sync.key_never_signed);
    Ok(never_signed || comet.signed_height()?.unwrap_or(0) > 0)
}

/// Where a directory's number and birth are written down.
fn note(data: &Path) -> PathBuf {
    data.join("place")
}

/// Whether CometBFT's data are in another directory than they were in. Without a note they are taken for what they are.
fn is_copy(data: &Path) -> Result<bool, CometError> {
    let path = note(data);
    match fs::read_to_string(&path) {
        Ok(written) => Ok(written != place_of(data)?),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(CometError::Io { path, error }),
    }
}

/// Writes down that this directory is the one.
fn write_down(data: &Path) -> Result<(), CometError> {
    replace(&note(data), place_of(data)?.as_bytes())
}

fn place_of(data: &Path) -> Result<String, CometError> {
    let meta = fs::metadata(data).map_err(|error| CometError::Io { path: data.to_owned(), error })?;
    // Not every file system knows when something was born.
    let born = meta.created().ok().and_then(|born| born.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
    Ok(format!("{} {}\n", meta.ino(), born.as_nanos()))
}

#[cfg(test)]
mod tests {
    use sealdesk_protocol::state::side;
    use sealdesk_protocol::wire::sealdesk::ledger::v1::HistoryStart;
    use sealdesk_store::testing::MemoryDisk;
    use sealdesk_store::{Durability, State};
    use tendermint_proto::google::protobuf::Timestamp;
    use tendermint_proto::v0_38::abci::{Request, RequestCommit, RequestFinalizeBlock, request};

    use super::super::app::Setup;
    use super::*;
    use crate::desk;

    struct Scene {
        dir: tempfile::TempDir,
        app: App,
        config: CometConfig,
    }

    impl Scene {
        /// A home whose key is the only validator's, told to join by state sync.
        fn new() -> Self {
            let (disk, genesis) = (MemoryDisk::new(), desk::genesis());
            let setup = Setup { disk, genesis, rpc: None, retain_blocks: None, snapshots: None };
            let state_sync = StateSyncConfig {
                servers: vec!["http://a:1".to_owned(), "http://b:1".to_owned()],
                trust_height: 7,
                trust_hash: "AB".repeat(32),
                key_never_signed: false,
            };
            let config = CometConfig { state_sync: Some(state_sync), ..CometConfig::default() };
            Self { dir: tempfile::tempdir().unwrap(), app: App::open(setup).unwrap(), config }
        }

        fn comet(&self) -> CometHome {
            CometHome::open(self.dir.path()).unwrap()
        }

        /// What CometBFT is told to do with this key.
        fn joining(&self, key: &ValidatorKey) -> Result<Option<StateSyncConfig>, CometError> {
            CloneGuard { comet: &self.comet(), app: &self.app, key }.state_sync(&self.config)
        }

        fn record(&self, height: u64) {
            let record = format!(r#"{{"height":"{height}","round":0,"step":3}}"#);
            std::fs::write(self.comet().dir().join("data/priv_validator_state.json"), record).unwrap();
        }

        fn make_block(&self) {
            let seconds = self.app.last_time() + 1;
            let block = RequestFinalizeBlock {
                height: i64::try_from(self.app.height()).unwrap() + 1,
                time: Some(Timestamp { seconds, nanos: 0 }),
                ..Default::default()
            };
            for value in [request::Value::FinalizeBlock(block), request::Value::Commit(RequestCommit {})] {
                self.app.answer(Request { value: Some(value) });
            }
        }

        /// Notes that the state came from another node, as of a block.
        fn note_restored(&self, height: i64) {
            let start = HistoryStart { from: height + 1, tickets: 0 };
            let mut state = State::new(self.app.store.latest());
            state.put_side(side::HISTORY_START, prost::Message::encode_to_vec(&start));
            let version = self.app.store.latest().version() + 1;
            let staged = self.app.store.prepare(version, state.into_changes()).unwrap();
            self.app.store.commit(staged, Durability::Synced).unwrap();
        }
    }

    #[test]
    fn a_validators_key_that_comes_back_without_its_record_does_not_join_by_state_sync() {
        let mut scene = Scene::new();
        let key = desk::validator();
        let refused = scene.joining(&key).unwrap_err();
        assert!(matches!(refused, CometError::NoSigningRecord), "{refused}");
        // A new key is no validator's yet, and a record says what may not be signed again.
        assert!(scene.joining(&ValidatorKey::from_seed(&[77; 32])).unwrap().is_some());
        scene.record(9);
        assert!(scene.joining(&key).unwrap().is_some());
        scene.record(0);
        assert!(scene.joining(&key).is_err());
        if let Some(state_sync) = &mut scene.config.state_sync {
            state_sync.key_never_signed = true;
        }
        assert!(scene.joining(&key).unwrap().is_some());
    }

    #[test]
    fn a_home_tells_its_snapshots_which_key_has_no_record() {
        let mut scene = Scene::new();
        let home = Home::new(scene.dir.path());
        assert_eq!(unrecorded_key(&home, &scene.config).unwrap(), None, "there is no key");
        let own = home.prepare().unwrap();
        let carried = |config: &CometConfig| unrecorded_key(&home, config).unwrap();
        assert_eq!((carried(&scene.config), carried(&CometConfig::default())), (Some(own), Some(own)));
        scene.record(9);
        assert_eq!(carried(&scene.config), None);
        scene.record(0);
        assert_eq!(carried(&scene.config), Some(own));
        if let Some(state_sync) = &mut scene.config.state_sync {
            state_sync.key_never_signed = true;
        }
        assert_eq!(carried(&scene.config), None);
    }

    #[test]
    fn a_ledger_that_has_executed_a_block_is_never_synced_again() {
        let scene = Scene::new();
        scene.make_block();
        assert_eq!(scene.app.height(), 1);
        assert_eq!(scene.joining(&desk::validator()).unwrap(), None);
    }

    #[test]
    fn a_state_from_elsewhere_is_no_older_copy_of_a_key_that_has_signed_nothing() {
        let scene = Scene::new();
        scene.make_block();
        let (comet, key) = (scene.comet(), desk::validator());
        let check = || CloneGuard { comet: &comet, app: &scene.app, key: &key }.check_signed();
        assert!(matches!(check(), Err(CometError::OlderCopy { signed: 0, state: 1 })));
        scene.note_restored(1);
        assert!(check().is_ok());
        // One that has signed must have signed up to here.
        scene.record(1);
        assert!(matches!(check(), Err(CometError::OlderCopy { signed: 1, state: 2 })));
    }

    #[test]
    fn a_copied_directory_is_known_by_its_place_and_a_moved_one_is_no_copy() {
        let dir = tempfile::tempdir().unwrap();
        let [data, copy, moved] = ["data", "copy", "moved"].map(|name| dir.path().join(name));
        fs::create_dir(&data).unwrap();
        assert!(!is_copy(&data).unwrap(), "nothing is known of it yet");
        write_down(&data).unwrap();
        assert!(!is_copy(&data).unwrap());
        fs::create_dir(&copy).unwrap();
        fs::copy(note(&data), note(&copy)).unwrap();
        assert!(is_copy(&copy).unwrap());
        fs::rename(&data, &moved).unwrap();
        assert!(!is_copy(&moved).unwrap());
    }
}
