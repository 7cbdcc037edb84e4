//! What a ledger is, beyond its name: the digest of how it began. Two ledgers of one name have two identities.

use core::fmt;

use bip39::{Language, Mnemonic};
use thiserror::Error;

use crate::circle::{Circle, CircleError};
use crate::envelope::Transcript;
use crate::ids::{ChainId, Prefix};
use crate::limits::CONTINUATIONS_MAX;
use crate::wire::sealdesk::ledger::v1::LedgerBeginning;

/// Stands before every label of docs/spec/trust.md.
pub const LABEL_PREFIX: &str = "sealdesk/trust/1/";

/// Words in which people compare an identity: its first 128 bits, with BIP-39's checksum.
pub const IDENTITY_WORDS: usize = 12;

/// `D(l, …)` of docs/spec/trust.md.
pub(crate) fn transcript(label: &str) -> Transcript {
    Transcript::of(LABEL_PREFIX, label)
}

/// A ledger's identity.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identity(pub [u8; 32]);

impl Identity {
    /// Reads 64 lower-case hex digits.
    pub fn parse(text: &str) -> Option<Self> {
        if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return None;
        }
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).ok()?;
        Some(Self(bytes))
    }

    /// Takes the bytes of a record; `None` for another length.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The first 128 bits as [`IDENTITY_WORDS`] words of BIP-39's English list, with a space between them.
    pub fn words(&self) -> String {
        Mnemonic::from_entropy_in(Language::English, &self.0[..16])
            .map(|words| words.words().collect::<Vec<_>>().join(" "))
            .unwrap_or_default()
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identity({self})")
    }
}

/// Where a ledger that another one continues had come to: identity ‖ u64 height ‖ app hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Continues {
    /// Of the ledger that is continued.
    pub identity: Identity,
    /// Its last block.
    pub height: u64,
    /// The root of its state after that block, 32 bytes.
    pub app_hash: [u8; 32],
}

impl Continues {
    /// Length of the encoding, in bytes.
    pub const BYTES: usize = 72;

    /// The bytes that [`LedgerBeginning`] holds.
    pub fn encode(&self) -> Vec<u8> {
        [&self.identity.0[..], &self.height.to_be_bytes(), &self.app_hash].concat()
    }

    /// Reads [`Self::encode`]; `None` for another length.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let (identity, rest) = bytes.split_first_chunk::<32>()?;
        let (height, rest) = rest.split_first_chunk::<8>()?;
        let app_hash = rest.try_into().ok()?;
        Some(Self { identity: Identity(*identity), height: u64::from_be_bytes(*height), app_hash })
    }
}

/// Why a record is not how a ledger began.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BeginningError {
    /// A field has another form.
    #[error("the beginning's {0} is not of its form")]
    Form(&'static str),
    /// The circle cannot be read.
    #[error("the beginning's circle: {0}")]
    Circle(#[from] CircleError),
    /// The ledgers before it do not lead to it.
    #[error("the ledgers before it do not lead to it")]
    Ancestry,
}

/// How one ledger began. The identity is the digest of all of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beginning {
    /// The ledger's name.
    pub chain_id: ChainId,
    /// What addresses begin with.
    pub prefix: Prefix,
    /// The administrators at genesis.
    pub circle: Circle,
    /// Hash of the validators at genesis, as headers name it.
    pub validators_hash: [u8; 32],
    /// The ledger that it continues.
    pub continues: Option<Continues>,
}

impl Beginning {
    /// `D("ledger", LP(chain_id), LP(prefix), C, validators_hash, LP(continues))`.
    pub fn identity(&self) -> Identity {
        let continues = self.continues.as_ref().map(Continues::encode).unwrap_or_default();
        let digest = transcript("ledger")
            .field(self.chain_id.as_str().as_bytes())
            .field(self.prefix.as_str().as_bytes())
            .raw(&self.circle.encode())
            .raw(&self.validators_hash)
            .field(&continues)
            .finish();
        Identity(digest)
    }

    fn read(wire: &LedgerBeginning) -> Result<Self, BeginningError> {
        let form = BeginningError::Form;
        let prefix = Prefix::parse(&wire.prefix).map_err(|_| form("prefix"))?;
        let continues = match wire.continues.as_slice() {
            [] => None,
            bytes => Some(Continues::decode(bytes).ok_or_else(|| form("continues"))?),
        };
        Ok(Self {
            chain_id: ChainId::parse(&wire.chain_id).map_err(|_| form("chain_id"))?,
            circle: Circle::decode(&prefix, &wire.circle)?,
            validators_hash: wire
                .validators_hash
                .as_slice()
                .try_into()
                .map_err(|_| form("validators_hash"))?,
            continues,
            prefix,
        })
    }

    fn to_wire(&self) -> LedgerBeginning {
        LedgerBeginning {
            chain_id: self.chain_id.to_string(),
            prefix: self.prefix.as_str().to_owned(),
            circle: self.circle.encode(),
            validators_hash: self.validators_hash.to_vec(),
            continues: self.continues.as_ref().map(Continues::encode).unwrap_or_default(),
            earlier: Vec::new(),
        }
    }
}

/// How a ledger began, and those that it continues: what the leaf `ledger/beginning` says, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ancestry {
    beginning: Beginning,
    earlier: Vec<Beginning>,
}

impl Ancestry {
    /// A beginning, and those that lead to it, the first one first.
    ///
    /// # Errors
    /// [`BeginningError::Ancestry`] where they do not: each continues the one before, the first one none.
    pub fn new(beginning: Beginning, earlier: Vec<Beginning>) -> Result<Self, BeginningError> {
        let mut before = None;
        for one in earlier.iter().chain([&beginning]) {
            if one.continues.as_ref().map(|continues| continues.identity) != before {
                return Err(BeginningError::Ancestry);
            }
            before = Some(one.identity());
        }
        if earlier.len() > CONTINUATIONS_MAX || earlier.iter().any(|one| one.prefix != beginning.prefix) {
            return Err(BeginningError::Ancestry);
        }
        Ok(Self { beginning, earlier })
    }

    /// Reads the leaf.
    ///
    /// # Errors
    /// The first thing wrong with it.
    pub fn read(wire: &LedgerBeginning) -> Result<Self, BeginningError> {
        if wire.earlier.iter().any(|one| !one.earlier.is_empty()) {
            return Err(BeginningError::Form("earlier"));
        }
        let earlier = wire.earlier.iter().map(Beginning::read).collect::<Result<_, _>>()?;
        Self::new(Beginning::read(wire)?, earlier)
    }

    /// The record of the leaf.
    pub fn to_wire(&self) -> LedgerBeginning {
        let earlier = self.earlier.iter().map(Beginning::to_wire).collect();
        LedgerBeginning { earlier, ..self.beginning.to_wire() }
    }

    /// How this ledger began.
    pub fn beginning(&self) -> &Beginning {
        &self.beginning
    }

    /// This ledger's identity.
    pub fn identity(&self) -> Identity {
        self.beginning.identity()
    }

    /// The ledgers before this one, the first one first.
    pub fn earlier(&self) -> &[Beginning] {
        &self.earlier
    }

    /// How the ledger of this identity began: this one, or one that leads to it. `None` for a ledger that does not.
    pub fn find(&self, identity: &Identity) -> Option<&Beginning> {
        self.earlier.iter().chain([&self.beginning]).find(|one| one.identity() == *identity)
    }
}

#[cfg(test)]
mod tests;
