//! Recomputing the root from the nodes.

use super::codec::{NodeRow, hash_node};
use super::node_source::read_node;
use super::{EMPTY_ROOT, position};
use crate::error::{Result, StoreError};
use crate::tables::View;

/// What a walk over the whole tree has found.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct TreeCount {
    pub(crate) nodes: u64,
    pub(crate) leaves: u64,
}

/// Walks the tree and checks each node's hash against the one its parent, or the head, has of it.
pub(crate) fn check(table: &View, root: [u8; 32]) -> Result<TreeCount> {
    let mut count = TreeCount::default();
    let mut waiting = Vec::new();
    if root != EMPTY_ROOT {
        waiting.push((Vec::new(), root));
    }
    while let Some((path, hash)) = waiting.pop() {
        let row = read_node(table, &key_of(&path))?.ok_or_else(|| damaged("is missing"))?;
        if hash_node(&row).map_err(|_| damaged("is malformed"))? != hash {
            return Err(damaged("does not hash to what its parent says"));
        }
        count.nodes += 1;
        match row {
            NodeRow::Leaf { tree_key, .. } if leads_to(&path, &tree_key) => count.leaves += 1,
            NodeRow::Leaf { .. } => return Err(damaged("stands in the wrong place")),
            NodeRow::Inner { present, hashes, .. } => {
                let nibbles = (0u8..16).filter(|nibble| present >> nibble & 1 == 1);
                waiting.extend(
                    nibbles.zip(hashes).map(|(nibble, hash)| ([&path[..], &[nibble]].concat(), hash)),
                );
            }
        }
    }
    Ok(count)
}

fn damaged(how: &str) -> StoreError {
    StoreError::corrupt(format!("a node of the state tree {how}"))
}

/// Key of the row at a path of single nibbles.
fn key_of(path: &[u8]) -> Vec<u8> {
    let mut key: Vec<u8> = path
        .chunks(2)
        .map(|pair| pair.iter().zip([4, 0]).map(|(nibble, shift)| nibble << shift).sum())
        .collect();
    key.push(u8::try_from(path.len()).unwrap_or(u8::MAX));
    key
}

fn leads_to(path: &[u8], tree_key: &[u8; 32]) -> bool {
    let position = position(tree_key);
    let nibbles = position.iter().flat_map(|byte| [byte >> 4, byte & 0x0f]);
    nibbles.zip(path).all(|(nibble, step)| nibble == *step)
}
