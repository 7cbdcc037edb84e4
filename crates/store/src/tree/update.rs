//! Applying a block's record changes to the tree.

use jmt::storage::TreeUpdateBatch;
use jmt::{JellyfishMerkleTree, KeyHash};

use super::codec::{NodeRow, TreeHasher, path_key};
use super::node_source::{NodeRows, NodeSource, typed};
use super::{STAGED, leaf_value, position, tree_key};
use crate::error::{Result, StoreError};
use crate::tables::View;

/// The outcome of an update: the new root and the nodes to write or remove.
#[derive(Debug)]
pub(crate) struct TreeUpdate {
    pub(crate) root: [u8; 32],
    pub(crate) nodes: NodeRows,
}

/// Applies record changes, of which each must be a real one: a removal of a record that is there, or another value.
///
/// Removals go first, one by one; then all insertions in one pass, which hashes every node once instead of once per key.
pub(crate) fn update<'c>(
    table: &View,
    root: [u8; 32],
    changes: impl Iterator<Item = (&'c [u8], Option<&'c [u8]>)>,
) -> Result<TreeUpdate> {
    let mut source = NodeSource::new(table);
    let (mut removed, mut inserted) = (Vec::new(), Vec::new());
    for (state_key, record) in changes {
        let tree_key = tree_key(state_key);
        let key_hash = KeyHash(position(&tree_key));
        match record.map(leaf_value) {
            None => removed.push((key_hash, None)),
            Some(value) => {
                source.add_leaf(key_hash, NodeRow::Leaf { tree_key, value });
                inserted.push((key_hash, value.to_vec()));
            }
        }
    }
    let mut root = root;
    if !removed.is_empty() {
        let tree = JellyfishMerkleTree::<_, TreeHasher>::new(&source);
        let (new_root, batch) = tree.put_value_set(removed, STAGED).map_err(typed)?;
        root = new_root.0;
        absorb(&mut source, batch)?;
    }
    if !inserted.is_empty() {
        let tree = JellyfishMerkleTree::<_, TreeHasher>::new(&source);
        let (roots, batch) = tree.batch_put_value_sets(vec![inserted], None, STAGED).map_err(typed)?;
        root = roots.last().ok_or_else(|| StoreError::corrupt("the tree gave no root"))?.0;
        absorb(&mut source, batch)?;
    }
    Ok(TreeUpdate { root, nodes: source.overlay })
}

/// Lays one pass of jmt over the nodes below. jmt calls a node stale even where it puts another at the same path, so the
/// stale ones go first.
fn absorb(source: &mut NodeSource<'_>, batch: TreeUpdateBatch) -> Result<()> {
    for stale in batch.stale_node_index_batch {
        source.overlay.insert(path_key(stale.node_key.nibble_path()), None);
    }
    for (node_key, node) in batch.node_batch.nodes() {
        let row = NodeRow::from_jmt(node, |key_hash| source.leaf(key_hash));
        if row.is_none() && !node_key.nibble_path().is_empty() {
            return Err(StoreError::corrupt("the tree made a leaf of unknown origin"));
        }
        source.overlay.insert(path_key(node_key.nibble_path()), row);
    }
    Ok(())
}
