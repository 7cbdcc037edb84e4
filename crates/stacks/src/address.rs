//! c32check addresses: a version and a hash of 20 bytes, written as `SP…` or `ST…`.

use std::fmt;

use ripemd::Ripemd160;
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use crate::name::shown;
use crate::reader::{DecodeError, Reader};

/// Crockford's alphabet, which has no I, L, O and U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Bytes of the hash.
pub const HASH_BYTES: usize = 20;
/// Bytes of the checksum that follows the hash in a text.
const CHECKSUM_BYTES: usize = 4;
/// Longest address, in characters: `S`, the version, and 24 bytes in digits of five bits.
pub const ADDRESS_CHARS_MAX: usize = 41;

/// Why a text is no address.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AddressError {
    /// Not `S`, a version and digits, or a digit is not of the alphabet, or there are too many.
    #[error(
        "'{0}' is not a Stacks address: addresses begin with SP, SM, ST or SN, and have up to 41 digits and capital letters without I, L, O and U"
    )]
    Form(String),
    /// The version belongs to no network.
    #[error("'{0}' is not a Stacks address: they begin with SP or SM (mainnet), ST or SN (testnet)")]
    Version(String),
    /// The checksum does not fit: a character was misread.
    #[error("the checksum of '{0}' does not fit: a character was misread or left out")]
    Checksum(String),
    /// A second spelling of an address, in lower case or with O, L or I for 0 and 1.
    #[error("'{given}' is not how the address is written: use {canonical}")]
    Spelling {
        /// What was given.
        given: String,
        /// The one spelling.
        canonical: String,
    },
}

/// Whose hash an address is, on which network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// 22, `SP`: one key on mainnet.
    MainnetSingle,
    /// 20, `SM`: several keys or a script on mainnet.
    MainnetMulti,
    /// 26, `ST`: one key on a test network.
    TestnetSingle,
    /// 21, `SN`: several keys or a script on a test network.
    TestnetMulti,
}

impl Version {
    /// Every version.
    pub const ALL: [Self; 4] =
        [Self::MainnetSingle, Self::MainnetMulti, Self::TestnetSingle, Self::TestnetMulti];

    /// The byte of the wire.
    pub fn byte(self) -> u8 {
        match self {
            Self::MainnetSingle => 22,
            Self::MainnetMulti => 20,
            Self::TestnetSingle => 26,
            Self::TestnetMulti => 21,
        }
    }

    /// The version of a byte of the wire.
    pub fn from_byte(byte: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|version| version.byte() == byte)
    }

    /// Whether it is one of mainnet's.
    pub fn is_mainnet(self) -> bool {
        matches!(self, Self::MainnetSingle | Self::MainnetMulti)
    }
}

/// An address. Its text has one spelling: upper case, and no letter that merely looks like a digit.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    /// Whose hash it is, where.
    pub version: Version,
    /// ripemd160(sha256(…)) of the public key or the script.
    pub hash: [u8; HASH_BYTES],
}

impl Address {
    /// The address of a compressed secp256k1 public key.
    pub fn of_public_key(version: Version, public_key: &[u8; 33]) -> Self {
        Self { version, hash: Ripemd160::digest(Sha256::digest(public_key)).into() }
    }

    /// Checks a text. Other software reads lower case and O, L, I too; here a second spelling is refused and the first one named.
    ///
    /// # Errors
    /// [`AddressError`], which says whether the form, the version, the checksum or the spelling is wrong.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let form = || AddressError::Form(shown(text));
        if text.len() > ADDRESS_CHARS_MAX {
            return Err(form());
        }
        let normal = normal_spelling(text).ok_or_else(form)?;
        let digits = normal.strip_prefix('S').ok_or_else(form)?;
        let version = digits.bytes().next().and_then(digit).ok_or_else(form)?;
        let version = Version::from_byte(version).ok_or_else(|| AddressError::Version(shown(text)))?;
        let bytes = number(digits.get(1..).unwrap_or_default()).ok_or_else(form)?;
        let mut hash = [0; HASH_BYTES];
        hash.copy_from_slice(&bytes[..HASH_BYTES]);
        let address = Self { version, hash };
        let canonical = address.to_string();
        // The checksum and the number of leading zeros are both in the text that the address has.
        if canonical != normal {
            return Err(AddressError::Checksum(shown(text)));
        }
        if canonical != text {
            return Err(AddressError::Spelling { given: shown(text), canonical });
        }
        Ok(address)
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let byte = reader.byte()?;
        let version = Version::from_byte(byte).ok_or(DecodeError::AddressVersion(byte))?;
        Ok(Self { version, hash: reader.array()? })
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        out.push(self.version.byte());
        out.extend_from_slice(&self.hash);
    }

    fn checksum(&self) -> [u8; CHECKSUM_BYTES] {
        let mut first = Sha256::new();
        first.update([self.version.byte()]);
        first.update(self.hash);
        let [a, b, c, d, ..]: [u8; 32] = Sha256::digest(first.finalize()).into();
        [a, b, c, d]
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = [0; HASH_BYTES + CHECKSUM_BYTES];
        bytes[..HASH_BYTES].copy_from_slice(&self.hash);
        bytes[HASH_BYTES..].copy_from_slice(&self.checksum());
        let version = char::from(ALPHABET[usize::from(self.version.byte() % 32)]);
        write!(f, "S{version}{}", digits_of(&bytes))
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// The text in upper case, with digits for the letters that look like them; `None` where a character is of no spelling.
fn normal_spelling(text: &str) -> Option<String> {
    text.bytes()
        .map(|byte| match byte.to_ascii_uppercase() {
            b'O' => Some('0'),
            b'L' | b'I' => Some('1'),
            upper => digit(upper).map(|_| char::from(upper)),
        })
        .collect()
}

fn digit(byte: u8) -> Option<u8> {
    ALPHABET.iter().position(|&digit| digit == byte).and_then(|index| u8::try_from(index).ok())
}

/// Digits of five bits as a number of 24 bytes; `None` where it is larger.
fn number(digits: &str) -> Option<[u8; HASH_BYTES + CHECKSUM_BYTES]> {
    let mut bytes = [0; HASH_BYTES + CHECKSUM_BYTES];
    for character in digits.bytes() {
        let mut carry = u16::from(digit(character)?);
        for byte in bytes.iter_mut().rev() {
            let [high, low] = ((u16::from(*byte) << 5) | carry).to_be_bytes();
            (*byte, carry) = (low, u16::from(high));
        }
        if carry != 0 {
            return None;
        }
    }
    Some(bytes)
}

/// A number in digits of five bits: a `0` for each leading zero byte, then the number without leading zeros.
fn digits_of(bytes: &[u8]) -> String {
    let mut reversed = Vec::with_capacity(ADDRESS_CHARS_MAX);
    let (mut bits, mut pending) = (0, 0_u32);
    for &byte in bytes.iter().rev() {
        pending |= u32::from(byte) << bits;
        bits += 8;
        while bits >= 5 {
            reversed.push(five_bits(pending));
            (pending, bits) = (pending >> 5, bits - 5);
        }
    }
    reversed.push(five_bits(pending));
    while reversed.last() == Some(&'0') {
        reversed.pop();
    }
    let zeros = bytes.iter().take_while(|&&byte| byte == 0).count();
    reversed.extend(std::iter::repeat_n('0', zeros));
    reversed.iter().rev().collect()
}

fn five_bits(pending: u32) -> char {
    let index = usize::try_from(pending % 32).unwrap_or_default();
    char::from(ALPHABET[index])
}

#[cfg(test)]
mod tests;
