//! Receipts: records of the state, proven offline against a header that validators signed. docs/receipt.md fixes the bytes.
//!
//! A receipt has one encoding, and nothing in it is left unproven: of the commit only the signatures that are needed are kept,
//! of the validators only what their hash covers. So no byte of a receipt can be changed without notice.

mod decode;
mod handover;
mod ticket;
mod verify;
mod votes;

use std::collections::BTreeMap;

use prost::Message as _;
use tendermint_proto::Protobuf;
use tendermint_proto::v0_38::types::{SignedHeader as RawSignedHeader, ValidatorSet as RawValidatorSet};
use thiserror::Error;

use crate::block::{CommitSig, SignedHeader, ValidatorSet};
use crate::ids::{ChainId, TicketId};
use crate::proof::ProofError;
use crate::wire::sealdesk::ledger::v1 as wire;

/// The only version there is.
pub const RECEIPT_VERSION: u32 = 1;
/// Longest receipt, in bytes.
pub const RECEIPT_BYTES_MAX: usize = 33_554_432;
/// Most records in one receipt: a ticket with 10,000 responses, and what a proof request may name beside it.
pub const RECEIPT_RECORDS_MAX: usize = 10_000 + 1 + crate::limits::PROOF_KEYS_MAX;
/// Most handovers in one receipt.
pub const RECEIPT_HANDOVERS_MAX: usize = 256;
/// Longest signed header and longest validator set, in bytes each.
pub const RECEIPT_PART_BYTES_MAX: usize = 262_144;

/// The validators that a verifier trusts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trust {
    /// A ledger known before, by its validators' hash and, where known, its name.
    Pinned {
        /// The hash that the header must name, or one of the headers with which its validators were made such.
        validators_hash: [u8; 32],
        /// The chain id that the header must name; `None` if only the validators are known.
        chain_id: Option<ChainId>,
    },
    /// None: the receipt is checked in itself only, and anyone could have made it.
    Unpinned,
}

/// A receipt that verified. There is no other way to make one than [`verify`](VerifiedReceipt::verify).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedReceipt {
    chain_id: ChainId,
    header_height: u64,
    header_hash: [u8; 32],
    time: i64,
    app_hash: [u8; 32],
    validators_hash: [u8; 32],
    signers: Vec<Signer>,
    handovers: usize,
    handed_over_at: Option<u64>,
    pinned: bool,
    ticket: Option<TicketId>,
    records: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
}

/// A validator whose signature a receipt holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signer {
    /// Its ed25519 public key.
    pub public_key: Vec<u8>,
    /// Its voting power.
    pub power: u64,
}

impl VerifiedReceipt {
    /// The ledger that the header names.
    pub fn chain_id(&self) -> &ChainId {
        &self.chain_id
    }

    /// The height whose state is proven: one below the signed header's.
    pub fn height(&self) -> u64 {
        self.header_height.saturating_sub(1)
    }

    /// Hash of the signed header, by which the block after it names its block.
    pub fn header_hash(&self) -> &[u8; 32] {
        &self.header_hash
    }

    /// Time of the signed header, in Unix seconds.
    pub fn time(&self) -> i64 {
        self.time
    }

    /// Root of the proven state.
    pub fn app_hash(&self) -> &[u8; 32] {
        &self.app_hash
    }

    /// Hash of the validators whose signatures were verified.
    pub fn validators_hash(&self) -> &[u8; 32] {
        &self.validators_hash
    }

    /// Who signed.
    pub fn signers(&self) -> &[Signer] {
        &self.signers
    }

    /// How often the trusted validators, or those after them, handed the ledger over to others before it was signed. Without trust:
    /// as often as the receipt shows.
    pub fn handovers(&self) -> usize {
        self.handovers
    }

    /// Height of the header with which the trusted validators handed over; `None` where they signed themselves, and without trust.
    /// A reader who knows them from a later block does not follow this handover: they have the ledger back, and the validators
    /// between do not count any more.
    pub fn handed_over_at(&self) -> Option<u64> {
        self.handed_over_at
    }

    /// Whether the validators were known before, or known ones handed over to them. If not, the receipt proves what somebody signed,
    /// but not who they are.
    pub fn is_pinned(&self) -> bool {
        self.pinned
    }

    /// The ticket that the receipt is of: its head and all its responses are among the records.
    pub fn ticket(&self) -> Option<TicketId> {
        self.ticket
    }

    /// The proven records by state key; `None` where the ledger has no such record.
    pub fn records(&self) -> &BTreeMap<Vec<u8>, Option<Vec<u8>>> {
        &self.records
    }

    /// What the receipt says of the record at a state key.
    pub fn record(&self, state_key: &[u8]) -> Shown<'_> {
        match self.records.get(state_key) {
            None => Shown::NotCovered,
            Some(None) => Shown::Absent,
            Some(Some(bytes)) => Shown::Present(bytes),
        }
    }
}

/// What a receipt says of one record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown<'a> {
    /// Nothing.
    NotCovered,
    /// That the ledger has no such record.
    Absent,
    /// That this is it.
    Present(&'a [u8]),
}

/// Why a receipt proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ReceiptError {
    /// Longer than a receipt can be.
    #[error("this is longer than any receipt: the {part} has {bytes} bytes, the limit is {max}")]
    TooLarge {
        /// Which part.
        part: &'static str,
        /// Its size.
        bytes: usize,
        /// The bound.
        max: usize,
    },
    /// More records than a receipt can hold.
    #[error("this holds more than {0} records, which no receipt does")]
    TooManyRecords(usize),
    /// More handovers than a receipt can hold.
    #[error("this holds more than {RECEIPT_HANDOVERS_MAX} handovers, which no receipt does")]
    TooManyHandovers,
    /// Not the one encoding of a receipt.
    #[error("this is not a receipt, or it was changed: {0}")]
    Encoding(String),
    /// A version that this program does not know.
    #[error("this is a receipt of version {0}; this program knows version 1")]
    Version(u32),
    /// Signed by others than the pinned validators.
    #[error(
        "this receipt was signed for another ledger: its validators are {found}, the pinned ones are {expected}"
    )]
    OtherValidators {
        /// Hash of the pinned validators, in hex.
        expected: String,
        /// Hash in the header, in hex.
        found: String,
    },
    /// Of another ledger.
    #[error("this receipt is of the ledger {found}, not of {expected}")]
    OtherLedger {
        /// The pinned chain id.
        expected: String,
        /// The one in the header.
        found: String,
    },
    /// The listed validators are not those that the header names.
    #[error("the list of validators is not the one that the header names")]
    Validators,
    /// The header, its commit and its signatures do not belong together.
    #[error("the header is not signed by more than two thirds of its validators: {0}")]
    Signatures(String),
    /// Validators that those before them did not make validators.
    #[error("handover {index} to other validators does not hold: {why}")]
    Handover {
        /// Its place in the receipt, from 0.
        index: usize,
        /// What is wrong with it.
        why: String,
    },
    /// A record that is not proven.
    #[error("record {index} is not proven: {error}")]
    Record {
        /// Its place in the receipt, from 0.
        index: usize,
        /// What is wrong with its proof.
        error: ProofError,
    },
    /// The records are not those of the ticket, complete and in order.
    #[error("the records are not those of the ticket that the receipt names: {0}")]
    Ticket(String),
}

/// A header in which validators name those who sign from the next block on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handover {
    /// Names others as its `next_validators_hash` than as its `validators_hash`.
    pub signed_header: SignedHeader,
    /// Who signed it.
    pub validators: ValidatorSet,
}

/// What a node puts into a receipt.
#[derive(Debug)]
pub struct Evidence<'a> {
    /// The header whose `app_hash` is the root of the proven state, and who signed it.
    pub signed_header: &'a SignedHeader,
    /// The validators that the header names.
    pub validators: &'a ValidatorSet,
    /// How those came to be validators, from those whom the reader trusts: in order, each to those who signed the next one.
    pub handovers: &'a [Handover],
    /// Set where the receipt is of a ticket; the records then begin with its head and its responses, in order.
    pub ticket: Option<TicketId>,
    /// The records with their proofs. After a ticket's own records, ascending by state key.
    pub records: Vec<wire::ProvenRecord>,
}

impl Evidence<'_> {
    /// The receipt's bytes. What no signature covers is left out.
    pub fn encode(self) -> Vec<u8> {
        let receipt = wire::Receipt {
            version: RECEIPT_VERSION,
            signed_header: header_bytes(self.signed_header, self.validators),
            validator_set: validators_bytes(self.validators),
            records: self.records,
            ticket_id: self.ticket.map(|ticket| ticket.to_string()).unwrap_or_default(),
            handovers: self.handovers.iter().map(Handover::to_wire).collect(),
        };
        receipt.encode_to_vec()
    }
}

fn header_bytes(signed: &SignedHeader, validators: &ValidatorSet) -> Vec<u8> {
    Protobuf::<RawSignedHeader>::encode_vec(needed_signatures(signed.clone(), validators))
}

fn validators_bytes(validators: &ValidatorSet) -> Vec<u8> {
    Protobuf::<RawValidatorSet>::encode_vec(hashed_part(validators))
}

/// Keeps the first signatures, in the validators' order, that together have more than two thirds of the power. A vote in
/// another validator's place counts for nobody: the verifier would find it by its address, and two orders would be one receipt.
fn needed_signatures(mut signed: SignedHeader, validators: &ValidatorSet) -> SignedHeader {
    let (mut power, total) = (0, validators.total_voting_power().value());
    for (place, signature) in signed.commit.signatures.iter_mut().enumerate() {
        let validator = validators.validators().get(place).filter(|validator| match signature {
            CommitSig::BlockIdFlagCommit { validator_address, .. } => *validator_address == validator.address,
            _ => false,
        });
        match validator {
            Some(validator) if !is_enough(power, total) => power += validator.power(),
            _ => *signature = CommitSig::BlockIdFlagAbsent,
        }
    }
    signed
}

/// The validators without what their hash does not cover: who proposes next, and how urgently.
fn hashed_part(validators: &ValidatorSet) -> ValidatorSet {
    let mut validators = validators.clone();
    validators.proposer = None;
    for validator in &mut validators.validators {
        validator.proposer_priority = 0.into();
    }
    validators
}

/// More than two thirds.
fn is_enough(power: u64, total: u64) -> bool {
    u128::from(power) * 3 > u128::from(total) * 2
}

#[cfg(test)]
mod tests;
