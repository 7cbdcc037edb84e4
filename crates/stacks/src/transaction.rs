//! Transactions: from [`Terms`] to signed bytes, and from bytes to a [`Transaction`] to a [`VerifiedTransaction`].
//!
//! This program makes and judges what one account signs with one compressed key (P2PKH) and pays for itself. Whatever else
//! Stacks knows (several signers, sponsors, blocks' own transactions) is [`DecodeError::Unsupported`].

mod decode;
mod payload;
mod post_condition;
mod sign;

use sha2::{Digest as _, Sha512_256};
use thiserror::Error;

use crate::address::{Address, Version};
use crate::limits::{CONTRACT_SOURCE_BYTES_MAX, TX_BYTES_MAX};
use crate::reader::{DecodeError, put_length};

pub use payload::{Call, ClarityVersion, Deploy, Payload, Transfer};
pub use post_condition::{Asset, Comparison, NftComparison, PostCondition, PostPrincipal};
pub use sign::{SIGNATURE_BYTES, Unsigned, VerifiedTransaction, VerifyError};

/// Bytes of a signature on the wire: which key it gives, then `r` and `s`.
const RECOVERABLE_BYTES: usize = 65;
const AUTH_STANDARD: u8 = 0x04;
const HASH_P2PKH: u8 = 0x00;
const KEY_COMPRESSED: u8 = 0x00;

/// Which network a transaction is for: its version byte and its chain id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Network {
    /// Version 0, chain id 1.
    Mainnet,
    /// Version 0x80, chain id 0x80000000: the public test network and everyone's own.
    Testnet,
}

impl Network {
    /// The chain id, which also stands in the context of envelopes.
    pub fn chain_id(self) -> u32 {
        match self {
            Self::Mainnet => 1,
            Self::Testnet => 0x8000_0000,
        }
    }

    /// The network of a chain id; `None` for one that this program does not know.
    pub fn from_chain_id(id: u32) -> Option<Self> {
        [Self::Mainnet, Self::Testnet].into_iter().find(|network| network.chain_id() == id)
    }

    /// The network where an address belongs.
    pub fn of(address: &Address) -> Self {
        if address.version.is_mainnet() { Self::Mainnet } else { Self::Testnet }
    }

    /// The version of addresses of one key.
    pub fn single_version(self) -> Version {
        match self {
            Self::Mainnet => Version::MainnetSingle,
            Self::Testnet => Version::TestnetSingle,
        }
    }

    fn version_byte(self) -> u8 {
        match self {
            Self::Mainnet => 0x00,
            Self::Testnet => 0x80,
        }
    }
}

/// Where a transaction may be mined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnchorMode {
    /// 1: in a block.
    OnChain,
    /// 2: in a microblock, of which there are none any more.
    OffChain,
    /// 3: anywhere.
    Any,
}

/// What happens to assets that no post-condition names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PostConditionMode {
    /// 1: they may move.
    Allow,
    /// 2: a transaction that moves them fails.
    Deny,
}

/// What a transaction says, without its signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// The network.
    pub network: Network,
    /// Who signs and pays: an address of one key, of that network.
    pub origin: Address,
    /// The origin's number for this transaction, from 0.
    pub nonce: u64,
    /// The fee in micro-STX.
    pub fee: u64,
    /// Where it may be mined.
    pub anchor_mode: AnchorMode,
    /// What becomes of assets that no post-condition names.
    pub post_condition_mode: PostConditionMode,
    /// What must hold of assets afterwards.
    pub post_conditions: Vec<PostCondition>,
    /// What is to happen.
    pub payload: Payload,
}

impl Terms {
    /// Terms as this program makes them: mined anywhere, and not an asset may move.
    pub fn new(network: Network, origin: Address, payload: Payload) -> Self {
        Self {
            network,
            origin,
            nonce: 0,
            fee: 0,
            anchor_mode: AnchorMode::Any,
            post_condition_mode: PostConditionMode::Deny,
            post_conditions: Vec::new(),
            payload,
        }
    }
}

/// Why terms make no transaction.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TermsError {
    /// The whole would be longer than [`TX_BYTES_MAX`].
    #[error("a transaction of {bytes} bytes is too long: at most {TX_BYTES_MAX}")]
    TooLong {
        /// Its length.
        bytes: usize,
    },
    /// The source is longer than every node lets read-only calls read.
    #[error("a contract of {bytes} bytes is too long: at most {CONTRACT_SOURCE_BYTES_MAX}")]
    SourceTooLong {
        /// Its length.
        bytes: usize,
    },
    /// The origin is of another network, or an address of several keys.
    #[error("{0} cannot sign this transaction: it is an address of another network, or of several keys")]
    Origin(Address),
}

/// A transaction's name: SHA-512/256 of its bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TxId(pub [u8; 32]);

impl TxId {
    /// The name of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha512_256::digest(bytes).into())
    }

    /// Reads 64 hexadecimal digits of either case, after `0x` or not.
    pub fn parse(text: &str) -> Option<Self> {
        hex::decode(text.strip_prefix("0x").unwrap_or(text)).ok()?.try_into().ok().map(Self)
    }
}

impl std::fmt::Display for TxId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl std::fmt::Debug for TxId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}

/// A transaction whose form is right. Whether its origin signed it is what [`Transaction::verify`] finds out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transaction {
    bytes: Vec<u8>,
    terms: Terms,
    signature: [u8; RECOVERABLE_BYTES],
}

impl Transaction {
    /// The bytes, which it reads and writes alike.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Its name.
    pub fn id(&self) -> TxId {
        TxId::of(&self.bytes)
    }

    /// What it says.
    pub fn terms(&self) -> &Terms {
        &self.terms
    }
}

/// The bytes of terms under a signature.
fn encode(terms: &Terms, signature: &[u8; RECOVERABLE_BYTES]) -> Vec<u8> {
    let mut out = vec![terms.network.version_byte()];
    out.extend_from_slice(&terms.network.chain_id().to_be_bytes());
    out.extend_from_slice(&[AUTH_STANDARD, HASH_P2PKH]);
    out.extend_from_slice(&terms.origin.hash);
    out.extend_from_slice(&terms.nonce.to_be_bytes());
    out.extend_from_slice(&terms.fee.to_be_bytes());
    out.push(KEY_COMPRESSED);
    out.extend_from_slice(signature);
    out.push(match terms.anchor_mode {
        AnchorMode::OnChain => 1,
        AnchorMode::OffChain => 2,
        AnchorMode::Any => 3,
    });
    out.push(match terms.post_condition_mode {
        PostConditionMode::Allow => 1,
        PostConditionMode::Deny => 2,
    });
    put_length(&mut out, terms.post_conditions.len());
    terms.post_conditions.iter().for_each(|condition| condition.write(&mut out));
    terms.payload.write(&mut out);
    out
}

fn too_long(bytes: usize) -> DecodeError {
    DecodeError::TooLong { what: "a transaction", bytes, max: TX_BYTES_MAX }
}
