//! How jmt reads nodes: from the table, under what an earlier pass of the same update has changed.

use std::cell::RefCell;
use std::collections::BTreeMap;

use jmt::storage::{HasPreimage, LeafNode, Node, NodeKey, TreeReader};
use jmt::{KeyHash, OwnedValue, Version};

use super::codec::{NodeRow, path_key};
use crate::error::{Result, StoreError};
use crate::tables::{Table, View};

/// Nodes by path key; `None` is a node that is gone.
pub(crate) type NodeRows = BTreeMap<Vec<u8>, Option<NodeRow>>;

/// The nodes of one state, possibly half-way through an update.
pub(super) struct NodeSource<'a> {
    table: &'a View,
    pub(super) overlay: NodeRows,
    /// Rows of the leaves that jmt has met or is adding. jmt's nodes hold hashes of them only, and it asks for what they
    /// are hashes of when it moves a leaf or shows one in a proof, always after it has read the leaf.
    leaves: RefCell<BTreeMap<KeyHash, NodeRow>>,
}

impl<'a> NodeSource<'a> {
    pub(super) fn new(table: &'a View) -> Self {
        Self { table, overlay: NodeRows::new(), leaves: RefCell::default() }
    }

    pub(super) fn leaf(&self, key_hash: KeyHash) -> Option<NodeRow> {
        self.leaves.borrow().get(&key_hash).cloned()
    }

    pub(super) fn add_leaf(&self, key_hash: KeyHash, row: NodeRow) {
        self.leaves.borrow_mut().insert(key_hash, row);
    }

    fn row(&self, key: &[u8]) -> Result<Option<NodeRow>> {
        match self.overlay.get(key) {
            Some(row) => Ok(row.clone()),
            None => read_node(self.table, key),
        }
    }
}

/// Reads one node of the table.
pub(crate) fn read_node(table: &View, key: &[u8]) -> Result<Option<NodeRow>> {
    let Some(guard) = table.get(key)? else { return Ok(None) };
    let row = NodeRow::decode(Table::Tree.unseal(key, guard.value())?);
    Ok(Some(row.map_err(|error| StoreError::corrupt(format!("tree node: {error}")))?))
}

impl TreeReader for NodeSource<'_> {
    fn get_node_option(&self, node_key: &NodeKey) -> anyhow::Result<Option<Node>> {
        let path = node_key.nibble_path();
        match self.row(&path_key(path))? {
            // The root of an empty tree has no row, but jmt wants to see a node there.
            None => Ok(path.is_empty().then_some(Node::Null)),
            Some(row) => {
                let node = row.to_jmt()?;
                if let Node::Leaf(leaf) = &node {
                    // A leaf that the update replaces was added with its new value before its old one is read here.
                    self.leaves.borrow_mut().entry(leaf.key_hash()).or_insert(row);
                }
                Ok(Some(node))
            }
        }
    }

    fn get_value_option(&self, _: Version, key_hash: KeyHash) -> anyhow::Result<Option<OwnedValue>> {
        Ok(match self.leaf(key_hash) {
            Some(NodeRow::Leaf { value, .. }) => Some(value.to_vec()),
            _ => None,
        })
    }

    fn get_rightmost_leaf(&self) -> anyhow::Result<Option<(NodeKey, LeafNode)>> {
        anyhow::bail!("only jmt's own restoring asks for this, and state sync here re-inserts records")
    }
}

impl HasPreimage for NodeSource<'_> {
    fn preimage(&self, key_hash: KeyHash) -> anyhow::Result<Option<Vec<u8>>> {
        Ok(match self.leaf(key_hash) {
            Some(NodeRow::Leaf { tree_key, .. }) => Some(tree_key.to_vec()),
            _ => None,
        })
    }
}

/// Finds the store's own error inside the untyped one that jmt hands through.
pub(super) fn typed(error: anyhow::Error) -> StoreError {
    error.downcast().unwrap_or_else(|error| StoreError::corrupt(format!("state tree: {error}")))
}
