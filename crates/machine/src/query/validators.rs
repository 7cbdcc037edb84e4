//! The validators that make blocks.

use sealdesk_protocol::state::tree;
use sealdesk_protocol::wire::sealdesk::ledger::v1::{
    QueryValidatorsRequest, QueryValidatorsResponse, Validator,
};
use sealdesk_store::Snapshot;

use crate::errors::{Fatal, QueryError};
use crate::finish::ValidatorUpdate;
use crate::machine::Machine;

/// Validators, and the block that made them such.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValidatorsSince {
    /// The block; 0 = genesis. Those of genesis sign from block 1 on, those of block H from block H + 2 on.
    pub height: u64,
    /// Key and power of each, ascending by key; empty where the genesis names none.
    pub validators: Vec<([u8; 32], u32)>,
}

impl ValidatorsSince {
    /// The first block that they sign.
    pub fn first_signed(&self) -> u64 {
        if self.height == 0 { 1 } else { self.height.saturating_add(2) }
    }
}

impl Machine {
    /// The validators that make blocks, and the proposed ones. Limits bound both lists, so that they are one page.
    ///
    /// # Errors
    /// [`QueryError`] where the store failed.
    pub fn validators(
        &self,
        snapshot: &Snapshot,
        _: &QueryValidatorsRequest,
    ) -> Result<QueryValidatorsResponse, QueryError> {
        self.reading(snapshot, |view| {
            let newest = view.validator_changes(1)?;
            let height = newest.first().map_or(0, |(height, _)| *height);
            Ok(QueryValidatorsResponse {
                validators: view.validators()?,
                proposals: view.proposals()?,
                height: i64::try_from(height).unwrap_or(i64::MAX),
            })
        })
    }

    /// The newest validators and those before them: at most `max` lists, the newest first.
    ///
    /// # Errors
    /// [`QueryError`] where the store failed.
    pub fn validator_changes(
        &self,
        snapshot: &Snapshot,
        max: usize,
    ) -> Result<Vec<ValidatorsSince>, QueryError> {
        let read = |(height, list): (u64, Vec<Validator>)| {
            let validators = list.into_iter().map(|validator| {
                let update = ValidatorUpdate::read(validator.pub_key, validator.power)?;
                Ok((update.pub_key, update.power))
            });
            Ok(ValidatorsSince { height, validators: validators.collect::<Result<_, Fatal>>()? })
        };
        self.reading(snapshot, |view| {
            let changes = view.validator_changes(max)?;
            if changes.is_empty() {
                return Err(Fatal::damaged(
                    tree::VALIDATORS,
                    "the block since which they make blocks is missing",
                )
                .into());
            }
            changes.into_iter().map(read).collect()
        })
    }
}
