//! Typed access to the state: every record in its canonical protobuf under its key of `protocol::state`.
//!
//! A record that queries list is written by a function of this module that also brings the side tables up to date, by the
//! pure functions of [`index`]. So the lists cannot differ from the tree, and can be made anew from it.

mod accounts;
mod auto_close;
mod change;
mod circle;
mod counts;
mod documents;
pub(crate) mod index;
mod keys;
mod ratings;
mod tickets;
mod validators;

use sealdesk_protocol::ids::{Address, Prefix};
use sealdesk_protocol::params::Params;
use sealdesk_protocol::state::{side, tree};
use sealdesk_protocol::wire::sealdesk::ledger::v1::{Counter, HistoryStart, LastChange};
use sealdesk_protocol::wire::virtengine::support::v1 as support;
use sealdesk_store::State;

pub(crate) use accounts::Member;
pub(crate) use auto_close::Due;
pub(crate) use keys::{is_active, was_active_within_grace};
pub(crate) use tickets::{ResponseEntry, TicketEntry, response_of_head, ticket_of_head};
pub(crate) use validators::difference;

use crate::errors::Fatal;

/// The state of a block in the making, in the machine's own terms.
pub(crate) struct StateView<'s> {
    pub(crate) state: &'s mut State,
    pub(crate) prefix: &'s Prefix,
}

impl<'s> StateView<'s> {
    pub(crate) fn new(state: &'s mut State, prefix: &'s Prefix) -> Self {
        Self { state, prefix }
    }

    /// A record of the tree.
    fn record<M: prost::Message + Default>(&self, key: &[u8]) -> Result<Option<M>, Fatal> {
        self.state.get(key)?.map(|bytes| decode(key, &bytes)).transpose()
    }

    fn put_record(&mut self, key: Vec<u8>, record: &impl prost::Message) {
        self.state.put(key, record.encode_to_vec());
    }

    /// A value of the side tables.
    fn side<M: prost::Message + Default>(&self, key: &[u8]) -> Result<Option<M>, Fatal> {
        self.state.get_side(key)?.map(|bytes| decode(key, &bytes)).transpose()
    }

    fn put_side(&mut self, key: Vec<u8>, value: &impl prost::Message) {
        self.state.put_side(key, value.encode_to_vec());
    }

    /// The parameters valid in this block.
    pub(crate) fn params(&self) -> Result<Params, Fatal> {
        let wire = self.record::<support::Params>(tree::PARAMS)?.ok_or(Fatal::NoGenesis)?;
        Params::from_wire(wire).map_err(|error| Fatal::damaged(tree::PARAMS, error))
    }

    pub(crate) fn put_params(&mut self, params: &Params) {
        self.put_record(tree::PARAMS.to_vec(), &params.to_wire());
    }

    /// The parameters that become valid when the block ends, if it has changed them.
    pub(crate) fn pending_params(&self) -> Result<Option<Params>, Fatal> {
        let Some(wire) = self.side::<support::Params>(side::PENDING_PARAMS)? else { return Ok(None) };
        Params::from_wire(wire).map(Some).map_err(|error| Fatal::damaged(side::PENDING_PARAMS, error))
    }

    pub(crate) fn put_pending_params(&mut self, params: &Params) {
        self.put_side(side::PENDING_PARAMS.to_vec(), &params.to_wire());
    }

    pub(crate) fn clear_pending_params(&mut self) {
        self.state.delete_side(side::PENDING_PARAMS);
    }

    /// Tickets created so far.
    pub(crate) fn ticket_count(&self) -> Result<u64, Fatal> {
        Ok(self.record::<Counter>(tree::TICKET_COUNT)?.ok_or(Fatal::NoGenesis)?.value)
    }

    pub(crate) fn put_ticket_count(&mut self, value: u64) {
        self.put_record(tree::TICKET_COUNT.to_vec(), &Counter { value });
    }

    /// The last block that changed the state.
    pub(crate) fn last_change(&self) -> Result<LastChange, Fatal> {
        self.side(side::LAST_CHANGE)?.ok_or(Fatal::NoGenesis)
    }

    pub(crate) fn put_last_change(&mut self, change: &LastChange) {
        self.put_side(side::LAST_CHANGE.to_vec(), change);
    }

    /// Where this node's history begins; `None` where it is the ledger's own.
    pub(crate) fn history_start(&self) -> Result<Option<HistoryStart>, Fatal> {
        self.side(side::HISTORY_START)
    }

    pub(crate) fn put_history_start(&mut self, start: &HistoryStart) {
        self.put_side(side::HISTORY_START.to_vec(), start);
    }

    /// An address that stands in a record.
    pub(crate) fn address(&self, key: &[u8], text: &str) -> Result<Address, Fatal> {
        Address::parse(self.prefix, text).map_err(|error| Fatal::damaged(key, error))
    }
}

/// Reads what the machine wrote.
pub(crate) fn decode<M: prost::Message + Default>(key: &[u8], bytes: &[u8]) -> Result<M, Fatal> {
    M::decode(bytes).map_err(|error| Fatal::damaged(key, error))
}
