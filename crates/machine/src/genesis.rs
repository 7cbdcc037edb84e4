//! The first state, from a checked document.

use prost::Message as _;
use sealdesk_protocol::genesis::{CheckedGenesis, CheckedPayload, CheckedSealed, CheckedTicket, Genesis};
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::messages::GrantTarget;
use sealdesk_protocol::state::{side, tree};
use sealdesk_protocol::ticket::grants_hash;
use sealdesk_protocol::wire::sealdesk::ledger::v1::{ChainRecord, LastChange};
use sealdesk_store::State;

use crate::errors::{Fatal, GenesisError};
use crate::machine::Machine;
use crate::state::index::{self, Keys};
use crate::state::{Member, ResponseEntry, StateView, TicketEntry};

impl Machine {
    /// Writes the state that a document describes. The store must be empty.
    ///
    /// # Errors
    /// The first thing wrong with the document, or with the store.
    pub fn genesis(state: &mut State, genesis: &Genesis) -> Result<Self, GenesisError> {
        let checked = genesis.check()?;
        if state.get(tree::CHAIN).map_err(Fatal::from)?.is_some() {
            return Err(GenesisError::NotEmpty);
        }
        let identity = checked.ancestry.identity();
        let machine = Self::new(checked.chain_id.clone(), checked.prefix.clone(), identity);
        let mut view = StateView::new(state, machine.prefix());
        write_chain(&mut view, genesis, &checked)?;
        write_people(&mut view, &checked)?;
        view.begin_ticket_lists();
        for ticket in &checked.tickets {
            write_ticket(&mut view, ticket)?;
        }
        write_documents(&mut view, &checked);
        Ok(machine)
    }
}

fn write_chain(
    view: &mut StateView<'_>,
    genesis: &Genesis,
    checked: &CheckedGenesis,
) -> Result<(), GenesisError> {
    let prefix = checked.prefix.as_str().to_owned();
    let record = ChainRecord { chain_id: checked.chain_id.to_string(), prefix };
    view.state.put(tree::CHAIN, record.encode_to_vec());
    view.begin_circle(&checked.ancestry, &checked.circle, &checked.circle_changes);
    view.put_params(&checked.params);
    view.begin_validators(checked.validators.clone());
    view.put_ticket_count(checked.ticket_count);
    view.put_last_change(&LastChange { height: 0, timestamp: checked.time, events: 0 });
    // The desk itself is in the records; the rest of the document is kept for an export.
    view.state.put_side(side::GENESIS, genesis.without_desk().to_json()?);
    Ok(())
}

fn write_people(view: &mut StateView<'_>, checked: &CheckedGenesis) -> Result<(), Fatal> {
    for (address, record) in &checked.members {
        let key = tree::member(address);
        let member = Member::from_record(record.clone());
        let member = member.ok_or_else(|| Fatal::damaged(&key, "not a member of this ledger"))?;
        view.state.put(key, record.encode_to_vec());
        // Writing their keys lists those who can read.
        index::apply(view.state, &Keys::new(), &index::of_member(address, &member, false));
    }
    for (address, record) in &checked.accounts {
        view.put_account(address, record);
    }
    for (address, list) in &checked.keys {
        view.put_keys(address, &[], list.keys.clone())?;
    }
    for (address, record) in &checked.customers {
        view.put_customer(address, record);
    }
    Ok(())
}

fn write_documents(view: &mut StateView<'_>, checked: &CheckedGenesis) {
    for document in &checked.documents {
        view.put_document(&document.place, &document.head, document.stored.clone());
    }
    for shelf in &checked.shelves {
        view.put_shelf(&shelf.shelf, &shelf.record);
    }
    for published in &checked.published {
        view.put_published(&published.name, &published.record);
        for (version, body) in &published.bodies {
            view.put_published_body(&published.name, *version, body);
        }
    }
    for (address, record) in &checked.document_writers {
        view.put_document_writer(address, record);
    }
}

fn write_ticket(view: &mut StateView<'_>, checked: &CheckedTicket) -> Result<(), Fatal> {
    let id = checked.ticket.id;
    let payload = &checked.payload;
    let entry = TicketEntry {
        ticket: checked.ticket.clone(),
        payload_digest: payload.digests.envelope,
        grants_hash: grants_hash(&payload.grants),
    };
    view.begin_ticket(&entry, checked.due_at)?;
    if let Some(imported) = &checked.ticket.imported {
        view.put_imported(&imported.source, id);
    }
    put_sealed(view, id, GrantTarget::Ticket, payload)?;
    view.put_grants(id, GrantTarget::Ticket, payload.grants.clone());
    for (response, payload) in &checked.responses {
        let target = GrantTarget::Response(response.response_index);
        let entry = ResponseEntry {
            response: response.clone(),
            payload_digest: payload.digests.envelope,
            grants_hash: grants_hash(&payload.grants),
        };
        view.add_response(id, &entry)?;
        put_sealed(view, id, target, payload)?;
        view.put_grants(id, target, payload.grants.clone());
    }
    Ok(())
}

/// An envelope, or what stays of it; of what was erased, no piece of a file is kept.
fn put_sealed(
    view: &mut StateView<'_>,
    id: TicketId,
    target: GrantTarget,
    payload: &CheckedPayload,
) -> Result<(), Fatal> {
    match &payload.sealed {
        CheckedSealed::Envelope(envelope) => view.put_envelope(id, target, envelope, &payload.digests),
        CheckedSealed::Erased(erased) => {
            view.put_erased(id, target, erased);
            view.put_content(id, target, &payload.digests);
            view.forget_blobs(id, target)?;
        }
    }
    Ok(())
}
