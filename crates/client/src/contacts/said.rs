//! Names that people say of themselves, beside those that others gave them.
//!
//! Anybody says anything of themselves. So such a name never takes the place of another one, and who reads it is told where it looks like
//! somebody else's.

use std::collections::{BTreeMap, BTreeSet};

use super::name::looks;
use super::{ContactName, Known, Names};
use sealdesk_protocol::in_order::InOrder as _;

/// What somebody says that they are called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SaidName {
    /// Who says it.
    pub address: String,
    /// What they say, which is a name by its form.
    pub name: ContactName,
    /// What a reader has to know of it.
    pub doubt: Option<SaidDoubt>,
}

/// Why a name that somebody says of themselves says less than it seems to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SaidDoubt {
    /// Somebody else is known by a name that looks like it.
    LooksLike(Known),
    /// Others say the same of themselves, or what looks the same.
    Shared,
}

impl Names {
    /// Who is known by a name that looks like this one.
    pub fn like(&self, name: &str) -> Option<&Known> {
        looks(name).iter().find_map(|look| self.known.get(*self.by_look.get(look)?))
    }

    /// What is shown of the names that people say of themselves: nothing of whoever is known by a name, and of what is not a name by its
    /// form; of whoever says two, the last.
    pub fn said<'a>(&self, said: impl IntoIterator<Item = (&'a str, &'a str)>) -> Vec<SaidName> {
        let unknown = said.into_iter().filter(|(address, _)| self.of(address).is_none());
        let names =
            unknown.filter_map(|(address, name)| Some((address, ContactName::parse(name).ok()?))).into_map();
        let mut by_look: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
        for (address, name) in &names {
            for look in looks(name.as_str()) {
                by_look.entry(look).or_default().insert(address);
            }
        }
        let is_shared = |name: &ContactName| {
            looks(name.as_str()).iter().any(|look| by_look.get(look).is_some_and(|who| who.len() > 1))
        };
        let shown = |(address, name): (&&str, &ContactName)| SaidName {
            address: (*address).to_owned(),
            name: name.clone(),
            doubt: match self.like(name.as_str()) {
                Some(known) => Some(SaidDoubt::LooksLike(known.clone())),
                None => is_shared(name).then_some(SaidDoubt::Shared),
            },
        };
        names.iter().map(shown).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::NameSource;
    use super::*;

    fn doubts(said: &[(&str, &str)]) -> Vec<(String, Option<String>)> {
        let mut names = Names::default();
        names.add("Support", "", NameSource::Key).unwrap();
        names.add("alice", "virtengine1aaa", NameSource::DeskBook).unwrap();
        let found = names.said(said.iter().copied()).into_iter();
        let word = |doubt| match doubt {
            SaidDoubt::LooksLike(known) => known.name,
            SaidDoubt::Shared => "shared".to_owned(),
        };
        found.map(|said| (said.name.to_string(), said.doubt.map(word))).collect()
    }

    #[test]
    fn whoever_calls_themselves_as_another_is_shown_with_that() {
        for (name, like) in [
            ("alice", "alice"),
            ("Alice", "alice"),
            ("a1ice", "alice"),
            ("ALICE", "alice"),
            ("SUPPORT", "Support"),
        ] {
            assert_eq!(
                doubts(&[("virtengine1bbb", name)]),
                [(name.to_owned(), Some(like.to_owned()))],
                "{name}"
            );
        }
        assert_eq!(doubts(&[("virtengine1bbb", "alicia")]), [("alicia".to_owned(), None)]);
        assert_eq!(doubts(&[("virtengine1bbb", "Zoë Müller")]), [("Zoë Müller".to_owned(), None)]);
    }

    #[test]
    fn nobody_is_renamed_and_nothing_that_deceives_is_a_name() {
        assert_eq!(doubts(&[("virtengine1aaa", "Bob")]), []);
        let long = "é".repeat(33);
        for name in [
            "",
            " ",
            "bo\u{200b}b",
            "bo\u{202e}b",
            "аlice",
            "z\u{300}\u{300}\u{301}algo!",
            long.as_str(),
            "🙂",
        ] {
            assert_eq!(doubts(&[("virtengine1bbb", name)]), [], "{name:?}");
        }
    }

    #[test]
    fn two_who_say_the_same_are_told_apart_and_the_last_word_counts() {
        let shared = |name: &str| (name.to_owned(), Some("shared".to_owned()));
        let two = doubts(&[("virtengine1bbb", "Anna K."), ("virtengine1ccc", "anna-k-")]);
        assert_eq!(two, [shared("Anna K."), shared("anna-k-")]);
        assert_eq!(
            doubts(&[("virtengine1bbb", "Ann"), ("virtengine1bbb", "Bea")]),
            [("Bea".to_owned(), None)]
        );
    }
}
