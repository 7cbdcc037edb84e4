//! Envelopes and grants of a stranger, against the records they belong to.

use prost::Message as _;
use sealdesk_protocol::document::{DocumentPlace, body_digest};
use sealdesk_protocol::envelope::{
    AccountKey, Context, Digests, Envelope, EnvelopeLimits, ErasedEnvelope, Kind, verify_signatures,
};
use sealdesk_protocol::ids::{Address, ChainId, TicketId};
use sealdesk_protocol::keys::VerifyKey;
use sealdesk_protocol::messages::GrantTarget;
use sealdesk_protocol::state::{side, tree};
use sealdesk_protocol::ticket::{grants_hash, response_kind};
use sealdesk_protocol::wire::sealdesk::ledger::v1::{self as wire, GrantList};
use sealdesk_protocol::wire::virtengine::encryption::v1::{MultiRecipientEnvelope, RecipientKeyRecord};
use sealdesk_protocol::wire::virtengine::support::v1::EnvelopeContext;

use crate::errors::RestoreError;
use crate::state::StateView;

/// Which envelope or grants a side key stands for.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) ticket: TicketId,
    pub(super) target: GrantTarget,
}

/// What a ticket or response says of the side values beside it.
struct Head {
    /// Whether the ticket was closed since this was written.
    was_closed: bool,
    /// `None` for a ticket, whose envelope was sealed before it had its number.
    ticket: Option<TicketId>,
    kind: Kind,
    sender: Address,
    context: EnvelopeContext,
    payload_digest: [u8; 32],
    grants_hash: [u8; 32],
}

fn refused(what: impl Into<String>) -> RestoreError {
    RestoreError::Refused(what.into())
}

/// Reads a side key.
pub(super) fn place(below: &[u8], key: &[u8]) -> Result<Place, RestoreError> {
    let outside = || refused(format!("a row of its own making: {}", key.escape_ascii()));
    let rest = key.strip_prefix(below).ok_or_else(outside)?;
    let (number, target) = rest.split_first_chunk::<8>().ok_or_else(outside)?;
    let target: [u8; 4] = target.try_into().map_err(|_| outside())?;
    let target = GrantTarget::from_wire(u32::from_be_bytes(target));
    let ticket = TicketId::new(u64::from_be_bytes(*number)).ok_or_else(outside)?;
    Ok(Place { ticket, target })
}

fn head(view: &StateView<'_>, place: Place) -> Result<Head, RestoreError> {
    let id = place.ticket;
    let missing = || refused(format!("a side value without its record: {id}"));
    let entry = view.ticket(id)?.ok_or_else(missing)?;
    match place.target {
        GrantTarget::Ticket => Ok(Head {
            was_closed: entry.ticket.was_closed_since(entry.ticket.created_at),
            ticket: None,
            kind: Kind::Ticket,
            sender: entry.ticket.author().clone(),
            context: entry.ticket.payload_context,
            payload_digest: entry.payload_digest,
            grants_hash: entry.grants_hash,
        }),
        GrantTarget::Response(index) => {
            let ticket = entry.ticket;
            let entry = view.response(id, index)?.ok_or_else(missing)?;
            let response = entry.response;
            let key = tree::response(id, index);
            let context = response.payload_context.ok_or_else(missing)?;
            Ok(Head {
                was_closed: ticket.was_closed_since(response.created_at),
                ticket: Some(id).filter(|_| !ticket.is_imported_response(index)),
                kind: response_kind(response.internal, &context),
                sender: view.address(&key, &response.responder_address)?,
                context,
                payload_digest: entry.payload_digest,
                grants_hash: entry.grants_hash,
            })
        }
    }
}

/// Checks an envelope against its head, and its signatures against the keys of its sender, which the records hold; gives the
/// `content` digest. So a stranger cannot change a bit of it.
pub(super) fn envelope(
    view: &StateView<'_>,
    chain_id: &ChainId,
    place: Place,
    bytes: &[u8],
) -> Result<[u8; 32], RestoreError> {
    of_head(view, chain_id, place, |sealed, expected| sealed.verify(expected, bytes))
}

/// Checks what stays of an erased envelope in the same way: its digest is that of the head, and its signature its sender's. Only what is closed is
/// ever erased, so that a peer cannot withhold what a ticket has that was open all the time.
pub(super) fn erased(
    view: &StateView<'_>,
    chain_id: &ChainId,
    place: Place,
    bytes: &[u8],
) -> Result<[u8; 32], RestoreError> {
    if !head(view, place)?.was_closed {
        return Err(refused(format!(
            "an erased text of {}, which was not closed since it was written",
            place.ticket
        )));
    }
    of_head(view, chain_id, place, |sealed, expected| sealed.verify_erased(expected, bytes))
}

fn of_head(
    view: &StateView<'_>,
    chain_id: &ChainId,
    place: Place,
    verify: impl FnOnce(&Sealed, &Context) -> Result<Digests, String>,
) -> Result<[u8; 32], RestoreError> {
    let wrong = |what: &dyn std::fmt::Display| refused(format!("the envelope of {}: {what}", place.ticket));
    let Head { ticket, kind, sender, context, payload_digest, .. } = head(view, place)?;
    let own = context.chain_id.is_empty();
    let expected = Context {
        chain_id: if own { chain_id.to_string() } else { context.chain_id },
        ticket_id: ticket.map(|id| id.to_string()).unwrap_or_default(),
        kind,
        sender: sender.to_string(),
        sequence: context.sequence,
        index: context.index,
    };
    let (keys, version) = (view.keys(&sender)?, context.signer_key_version);
    let sealed = Sealed { limits: EnvelopeLimits::WIDEST, keys, version };
    let digests = verify(&sealed, &expected).map_err(|error| wrong(&error))?;
    if digests.envelope != payload_digest {
        return Err(wrong(&"another one than the ledger took"));
    }
    Ok(digests.content)
}

/// Checks what stands in a document against its head, as an envelope, or as the public body that it is.
pub(super) fn document(
    view: &StateView<'_>,
    chain_id: &ChainId,
    key: &[u8],
    bytes: &[u8],
) -> Result<(), RestoreError> {
    let text = key.strip_prefix(side::DOCUMENTS).and_then(|rest| std::str::from_utf8(rest).ok());
    let place = text.and_then(|text| DocumentPlace::parse(view.prefix, text));
    let place = place.ok_or_else(|| refused(format!("a row of its own making: {}", key.escape_ascii())))?;
    let wrong = |what: &dyn std::fmt::Display| refused(format!("the document {place}: {what}"));
    let head = view.document(&place)?.ok_or_else(|| wrong(&"it has no record"))?;
    let digest: [u8; 32] = match head.payload_context {
        None => body_digest(bytes),
        Some(context) => {
            let own = context.chain_id.is_empty();
            let expected = Context {
                chain_id: if own { chain_id.to_string() } else { context.chain_id },
                ticket_id: place.to_string(),
                kind: Kind::Document,
                sender: head.updated_by.clone(),
                sequence: context.sequence,
                index: context.index,
            };
            let sender = view.address(key, &head.updated_by)?;
            let (keys, version) = (view.keys(&sender)?, context.signer_key_version);
            let sealed = Sealed { limits: EnvelopeLimits::WIDEST_DOCUMENT, keys, version };
            sealed.verify(&expected, bytes).map_err(|error| wrong(&error))?.envelope
        }
    };
    if digest[..] == head.digest { Ok(()) } else { Err(wrong(&"another one than the ledger took")) }
}

/// By which key an envelope is signed, and how large it may be.
struct Sealed {
    limits: EnvelopeLimits,
    /// Its sender's.
    keys: Vec<RecipientKeyRecord>,
    version: u32,
}

impl Sealed {
    /// Verifies the one encoding of an envelope for a place; says what is wrong.
    fn verify(&self, expected: &Context, bytes: &[u8]) -> Result<Digests, String> {
        let text = |error: &dyn std::fmt::Display| error.to_string();
        let wire = MultiRecipientEnvelope::decode(bytes).map_err(|error| text(&error))?;
        if wire.encode_to_vec() != bytes {
            return Err("not in its canonical form".to_owned());
        }
        let envelope = Envelope::from_wire(&wire, self.limits).map_err(|error| text(&error))?;
        verify_signatures(&envelope, expected, &self.key()?, AccountKey::OfSender)
            .map_err(|error| text(&error))
    }

    /// Verifies the one encoding of what stays of an envelope; says what is wrong.
    fn verify_erased(&self, expected: &Context, bytes: &[u8]) -> Result<Digests, String> {
        let text = |error: &dyn std::fmt::Display| error.to_string();
        let wire = wire::ErasedEnvelope::decode(bytes).map_err(|error| text(&error))?;
        if wire.encode_to_vec() != bytes {
            return Err("not in its canonical form".to_owned());
        }
        let erased = ErasedEnvelope::from_wire(&wire).map_err(|error| text(&error))?;
        erased.verify_signatures(expected, &self.key()?, AccountKey::OfSender).map_err(|error| text(&error))
    }

    fn key(&self) -> Result<VerifyKey, String> {
        let key = self.keys.iter().find(|key| key.key_version == self.version);
        let key = key.ok_or("its sender has no such key")?;
        VerifyKey::parse(&key.signing_key).map_err(|error| error.to_string())
    }
}

/// Checks the grants of a target against its head.
pub(super) fn grants(view: &StateView<'_>, place: Place, bytes: &[u8]) -> Result<(), RestoreError> {
    let wrong = |what: &dyn std::fmt::Display| refused(format!("the grants of {}: {what}", place.ticket));
    let list = GrantList::decode(bytes).map_err(|error| wrong(&error))?;
    if list.grants.is_empty() || list.encode_to_vec() != bytes {
        return Err(wrong(&"not in their canonical form"));
    }
    if grants_hash(&list.grants) != head(view, place)?.grants_hash {
        return Err(wrong(&"other ones than the ledger took"));
    }
    Ok(())
}
