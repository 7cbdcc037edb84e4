//! Invitation codes: secrets with which a node lets in accounts that the ledger has never seen (docs/spec/admission.md).

use sha2::{Digest as _, Sha256};
use thiserror::Error;
use zeroize::Zeroizing;

/// Bytes of randomness in a code: nobody finds one by trying.
pub const CODE_BYTES: usize = 16;
/// Digits of five bits each, without those that people take for others: I, L, O and U.
const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// Digits of a code: five bits each, the last one with two that are 0.
const CODE_DIGITS: usize = 26;
/// Digits between two hyphens, as a code is shown.
const GROUP_DIGITS: usize = 5;
/// What is hashed before a code.
const DOMAIN: &[u8] = b"sealdesk/invitation/1/";

/// A text that is not an invitation code. What it is stays unsaid: it may be a part of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("this is not an invitation code: one has 26 letters and digits, as in 4k2jm-…")]
pub struct NotACode;

/// An invitation code. It is a secret: it can neither be printed by accident nor cloned, and is wiped.
pub struct InvitationCode(Zeroizing<[u8; CODE_BYTES]>);

impl InvitationCode {
    /// The code of these random bytes.
    pub fn of(random: Zeroizing<[u8; CODE_BYTES]>) -> Self {
        Self(random)
    }

    /// Reads a code as people type it: in upper or lower case, with or without hyphens and spaces.
    ///
    /// # Errors
    /// [`NotACode`].
    pub fn parse(text: &str) -> Result<Self, NotACode> {
        let mut bytes = Zeroizing::new([0; CODE_BYTES]);
        let (mut held, mut bits, mut digits, mut at) = (0u32, 0u32, 0, 0);
        for c in text.chars().filter(|c| !c.is_whitespace() && *c != '-') {
            held = ((held << 5) | digit(c)?) & 0xfff;
            (bits, digits) = (bits + 5, digits + 1);
            if bits >= 8 {
                bits -= 8;
                let byte = u8::try_from((held >> bits) & 0xff).map_err(|_| NotACode)?;
                *bytes.get_mut(at).ok_or(NotACode)? = byte;
                at += 1;
            }
        }
        let rest = held & ((1 << bits) - 1);
        if digits == CODE_DIGITS && rest == 0 { Ok(Self(bytes)) } else { Err(NotACode) }
    }

    /// The code as it is given to somebody.
    pub fn reveal(&self) -> Zeroizing<String> {
        // It never grows, so that no copy of it is left behind.
        let mut text = Zeroizing::new(String::with_capacity(2 * CODE_DIGITS));
        for place in 0..CODE_DIGITS {
            if place > 0 && place % GROUP_DIGITS == 0 && place + 1 < CODE_DIGITS {
                text.push('-');
            }
            let index = (0..5).fold(0, |index, bit| (index << 1) | usize::from(self.bit(5 * place + bit)));
            text.push(char::from(DIGITS[index]));
        }
        text
    }

    /// What is kept of a code: it says nothing of it, since a code is random.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::new().chain_update(DOMAIN).chain_update(*self.0).finalize().into()
    }

    /// A bit, the first one being the highest of the first byte; those behind the last are 0.
    fn bit(&self, place: usize) -> bool {
        self.0.get(place / 8).is_some_and(|byte| byte >> (7 - place % 8) & 1 == 1)
    }
}

impl std::fmt::Debug for InvitationCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("InvitationCode(…)")
    }
}

fn digit(c: char) -> Result<u32, NotACode> {
    let c = match c.to_ascii_lowercase() {
        'o' => '0',
        'i' | 'l' => '1',
        c => c,
    };
    let place = DIGITS.iter().position(|digit| char::from(*digit) == c);
    place.and_then(|place| u32::try_from(place).ok()).ok_or(NotACode)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_code_is_read_as_people_type_it(random: [u8; CODE_BYTES]) {
            let code = InvitationCode::of(Zeroizing::new(random));
            let shown = code.reveal();
            let typed = shown.to_uppercase().replace('0', "O").replace('1', "l").replace('-', " ");
            for text in [shown.as_str(), &format!(" {typed}\r\n"), &shown.replace('-', "")] {
                prop_assert_eq!(*InvitationCode::parse(text).unwrap().0, random);
            }
            let printed = format!("{code:?}");
            prop_assert!(!printed.contains(&shown[..5]));
            prop_assert!(InvitationCode::parse(&shown[1..]).is_err());
            let longer = format!("{}0", shown.as_str());
            prop_assert!(InvitationCode::parse(&longer).is_err());
        }

        #[test]
        fn no_text_breaks_the_reader(text: String) {
            let _ = InvitationCode::parse(&text);
        }
    }

    #[test]
    fn a_code_has_one_form_alone() {
        let code = InvitationCode::of(Zeroizing::new([0xff; CODE_BYTES])).reveal();
        assert_eq!(*code, "zzzzz-zzzzz-zzzzz-zzzzz-zzzzzw");
        assert!(InvitationCode::parse("zzzzz-zzzzz-zzzzz-zzzzz-zzzzzz").is_err(), "bits that nothing holds");
        assert!(InvitationCode::parse("").is_err());
    }
}
