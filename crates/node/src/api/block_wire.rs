//! Blocks in the messages of `proto/tendermint`, which have CometBFT's own encoding.

use prost::Message;
use sealdesk_protocol::block::{Block, BlockId};
use sealdesk_protocol::wire::tendermint::types;
use tendermint_proto::v0_38::types as comet;

use crate::blocks::StoredBlock;

/// A whole block.
pub(super) fn block(stored: &StoredBlock) -> types::Block {
    let StoredBlock { header, txs, last_commit, .. } = stored.clone();
    decoded(&Block { header, txs, last_commit }.encode())
}

/// A block's name.
pub(super) fn block_id(id: &BlockId) -> types::BlockId {
    decoded(&comet::BlockId::from(*id).encode_to_vec())
}

/// What CometBFT's library wrote, in the message of the same encoding.
fn decoded<M: Message + Default>(bytes: &[u8]) -> M {
    M::decode(bytes).unwrap_or_default()
}
