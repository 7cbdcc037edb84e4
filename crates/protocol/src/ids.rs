//! Names on the ledger: address prefix, account address, chain id, ticket id. Each has one spelling, so that comparing text compares what it names.

use std::fmt;

use bech32::{Bech32, Hrp};
use ripemd::Ripemd160;
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::limits::{CHAIN_ID_BYTES_MAX, PREFIX_BYTES_MAX};

mod address_fault;

pub use address_fault::AddressFault;

/// Bytes of an address before encoding: ripemd160(sha256(compressed public key)).
const ADDRESS_BYTES: usize = 20;

/// Why a text names nothing on this ledger.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum IdError {
    /// Not lower-case letters and digits beginning with a letter, 1 to 20 of them.
    #[error(
        "'{0}' is not an address prefix: use 1 to 20 lower-case letters and digits, beginning with a letter"
    )]
    Prefix(String),
    /// Not a lower-case bech32 text of 20 bytes under the ledger's prefix.
    #[error("'{text}' is not an address of this ledger: {fault}")]
    Address {
        /// What was given.
        text: String,
        /// What is wrong with it.
        fault: AddressFault,
    },
    /// Not 1 to 50 of `[A-Za-z0-9._-]`.
    #[error("'{0}' is not a chain id: use 1 to 50 letters, digits, '.', '_' and '-'")]
    ChainId(String),
    /// Not `TKT-` and eight or more digits.
    #[error("'{0}' is not a ticket id: ticket ids look like TKT-00000001")]
    TicketId(String),
}

/// Cuts what a stranger sent, so that it can be shown in an error.
fn shown(text: &str) -> String {
    text.chars().take(80).flat_map(char::escape_debug).collect()
}

/// The bech32 prefix of a ledger's addresses, fixed at genesis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prefix(String);

impl Prefix {
    /// VirtEngine's own prefix, used where genesis names none.
    pub const DEFAULT: &'static str = "virtengine";

    /// Checks and keeps a prefix.
    ///
    /// # Errors
    /// [`IdError::Prefix`] unless it is 1 to 20 of `[a-z0-9]`, beginning with a letter.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        let plain = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        let begins = text.bytes().next().is_some_and(|b| b.is_ascii_lowercase());
        if plain && begins && text.len() <= PREFIX_BYTES_MAX {
            Ok(Self(text.to_owned()))
        } else {
            Err(IdError::Prefix(shown(text)))
        }
    }

    /// The prefix as text, without the separating `1`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An account's address: lower-case bech32 of 20 bytes under the ledger's prefix.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address(Box<str>);

impl Address {
    /// Checks a text; only its one canonical spelling is accepted.
    ///
    /// # Errors
    /// [`IdError::Address`] for another prefix, another length, upper case, or a wrong checksum.
    pub fn parse(prefix: &Prefix, text: &str) -> Result<Self, IdError> {
        let refuse = || IdError::Address { text: shown(text), fault: AddressFault::of(prefix, text) };
        if text.len() > 90 || text.bytes().any(|b| b.is_ascii_uppercase()) {
            return Err(refuse());
        }
        let decoded =
            bech32::primitives::decode::CheckedHrpstring::new::<Bech32>(text).map_err(|_| refuse())?;
        if decoded.hrp().as_str() != prefix.as_str() {
            return Err(refuse());
        }
        let bytes: Vec<u8> = decoded.byte_iter().collect();
        let address = Self::from_bytes(prefix, bytes.as_slice().try_into().map_err(|_| refuse())?);
        // Padding bits that are not zero would give one account two spellings.
        if address.as_str() == text { Ok(address) } else { Err(refuse()) }
    }

    /// The address of a compressed secp256k1 public key.
    pub fn of_public_key(prefix: &Prefix, public_key: &[u8; 33]) -> Self {
        let hash = Ripemd160::digest(Sha256::digest(public_key));
        let mut bytes = [0; ADDRESS_BYTES];
        bytes.copy_from_slice(hash.as_ref());
        Self::from_bytes(prefix, bytes)
    }

    /// The address of these 20 bytes, which are a digest of the account's key.
    pub(crate) fn of_hash(prefix: &Prefix, hash: [u8; ADDRESS_BYTES]) -> Self {
        Self::from_bytes(prefix, hash)
    }

    /// What it begins with.
    pub fn prefix(&self) -> Prefix {
        let prefix = self.0.rsplit_once('1').map(|(prefix, _)| prefix);
        Prefix(prefix.unwrap_or_default().to_owned())
    }

    fn from_bytes(prefix: &Prefix, bytes: [u8; ADDRESS_BYTES]) -> Self {
        let text = Hrp::parse(prefix.as_str())
            .ok()
            .and_then(|hrp| bech32::encode_lower::<Bech32>(hrp, &bytes).ok())
            .unwrap_or_default();
        debug_assert!(!text.is_empty(), "a checked prefix and 20 bytes always encode");
        Self(text.into_boxed_str())
    }

    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// How Cosmos writes the address of a validator's key: the ledger's prefix with `valcons`, and its 20 bytes.
pub fn consensus_address(prefix: &Prefix, address: &[u8]) -> String {
    let hrp = Hrp::parse(&format!("{}valcons", prefix.as_str()));
    hrp.ok().and_then(|hrp| bech32::encode_lower::<Bech32>(hrp, address).ok()).unwrap_or_default()
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The name of one chain; it is in every signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainId(String);

impl ChainId {
    /// Checks and keeps a chain id.
    ///
    /// # Errors
    /// [`IdError::ChainId`] unless it is 1 to 50 of `[A-Za-z0-9._-]`.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        let plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'));
        if plain && !text.is_empty() && text.len() <= CHAIN_ID_BYTES_MAX {
            Ok(Self(text.to_owned()))
        } else {
            Err(IdError::ChainId(shown(text)))
        }
    }

    /// The chain id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ChainId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A ticket's number, shown as `TKT-00000001`: counted from 1 on the ledger, eight digits or more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TicketId(u64);

impl TicketId {
    /// The ticket of that number; `None` for 0, which no ticket has.
    pub fn new(number: u64) -> Option<Self> {
        (number > 0).then_some(Self(number))
    }

    /// Reads the one spelling that [`fmt::Display`] writes.
    ///
    /// # Errors
    /// [`IdError::TicketId`] for anything else.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        let refuse = || IdError::TicketId(shown(text));
        let digits = text.strip_prefix("TKT-").ok_or_else(refuse)?;
        if digits.len() < 8 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(refuse());
        }
        let id = digits.parse().ok().and_then(Self::new).ok_or_else(refuse)?;
        if id.to_string() == text { Ok(id) } else { Err(refuse()) }
    }

    /// The number.
    pub fn number(self) -> u64 {
        self.0
    }
}

impl fmt::Display for TicketId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TKT-{:08}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prefix() -> Prefix {
        Prefix::parse(Prefix::DEFAULT).unwrap()
    }

    const ALICE: &str = "virtengine19rl4cm2hmr8afy4kldpxz3fka4jguq0a6mvv5p";

    #[test]
    fn an_address_is_the_hash_of_its_public_key() {
        let key = hex::decode("024f4e2ad99c34d60b9ba6283c9431a8418af8673212961f97a77b6377fcd05b62").unwrap();
        let address = Address::of_public_key(&prefix(), key.as_slice().try_into().unwrap());
        assert_eq!(address.as_str(), ALICE);
        assert_eq!(Address::parse(&prefix(), ALICE).unwrap(), address);
    }

    #[test]
    fn an_upper_case_address_is_no_second_identity() {
        let upper = ALICE.to_uppercase();
        let mixed = ALICE.replace("19rl", "19RL");
        let homoglyph = ALICE.replacen('a', "а", 1);
        let zero_width = format!("{ALICE}\u{200b}");
        for text in
            [upper.as_str(), mixed.as_str(), homoglyph.as_str(), zero_width.as_str(), "", "virtengine1", " "]
        {
            assert!(Address::parse(&prefix(), text).is_err(), "{text}");
        }
        assert!(Address::parse(&Prefix::parse("cosmos").unwrap(), ALICE).is_err());
    }

    #[test]
    fn a_ticket_id_has_one_spelling() {
        for (text, number) in
            [("TKT-00000001", 1), ("TKT-99999999", 99_999_999), ("TKT-100000000", 100_000_000)]
        {
            assert_eq!(TicketId::parse(text).unwrap().number(), number);
        }
        for text in [
            "TKT-0",
            "TKT-00000000",
            "TKT-1",
            "TKT-000000001",
            "tkt-00000001",
            "TKT-0000000١",
            "TKT-+0000001",
            "",
        ] {
            assert!(TicketId::parse(text).is_err(), "{text}");
        }
        assert!(TicketId::parse("TKT-99999999999999999999").is_err());
    }

    #[test]
    fn a_chain_id_is_plain_text_of_bounded_length() {
        assert!(ChainId::parse("desk-00112233aabbccdd").is_ok());
        for text in ["", "a b", "desk\n", "dеsk", &"a".repeat(51)] {
            assert!(ChainId::parse(text).is_err(), "{text}");
        }
    }
}
