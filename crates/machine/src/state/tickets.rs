//! Tickets as they stand, responses, envelopes and grants. How a ticket changes is in `change`.

use sealdesk_protocol::envelope::Digests;
use sealdesk_protocol::ids::{Prefix, TicketId};
use sealdesk_protocol::import::ImportSource;
use sealdesk_protocol::messages::GrantTarget;
use sealdesk_protocol::state::{side, tree};
use sealdesk_protocol::ticket::{Ticket, grants_hash};
use sealdesk_protocol::wire::sealdesk::ledger::v1::{ErasedEnvelope, GrantList, ImportRecord};
use sealdesk_protocol::wire::virtengine::encryption::v1::MultiRecipientEnvelope;
use sealdesk_protocol::wire::virtengine::support::v1 as support;

use super::StateView;
use super::index::{self, Keys};
use crate::errors::Fatal;

/// A ticket with the two digests beside it: a `TicketHead`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TicketEntry {
    pub(crate) ticket: Ticket,
    pub(crate) payload_digest: [u8; 32],
    pub(crate) grants_hash: [u8; 32],
}

/// A response with the two digests beside it: a `ResponseHead`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ResponseEntry {
    pub(crate) response: support::TicketResponse,
    pub(crate) payload_digest: [u8; 32],
    pub(crate) grants_hash: [u8; 32],
}

impl StateView<'_> {
    pub(crate) fn ticket(&self, id: TicketId) -> Result<Option<TicketEntry>, Fatal> {
        let key = tree::ticket(id);
        let Some(head) = self.record::<support::TicketHead>(&key)? else { return Ok(None) };
        self.ticket_of_head(&key, head).map(Some)
    }

    /// Reads a head that stands under `key`.
    pub(crate) fn ticket_of_head(&self, key: &[u8], head: support::TicketHead) -> Result<TicketEntry, Fatal> {
        ticket_of_head(key, head, self.prefix)
    }

    /// The ticket that came from there.
    pub(crate) fn imported(&self, source: &ImportSource) -> Result<Option<TicketId>, Fatal> {
        let key = tree::import(source);
        let Some(record) = self.record::<ImportRecord>(&key)? else { return Ok(None) };
        TicketId::parse(&record.ticket_id).map(Some).map_err(|error| Fatal::damaged(&key, error))
    }

    pub(crate) fn put_imported(&mut self, source: &ImportSource, id: TicketId) {
        self.put_record(tree::import(source), &ImportRecord { ticket_id: id.to_string() });
    }

    pub(crate) fn response(&self, id: TicketId, i: u32) -> Result<Option<ResponseEntry>, Fatal> {
        let key = tree::response(id, i);
        let Some(head) = self.record::<support::ResponseHead>(&key)? else { return Ok(None) };
        response_of_head(&key, head).map(Some)
    }

    /// Writes a response that was not there, with what lists it.
    pub(crate) fn add_response(&mut self, id: TicketId, entry: &ResponseEntry) -> Result<(), Fatal> {
        let lists = index::of_response(id, &entry.response)?;
        index::apply(self.state, &Keys::new(), &lists);
        self.put_response(id, entry);
        Ok(())
    }

    pub(crate) fn put_response(&mut self, id: TicketId, entry: &ResponseEntry) {
        let head = support::ResponseHead {
            response: Some(entry.response.clone()),
            payload_digest: entry.payload_digest.to_vec(),
            grants_hash: entry.grants_hash.to_vec(),
        };
        self.put_record(tree::response(id, entry.response.response_index), &head);
    }

    /// The envelope of a target; absent once its ciphertext has been erased.
    pub(crate) fn envelope(
        &self,
        id: TicketId,
        target: GrantTarget,
    ) -> Result<Option<MultiRecipientEnvelope>, Fatal> {
        self.side(&side::envelope(id, target))
    }

    pub(crate) fn put_envelope(
        &mut self,
        id: TicketId,
        target: GrantTarget,
        envelope: &MultiRecipientEnvelope,
        digests: &Digests,
    ) {
        self.put_side(side::envelope(id, target), envelope);
        self.put_content(id, target, digests);
    }

    pub(crate) fn put_content(&mut self, id: TicketId, target: GrantTarget, digests: &Digests) {
        self.state.put_side(side::content(id, target), digests.content);
    }

    /// What stays of a target's envelope after its ciphertext was erased.
    pub(crate) fn erased(&self, id: TicketId, target: GrantTarget) -> Result<Option<ErasedEnvelope>, Fatal> {
        self.side(&side::erased(id, target))
    }

    /// Puts it in the place of the envelope. The `content` digest, which grants refer to, stays.
    pub(crate) fn put_erased(&mut self, id: TicketId, target: GrantTarget, erased: &ErasedEnvelope) {
        self.state.delete_side(side::envelope(id, target));
        self.put_side(side::erased(id, target), erased);
    }

    /// What a node says of a text that it has erased; nothing of one that is there.
    pub(crate) fn erasure(
        &self,
        id: TicketId,
        target: GrantTarget,
    ) -> Result<Option<support::Erasure>, Fatal> {
        match self.erased(id, target)? {
            None => Ok(None),
            Some(_) => Ok(Some(self.side(&side::erasure(id))?.unwrap_or_default())),
        }
    }

    pub(crate) fn put_erasure(&mut self, id: TicketId, erasure: &support::Erasure) {
        self.put_side(side::erasure(id), erasure);
    }

    /// Lets go of the names of the pieces of an erased message.
    pub(crate) fn forget_blobs(&mut self, id: TicketId, target: GrantTarget) -> Result<(), Fatal> {
        let names = match target {
            GrantTarget::Ticket => self.ticket(id)?.map(|entry| index::blobs_of_ticket(&entry.ticket)),
            GrantTarget::Response(i) => {
                self.response(id, i)?.map(|entry| index::of_response(id, &entry.response)).transpose()?
            }
        };
        for key in names.unwrap_or_default() {
            self.state.delete_side(key);
        }
        Ok(())
    }

    /// The `content` digest of a target's envelope.
    pub(crate) fn content(&self, id: TicketId, target: GrantTarget) -> Result<[u8; 32], Fatal> {
        let key = side::content(id, target);
        let bytes = self.state.get_side(&key)?;
        digest(&key, bytes.ok_or_else(|| Fatal::damaged(&key, "an envelope without its content digest"))?)
    }

    pub(crate) fn grants(
        &self,
        id: TicketId,
        target: GrantTarget,
    ) -> Result<Vec<support::AccessGrant>, Fatal> {
        Ok(self.side::<GrantList>(&side::grants(id, target))?.unwrap_or_default().grants)
    }

    /// Writes the grants of a target and returns what its head says of them.
    pub(crate) fn put_grants(
        &mut self,
        id: TicketId,
        target: GrantTarget,
        grants: Vec<support::AccessGrant>,
    ) -> [u8; 32] {
        let hash = grants_hash(&grants);
        if !grants.is_empty() {
            self.put_side(side::grants(id, target), &GrantList { grants });
        }
        hash
    }
}

/// Reads a head that stands under `key`.
pub(crate) fn ticket_of_head(
    key: &[u8],
    head: support::TicketHead,
    prefix: &Prefix,
) -> Result<TicketEntry, Fatal> {
    let ticket = head.ticket.and_then(|wire| Ticket::from_wire(wire, prefix));
    Ok(TicketEntry {
        ticket: ticket.ok_or_else(|| Fatal::damaged(key, "not a ticket of this ledger"))?,
        payload_digest: digest(key, head.payload_digest)?,
        grants_hash: digest(key, head.grants_hash)?,
    })
}

/// Reads a head that stands under `key`.
pub(crate) fn response_of_head(key: &[u8], head: support::ResponseHead) -> Result<ResponseEntry, Fatal> {
    Ok(ResponseEntry {
        response: head.response.ok_or_else(|| Fatal::damaged(key, "not a response of this ledger"))?,
        payload_digest: digest(key, head.payload_digest)?,
        grants_hash: digest(key, head.grants_hash)?,
    })
}

fn digest(key: &[u8], bytes: Vec<u8>) -> Result<[u8; 32], Fatal> {
    bytes.try_into().map_err(|_| Fatal::damaged(key, "not a digest of 32 bytes"))
}
