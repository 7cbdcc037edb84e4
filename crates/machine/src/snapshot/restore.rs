//! Making a state of rows.

use sealdesk_protocol::genesis::Genesis;
use sealdesk_protocol::identity::Identity;
use sealdesk_protocol::ids::{ChainId, Prefix};
use sealdesk_protocol::state::{side, tree};
use sealdesk_protocol::ticket::grants_hash;
use sealdesk_protocol::wire::sealdesk::ledger::v1::{
    CircleChange, CustomerRecord, DocumentWriter, HistoryStart, KeyList, LastChange, MemberRecord,
};
use sealdesk_protocol::wire::virtengine::support::v1::DocumentHead;
use sealdesk_store::State;

use super::check;
use super::{Row, RowKind};
use crate::errors::{Fatal, GenesisError, RestoreError};
use crate::machine::Machine;
use crate::state::{StateView, decode, index, response_of_head, ticket_of_head};

/// A state in the making. It takes rows in their order, checks what can be checked of each, and writes beside it what follows
/// from it. The root of the records is for the caller to compare.
#[derive(Debug, Clone)]
pub struct Restoring {
    chain_id: ChainId,
    prefix: Prefix,
    identity: Identity,
    genesis: Vec<u8>,
    /// The last row's place.
    last: Option<(RowKind, Vec<u8>)>,
    /// The latest time that any record names.
    time: i64,
    /// Tickets and responses: each has an envelope.
    heads: u64,
    /// Those of them that have grants.
    granted: u64,
    /// Envelopes, and what stays of erased ones.
    envelopes: u64,
    grants: u64,
    /// Heads of documents without what stands in them so far.
    empty_documents: u64,
}

fn refused(what: &str) -> RestoreError {
    RestoreError::Refused(what.to_owned())
}

impl Restoring {
    /// Begins for the ledger of this document, which is the node's own and no stranger's.
    ///
    /// # Errors
    /// [`GenesisError`] if the document makes no ledger.
    pub fn new(genesis: &Genesis) -> Result<Self, GenesisError> {
        let checked = genesis.check()?;
        Ok(Self {
            identity: checked.ancestry.identity(),
            chain_id: checked.chain_id,
            prefix: checked.prefix,
            genesis: genesis.without_desk().to_json()?,
            last: None,
            time: checked.time,
            heads: 0,
            granted: 0,
            envelopes: 0,
            grants: 0,
            empty_documents: 0,
        })
    }

    /// Takes the next row.
    ///
    /// # Errors
    /// [`RestoreError::Refused`] for a row out of its order or one that does not fit the records before it.
    pub fn take(&mut self, state: &mut State, row: Row) -> Result<(), RestoreError> {
        let Row { kind, key, value } = row;
        let place = (kind, key.clone());
        if self.last.as_ref().is_some_and(|last| *last >= place) {
            return Err(refused("a row is not above the one before it"));
        }
        if self.last.replace(place).is_none() {
            StateView::new(state, &self.prefix).begin_ticket_lists();
        }
        match kind {
            RowKind::Record => self.take_record(state, key, value),
            RowKind::Envelope => self.take_envelope(state, key, value),
            RowKind::Grants => self.take_grants(state, key, value),
            RowKind::Document => self.take_document(state, key, value),
            RowKind::Erased => self.take_erased(state, key, value),
        }
    }

    fn take_record(&mut self, state: &mut State, key: Vec<u8>, value: Vec<u8>) -> Result<(), RestoreError> {
        self.note(&key, &value)?;
        index::derive(state, &key, &value, &self.prefix)?;
        state.put(key, value);
        Ok(())
    }

    /// Counts the side values that must come with a record, and remembers its times: a change happened no earlier.
    fn note(&mut self, key: &[u8], value: &[u8]) -> Result<(), Fatal> {
        let none = grants_hash(&[]);
        let times = if key.starts_with(tree::TICKETS) {
            let entry = ticket_of_head(key, decode(key, value)?, &self.prefix)?;
            self.count_head(entry.grants_hash != none);
            vec![entry.ticket.updated_at]
        } else if key.starts_with(tree::RESPONSES) {
            let entry = response_of_head(key, decode(key, value)?)?;
            self.count_head(entry.grants_hash != none);
            vec![entry.response.created_at]
        } else if key.starts_with(tree::MEMBERS) {
            let member = decode::<MemberRecord>(key, value)?;
            vec![member.assigned_at, member.suspended_at]
        } else if key.starts_with(tree::CIRCLE) && key != tree::CIRCLE_VOTES {
            vec![decode::<CircleChange>(key, value)?.changed_at]
        } else if key.starts_with(tree::CUSTOMERS) {
            vec![decode::<CustomerRecord>(key, value)?.last_created_at]
        } else if key.starts_with(tree::DOCUMENTS) {
            self.empty_documents = self.empty_documents.saturating_add(1);
            vec![decode::<DocumentHead>(key, value)?.updated_at]
        } else if key.starts_with(tree::DOCUMENT_WRITERS) {
            // Whoever removed a document left no other time.
            let DocumentWriter { own, staff, public } = decode(key, value)?;
            [own, staff, public].concat()
        } else if key.starts_with(tree::KEYS) {
            let keys = decode::<KeyList>(key, value)?.keys;
            keys.iter().map(|key| key.registered_at.max(key.revoked_at)).collect()
        } else {
            Vec::new()
        };
        self.time = times.into_iter().fold(self.time, i64::max);
        Ok(())
    }

    fn count_head(&mut self, granted: bool) {
        self.heads = self.heads.saturating_add(1);
        self.granted = self.granted.saturating_add(u64::from(granted));
    }

    fn take_envelope(&mut self, state: &mut State, key: Vec<u8>, value: Vec<u8>) -> Result<(), RestoreError> {
        let place = check::place(side::ENVELOPES, &key)?;
        let view = StateView::new(state, &self.prefix);
        let content = check::envelope(&view, &self.chain_id, place, &value)?;
        state.put_side(key, value);
        state.put_side(side::content(place.ticket, place.target), content);
        self.envelopes = self.envelopes.saturating_add(1);
        Ok(())
    }

    /// What stays of an envelope counts as one: its digests are those of the head.
    fn take_erased(&mut self, state: &mut State, key: Vec<u8>, value: Vec<u8>) -> Result<(), RestoreError> {
        let place = check::place(side::ERASED, &key)?;
        let mut view = StateView::new(state, &self.prefix);
        let content = check::erased(&view, &self.chain_id, place, &value)?;
        if view.envelope(place.ticket, place.target)?.is_some() {
            return Err(refused("a text that is erased and is there"));
        }
        view.forget_blobs(place.ticket, place.target)?;
        state.put_side(key, value);
        state.put_side(side::content(place.ticket, place.target), content);
        self.envelopes = self.envelopes.saturating_add(1);
        Ok(())
    }

    fn take_grants(&mut self, state: &mut State, key: Vec<u8>, value: Vec<u8>) -> Result<(), RestoreError> {
        let place = check::place(side::GRANTS, &key)?;
        check::grants(&StateView::new(state, &self.prefix), place, &value)?;
        state.put_side(key, value);
        self.grants = self.grants.saturating_add(1);
        Ok(())
    }

    fn take_document(&mut self, state: &mut State, key: Vec<u8>, value: Vec<u8>) -> Result<(), RestoreError> {
        check::document(&StateView::new(state, &self.prefix), &self.chain_id, &key, &value)?;
        state.put_side(key, value);
        // Each row has a head, and no two have the same.
        self.empty_documents = self.empty_documents.saturating_sub(1);
        Ok(())
    }

    /// Writes what no row brings, as of the state after a block, and gives the time that it is known to have at least, in Unix
    /// seconds. Rows are strictly ascending and each stands for a head, so equal numbers mean that none is missing.
    ///
    /// # Errors
    /// [`RestoreError::Refused`] for what is missing, and for the state of another ledger.
    pub fn finish(self, state: &mut State, height: u64) -> Result<i64, RestoreError> {
        if (self.envelopes, self.grants) != (self.heads, self.granted) {
            return Err(refused("envelopes or grants are missing"));
        }
        if self.empty_documents != 0 {
            return Err(refused("documents are missing"));
        }
        let height = i64::try_from(height).map_err(|_| refused("its height is out of range"))?;
        let machine = Machine::of_state(state)?;
        if (machine.chain_id(), machine.prefix(), machine.identity())
            != (&self.chain_id, &self.prefix, &self.identity)
        {
            return Err(refused("it is of another ledger"));
        }
        let mut view = StateView::new(state, &self.prefix);
        view.params()?;
        view.circle()?;
        let start = HistoryStart { from: height.saturating_add(1), tickets: view.ticket_count()? };
        view.put_history_start(&start);
        // The block's own time is not a record, so nothing proves it. The latest time of a record is never later, and all that
        // a block is asked for is not to be earlier.
        view.put_last_change(&LastChange { height, timestamp: self.time, events: 0 });
        view.state.put_side(side::GENESIS, self.genesis);
        Ok(self.time)
    }
}
