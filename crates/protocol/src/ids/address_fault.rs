//! What is wrong with a text that should be an address, so that whoever mistyped one learns what to look for.

use std::fmt;

use super::{ADDRESS_BYTES, Prefix, shown};

/// The 32 characters of what follows the prefix and its `1`.
const CHARSET: &str = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
/// Characters of that part: five bits each of the account's bytes, and six for the checksum.
const DATA_CHARS: usize = ADDRESS_BYTES * 8 / 5 + 6;

/// The first thing that is wrong with an address. It says nothing of whether a corrected one would be the one that was meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AddressFault {
    /// It begins with something else than the ledger's prefix.
    Prefix {
        /// What addresses of the ledger begin with, without the `1`.
        expected: String,
    },
    /// It is that of the ledger, written in capitals or in both.
    Case,
    /// A character that no address has behind its prefix.
    Character {
        /// Which.
        found: char,
        /// Where it stands, counted from 1.
        place: usize,
    },
    /// Too short or too long.
    Length {
        /// How many characters it has.
        found: usize,
        /// How many it should have.
        expected: usize,
    },
    /// All characters are possible ones; together they are not an address.
    Checksum,
}

impl AddressFault {
    /// Why a text is not an address under a prefix. It is asked only of a text that is not one.
    pub(super) fn of(prefix: &Prefix, text: &str) -> Self {
        let expected = prefix.as_str().to_owned();
        let lower = text.to_ascii_lowercase();
        let data = lower.strip_prefix(prefix.as_str()).and_then(|rest| rest.strip_prefix('1'));
        let Some(data) = data else { return Self::Prefix { expected } };
        if lower != text {
            return Self::Case;
        }
        let before = prefix.as_str().len().saturating_add(1);
        let wrong = data.chars().enumerate().find(|(_, c)| !CHARSET.contains(*c));
        if let Some((place, found)) = wrong {
            return Self::Character { found, place: before.saturating_add(place).saturating_add(1) };
        }
        // All of it is ASCII by now.
        match data.len() {
            DATA_CHARS => Self::Checksum,
            found => Self::Length {
                found: before.saturating_add(found),
                expected: before.saturating_add(DATA_CHARS),
            },
        }
    }
}

impl fmt::Display for AddressFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Prefix { expected } => write!(f, "addresses of it begin with {expected}1"),
            Self::Case => f.write_str("it has capital letters, and an address is written in small ones"),
            Self::Character { found, place } => write!(
                f,
                "no address has '{}', which is its character {place}; 1, b, i and o look like others and never stand there",
                shown(&found.to_string())
            ),
            Self::Length { found, expected } => {
                write!(
                    f,
                    "it has {found} characters, and an address has {expected}: a part is missing or added"
                )
            }
            Self::Checksum => f.write_str("a letter is wrong or two are swapped: its checksum does not fit"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{Address, IdError};

    fn fault(text: &str) -> AddressFault {
        match Address::parse(&Prefix(Prefix::DEFAULT.to_owned()), text) {
            Err(IdError::Address { fault, .. }) => fault,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_mistyped_address_says_what_is_wrong_with_it() {
        let alice = Address::of_public_key(&Prefix(Prefix::DEFAULT.to_owned()), &[2; 33]).to_string();
        let (begin, end) = alice.split_at(20);
        let other = if end.starts_with('q') { "p" } else { "q" };
        assert_eq!(fault(&format!("{begin}{other}{}", &end[1..])), AddressFault::Checksum);
        assert!(fault(&format!("{begin}{other}{}", &end[1..])).to_string().contains("checksum does not fit"));
        let foreign = alice.replacen("virtengine", "cosmos", 1);
        assert_eq!(fault(&foreign), AddressFault::Prefix { expected: "virtengine".to_owned() });
        assert_eq!(fault(&alice.to_uppercase()), AddressFault::Case);
        assert_eq!(fault(&alice.replacen('v', "V", 1)), AddressFault::Case);
        assert_eq!(
            fault(&format!("{begin}b{}", &end[1..])),
            AddressFault::Character { found: 'b', place: 21 }
        );
        assert_eq!(
            fault(&format!("{begin}а{}", &end[1..])),
            AddressFault::Character { found: 'а', place: 21 }
        );
        assert_eq!(
            fault(&alice[..alice.len() - 1]),
            AddressFault::Length { found: alice.len() - 1, expected: alice.len() }
        );
        assert_eq!(fault(&alice.repeat(40)), AddressFault::Character { found: 'i', place: 51 });
        assert!(!fault(&format!("{begin}\u{1b}{}", &end[1..])).to_string().contains('\u{1b}'));
        for text in ["", " ", "virtengine", "bob"] {
            assert!(matches!(fault(text), AddressFault::Prefix { .. }), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_breaks_the_reader(text: String) {
            let prefix = Prefix(Prefix::DEFAULT.to_owned());
            let _ = AddressFault::of(&prefix, &text).to_string();
            let _ = AddressFault::of(&prefix, &format!("virtengine1{text}")).to_string();
        }
    }
}
