//! The file of contacts: what the owner of a home calls people, and what their desk's book said when it was last read.
//!
//! It tells whom one writes to, and decides whom a typed name means: kept like a keyring, changed under a lock, checked when it is read.

use std::collections::{BTreeMap, BTreeSet};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use sealdesk_protocol::identity::Identity;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::name::looks;
use super::{BOOK_ENTRIES_MAX, BookEntry, ContactName, NameFault};
use crate::durable;

/// Most people whom one home calls something.
pub const CONTACTS_MAX: usize = 4_096;
/// Most desks whose book one home remembers.
const BOOKS_MAX: usize = 16;
/// Largest file that is read, in bytes: more than all that is ever kept in one.
const BYTES_MAX: u64 = 4 * 1_048_576;
/// Longest address, in bytes.
const ADDRESS_BYTES_MAX: usize = 128;

/// Why contacts could not be read or kept.
#[derive(Debug, Error)]
pub enum ContactsError {
    /// The file cannot be read or written.
    #[error("cannot use {path}: {source}")]
    File {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file holds something else.
    #[error("{path} is not a file of contacts: {why}")]
    Form {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// A home has room for so many.
    #[error("this home calls {CONTACTS_MAX} people something already, and has no room for more")]
    Full,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    /// Addresses by name.
    #[serde(default)]
    contacts: BTreeMap<String, String>,
    /// What each desk's book said, by the ledger's identity.
    #[serde(default)]
    desk_books: BTreeMap<String, DeskBook>,
}

/// A desk's book as it was last read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct DeskBook {
    /// When, in Unix seconds.
    read_at: i64,
    /// Addresses by name.
    names: BTreeMap<String, String>,
}

/// The contacts of a home.
#[derive(Debug)]
pub struct Contacts {
    path: PathBuf,
    stored: Stored,
}

impl Contacts {
    /// Reads those of the home at a path; without a file nobody is called anything yet.
    ///
    /// # Errors
    /// [`ContactsError`].
    pub fn load(home: &Path) -> Result<Self, ContactsError> {
        let path = home.join("contacts.json");
        match durable::read_bounded(&path, BYTES_MAX) {
            Ok(bytes) => Ok(Self { stored: read(&path, &bytes)?, path }),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Self { path, stored: Stored::default() }),
            Err(source) => Err(ContactsError::File { path, source }),
        }
    }

    /// What the home's owner calls people: names and addresses.
    pub fn own(&self) -> impl Iterator<Item = (&str, &str)> {
        self.stored.contacts.iter().map(|(name, address)| (name.as_str(), address.as_str()))
    }

    /// What the book of one desk calls people: that of another desk names nobody here.
    pub fn of_desk_book(&self, desk: &Identity) -> impl Iterator<Item = (&str, &str)> {
        let book = self.stored.desk_books.get(&desk.to_string());
        let names = book.into_iter().flat_map(|book| &book.names);
        names.map(|(name, address)| (name.as_str(), address.as_str()))
    }

    /// Keeps what an address is called, on disk before this returns. Whether the name is free is the caller's to ask.
    ///
    /// # Errors
    /// [`ContactsError`].
    pub fn add(&mut self, name: &ContactName, address: &str) -> Result<(), ContactsError> {
        self.change(|stored| {
            if stored.contacts.len() >= CONTACTS_MAX && !stored.contacts.contains_key(name.as_str()) {
                return Err(ContactsError::Full);
            }
            // One person has one name: a new one takes the place of the earlier one.
            stored.contacts.retain(|_, known| known != address);
            stored.contacts.insert(name.to_string(), address.to_owned());
            Ok(())
        })
    }

    /// Takes a name out, and gives whose it was; `None` where nobody is called so.
    ///
    /// # Errors
    /// [`ContactsError`].
    pub fn remove(&mut self, name: &str) -> Result<Option<String>, ContactsError> {
        let mut whose = None;
        self.change(|stored| {
            whose = stored.contacts.remove(name);
            Ok(())
        })?;
        Ok(whose)
    }

    /// When a desk's book was last looked for, in Unix seconds; 0 = never.
    pub fn desk_book_read_at(&self, desk: &Identity) -> i64 {
        self.stored.desk_books.get(&desk.to_string()).map_or(0, |book| book.read_at)
    }

    /// Keeps what a desk's book says now, in place of what it said before; `now` is in Unix seconds. Gives how many names it has. Names of
    /// several addresses, or that look alike, are left out: whom they mean is unclear.
    ///
    /// # Errors
    /// [`ContactsError`].
    pub fn keep_desk_book(
        &mut self,
        desk: &Identity,
        entries: &[BookEntry],
        now: i64,
    ) -> Result<usize, ContactsError> {
        let entries = entries.get(..BOOK_ENTRIES_MAX).unwrap_or(entries);
        let names: BTreeMap<String, String> =
            clear(entries).map(|entry| (entry.name.to_string(), entry.address.to_string())).collect();
        let (desk, count) = (desk.to_string(), names.len());
        self.change(|stored| {
            if stored.desk_books.len() >= BOOKS_MAX && !stored.desk_books.contains_key(&desk) {
                let oldest = stored.desk_books.iter().min_by_key(|(_, book)| book.read_at);
                let oldest = oldest.map(|(desk, _)| desk.clone()).unwrap_or_default();
                stored.desk_books.remove(&oldest);
            }
            stored.desk_books.insert(desk, DeskBook { read_at: now, names });
            Ok(())
        })?;
        Ok(count)
    }

    /// Changes the contacts as they stand in the file by now, which another command may have changed, and writes them.
    fn change(
        &mut self,
        change: impl FnOnce(&mut Stored) -> Result<(), ContactsError>,
    ) -> Result<(), ContactsError> {
        let (path, mut now) = (self.path.clone(), Stored::default());
        let result = durable::update(&path, BYTES_MAX, |found| {
            if let Some(bytes) = found {
                now = read(&path, &bytes).map_err(Changing::Contacts)?;
            }
            change(&mut now).map_err(Changing::Contacts)?;
            Ok(Some(serde_json::to_vec_pretty(&now).map_err(std::io::Error::from)?))
        });
        match result {
            Ok(()) => {
                self.stored = now;
                Ok(())
            }
            Err(Changing::Contacts(error)) => Err(error),
            Err(Changing::File(source)) => Err(ContactsError::File { path, source }),
        }
    }
}

/// The entries whose name no other address has, nor one that looks like it.
fn clear(entries: &[BookEntry]) -> impl Iterator<Item = &BookEntry> {
    let mut by_look: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for entry in entries {
        for look in looks(entry.name.as_str()) {
            by_look.entry(look).or_default().insert(entry.address.as_str());
        }
    }
    entries.iter().filter(move |entry| {
        looks(entry.name.as_str()).iter().all(|look| by_look.get(look).is_none_or(|of| of.len() == 1))
    })
}

/// Why a change of contacts was not made.
enum Changing {
    Contacts(ContactsError),
    File(std::io::Error),
}

impl From<std::io::Error> for Changing {
    fn from(error: std::io::Error) -> Self {
        Self::File(error)
    }
}

fn read(path: &Path, bytes: &[u8]) -> Result<Stored, ContactsError> {
    let form = |why: String| ContactsError::Form { path: path.to_owned(), why };
    let stored: Stored = serde_json::from_slice(bytes).map_err(|error| form(error.to_string()))?;
    let books = stored.desk_books.values();
    let too_many = stored.contacts.len() > CONTACTS_MAX
        || books.clone().any(|book| book.names.len() > BOOK_ENTRIES_MAX)
        || stored.desk_books.len() > BOOKS_MAX;
    if too_many {
        return Err(form("it has more names than there is room for".to_owned()));
    }
    for (name, address) in stored.contacts.iter().chain(books.flat_map(|book| &book.names)) {
        let named = |fault: NameFault| {
            form(format!("the name of {}: {fault}", sealdesk_protocol::text::line(address)))
        };
        ContactName::parse(name).map_err(named)?;
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
        if address.is_empty() || address.len() > ADDRESS_BYTES_MAX || !address.bytes().all(plain) {
            return Err(form(format!("{name} has something else than an address")));
        }
    }
    Ok(stored)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> ContactName {
        ContactName::parse(text).unwrap()
    }

    #[test]
    fn a_name_is_kept_changed_and_taken_out_for_its_owner_alone() {
        let home = tempfile::tempdir().unwrap();
        let mut contacts = Contacts::load(home.path()).unwrap();
        contacts.add(&name("bob"), "virtengine1bbb").unwrap();
        // A second command, begun before, loses nothing.
        let mut other = Contacts::load(home.path()).unwrap();
        contacts.add(&name("carol"), "virtengine1ccc").unwrap();
        other.add(&name("Bobby"), "virtengine1bbb").unwrap();
        let found = Contacts::load(home.path()).unwrap();
        assert_eq!(
            found.own().collect::<Vec<_>>(),
            [("Bobby", "virtengine1bbb"), ("carol", "virtengine1ccc")]
        );
        assert_eq!(other.remove("nobody").unwrap(), None);
        assert_eq!(other.remove("carol").unwrap(), Some("virtengine1ccc".to_owned()));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = std::fs::metadata(home.path().join("contacts.json")).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn a_desk_book_takes_the_place_of_the_earlier_one_and_of_nothing_else() {
        let home = tempfile::tempdir().unwrap();
        let mut contacts = Contacts::load(home.path()).unwrap();
        contacts.add(&name("bob"), "virtengine1bbb").unwrap();
        let prefix = sealdesk_protocol::ids::Prefix::parse("virtengine").unwrap();
        let address = sealdesk_protocol::ids::Address::of_public_key(&prefix, &[2; 33]);
        let entry = BookEntry { address: address.clone(), name: name("dora") };
        let (one, two) = (Identity([1; 32]), Identity([2; 32]));
        assert_eq!(contacts.keep_desk_book(&one, &[entry], 7).unwrap(), 1);
        assert_eq!(contacts.keep_desk_book(&two, &[], 8).unwrap(), 0);
        let found = Contacts::load(home.path()).unwrap();
        assert_eq!(found.of_desk_book(&one).collect::<Vec<_>>(), [("dora", address.as_str())]);
        assert_eq!(found.of_desk_book(&two).count(), 0, "a book names people of its own desk alone");
        assert_eq!((found.desk_book_read_at(&one), found.desk_book_read_at(&Identity([3; 32]))), (7, 0));
        contacts.keep_desk_book(&one, &[], 9).unwrap();
        assert_eq!(Contacts::load(home.path()).unwrap().of_desk_book(&one).count(), 0);
        for number in 10..50 {
            contacts.keep_desk_book(&Identity([number; 32]), &[], number.into()).unwrap();
        }
        assert_eq!(contacts.stored.desk_books.len(), BOOKS_MAX);
        assert_eq!(
            (contacts.desk_book_read_at(&one), contacts.desk_book_read_at(&Identity([49; 32]))),
            (0, 49)
        );
        assert_eq!(Contacts::load(home.path()).unwrap().own().count(), 1);
    }

    #[test]
    fn a_name_that_two_addresses_have_in_a_desk_book_is_nobodys() {
        let home = tempfile::tempdir().unwrap();
        let mut contacts = Contacts::load(home.path()).unwrap();
        let prefix = sealdesk_protocol::ids::Prefix::parse("virtengine").unwrap();
        let entry = |key: u8, text: &str| BookEntry {
            address: sealdesk_protocol::ids::Address::of_public_key(&prefix, &[key; 33]),
            name: name(text),
        };
        let entries =
            [entry(2, "dora"), entry(3, "alice"), entry(4, "a1ice"), entry(5, "bob"), entry(6, "bob")];
        let desk = Identity([1; 32]);
        assert_eq!(contacts.keep_desk_book(&desk, &entries, 7).unwrap(), 1);
        let kept: Vec<&str> = contacts.of_desk_book(&desk).map(|(name, _)| name).collect();
        assert_eq!(kept, ["dora"]);
    }

    #[test]
    fn what_is_not_a_file_of_contacts_is_an_error_that_changes_nothing() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("contacts.json");
        let long = "a".repeat(65);
        for wrong in [
            "",
            "[1]",
            r#"{"contacts":{"bob":""}}"#,
            r#"{"contacts":{"bob":"x\ny"}}"#,
            r#"{"contacts":{"b\u202eob":"virtengine1bbb"}}"#,
            r#"{"contacts":{},"more":1}"#,
            &format!(r#"{{"contacts":{{"{long}":"virtengine1bbb"}}}}"#),
        ] {
            let _ = std::fs::remove_file(&path);
            durable::create_private(&path, wrong.as_bytes()).unwrap();
            assert!(matches!(Contacts::load(home.path()), Err(ContactsError::Form { .. })), "{wrong}");
            let mut contacts = Contacts { path: path.clone(), stored: Stored::default() };
            assert!(contacts.add(&name("carol"), "virtengine1ccc").is_err(), "{wrong}");
            assert_eq!(std::fs::read_to_string(&path).unwrap(), wrong);
        }
    }
}
