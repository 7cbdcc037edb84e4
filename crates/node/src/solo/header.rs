//! What is kept of a block whose body was dropped: its header with the signature over it, and what the block led to.
//!
//! `app hash (32) ‖ results hash (32) ‖ signed header`, the last as CometBFT writes it. The header of the next block names all three, so
//! the chain from the genesis to the newest block can still be walked.

use sealdesk_protocol::block::{BlockError, Commit, SignedHeader};
use tendermint_proto::Protobuf;
use tendermint_proto::v0_38::types::SignedHeader as RawSignedHeader;

use super::record::{HASH_BYTES, LogRecord, sha256};
use super::signed::Signed;

/// A header and its block's outcome.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct HeaderRecord {
    /// The header, and the signature over it.
    pub(super) signed: SignedHeader,
    /// Root of the state after the block.
    pub(super) app_hash: [u8; HASH_BYTES],
    /// Root over the results of its transactions.
    pub(super) results_hash: [u8; HASH_BYTES],
}

impl HeaderRecord {
    /// Of a block, what stays; `commit` is what the next block holds.
    ///
    /// # Errors
    /// [`BlockError::Encoding`] where the commit is not of the block.
    pub(super) fn new(record: &LogRecord, commit: Commit) -> Result<Self, BlockError> {
        let signed = SignedHeader::new(record.block.header.clone(), commit);
        let signed = signed.map_err(|error| BlockError::Encoding(error.to_string()))?;
        Ok(Self { signed, app_hash: record.app_hash, results_hash: record.results_hash })
    }

    /// The record's bytes.
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = [self.app_hash, self.results_hash].concat();
        bytes.extend(Protobuf::<RawSignedHeader>::encode_vec(self.signed.clone()));
        bytes
    }

    /// Reads a record back.
    ///
    /// # Errors
    /// [`BlockError::Encoding`] if it holds no header.
    pub(super) fn decode(bytes: &[u8]) -> Result<Self, BlockError> {
        let short = || BlockError::Encoding("the record is too short".to_owned());
        let (app_hash, rest) = bytes.split_first_chunk().ok_or_else(short)?;
        let (results_hash, header) = rest.split_first_chunk().ok_or_else(short)?;
        let signed = Protobuf::<RawSignedHeader>::decode_vec(header);
        let signed = signed.map_err(|error| BlockError::Encoding(error.to_string()))?;
        Ok(Self { signed, app_hash: *app_hash, results_hash: *results_hash })
    }

    /// What the note of the last signed block would say of it.
    pub(super) fn noted(&self) -> Signed {
        let header = self.signed.header();
        Signed { height: header.height.value(), hash: sha256(header.hash()) }
    }
}
