//! A second, naive making of the state tree, so that the verifier is tested against more than one program's proofs.

use ics23::commitment_proof::Proof;
use ics23::{CommitmentProof, ExistenceProof, HashOp, InnerOp, LeafOp, LengthOp, NonExistenceProof};
use ics23_prost::Message as _;
use sealdesk_protocol::proof::{leaf_value, tree_key};
use sha2::{Digest as _, Sha256};

const LEAF_PREFIX: &[u8] = b"JMT::LeafNode";
const INNER_PREFIX: &[u8] = b"JMT::IntrnalNode";
const EMPTY_CHILD: &[u8; 32] = b"SPARSE_MERKLE_PLACEHOLDER_HASH__";

/// A tree: its records, ordered by where they stand in it.
pub struct ProofTree {
    leaves: Vec<Leaf>,
}

#[derive(Clone)]
struct Leaf {
    position: [u8; 32],
    key: [u8; 32],
    value: [u8; 32],
}

fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    Sha256::digest(parts.concat()).into()
}

fn bit(position: &[u8; 32], depth: usize) -> bool {
    position[depth / 8] >> (7 - depth % 8) & 1 == 1
}

impl ProofTree {
    pub fn new(records: &[(Vec<u8>, Vec<u8>)]) -> Self {
        let mut leaves: Vec<Leaf> = records
            .iter()
            .map(|(key, record)| {
                let key = tree_key(key);
                Leaf { position: sha256(&[&key]), key, value: leaf_value(record) }
            })
            .collect();
        leaves.sort_by_key(|leaf| leaf.position);
        Self { leaves }
    }

    pub fn root(&self) -> [u8; 32] {
        hash(&self.leaves, 0)
    }

    /// The proof of the record at a key, or of its absence.
    pub fn prove(&self, state_key: &[u8]) -> Vec<u8> {
        let key = tree_key(state_key);
        let position = sha256(&[&key]);
        let proof = match self.leaves.binary_search_by_key(&position, |leaf| leaf.position) {
            Ok(at) => Proof::Exist(self.existence(at)),
            Err(at) => Proof::Nonexist(NonExistenceProof {
                key: key.to_vec(),
                left: at.checked_sub(1).map(|left| self.existence(left)),
                right: (at < self.leaves.len()).then(|| self.existence(at)),
            }),
        };
        CommitmentProof { proof: Some(proof) }.encode_to_vec()
    }

    /// The proof of the leaf at a place, counted from the left.
    pub fn existence(&self, at: usize) -> ExistenceProof {
        let leaf = &self.leaves[at];
        let mut path = Vec::new();
        climb(&self.leaves, &leaf.position, 0, &mut path);
        ExistenceProof {
            key: leaf.key.to_vec(),
            value: leaf.value.to_vec(),
            leaf: Some(LeafOp {
                hash: HashOp::Sha256.into(),
                prehash_key: HashOp::Sha256.into(),
                prehash_value: HashOp::Sha256.into(),
                length: LengthOp::NoPrefix.into(),
                prefix: LEAF_PREFIX.to_vec(),
            }),
            path,
        }
    }
}

/// A subtree with one leaf is that leaf; an empty one is a placeholder.
fn hash(leaves: &[Leaf], depth: usize) -> [u8; 32] {
    match leaves {
        [] => *EMPTY_CHILD,
        [leaf] => sha256(&[LEAF_PREFIX, &leaf.position, &sha256(&[&leaf.value])]),
        leaves => {
            let (left, right) = split(leaves, depth);
            sha256(&[INNER_PREFIX, &hash(left, depth + 1), &hash(right, depth + 1)])
        }
    }
}

fn split(leaves: &[Leaf], depth: usize) -> (&[Leaf], &[Leaf]) {
    leaves.split_at(leaves.partition_point(|leaf| !bit(&leaf.position, depth)))
}

fn climb(leaves: &[Leaf], position: &[u8; 32], depth: usize, path: &mut Vec<InnerOp>) {
    if leaves.len() < 2 {
        return;
    }
    let (left, right) = split(leaves, depth);
    let goes_right = bit(position, depth);
    let (own, sibling) = if goes_right { (right, left) } else { (left, right) };
    climb(own, position, depth + 1, path);
    let sibling = hash(sibling, depth + 1);
    let (prefix, suffix) = if goes_right {
        ([INNER_PREFIX, &sibling].concat(), Vec::new())
    } else {
        (INNER_PREFIX.to_vec(), sibling.to_vec())
    };
    path.push(InnerOp { hash: HashOp::Sha256.into(), prefix, suffix });
}
