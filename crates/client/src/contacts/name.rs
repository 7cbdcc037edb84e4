//! Names of people: one line, of letters that a reader can tell apart.

use std::fmt;

use sealdesk_protocol::text::deceives;

use super::letters::{are_together, is_allowed, skeleton};

/// Longest name, in bytes.
pub const CONTACT_NAME_BYTES_MAX: usize = 64;
/// Characters of the shortest text that could be taken for an address.
const ADDRESS_CHARS_MIN: usize = 24;

/// Why a text is not a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NameFault {
    /// Nothing, or too much.
    #[error("a name has 1 to {CONTACT_NAME_BYTES_MAX} bytes")]
    Length,
    /// A control, or what hides or reorders what stands beside it.
    #[error("the name has a character that is not seen, or turns others around (U+{0:04X})")]
    Deceives(u32),
    /// Something else than letters, digits, '.', '-', '_' and single blanks between them.
    #[error(
        "a name has letters, digits, '.', '-', '_' and blanks between them, and U+{0:04X} is something else"
    )]
    Character(u32),
    /// It begins or ends otherwise, or has two blanks in a row.
    #[error(
        "a name begins with a letter or a digit, does not end with a blank, and has one blank between words"
    )]
    Form,
    /// Letters of several scripts, one of which can pass for another.
    #[error("the name mixes letters of several scripts, of which one can pass for another")]
    MixedScript,
    /// It could be taken for an address.
    #[error("the name looks like an address")]
    LikeAddress,
}

/// What somebody is called: 1 to 64 bytes, letters of one script (or of several that are written together, as in Japanese), digits, '.',
/// '-', '_' and single blanks.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContactName(String);

impl ContactName {
    /// Checks a name. Blanks around it are no part of it.
    ///
    /// # Errors
    /// [`NameFault`].
    pub fn parse(text: &str) -> Result<Self, NameFault> {
        let text = text.trim_matches(' ');
        if text.is_empty() || text.len() > CONTACT_NAME_BYTES_MAX {
            return Err(NameFault::Length);
        }
        if let Some(hidden) = text.chars().find(|c| deceives(*c)) {
            return Err(NameFault::Deceives(hidden.into()));
        }
        let plain = |c: char| {
            matches!(c, ' ' | '.' | '-' | '_') || (c.is_alphanumeric() || !c.is_ascii()) && is_allowed(c)
        };
        if let Some(other) = text.chars().find(|c| !plain(*c)) {
            return Err(NameFault::Character(other.into()));
        }
        if !text.starts_with(char::is_alphanumeric) || text.contains("  ") {
            return Err(NameFault::Form);
        }
        if !are_together(text.chars().filter(|c| *c != ' ')) {
            return Err(NameFault::MixedScript);
        }
        if is_like_an_address(text) {
            return Err(NameFault::LikeAddress);
        }
        Ok(Self(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ContactName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Bech32 with its `1`, or an address of Stacks: a long word of letters and digits alone.
fn is_like_an_address(text: &str) -> bool {
    text.len() >= ADDRESS_CHARS_MIN
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && text.contains(|c: char| c.is_ascii_digit())
}

/// How a name looks: by Unicode's table of confusable characters, in small letters and as it is written, and with every kind of joint
/// between words as one. Two names of which one look is the same are taken for one another.
pub(super) fn looks(name: &str) -> [String; 2] {
    let look = |text: &str| -> String {
        let plain: String = skeleton(text).flat_map(char::to_lowercase).collect();
        plain.chars().map(|c| if matches!(c, ' ' | '_' | '-' | '.') { '-' } else { c }).collect()
    };
    [look(name), look(&name.to_lowercase())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_people_are_names() {
        for name in
            ["bob", "Bob", "Zoë Müller", "bob-2", "b.o_b", "田中さん", "Ольга", "محمد", "3rd line", "Ngô Đức"]
        {
            assert_eq!(
                ContactName::parse(&format!(" {name} ")).map(|found| found.to_string()),
                Ok(name.to_owned()),
                "{name}"
            );
        }
    }

    #[test]
    fn what_deceives_a_reader_is_not_a_name() {
        let fault = |text: &str| ContactName::parse(text).unwrap_err();
        assert_eq!(fault(""), NameFault::Length);
        assert_eq!(fault(&"a".repeat(65)), NameFault::Length);
        for hidden in ['\u{200b}', '\u{202e}', '\n', '\u{1b}', '\u{feff}', '\u{ad}'] {
            assert_eq!(fault(&format!("bo{hidden}b")), NameFault::Deceives(hidden.into()));
        }
        for other in ['@', '(', ',', '/', '"', '…', '😀', 'Ａ'] {
            assert_eq!(fault(&format!("bo{other}b")), NameFault::Character(other.into()), "{other}");
        }
        for text in ["-bob", ".bob", "bob  smith", "_"] {
            assert_eq!(fault(text), NameFault::Form, "{text}");
        }
        assert_eq!(fault("аlice"), NameFault::MixedScript, "the first letter is Cyrillic");
        assert_eq!(fault("bοb"), NameFault::MixedScript, "the second letter is Greek");
        assert_eq!(fault("virtengine19rl4cm2hmr8afy4kldpxz3fka4jguq0atrgh9c"), NameFault::LikeAddress);
        assert_eq!(fault("SP2J6ZY48GV1EZ5V2V5RB9MP66SW86PYKKNRV9EJ7"), NameFault::LikeAddress);
    }

    proptest::proptest! {
        #[test]
        fn no_text_breaks_the_reader(text: String) {
            if let Ok(name) = ContactName::parse(&text) {
                proptest::prop_assert_eq!(ContactName::parse(name.as_str()), Ok(name.clone()));
                proptest::prop_assert!(!name.as_str().chars().any(deceives));
            }
            let _ = looks(&text);
        }
    }
}
