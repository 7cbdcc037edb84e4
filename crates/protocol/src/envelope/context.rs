//! What an envelope belongs to: one place in one transaction on one chain.

use super::shape::{ALGORITHM_ID, ALGORITHM_VERSION, NONCE_BYTES, WIRE_VERSION};
use super::transcript::{Transcript, length};

/// What kind of record an envelope is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A ticket's first message.
    Ticket = 1,
    /// A response that the customer can read.
    Response = 2,
    /// A note of the staff that the customer cannot read.
    Note = 3,
    /// A document.
    Document = 4,
    /// A customer's comment on a resolution.
    Rating = 5,
}

impl Kind {
    /// The number in `ctx` and in `EnvelopeContext.kind`.
    pub fn number(self) -> u8 {
        match self {
            Self::Ticket => 1,
            Self::Response => 2,
            Self::Note => 3,
            Self::Document => 4,
            Self::Rating => 5,
        }
    }

    /// The kind of this number, if there is one.
    pub fn from_number(number: u32) -> Option<Self> {
        match number {
            1 => Some(Self::Ticket),
            2 => Some(Self::Response),
            3 => Some(Self::Note),
            4 => Some(Self::Document),
            5 => Some(Self::Rating),
            _ => None,
        }
    }
}

/// The context of an envelope. A verifier builds it from what it expects (the transaction, the stored record and its
/// `EnvelopeContext`), never from the envelope; so a replay anywhere else verifies and opens nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// The chain for which it was sealed.
    pub chain_id: String,
    /// `TKT-…`; empty for [`Kind::Ticket`], which the ledger has not numbered yet. Of a [`Kind::Document`] its place:
    /// `staff/replies`, `own/ADDRESS/read-marks`.
    pub ticket_id: String,
    /// Ticket, response, note, document or rating.
    pub kind: Kind,
    /// Lower-case bech32 address of the account that sends it.
    pub sender: String,
    /// The sender's account sequence in the transaction that carries it.
    pub sequence: u64,
    /// The message's place in that transaction, from 0.
    pub index: u32,
}

impl Context {
    /// `ctx`: the digest that stands in the header.
    pub fn digest(&self) -> [u8; 32] {
        Transcript::new("context")
            .field(self.chain_id.as_bytes())
            .field(self.ticket_id.as_bytes())
            .u8(self.kind.number())
            .field(self.sender.as_bytes())
            .u64(self.sequence)
            .u32(self.index)
            .finish()
    }

    /// `hdr`: versions, algorithm, context and nonce, under every key and digest of the envelope.
    pub fn header(&self, payload_nonce: &[u8; NONCE_BYTES]) -> Vec<u8> {
        let mut header = Vec::with_capacity(12 + ALGORITHM_ID.len() + 32 + NONCE_BYTES);
        header.extend_from_slice(&WIRE_VERSION.to_be_bytes());
        header.extend_from_slice(&length(ALGORITHM_ID.as_bytes()).to_be_bytes());
        header.extend_from_slice(ALGORITHM_ID.as_bytes());
        header.extend_from_slice(&ALGORITHM_VERSION.to_be_bytes());
        header.extend_from_slice(&self.digest());
        header.extend_from_slice(payload_nonce);
        header
    }
}
