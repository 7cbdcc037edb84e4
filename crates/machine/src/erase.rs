//! Destroying the texts of a closed ticket on one node. No record and nothing that a block reads is touched: the root stays what it is,
//! proofs and receipts verify, and what stays beside each head has the digests that were signed.

use sealdesk_protocol::account::AccountState;
use sealdesk_protocol::attachment::BlobHash;
use sealdesk_protocol::envelope::{Envelope, EnvelopeError, EnvelopeLimits, ErasedEnvelope};
use sealdesk_protocol::ids::{Address, TicketId};
use sealdesk_protocol::messages::{AssignableRole, GrantTarget};
use sealdesk_protocol::state::side;
use sealdesk_protocol::ticket::{Status, Ticket};
use sealdesk_protocol::tx::TxHash;
use sealdesk_protocol::wire::sealdesk::ledger::v1::{EventRecord, TxRecord};
use sealdesk_protocol::wire::virtengine::support::v1::{EnvelopeContext, Erasure};
use sealdesk_store::{Entry, KeyRange, State, StoreError};
use thiserror::Error;

use crate::errors::Fatal;
use crate::machine::Machine;
use crate::query::event_place;
use crate::state::{StateView, decode, index};

/// Behind the hash in the key of a piece: a ticket's number and a target.
const HASH_AT: std::ops::Range<usize> = side::BLOBS.len()..side::BLOBS.len() + 32;

/// Why nothing is erased.
#[derive(Debug, Error)]
pub enum EraseError {
    /// No such ticket.
    #[error("ticket {0} does not exist")]
    NotFound(TicketId),
    /// Only what is over is erased.
    #[error("ticket {ticket} is {status}: only a closed ticket can be erased")]
    NotClosed {
        /// Which.
        ticket: TicketId,
        /// How it stands.
        status: Status,
    },
    /// Only an active administrator erases.
    #[error("only an administrator can have a ticket erased")]
    NotAdministrator,
    /// The store failed, or the state is damaged.
    #[error(transparent)]
    Fatal(#[from] Fatal),
}

/// What was erased.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Erased {
    /// Texts that were there and are not any more; 0 where all had been erased before.
    pub texts: u32,
    /// Pieces of files that no other message names.
    pub blobs: Vec<BlobHash>,
    /// The newest block of this ledger that brought one of the ticket's texts; 0 where an older ledger brought all of them.
    pub last_block: u64,
}

impl Machine {
    /// Destroys the texts of a closed ticket in the side values of a state.
    ///
    /// # Errors
    /// [`EraseError`]; then nothing of what was written to the state is to be kept.
    pub fn erase(
        &self,
        state: &mut State,
        id: TicketId,
        by: &Address,
        at: i64,
    ) -> Result<Erased, EraseError> {
        let mut view = StateView::new(state, self.prefix());
        let ticket = judge(&view, id, by)?;
        let (mut erased, mut blobs) = (Erased::default(), index::blobs_of_ticket(&ticket));
        erase_text(&mut view, id, GrantTarget::Ticket, &ticket.payload_context, &mut erased)?;
        for i in 0..ticket.response_count {
            let entry = view.response(id, i)?;
            let response =
                entry.ok_or_else(|| Fatal::Broken(format!("response {i} of {id} is missing")))?.response;
            blobs.extend(index::of_response(id, &response)?);
            let context = response.payload_context.unwrap_or_default();
            erase_text(&mut view, id, GrantTarget::Response(i), &context, &mut erased)?;
        }
        for key in &blobs {
            view.state.delete_side(key.as_slice());
        }
        for key in blobs {
            let hash = key.get(HASH_AT).and_then(|hash| BlobHash::try_from(hash).ok());
            let hash = hash.ok_or_else(|| Fatal::damaged(&key, "it names no piece of a file"))?;
            let others = KeyRange::prefix(&side::blob_messages(&hash));
            if !erased.blobs.contains(&hash)
                && view.state.scan_side(&others).map_err(Fatal::from)?.next().is_none()
            {
                erased.blobs.push(hash);
            }
        }
        if erased.texts > 0 {
            erase_transactions(&mut view, id)?;
            view.put_erasure(id, &Erasure { erased_at: at, erased_by: by.to_string() });
        }
        Ok(erased)
    }
}

fn judge(view: &StateView<'_>, id: TicketId, by: &Address) -> Result<Ticket, EraseError> {
    let member = view.member(by)?;
    if member.role != Some(AssignableRole::Administrator) || member.state != AccountState::Active {
        return Err(EraseError::NotAdministrator);
    }
    let ticket = view.ticket(id)?.ok_or(EraseError::NotFound(id))?.ticket;
    if ticket.status != Status::Closed {
        return Err(EraseError::NotClosed { ticket: id, status: ticket.status });
    }
    Ok(ticket)
}

/// Puts in the place of an envelope what stays of it.
fn erase_text(
    view: &mut StateView<'_>,
    id: TicketId,
    target: GrantTarget,
    context: &EnvelopeContext,
    erased: &mut Erased,
) -> Result<(), Fatal> {
    if context.chain_id.is_empty() {
        erased.last_block = erased.last_block.max(u64::try_from(context.height).unwrap_or(0));
    }
    let Some(wire) = view.envelope(id, target)? else { return Ok(()) };
    let damaged = |error: EnvelopeError| Fatal::damaged(&side::envelope(id, target), error);
    let envelope = Envelope::from_wire(&wire, EnvelopeLimits::WIDEST).map_err(damaged)?;
    view.put_erased(id, target, &ErasedEnvelope::of(&envelope).to_wire());
    erased.texts = erased.texts.saturating_add(1);
    Ok(())
}

/// The results of the ticket's transactions stay; their bytes, which held the texts too, go.
fn erase_transactions(view: &mut StateView<'_>, id: TicketId) -> Result<(), Fatal> {
    let below = [side::TICKET_EVENTS, &id.number().to_be_bytes()].concat();
    let events: Vec<Entry> =
        view.state.scan_side(&KeyRange::prefix(&below))?.collect::<Result<_, StoreError>>()?;
    for (key, _) in events {
        let (height, n) = event_place(&key)?;
        let event_key = side::event(height, n);
        let Some(event) = view.state.get_side(&event_key)? else { continue };
        let event: EventRecord = decode(&event_key, &event)?;
        // What the ledger did by itself has no transaction.
        let Ok(hash) = event.tx_hash.as_slice().try_into() else { continue };
        let tx_key = side::tx(TxHash(hash));
        let Some(record) = view.state.get_side(&tx_key)? else { continue };
        let record: TxRecord = decode(&tx_key, &record)?;
        if !record.tx.is_empty() {
            let without = TxRecord { tx: Vec::new(), ..record };
            view.state.put_side(tx_key, prost::Message::encode_to_vec(&without));
        }
    }
    Ok(())
}
