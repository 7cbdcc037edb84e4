//! What a block's header says that the records do not, kept beside the state.

use sealdesk_protocol::block::Time;
use sealdesk_store::{Snapshot, State};
use tendermint_proto::google::protobuf::Timestamp;

use super::error::CometError;

/// Side key of the newest block's [`Head`]; no other engine has it, and it is never in the root.
const HEAD: &[u8] = b"node/comet/head";
const HEAD_BYTES: usize = 8 + 8 + 4 + 32;

/// What a header says that the records do not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) height: u64,
    pub(super) time: Time,
    /// Root of the state before the block.
    pub(super) header_root: [u8; 32],
}

impl Head {
    /// The head of a state that was restored. No header is at hand there: its own time and the root before it are not proven by
    /// anything, so the time is one that the records prove to be no later, and the root is none.
    pub(super) fn restored(height: u64, time: i64) -> Option<Self> {
        let time = Time::from_unix_timestamp(time, 0).ok()?;
        Some(Self { height, time, header_root: [0; 32] })
    }

    /// Writes it beside the state.
    pub(super) fn put(&self, state: &mut State) {
        state.put_side(HEAD, self.encode());
    }

    fn encode(&self) -> Vec<u8> {
        let time = Timestamp::from(self.time);
        let mut bytes = self.height.to_be_bytes().to_vec();
        bytes.extend_from_slice(&time.seconds.to_be_bytes());
        bytes.extend_from_slice(&time.nanos.to_be_bytes());
        bytes.extend_from_slice(&self.header_root);
        bytes
    }

    pub(super) fn read(snapshot: &Snapshot) -> Result<Self, CometError> {
        let damaged = || CometError::broken("the record of the newest block is missing or damaged");
        let bytes = snapshot.get_side(HEAD)?.ok_or_else(damaged)?;
        let bytes: [u8; HEAD_BYTES] = bytes.try_into().map_err(|_| damaged())?;
        let (height, rest) = bytes.split_first_chunk().ok_or_else(damaged)?;
        let (seconds, rest) = rest.split_first_chunk().ok_or_else(damaged)?;
        let (nanos, root) = rest.split_first_chunk().ok_or_else(damaged)?;
        let nanos = u32::from_be_bytes(*nanos);
        Ok(Self {
            height: u64::from_be_bytes(*height),
            time: Time::from_unix_timestamp(i64::from_be_bytes(*seconds), nanos).map_err(|_| damaged())?,
            header_root: root.try_into().map_err(|_| damaged())?,
        })
    }
}
