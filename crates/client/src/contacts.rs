//! What people are called: one name for one address, and no two that look alike.
//!
//! Names come from several places, and the nearer one wins: the keys of a home, what its owner calls people, the desk book of the staff,
//! and last whom invitations let in. A name from further away never takes the place of a nearer one, nor that of an address that has one: who
//! types a name means the person whom *they* called so.

mod book;
#[cfg(not(target_arch = "wasm32"))]
pub mod file;
mod letters;
mod name;
mod said;

use std::collections::BTreeMap;

use strsim::damerau_levenshtein;

pub use book::{BOOK_ENTRIES_MAX, BookEntry, DESK_BOOK};
pub use name::{CONTACT_NAME_BYTES_MAX, ContactName, NameFault};
pub use said::{SaidDoubt, SaidName};

use name::looks;

/// Names that are offered in the place of one that is not known.
const NEAREST_MAX: usize = 3;
/// A name that is this far from the one that was typed, in keystrokes, may be the one that was meant; shorter names less far.
const NEAR_MAX: usize = 2;

/// Where a name comes from, the nearest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum NameSource {
    /// A key of this home.
    Key,
    /// Its owner gave it.
    Own,
    /// The desk book of the staff.
    DeskBook,
    /// An invitation of this home let the account in: whoever had its code first.
    Invitation,
}

impl NameSource {
    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Own => "own",
            Self::Invitation => "invitation",
            Self::DeskBook => "desk book",
        }
    }
}

/// Why a name is not taken beside those that there are.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameClash {
    /// Somebody else is called so.
    #[error("{name} is taken already, by {address}")]
    Taken {
        /// The name.
        name: String,
        /// Whose it is.
        address: String,
    },
    /// Somebody else's name looks the same to a reader.
    #[error("{name} looks like {other}, which is taken already, by {address}")]
    LooksLike {
        /// The name.
        name: String,
        /// The other one.
        other: String,
        /// Whose that is.
        address: String,
    },
    /// The address has a name.
    #[error("{address} is called {other} already")]
    Named {
        /// The address.
        address: String,
        /// What it is called.
        other: String,
    },
}

/// A name as it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The name.
    pub name: String,
    /// Whose it is.
    pub address: String,
    /// Where it comes from.
    pub source: NameSource,
}

/// All names that are known, each of one address alone.
#[derive(Debug, Default)]
pub struct Names {
    known: Vec<Known>,
    by_address: BTreeMap<String, usize>,
    /// How a name looks, whoever writes it: names of which one look is the same look alike.
    by_look: BTreeMap<String, usize>,
}

impl Names {
    /// Takes a name in beside those that there are. Sources are taken in from the nearest to the furthest. The keys of a home are whatever
    /// their owner called them.
    ///
    /// # Errors
    /// [`NameClash`], never for a key; then nothing is changed. What is known already is no error.
    pub fn add(&mut self, name: &str, address: &str, source: NameSource) -> Result<(), NameClash> {
        if source == NameSource::Key {
            self.take(name, address, source);
            return Ok(());
        }
        if let Some(known) = self.by_address.get(address).and_then(|place| self.known.get(*place)) {
            if known.name == name {
                return Ok(());
            }
            return Err(NameClash::Named { address: address.to_owned(), other: known.name.clone() });
        }
        let looks = looks(name);
        if let Some(known) = looks.iter().find_map(|look| self.known.get(*self.by_look.get(look)?)) {
            let (name, address) = (name.to_owned(), known.address.clone());
            return Err(if known.name == name {
                NameClash::Taken { name, address }
            } else {
                NameClash::LooksLike { name, other: known.name.clone(), address }
            });
        }
        self.take(name, address, source);
        Ok(())
    }

    fn take(&mut self, name: &str, address: &str, source: NameSource) {
        let place = self.known.len();
        for look in looks(name) {
            self.by_look.entry(look).or_insert(place);
        }
        // A key can have no address on a ledger.
        if !address.is_empty() {
            self.by_address.entry(address.to_owned()).or_insert(place);
        }
        self.known.push(Known { name: name.to_owned(), address: address.to_owned(), source });
    }

    /// What an address is called.
    pub fn of(&self, address: &str) -> Option<&Known> {
        self.known.get(*self.by_address.get(address)?)
    }

    /// Who is called so, in small or capital letters.
    pub fn called(&self, name: &str) -> Option<&Known> {
        let exact = self.known.iter().find(|known| known.name == name);
        exact.or_else(|| {
            let lower = name.to_lowercase();
            self.known.iter().find(|known| known.name.to_lowercase() == lower)
        })
    }

    /// Every name, in the order in which they were taken in.
    pub fn iter(&self) -> impl Iterator<Item = &Known> {
        self.known.iter()
    }

    /// The names nearest to one that is not known, the nearest first: a few at most, and none that is far away.
    pub fn nearest(&self, typed: &str) -> Vec<&str> {
        let typed = typed.to_lowercase();
        let near = typed.chars().count().div_euclid(2).min(NEAR_MAX);
        let far = |known: &Known| damerau_levenshtein(&known.name.to_lowercase(), &typed);
        let begins = |known: &Known| near > 0 && known.name.to_lowercase().starts_with(&typed);
        let mut found: Vec<(usize, &str)> = self
            .known
            .iter()
            .map(|known| (if begins(known) { 0 } else { far(known) }, known.name.as_str()))
            .collect();
        found.retain(|(distance, _)| *distance <= near);
        found.sort_unstable();
        found.into_iter().take(NEAREST_MAX).map(|(_, name)| name).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALICE: &str = "virtengine1aaa";
    const BOB: &str = "virtengine1bbb";

    fn names(of: &[(&str, &str)]) -> Names {
        let mut names = Names::default();
        for (name, address) in of {
            names.add(name, address, NameSource::Own).unwrap();
        }
        names
    }

    #[test]
    fn the_nearer_name_stands_and_nobody_gets_two() {
        let mut names = names(&[("alice", ALICE)]);
        names.add("alice", ALICE, NameSource::DeskBook).unwrap();
        assert_eq!(names.of(ALICE).unwrap().source, NameSource::Own);
        let taken = names.add("alice", BOB, NameSource::DeskBook);
        assert!(matches!(taken, Err(NameClash::Taken { .. })), "{taken:?}");
        let second = names.add("boss", ALICE, NameSource::DeskBook);
        assert!(matches!(second, Err(NameClash::Named { .. })), "{second:?}");
        assert_eq!(names.called("Alice").unwrap().address, ALICE);
        assert!(names.called("boss").is_none() && names.of(BOB).is_none());
    }

    #[test]
    fn a_name_that_looks_like_another_is_not_taken() {
        let mut names = names(&[("alice", ALICE), ("paypal", "virtengine1ppp"), ("bob", "virtengine1ooo")]);
        for (name, other) in [
            ("аlice", "alice"),
            ("Alice", "alice"),
            ("a1ice", "alice"),
            ("b0b", "bob"),
            ("paypaI", "paypal"),
            ("раураl", "paypal"),
        ] {
            let refused = names.add(name, BOB, NameSource::DeskBook);
            let looks_like =
                matches!(&refused, Err(NameClash::LooksLike { other: found, .. }) if found == other);
            assert!(looks_like, "{name}: {refused:?}");
        }
        names.add("carol", BOB, NameSource::DeskBook).unwrap();
    }

    #[test]
    fn keys_are_called_what_their_owner_called_them() {
        let mut names = Names::default();
        for (name, address) in [("bob", BOB), ("b0b", ALICE), ("twin", BOB), ("none", ""), ("nothing", "")] {
            names.add(name, address, NameSource::Key).unwrap();
        }
        assert_eq!(names.called("b0b").unwrap().address, ALICE);
        assert_eq!(names.of(BOB).unwrap().name, "bob");
        assert_eq!(names.called("nothing").unwrap().address, "");
        assert!(names.of("").is_none());
    }

    #[test]
    fn a_mistyped_name_has_a_few_near_ones() {
        let names = names(&[
            ("alice", ALICE),
            ("carol", BOB),
            ("caroline", "virtengine1ccc"),
            ("bo", "virtengine1ddd"),
        ]);
        assert_eq!(names.nearest("carl"), ["carol"]);
        assert_eq!(names.nearest("Carol"), ["carol", "caroline"]);
        assert_eq!(names.nearest("alcie"), ["alice"]);
        assert_eq!(names.nearest("zoe"), Vec::<&str>::new());
        assert_eq!(names.nearest(""), Vec::<&str>::new());
        assert_eq!(names.nearest("car"), ["carol", "caroline"]);
    }
}
