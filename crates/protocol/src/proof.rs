//! Proofs that a record stands in a state, or that there is none: ICS-23 over the state tree.
//!
//! The ICS-23 key of a record is SHA-256 of its state key and the ICS-23 value is SHA-256 of the record, so that the proof of
//! an absence, which has to show two neighbours, tells nothing about them.

use ics23::commitment_proof::Proof;
use ics23::{
    CommitmentProof, ExistenceProof, HashOp, HostFunctionsProvider, InnerSpec, LeafOp, LengthOp, ProofSpec,
};
use ics23_prost::Message as _;
use sha2::{Digest as _, Sha256};
use thiserror::Error;

/// Longest encoded proof, in bytes. Two paths of [`PATH_STEPS_MAX`] steps fit.
pub const PROOF_BYTES_MAX: usize = 65_536;
/// Most steps from a leaf to the root: the tree has one level for each bit of a SHA-256.
const PATH_STEPS_MAX: usize = 256;

/// What stands before the hashes of a leaf.
const LEAF_PREFIX: &[u8] = b"JMT::LeafNode";
/// What stands before the hashes of an inner node.
const INNER_PREFIX: &[u8] = b"JMT::IntrnalNode";
/// What stands where a child is missing.
const EMPTY_CHILD: &[u8; 32] = b"SPARSE_MERKLE_PLACEHOLDER_HASH__";

/// The hash functions of a proof. [`proof_spec`] names SHA-256 alone, and a neighbour with a step that names another one is
/// refused before it is hashed: so the others need not be in every program that verifies. What stands for them is a SHA-256 too, and would prove nothing else.
struct Sha256Alone;

impl HostFunctionsProvider for Sha256Alone {
    fn sha2_256(message: &[u8]) -> [u8; 32] {
        Sha256::digest(message).into()
    }

    fn sha2_512(message: &[u8]) -> [u8; 64] {
        widened(message)
    }

    fn sha2_512_truncated(message: &[u8]) -> [u8; 32] {
        Self::sha2_256(message)
    }

    fn keccak_256(message: &[u8]) -> [u8; 32] {
        Self::sha2_256(message)
    }

    fn ripemd160(message: &[u8]) -> [u8; 20] {
        let [left @ .., _, _, _, _, _, _, _, _, _, _, _, _] = Self::sha2_256(message);
        left
    }

    fn blake2b_512(message: &[u8]) -> [u8; 64] {
        widened(message)
    }

    fn blake2s_256(message: &[u8]) -> [u8; 32] {
        Self::sha2_256(message)
    }

    fn blake3(message: &[u8]) -> [u8; 32] {
        Self::sha2_256(message)
    }
}

/// SHA-256, and zeros behind it.
fn widened(message: &[u8]) -> [u8; 64] {
    let mut wide = [0; 64];
    wide[..32].copy_from_slice(&Sha256::digest(message));
    wide
}

/// Why a proof proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ProofError {
    /// Longer than [`PROOF_BYTES_MAX`].
    #[error("the proof is longer than any proof of this tree")]
    TooLarge,
    /// Not the one encoding of an existence or absence proof.
    #[error("the proof is not encoded as a proof of this tree")]
    Encoding,
    /// It does not lead from this record to this root.
    #[error("the proof does not lead from this record to the state of the header")]
    Record,
    /// It does not show that the key is missing under this root.
    #[error("the proof does not show that the state of the header has no such record")]
    Absence,
}

/// The form of every proof of the state tree.
pub fn proof_spec() -> ProofSpec {
    let prefix_length = i32::try_from(INNER_PREFIX.len()).unwrap_or(i32::MAX);
    ProofSpec {
        leaf_spec: Some(LeafOp {
            hash: HashOp::Sha256.into(),
            prehash_key: HashOp::Sha256.into(),
            prehash_value: HashOp::Sha256.into(),
            length: LengthOp::NoPrefix.into(),
            prefix: LEAF_PREFIX.to_vec(),
        }),
        inner_spec: Some(InnerSpec {
            hash: HashOp::Sha256.into(),
            child_order: vec![0, 1],
            min_prefix_length: prefix_length,
            max_prefix_length: prefix_length,
            child_size: 32,
            empty_child: EMPTY_CHILD.to_vec(),
        }),
        min_depth: 0,
        max_depth: 64,
        prehash_key_before_comparison: true,
    }
}

/// The ICS-23 key of the record at a state key.
pub fn tree_key(state_key: &[u8]) -> [u8; 32] {
    Sha256::digest(state_key).into()
}

/// The ICS-23 value of a record.
pub fn leaf_value(record: &[u8]) -> [u8; 32] {
    Sha256::digest(record).into()
}

/// Verifies that the state with this root has exactly this record at the key; `None`: that it has none.
///
/// # Errors
/// [`ProofError`]; every byte of `proof` matters, so that of one record and root no two proofs differ harmlessly.
pub fn verify(
    root: &[u8; 32],
    state_key: &[u8],
    record: Option<&[u8]>,
    proof: &[u8],
) -> Result<(), ProofError> {
    let proof = decode(proof)?;
    let key = tree_key(state_key);
    let (spec, root) = (proof_spec(), root.to_vec());
    match (record, &proof.proof) {
        (Some(record), Some(Proof::Exist(existence))) => {
            check_shape(existence)?;
            let value = leaf_value(record);
            let proven = ics23::verify_membership::<Sha256Alone>(&proof, &spec, &root, &key, &value);
            if proven { Ok(()) } else { Err(ProofError::Record) }
        }
        (None, Some(Proof::Nonexist(absence))) => {
            for neighbour in absence.left.iter().chain(&absence.right) {
                check_shape(neighbour)?;
            }
            // The crate compares the neighbours only, so this field would otherwise be anyone's to change.
            let names_key = absence.key == key;
            let proven = ics23::verify_non_membership::<Sha256Alone>(&proof, &spec, &root, &key);
            if names_key && proven { Ok(()) } else { Err(ProofError::Absence) }
        }
        (Some(_), _) => Err(ProofError::Record),
        (None, _) => Err(ProofError::Absence),
    }
}

/// Decodes within bounds, and only what encodes to the same bytes again.
fn decode(bytes: &[u8]) -> Result<CommitmentProof, ProofError> {
    if bytes.len() > PROOF_BYTES_MAX {
        return Err(ProofError::TooLarge);
    }
    let proof = CommitmentProof::decode(bytes).map_err(|_| ProofError::Encoding)?;
    if proof.encode_to_vec() == bytes { Ok(proof) } else { Err(ProofError::Encoding) }
}

/// The bounds that the crate leaves to the spec's `min_depth`, which is 0 here and switches them off.
fn check_shape(proof: &ExistenceProof) -> Result<(), ProofError> {
    let leaf_is_plain = proof.leaf.as_ref().is_some_and(|leaf| leaf.prefix == LEAF_PREFIX);
    if leaf_is_plain && proof.path.len() <= PATH_STEPS_MAX { Ok(()) } else { Err(ProofError::Encoding) }
}

#[cfg(test)]
mod tests;
