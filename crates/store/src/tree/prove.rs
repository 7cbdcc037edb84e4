//! Looking into the tree: whether a record is there, and the proof of it.

use ics23_prost::Message;
use jmt::JellyfishMerkleTree;

use super::codec::{NodeRow, TreeHasher, nibble_at, prefix_key};
use super::node_source::{NodeSource, read_node, typed};
use super::{EMPTY_ROOT, STORED, position, tree_key};
use crate::error::{Result, StoreError};
use crate::tables::View;

/// Depth of the tree in nibbles.
const DEPTH_MAX: u8 = 64;

/// The ICS-23 proof (protobuf) that a record is, or is not, under `state_key`, and the leaf value it proves.
pub(crate) fn prove(table: &View, root: [u8; 32], state_key: &[u8]) -> Result<(Option<[u8; 32]>, Vec<u8>)> {
    if root == EMPTY_ROOT {
        return Err(StoreError::EmptyTree);
    }
    let source = NodeSource::new(table);
    let tree = JellyfishMerkleTree::<_, TreeHasher>::new(&source);
    let (value, proof) = tree.get_with_ics23_proof(tree_key(state_key).to_vec(), STORED).map_err(typed)?;
    let value = value.map(TryInto::try_into).transpose();
    Ok((value.map_err(|_| StoreError::corrupt("a leaf of the wrong length"))?, proof.encode_to_vec()))
}

/// The leaf value under `state_key`, found by walking down from the root without jmt. A missing node is an error here,
/// so this tells a record that never was from one whose row has been damaged out of sight.
pub(crate) fn find_leaf(table: &View, root: [u8; 32], state_key: &[u8]) -> Result<Option<[u8; 32]>> {
    if root == EMPTY_ROOT {
        return Ok(None);
    }
    let wanted = tree_key(state_key);
    let position = position(&wanted);
    for depth in 0..=DEPTH_MAX {
        match read_node(table, &prefix_key(&position, depth))? {
            None => return Err(StoreError::corrupt("a node of the state tree is missing")),
            Some(NodeRow::Leaf { tree_key, value }) => return Ok((tree_key == wanted).then_some(value)),
            Some(NodeRow::Inner { present, .. }) if depth < DEPTH_MAX => {
                if present >> nibble_at(&position, depth) & 1 == 0 {
                    return Ok(None);
                }
            }
            Some(NodeRow::Inner { .. }) => break,
        }
    }
    Err(StoreError::corrupt("the state tree has no bottom"))
}
