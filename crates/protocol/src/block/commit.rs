//! Precommit votes: what a validator signs, and the commit that its signature makes.

use tendermint::block::{Commit, CommitSig, Height, Round};
use tendermint::vote::{CanonicalVote, Type};
use tendermint::{Signature, Time, chain};
use tendermint_proto::Protobuf;
use tendermint_proto::v0_38::types::CanonicalVote as RawCanonicalVote;

use super::{Block, BlockError, BlockId, ValidatorAddress};

/// The bytes that a validator signs to commit the block `id` in round 0.
pub fn precommit_bytes(chain_id: &chain::Id, height: Height, id: BlockId, time: Time) -> Vec<u8> {
    let vote = CanonicalVote {
        vote_type: Type::Precommit,
        height,
        round: Round::default(),
        block_id: Some(id),
        timestamp: Some(time),
        chain_id: chain_id.clone(),
    };
    Protobuf::<RawCanonicalVote>::encode_length_delimited_vec(vote)
}

/// The commit of a block that one validator signs. The vote carries the block's own time, so that signing the same block again
/// makes the same commit, byte for byte.
///
/// # Errors
/// [`BlockError::Signature`] if the signer returns nothing that has a signature's form.
pub fn commit_with(
    block: &Block,
    id: BlockId,
    signer: ValidatorAddress,
    sign: impl FnOnce(&[u8]) -> [u8; 64],
) -> Result<Commit, BlockError> {
    let header = &block.header;
    let bytes = precommit_bytes(&header.chain_id, header.height, id, header.time);
    let signature = Signature::new(sign(&bytes)).map_err(|_| BlockError::Signature)?;
    let vote = CommitSig::BlockIdFlagCommit { validator_address: signer, timestamp: header.time, signature };
    Ok(Commit { height: header.height, round: Round::default(), block_id: id, signatures: vec![vote] })
}
