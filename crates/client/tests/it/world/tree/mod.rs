//! The naive state tree of `protocol`'s own tests, so that there is one of them.

pub(crate) use sealdesk_protocol::proof::{leaf_value, tree_key};

const LEAF_PREFIX: &[u8] = b"JMT::LeafNode";
const INNER_PREFIX: &[u8] = b"JMT::IntrnalNode";
const EMPTY_CHILD: &[u8; 32] = b"SPARSE_MERKLE_PLACEHOLDER_HASH__";

#[path = "../../../../../protocol/src/proof/test_tree.rs"]
pub(crate) mod test_tree;
