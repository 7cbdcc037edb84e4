//! The devices that people subscribed: a file for each account in the home's folder `push`, which nobody but its owner reads. An endpoint
//! is like a key: whoever has it and the node's own can wake that device.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Error, ErrorKind, Read as _, Result};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use thiserror::Error as ThisError;

use super::sealing::Recipient;
use crate::durable::{self, Readers};

/// Devices of one account; a further one takes the place of the oldest.
pub(super) const DEVICES_MAX: usize = 5;
/// Accounts with devices.
const ACCOUNTS_MAX: usize = 4_096;
/// How many of them may be others' than the staff's.
const ACCOUNTS_OF_OTHERS_MAX: usize = 3_072;
/// Longest file, in bytes: five devices have fewer.
const FILE_BYTES_MAX: u64 = 32_768;
/// After how many seconds a device that was not subscribed again is forgotten: pages do it again each month.
const LIFE_SECONDS: i64 = 180 * 24 * 3_600;
const ENDING: &str = ".json";

/// In what language a device is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Language {
    #[default]
    #[serde(rename = "en")]
    English,
    #[serde(rename = "de")]
    German,
}

impl Language {
    /// As browsers name it.
    pub(super) fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
        }
    }
}

/// A device, as it was checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Device {
    /// Where its push service takes messages for it.
    pub(super) endpoint: String,
    /// Its public key and its secret, in base64url as browsers give them.
    pub(super) p256dh: String,
    pub(super) auth: String,
    /// The origin of the page that subscribed it.
    pub(super) page: String,
    pub(super) language: Language,
    /// Random, in hex: what a push service is told instead of a ticket comes from it.
    pub(super) topics: String,
    /// When it was subscribed, in Unix seconds.
    pub(super) made: i64,
}

impl Device {
    /// For whom its messages are sealed.
    pub(super) fn recipient(&self) -> Option<Recipient> {
        use base64::Engine as _;
        use base64::engine::general_purpose::URL_SAFE_NO_PAD;
        let bytes = |text: &str| URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok();
        Some(Recipient {
            point: bytes(&self.p256dh)?.try_into().ok()?,
            auth: bytes(&self.auth)?.try_into().ok()?,
        })
    }

    fn is_old(&self, now: i64) -> bool {
        now.saturating_sub(self.made) > LIFE_SECONDS
    }
}

/// Why a device is not kept.
#[derive(Debug, ThisError)]
pub(super) enum KeepError {
    /// There are as many accounts as there may be, and all of them are the staff's.
    #[error("this node keeps no more devices: tell its operator")]
    Full,
    /// What the system says.
    #[error("the node cannot keep it: tell its operator")]
    Io(#[from] Error),
}

/// What is kept of an account.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    /// Whether it was the staff's when it was written last.
    is_staff: bool,
    /// The oldest first.
    devices: Vec<Device>,
}

impl Kept {
    /// Whether none of its devices is told anything any more.
    fn is_over(&self, now: i64) -> bool {
        self.devices.iter().all(|device| device.is_old(now))
    }

    /// When the account subscribed last.
    fn newest(&self) -> Option<i64> {
        self.devices.iter().map(|device| device.made).max()
    }
}

/// See the module.
pub(super) struct Devices {
    dir: PathBuf,
    accounts: Mutex<BTreeMap<String, Kept>>,
}

impl Devices {
    /// Those of a folder, which need not be there, at a time in Unix seconds. A file that cannot be understood is passed over, and one whose
    /// devices are all old is removed.
    ///
    /// # Errors
    /// What the system says of the folder.
    pub(super) fn open(dir: &Path, now: i64) -> Result<Self> {
        let mut accounts = BTreeMap::new();
        let entries = match fs::read_dir(dir) {
            Ok(entries) => Some(entries),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        for entry in entries.into_iter().flatten() {
            let entry = entry?;
            let name = entry.file_name();
            let Some(account) = name.to_str().and_then(|name| name.strip_suffix(ENDING)) else { continue };
            match read(&entry.path()) {
                Some(kept) if kept.is_over(now) => removed(&entry.path()),
                Some(kept) if accounts.len() < ACCOUNTS_MAX => {
                    accounts.insert(account.to_owned(), kept);
                }
                Some(_) => {}
                None => tracing::warn!("{} is passed over: it cannot be read", entry.path().display()),
            }
        }
        Ok(Self { dir: dir.to_owned(), accounts: Mutex::new(accounts) })
    }

    /// Keeps a device of an account; it is on the disk when this returns. How many the account has then. Where there is no room, whoever of
    /// those that are not the staff's subscribed longest ago gives theirs: a page that is still used subscribes again.
    ///
    /// # Errors
    /// [`KeepError`]; everything stays as it was then.
    pub(super) fn add(
        &self,
        account: &str,
        is_staff: bool,
        mut device: Device,
    ) -> std::result::Result<usize, KeepError> {
        let mut accounts = self.accounts();
        self.forget_over(&mut accounts, device.made);
        let mut kept = accounts.get(account).cloned().unwrap_or_default();
        let gives_way = giving_way(&accounts, account, is_staff)?;
        kept.is_staff = is_staff;
        if let Some(place) = kept.devices.iter().position(|known| known.endpoint == device.endpoint) {
            device.topics = kept.devices.remove(place).topics;
        }
        kept.devices.retain(|known| !known.is_old(device.made));
        if kept.devices.len() >= DEVICES_MAX {
            kept.devices.remove(0);
        }
        kept.devices.push(device);
        self.write(account, &kept)?;
        let count = kept.devices.len();
        accounts.insert(account.to_owned(), kept);
        if let Some(longest) = gives_way {
            accounts.remove(&longest);
            removed(&self.file(&longest));
        }
        Ok(count)
    }

    /// Gives back the places of accounts that are told nothing any more.
    fn forget_over(&self, accounts: &mut BTreeMap<String, Kept>, now: i64) {
        accounts.retain(|account, kept| {
            let is_over = kept.is_over(now);
            if is_over {
                removed(&self.file(account));
            }
            !is_over
        });
    }

    /// Forgets a device of an account. How many it has then.
    ///
    /// # Errors
    /// What the system says.
    pub(super) fn remove(&self, account: &str, endpoint: &str) -> Result<usize> {
        let mut accounts = self.accounts();
        let Some(mut kept) = accounts.get(account).cloned() else { return Ok(0) };
        kept.devices.retain(|known| known.endpoint != endpoint);
        if kept.devices.is_empty() {
            let path = self.file(account);
            match fs::remove_file(&path) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            accounts.remove(account);
            return Ok(0);
        }
        self.write(account, &kept)?;
        let count = kept.devices.len();
        accounts.insert(account.to_owned(), kept);
        Ok(count)
    }

    /// The devices of an account that are told at a time, in Unix seconds.
    pub(super) fn of(&self, account: &str, now: i64) -> Vec<Device> {
        let accounts = self.accounts();
        let kept = accounts.get(account).map(|kept| kept.devices.as_slice()).unwrap_or_default();
        kept.iter().filter(|device| !device.is_old(now)).cloned().collect()
    }

    fn write(&self, account: &str, kept: &Kept) -> Result<()> {
        durable::create_dir(&self.dir)?;
        let text = serde_json::to_vec_pretty(kept)?;
        durable::replace(&self.file(account), &text, Readers::Owner)
    }

    /// An address has small letters and digits alone, so it can be the name of a file.
    fn file(&self, account: &str) -> PathBuf {
        self.dir.join(format!("{account}{ENDING}"))
    }

    /// No code panics while it holds this lock.
    fn accounts(&self) -> MutexGuard<'_, BTreeMap<String, Kept>> {
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Who has to go before this account has devices, too; nobody where there is room.
fn giving_way(
    accounts: &BTreeMap<String, Kept>,
    account: &str,
    is_staff: bool,
) -> std::result::Result<Option<String>, KeepError> {
    let others = || accounts.iter().filter(|(name, kept)| !kept.is_staff && *name != account);
    let is_full = accounts.len() - usize::from(accounts.contains_key(account)) >= ACCOUNTS_MAX;
    if !is_full && (is_staff || others().count() < ACCOUNTS_OF_OTHERS_MAX) {
        return Ok(None);
    }
    let longest = others().min_by_key(|(_, kept)| kept.newest());
    longest.map(|(name, _)| Some(name.clone())).ok_or(KeepError::Full)
}

/// Removes an account's file. One that stays is read again at the next start, and removed then where it is old.
fn removed(path: &Path) {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            tracing::warn!("{} cannot be removed: {error}", path.display());
        }
        _ => {}
    }
}

fn read(path: &Path) -> Option<Kept> {
    let mut bytes = Vec::new();
    fs::File::open(path).ok()?.take(FILE_BYTES_MAX).read_to_end(&mut bytes).ok()?;
    let mut kept: Kept = serde_json::from_slice(&bytes).ok()?;
    kept.devices.truncate(DEVICES_MAX);
    Some(kept)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn device(number: usize, made: i64) -> Device {
        Device {
            endpoint: format!("https://push.example/{number}"),
            p256dh: String::new(),
            auth: String::new(),
            page: "https://desk.example".to_owned(),
            language: Language::English,
            topics: number.to_string(),
            made,
        }
    }

    fn names(devices: &Devices, account: &str, now: i64) -> Vec<String> {
        devices.of(account, now).into_iter().map(|device| device.topics).collect()
    }

    #[test]
    fn an_account_has_its_newest_five_devices_also_after_a_restart() {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path().join("push");
        let devices = Devices::open(&dir, 10).unwrap();
        for number in 0..7 {
            let count = devices.add("customer", false, device(number, 10)).unwrap();
            assert_eq!(count, (number + 1).min(DEVICES_MAX));
        }
        // The same one again keeps what its push service knows, and is the newest.
        devices.add("customer", false, Device { topics: "other".to_owned(), ..device(3, 20) }).unwrap();
        let expected = ["2", "4", "5", "6", "3"];
        assert_eq!(names(&devices, "customer", 20), expected);
        assert_eq!(fs::metadata(dir.join("customer.json")).unwrap().permissions().mode() & 0o777, 0o600);
        let devices = Devices::open(&dir, 20).unwrap();
        assert_eq!(names(&devices, "customer", 20), expected);
        assert_eq!(names(&devices, "customer", 11 + LIFE_SECONDS), ["3"], "old ones are not told any more");
        for number in [2, 3, 4, 5] {
            devices.remove("customer", &device(number, 0).endpoint).unwrap();
        }
        assert_eq!(devices.remove("customer", &device(6, 0).endpoint).unwrap(), 0);
        assert!(!dir.join("customer.json").exists());
        assert_eq!(devices.remove("nobody", "x").unwrap(), 0);
    }

    /// Customers that have no room left among them; the first subscribed at 1,000 and each a second after the one before.
    fn full_of_others(devices: &Devices) {
        for number in 0..ACCOUNTS_OF_OTHERS_MAX {
            let made = 1_000 + i64::try_from(number).unwrap();
            let kept = Kept { is_staff: false, devices: vec![device(0, made)] };
            devices.accounts().insert(format!("c{number}"), kept);
        }
    }

    #[test]
    fn customers_never_take_the_room_of_the_staff() {
        let dir = tempfile::tempdir().unwrap();
        let devices = Devices::open(dir.path(), 0).unwrap();
        full_of_others(&devices);
        devices.add("agent", true, device(1, 5_000)).unwrap();
        assert_eq!(devices.accounts().len(), ACCOUNTS_OF_OTHERS_MAX + 1);
        devices.add("one-more", false, device(1, 5_000)).unwrap();
        assert_eq!(devices.accounts().len(), ACCOUNTS_OF_OTHERS_MAX + 1, "another customer gave way");
        let count = devices.accounts().len();
        let staff = Kept { is_staff: true, devices: vec![device(0, 5_000)] };
        for number in count..ACCOUNTS_MAX {
            devices.accounts().insert(format!("s{number}"), staff.clone());
        }
        devices.add("another-agent", true, device(1, 5_000)).unwrap();
        assert_eq!((names(&devices, "agent", 5_000).len(), names(&devices, "c1", 5_000).len()), (1, 0));
        for kept in devices.accounts().values_mut() {
            kept.is_staff = true;
        }
        assert!(matches!(devices.add("last-agent", true, device(1, 5_000)), Err(KeepError::Full)));
        devices.add("agent", true, device(2, 5_000)).unwrap();
    }

    #[test]
    fn a_customer_whose_page_is_not_used_gives_their_place_back() {
        let dir = tempfile::tempdir().unwrap();
        let devices = Devices::open(dir.path(), 0).unwrap();
        full_of_others(&devices);
        devices.add("c0", false, device(0, 5_000)).unwrap();
        assert!(dir.path().join("c0.json").exists());
        devices.add("one-more", false, device(1, 5_000)).unwrap();
        let has = |account: &str| !names(&devices, account, 5_000).is_empty();
        assert_eq!((has("c0"), has("c1"), has("one-more")), (true, false, true), "the longest ago");
        // Half a year later nobody has to give way: all but one are over.
        devices.add("later", false, device(1, 5_001 + LIFE_SECONDS)).unwrap();
        assert_eq!(devices.accounts().len(), 1);
        assert!(!dir.path().join("c0.json").exists());
        let devices = Devices::open(dir.path(), 5_002 + 2 * LIFE_SECONDS).unwrap();
        assert_eq!(devices.accounts().len(), 0);
        assert!(!dir.path().join("later.json").exists());
    }

    #[test]
    fn who_is_staff_no_more_counts_among_the_others() {
        let dir = tempfile::tempdir().unwrap();
        let devices = Devices::open(dir.path(), 0).unwrap();
        devices.add("was-staff", true, device(0, 0)).unwrap();
        full_of_others(&devices);
        devices.add("was-staff", false, device(1, 500)).unwrap();
        assert_eq!(devices.accounts().len(), ACCOUNTS_OF_OTHERS_MAX, "which are full by it");
        devices.add("one-more", false, device(1, 5_000)).unwrap();
        assert_eq!(names(&devices, "was-staff", 5_000).len(), 0);
    }
}
