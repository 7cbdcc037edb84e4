//! The validators that make blocks, and the proposed ones.

use std::collections::BTreeMap;

use prost::Message as _;
use sealdesk_protocol::state::{side, tree};
use sealdesk_protocol::wire::sealdesk::ledger::v1::{
    Validator, ValidatorList, ValidatorProposal, ValidatorProposals,
};
use sealdesk_store::KeyRange;

use super::{StateView, decode};
use crate::errors::Fatal;

impl StateView<'_> {
    /// Who makes blocks from two blocks after the last change on, ascending by key.
    pub(crate) fn validators(&self) -> Result<Vec<Validator>, Fatal> {
        let list: ValidatorList = self.record(tree::VALIDATORS)?.ok_or(Fatal::NoGenesis)?;
        Ok(list.validators)
    }

    /// The validators as genesis has them.
    pub(crate) fn begin_validators(&mut self, validators: Vec<Validator>) {
        let list = ValidatorList { validators };
        self.put_record(tree::validators_since(0), &list);
        self.put_record(tree::VALIDATORS.to_vec(), &list);
    }

    /// Other validators; what they were when the block began is kept until it ends.
    pub(crate) fn put_validators(&mut self, validators: Vec<Validator>) -> Result<(), Fatal> {
        if self.state.get_side(side::VALIDATORS_BEFORE)?.is_none() {
            let before = ValidatorList { validators: self.validators()? };
            self.state.put_side(side::VALIDATORS_BEFORE, before.encode_to_vec());
        }
        self.put_record(tree::VALIDATORS.to_vec(), &ValidatorList { validators });
        Ok(())
    }

    /// Who made blocks when this one began, if it has changed that; asked once.
    pub(crate) fn take_validators_before(&mut self) -> Result<Option<Vec<Validator>>, Fatal> {
        let Some(before) = self.side::<ValidatorList>(side::VALIDATORS_BEFORE)? else { return Ok(None) };
        self.state.delete_side(side::VALIDATORS_BEFORE);
        Ok(Some(before.validators))
    }

    /// Keeps the validators under the height of the block that made them.
    pub(crate) fn keep_validators(&mut self, height: u64) -> Result<(), Fatal> {
        let list = ValidatorList { validators: self.validators()? };
        self.put_record(tree::validators_since(height), &list);
        Ok(())
    }

    /// The newest validator lists, at most `max`, each with the block that made it, the newest first.
    pub(crate) fn validator_changes(&self, max: usize) -> Result<Vec<(u64, Vec<Validator>)>, Fatal> {
        let range = KeyRange::prefix(tree::VALIDATORS_SINCE);
        let read = |entry: sealdesk_store::Result<sealdesk_store::Entry>| {
            let (key, record) = entry?;
            let height = key.strip_prefix(tree::VALIDATORS_SINCE).and_then(|rest| rest.try_into().ok());
            let height = height.ok_or_else(|| Fatal::damaged(&key, "it does not end with a height"))?;
            let list: ValidatorList = decode(&key, &record)?;
            Ok((u64::from_be_bytes(height), list.validators))
        };
        self.state.scan(&range)?.rev().take(max).map(read).collect()
    }

    /// What is proposed, ascending by key and power.
    pub(crate) fn proposals(&self) -> Result<Vec<ValidatorProposal>, Fatal> {
        let list = self.record::<ValidatorProposals>(tree::VALIDATOR_PROPOSALS)?;
        Ok(list.unwrap_or_default().proposals)
    }

    pub(crate) fn put_proposals(&mut self, proposals: Vec<ValidatorProposal>) {
        if proposals.is_empty() {
            self.state.delete(tree::VALIDATOR_PROPOSALS);
        } else {
            self.put_record(tree::VALIDATOR_PROPOSALS.to_vec(), &ValidatorProposals { proposals });
        }
    }
}

/// The keys whose power differs, ascending, with the power now; 0 for one that is not a validator any more.
pub(crate) fn difference(before: &[Validator], now: &[Validator]) -> Vec<(Vec<u8>, i64)> {
    let powers = |list: &[Validator]| -> BTreeMap<Vec<u8>, i64> {
        list.iter().map(|validator| (validator.pub_key.clone(), validator.power)).collect()
    };
    let (before, mut changed) = (powers(before), powers(now));
    for (key, power) in before {
        match changed.get(&key) {
            Some(now) if *now == power => drop(changed.remove(&key)),
            Some(_) => {}
            None => drop(changed.insert(key, 0)),
        }
    }
    changed.into_iter().collect()
}
