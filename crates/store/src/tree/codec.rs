//! The rows of the tree table.
//!
//! Key: the nibbles of the path, packed, then their number, so that a subtree lies together in the table. Value, of an
//! inner node: `1 ‖ present (u16) ‖ leaves (u16) ‖ hash of each present child`; of a leaf: `2 ‖ tree key ‖ leaf value`.
//! A child's version is not stored, because there is only one, nor its count of leaves, which no hash covers.

use anyhow::{Context, bail, ensure};
use jmt::storage::{LeafNode, NibblePath, Node};
use jmt::{KeyHash, SimpleHasher, ValueHash};
use sha2::{Digest, Sha256};

use super::{STORED, position};

const INNER_TAG: u8 = 1;
const LEAF_TAG: u8 = 2;
const HASH_BYTES: usize = 32;
const FANOUT: u8 = 16;

/// The hasher that jmt is given: this workspace's SHA-256 instead of the older release of it that jmt depends on.
pub(crate) struct TreeHasher(Sha256);

impl SimpleHasher for TreeHasher {
    fn new() -> Self {
        Self(Sha256::new())
    }

    fn update(&mut self, data: &[u8]) {
        self.0.update(data);
    }

    fn finalize(self) -> [u8; 32] {
        self.0.finalize().into()
    }
}

/// A node as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NodeRow {
    /// Up to sixteen children, by nibble.
    Inner {
        /// Bit n is set if there is a child at nibble n.
        present: u16,
        /// Bit n is set if that child is a leaf.
        leaves: u16,
        /// Hashes of the children present, in order of their nibbles.
        hashes: Vec<[u8; HASH_BYTES]>,
    },
    /// A record.
    Leaf {
        /// Hash of the state key.
        tree_key: [u8; HASH_BYTES],
        /// Hash of the record.
        value: [u8; HASH_BYTES],
    },
}

impl NodeRow {
    pub(crate) fn encode(&self) -> Vec<u8> {
        match self {
            NodeRow::Inner { present, leaves, hashes } => {
                let mut bytes = vec![INNER_TAG];
                bytes.extend_from_slice(&present.to_be_bytes());
                bytes.extend_from_slice(&leaves.to_be_bytes());
                bytes.extend_from_slice(hashes.as_flattened());
                bytes
            }
            NodeRow::Leaf { tree_key, value } => [&[LEAF_TAG], tree_key.as_slice(), value].concat(),
        }
    }

    pub(crate) fn decode(bytes: &[u8]) -> anyhow::Result<Self> {
        match bytes.split_first() {
            Some((&INNER_TAG, rest)) => Self::decode_inner(rest),
            Some((&LEAF_TAG, rest)) => {
                let (tree_key, value) = rest.split_at_checked(HASH_BYTES).context("short leaf")?;
                Ok(NodeRow::Leaf { tree_key: tree_key.try_into()?, value: value.try_into()? })
            }
            _ => bail!("unknown kind of node"),
        }
    }

    fn decode_inner(bytes: &[u8]) -> anyhow::Result<Self> {
        let (present, rest) = bytes.split_first_chunk().context("short inner node")?;
        let (leaves, rest) = rest.split_first_chunk().context("short inner node")?;
        let (present, leaves) = (u16::from_be_bytes(*present), u16::from_be_bytes(*leaves));
        let (hashes, tail) = rest.as_chunks::<HASH_BYTES>();
        ensure!(tail.is_empty() && hashes.len() == present.count_ones() as usize, "children miscounted");
        ensure!(present != 0 && leaves & !present == 0, "leaf without a child");
        ensure!(present.count_ones() > 1 || leaves == 0, "a lone leaf below an inner node");
        Ok(NodeRow::Inner { present, leaves, hashes: hashes.to_vec() })
    }

    /// The stored form of a node that jmt made. Of a leaf jmt knows hashes only, so its row comes from `leaf`.
    pub(super) fn from_jmt(node: &Node, leaf: impl FnOnce(KeyHash) -> Option<NodeRow>) -> Option<Self> {
        match node {
            Node::Null => None,
            Node::Leaf(node) => leaf(node.key_hash()),
            Node::Internal(node) => {
                let (present, leaves) = node.generate_bitmaps();
                let hashes = node.children_sorted().map(|(_, child)| child.hash).collect();
                Some(NodeRow::Inner { present, leaves, hashes })
            }
        }
    }

    /// The node as jmt wants it.
    pub(super) fn to_jmt(&self) -> anyhow::Result<Node> {
        match self {
            NodeRow::Leaf { tree_key, value } => {
                let value_hash = ValueHash::with::<TreeHasher>(value);
                Ok(Node::Leaf(LeafNode::new(KeyHash(position(tree_key)), value_hash)))
            }
            NodeRow::Inner { present, leaves, hashes } => {
                Ok(borsh::from_slice(&inner_as_borsh(*present, *leaves, hashes))?)
            }
        }
    }
}

/// Writes an inner node in the only form from which code outside of jmt can make one: jmt's own borsh encoding.
fn inner_as_borsh(present: u16, leaves: u16, hashes: &[[u8; HASH_BYTES]]) -> Vec<u8> {
    const INTERNAL_NODE: u8 = 1;
    const NONE: u8 = 0;
    const SOME: u8 = 1;
    const LEAF_CHILD: u8 = 0;
    const INNER_CHILD: u8 = 1;
    let mut bytes = vec![INTERNAL_NODE];
    let mut hashes = hashes.iter();
    for nibble in 0..FANOUT {
        let Some(hash) = (present >> nibble & 1 == 1).then(|| hashes.next()).flatten() else {
            bytes.push(NONE);
            continue;
        };
        bytes.push(SOME);
        bytes.extend_from_slice(hash);
        bytes.extend_from_slice(&STORED.to_le_bytes());
        if leaves >> nibble & 1 == 1 {
            bytes.push(LEAF_CHILD);
        } else {
            bytes.push(INNER_CHILD);
            bytes.extend_from_slice(&0u64.to_le_bytes());
        }
    }
    bytes.extend_from_slice(&u64::from(present.count_ones()).to_le_bytes());
    bytes.extend_from_slice(&0u64.to_le_bytes());
    bytes
}

/// The hash of a node, as its parent holds it.
pub(crate) fn hash_node(row: &NodeRow) -> anyhow::Result<[u8; HASH_BYTES]> {
    match row.to_jmt()? {
        Node::Leaf(leaf) => Ok(leaf.hash::<TreeHasher>()),
        Node::Internal(inner) => Ok(inner.hash::<TreeHasher>()),
        Node::Null => bail!("a stored node is never null"),
    }
}

/// Key of the row of the node at `path`.
pub(super) fn path_key(path: &NibblePath) -> Vec<u8> {
    let mut key = Vec::with_capacity(path.num_nibbles() / 2 + 2);
    let mut high = None;
    for nibble in path.nibbles() {
        let nibble = u8::from(nibble);
        match high.take() {
            None => high = Some(nibble << 4),
            Some(high) => key.push(high | nibble),
        }
    }
    key.extend(high);
    key.push(u8::try_from(path.num_nibbles()).unwrap_or(u8::MAX));
    key
}

/// Key of the row of the node `depth` nibbles below the root on the way to `position`.
pub(crate) fn prefix_key(position: &[u8; HASH_BYTES], depth: u8) -> Vec<u8> {
    let (whole, odd) = (usize::from(depth / 2), depth % 2 == 1);
    let mut key = position[..whole].to_vec();
    if odd {
        key.push(position[whole] & 0xf0);
    }
    key.push(depth);
    key
}

/// The nibble at `depth` of a position.
pub(crate) fn nibble_at(position: &[u8; HASH_BYTES], depth: u8) -> u8 {
    let byte = position[usize::from(depth / 2)];
    if depth.is_multiple_of(2) { byte >> 4 } else { byte & 0x0f }
}
