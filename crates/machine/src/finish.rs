//! The end of a block: parameters that become valid, and validators that have changed.

use sealdesk_protocol::state::tree;
use sealdesk_store::State;

use crate::errors::Fatal;
use crate::machine::{BlockContext, Machine};
use crate::state::{StateView, difference};

impl Machine {
    /// Ends a block: parameters that it changed become valid. Returns the validators that it changed, by however many votes: each
    /// key once, ascending. A block that changed nothing writes nothing.
    ///
    /// # Errors
    /// [`Fatal`] where the store fails or a record is damaged.
    pub fn finish(&self, state: &mut State, block: &BlockContext) -> Result<Vec<ValidatorUpdate>, Fatal> {
        let mut view = StateView::new(state, self.prefix());
        if let Some(params) = view.pending_params()? {
            view.put_params(&params);
            view.clear_pending_params();
        }
        let Some(before) = view.take_validators_before()? else { return Ok(Vec::new()) };
        let changed = difference(&before, &view.validators()?);
        if !changed.is_empty() {
            view.keep_validators(block.height)?;
        }
        changed.into_iter().map(|(pub_key, power)| ValidatorUpdate::read(pub_key, power)).collect()
    }
}

/// A validator whose power a block changed. The blocks from two later on are signed accordingly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ValidatorUpdate {
    /// Its ed25519 key.
    pub pub_key: [u8; 32],
    /// Its power from then on; 0 = it is not a validator any more.
    pub power: u32,
}

impl ValidatorUpdate {
    pub(crate) fn read(pub_key: Vec<u8>, power: i64) -> Result<Self, Fatal> {
        let read = pub_key.try_into().ok().zip(u32::try_from(power).ok());
        let (pub_key, power) =
            read.ok_or_else(|| Fatal::damaged(tree::VALIDATORS, "a validator without a good key and power"))?;
        Ok(Self { pub_key, power })
    }
}
