//! The circle of administrators, its open votes, its changes, and how the ledger began.

use prost::Message as _;
use sealdesk_protocol::circle::Circle;
use sealdesk_protocol::identity::Ancestry;
use sealdesk_protocol::state::tree;
use sealdesk_protocol::wire::sealdesk::ledger::v1::{CircleChange, CircleVotes, LedgerContinues};

use super::StateView;
use crate::errors::Fatal;
use crate::machine::ancestry;

impl StateView<'_> {
    /// The administrators.
    pub(crate) fn circle(&self) -> Result<Circle, Fatal> {
        let bytes = self.state.get(tree::ADMINISTRATORS)?.ok_or(Fatal::NoGenesis)?;
        Circle::decode(self.prefix, &bytes).map_err(|error| Fatal::damaged(tree::ADMINISTRATORS, error))
    }

    /// Other administrators, and the change that led to them.
    pub(crate) fn change_circle(&mut self, circle: &Circle, change: &CircleChange) {
        self.state.put(tree::ADMINISTRATORS.to_vec(), circle.encode());
        self.put_record(tree::circle_change(change.position), change);
    }

    /// What genesis says of it.
    pub(crate) fn begin_circle(&mut self, ancestry: &Ancestry, circle: &Circle, changes: &[CircleChange]) {
        self.put_record(tree::BEGINNING.to_vec(), &ancestry.to_wire());
        self.state.put(tree::ADMINISTRATORS.to_vec(), circle.encode());
        for change in changes {
            self.put_record(tree::circle_change(change.position), change);
        }
    }

    /// The changes of the circle, ascending by position.
    pub(crate) fn circle_changes(&self) -> Result<Vec<CircleChange>, Fatal> {
        let read = |position| {
            let key = tree::circle_change(position);
            self.record(&key)?.ok_or_else(|| Fatal::damaged(&key, "a change of the circle is missing"))
        };
        (0..=self.circle()?.position()).map(read).collect()
    }

    /// The open votes, and when the last changes were.
    pub(crate) fn circle_votes(&self) -> Result<CircleVotes, Fatal> {
        Ok(self.record(tree::CIRCLE_VOTES)?.unwrap_or_default())
    }

    pub(crate) fn put_circle_votes(&mut self, votes: &CircleVotes) {
        if votes.encoded_len() == 0 {
            self.state.delete(tree::CIRCLE_VOTES);
        } else {
            self.put_record(tree::CIRCLE_VOTES.to_vec(), votes);
        }
    }

    /// How this ledger began, and those before it.
    pub(crate) fn ancestry(&self) -> Result<Ancestry, Fatal> {
        ancestry(&self.state.get(tree::BEGINNING)?.ok_or(Fatal::NoGenesis)?)
    }

    /// The votes that it continues another.
    pub(crate) fn continue_votes(&self) -> Result<LedgerContinues, Fatal> {
        Ok(self.record(tree::CONTINUES)?.unwrap_or_default())
    }

    pub(crate) fn put_continue_votes(&mut self, votes: &LedgerContinues) {
        self.put_record(tree::CONTINUES.to_vec(), votes);
    }
}
