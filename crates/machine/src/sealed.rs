//! The last stage of judging: a sealed payload. Its shape, then its readers, then its signatures.

use std::collections::BTreeSet;

use sealdesk_protocol::codes::SupportError;
use sealdesk_protocol::document::{DocumentPlace, ShelfKind};
use sealdesk_protocol::envelope::{
    AccountKey, Context, Digests, Envelope, EnvelopeError, EnvelopeLimits, Kind, KnownSignatures,
    verify_signatures,
};
use sealdesk_protocol::ids::{Address, TicketId};
use sealdesk_protocol::import::response_index_in_context;
use sealdesk_protocol::keys::VerifyKey;
use sealdesk_protocol::limits::STAFF_DOCUMENT_READERS_MAX;
use sealdesk_protocol::messages::{ImportTicket, Message, RawEnvelope};
use sealdesk_protocol::params::Params;
use sealdesk_protocol::state::tree;
use sealdesk_protocol::tx::{Signer, VerifiedTx};
use sealdesk_protocol::wire::virtengine::encryption::v1::{MultiRecipientEnvelope, RecipientKeyRecord};
use sealdesk_protocol::wire::virtengine::support::v1::EnvelopeContext;
use sealdesk_store::{Snapshot, State};

use crate::call::Call;
use crate::errors::{Fatal, Stop};
use crate::machine::Machine;
use crate::messages;
use crate::readers::{Audience, Named, Readers};
use crate::state::{StateView, is_active};

/// An envelope that has passed every check of the ledger.
pub(crate) struct Sealed {
    pub(crate) envelope: MultiRecipientEnvelope,
    pub(crate) digests: Digests,
    pub(crate) context: EnvelopeContext,
}

/// Where an envelope is expected.
pub(crate) struct Expected<'a> {
    /// `None` for a new ticket, which has no number yet.
    pub(crate) ticket: Option<TicketId>,
    pub(crate) kind: Kind,
    pub(crate) audience: Audience<'a>,
}

/// Judges the envelope of a message.
pub(crate) fn judge(
    call: &Call<'_, '_>,
    raw: &RawEnvelope,
    params: &Params,
    expected: &Expected<'_>,
) -> Result<Sealed, Stop> {
    let readers = readers(call, expected.audience, params, &named([raw]))?;
    let name = expected.ticket.map(|id| id.to_string()).unwrap_or_default();
    let place = Place { name, kind: expected.kind, index: call.index };
    judge_by(call, &readers, raw, limits(params), place)
}

/// Judges an envelope of which it is known who may and must read it.
fn judge_by(
    call: &Call<'_, '_>,
    readers: &Readers,
    raw: &RawEnvelope,
    limits: EnvelopeLimits,
    place: Place,
) -> Result<Sealed, Stop> {
    let (wire, envelope) = shaped(raw, limits)?;
    if place.kind == Kind::Ticket && !readers.some_administrator_can_read() {
        return Err(SupportError::NoAdministratorCanRead.into());
    }
    readers.judge(envelope.wrapped_keys(), call.block.time)?;
    finish(call, wire, &envelope, place)
}

/// Whom these envelopes name, before they are judged: names that are none are refused with their envelope.
fn named<'a>(envelopes: impl IntoIterator<Item = &'a RawEnvelope>) -> BTreeSet<&'a str> {
    let entries = envelopes.into_iter().flatten().flat_map(|envelope| &envelope.wrapped_keys);
    entries.map(|entry| entry.recipient_id.as_str()).collect()
}

/// The envelopes of an import that have passed every check.
pub(crate) struct SealedHistory {
    /// The ticket's own.
    pub(crate) ticket: Sealed,
    /// Those of its responses, in order.
    pub(crate) responses: Vec<Sealed>,
}

/// Judges the envelopes of an import: all of them are the sender's, for the readers of a new ticket.
pub(crate) fn judge_history(
    call: &Call<'_, '_>,
    message: &ImportTicket,
    params: &Params,
) -> Result<SealedHistory, Stop> {
    let audience = Audience::of_new(&message.customer, None);
    let (notes, others): (Vec<_>, Vec<_>) = message.responses.iter().partition(|response| response.internal);
    let others = others.into_iter().map(|response| &response.envelope).chain([&message.envelope]);
    let of_all = readers(call, audience, params, &named(others))?;
    let of_notes = Audience { internal: true, ..audience };
    let of_notes = readers(call, of_notes, params, &named(notes.into_iter().map(|note| &note.envelope)))?;
    let place = |kind, index| Place { name: String::new(), kind, index };
    let judge =
        |readers: &Readers, raw: &RawEnvelope, place| judge_by(call, readers, raw, limits(params), place);
    let ticket = judge(&of_all, &message.envelope, place(Kind::Ticket, call.index))?;
    let mut responses = Vec::with_capacity(message.responses.len());
    for (k, response) in (0..).zip(&message.responses) {
        let (readers, kind) =
            if response.internal { (&of_notes, Kind::Note) } else { (&of_all, Kind::Response) };
        let place = place(kind, response_index_in_context(call.index, k));
        responses.push(judge(readers, &response.envelope, place)?);
    }
    Ok(SealedHistory { ticket, responses })
}

fn readers(
    call: &Call<'_, '_>,
    audience: Audience<'_>,
    params: &Params,
    named: &BTreeSet<&str>,
) -> Result<Readers, Fatal> {
    let mut readers = Readers::of(&call.view, audience)?;
    if params.open_queue {
        readers.add_queue(&call.view, audience, params, Named { ids: named, now: call.block.time })?;
    }
    Ok(readers)
}

/// Judges the envelope of a document.
pub(crate) fn judge_document(
    call: &Call<'_, '_>,
    raw: &RawEnvelope,
    params: &Params,
    place: &DocumentPlace,
) -> Result<Sealed, Stop> {
    let limits = match place.shelf.kind() {
        ShelfKind::Staff => EnvelopeLimits { recipients_max: STAFF_DOCUMENT_READERS_MAX, ..limits(params) },
        ShelfKind::Own | ShelfKind::Public => limits(params),
    };
    let ids = named([raw]);
    let readers = Readers::of_shelf(&call.view, &place.shelf, Named { ids: &ids, now: call.block.time })?;
    let place = Place { name: place.to_string(), kind: Kind::Document, index: call.index };
    judge_by(call, &readers, raw, limits, place)
}

fn limits(params: &Params) -> EnvelopeLimits {
    EnvelopeLimits {
        envelope_bytes_max: usize::try_from(params.max_envelope_bytes).unwrap_or(usize::MAX),
        recipients_max: usize::try_from(params.max_recipients).unwrap_or(usize::MAX),
    }
}

fn shaped(
    raw: &RawEnvelope,
    limits: EnvelopeLimits,
) -> Result<(MultiRecipientEnvelope, Envelope), SupportError> {
    let wire = raw.clone().ok_or_else(|| SupportError::InvalidEnvelope("it is absent".to_owned()))?;
    let envelope = Envelope::from_wire(&wire, limits).map_err(invalid)?;
    Ok((wire, envelope))
}

/// The signatures, and the context as the record keeps it.
fn finish(
    call: &Call<'_, '_>,
    wire: MultiRecipientEnvelope,
    envelope: &Envelope,
    place: Place,
) -> Result<Sealed, Stop> {
    let (digests, signer_key_version) = verify(call, envelope, &place)?;
    let context = EnvelopeContext {
        kind: u32::from(place.kind.number()),
        sequence: call.signer.sequence,
        index: place.index,
        height: call.height()?,
        chain_id: String::new(),
        signer_key_version,
    };
    Ok(Sealed { envelope: wire, digests, context })
}

/// Finds the sender's active key that signed it, the newest first.
fn verify(call: &Call<'_, '_>, envelope: &Envelope, place: &Place) -> Result<(Digests, u32), Stop> {
    let context = place.context(call.machine, call.signer);
    let account = call.signer.public_key.single().ok_or_else(|| {
        let text = "an account of several keys cannot seal: each author needs an account of their own";
        SupportError::InvalidEnvelope(text.to_owned())
    })?;
    let keys = call.view.keys_in_use(&call.signer.address)?;
    for key in keys.iter().rev().filter(|key| is_active(key)) {
        // A key of which something is known has been read before.
        if let Some(digests) = call.known.find(envelope, &context, &key.signing_key, account) {
            return Ok((digests, key.key_version));
        }
        let verify_key = parse(&call.signer.address, key)?;
        match verify_signatures(envelope, &context, &verify_key, AccountKey::Is(account)) {
            Ok(digests) => return Ok((digests, key.key_version)),
            Err(EnvelopeError::ClientSignature) => {}
            Err(other) => return Err(invalid(other).into()),
        }
    }
    Err(invalid(EnvelopeError::ClientSignature).into())
}

/// The signer's active signing keys with their versions, the newest first.
pub(crate) fn signing_keys(call: &Call<'_, '_>) -> Result<Vec<(u32, VerifyKey)>, Fatal> {
    let address = &call.signer.address;
    let keys = call.view.keys_in_use(address)?;
    let active = keys.iter().rev().filter(|key| is_active(key));
    active.map(|key| Ok((key.key_version, parse(address, key)?))).collect()
}

fn parse(address: &Address, key: &RecipientKeyRecord) -> Result<VerifyKey, Fatal> {
    VerifyKey::parse(&key.signing_key).map_err(|error| Fatal::damaged(&tree::keys(address), error))
}

/// Where an envelope of a transaction stands.
struct Place {
    /// A ticket's id, empty for a new one, or a document's place.
    name: String,
    kind: Kind,
    index: u32,
}

impl Place {
    fn context(&self, machine: &Machine, signer: &Signer) -> Context {
        Context {
            chain_id: machine.chain_id().to_string(),
            ticket_id: self.name.clone(),
            kind: self.kind,
            sender: signer.address.to_string(),
            sequence: signer.sequence,
            index: self.index,
        }
    }
}

impl Machine {
    /// Verifies ahead of the block what execution will most likely ask of this transaction's envelopes and grants, and lets it know. It changes no
    /// result, so this can be done anywhere, over any state of the ledger and on any thread; what is not found here is verified then.
    ///
    /// # Errors
    /// [`Fatal`] where the state cannot be read.
    pub fn foresee(&self, snapshot: &Snapshot, tx: VerifiedTx) -> Result<VerifiedTx, Fatal> {
        let mut state = State::new(snapshot.clone());
        let view = StateView::new(&mut state, self.prefix());
        let mut known = KnownSignatures::default();
        for (index, message) in (0..).zip(tx.messages()) {
            if let Message::GrantAccess(grants) = message {
                messages::foresee_grants(&view, grants, &mut known)?;
            }
            let Some((name, kind, raw)) = envelope_of(message) else { continue };
            let signer = tx.signers().iter().find(|signer| signer.address == *message.signer());
            let (Some(wire), Some(signer)) = (raw, signer) else { continue };
            let Some(account) = signer.public_key.single() else { continue };
            let Ok(envelope) = Envelope::from_wire(wire, EnvelopeLimits::WIDEST) else { continue };
            let Some(key) = likely_key(&view, &tx, signer)? else { continue };
            let context = Place { name, kind, index }.context(self, signer);
            // Execution judges what is not good, and says why.
            let _ = known.learn(&envelope, &context, &key, account);
        }
        Ok(tx.knowing(known))
    }
}

/// The envelope of a message, and where it stands.
fn envelope_of(message: &Message) -> Option<(String, Kind, Option<&MultiRecipientEnvelope>)> {
    match message {
        Message::CreateTicket(create) => Some((String::new(), Kind::Ticket, create.envelope.as_ref())),
        Message::RespondToTicket(respond) => {
            let kind = if respond.internal { Kind::Note } else { Kind::Response };
            Some((respond.ticket.to_string(), kind, respond.envelope.as_ref()))
        }
        _ => None,
    }
}

/// The key by which a signer has most likely signed: one that this transaction registers, or else their newest.
fn likely_key(view: &StateView<'_>, tx: &VerifiedTx, signer: &Signer) -> Result<Option<VerifyKey>, Fatal> {
    let registered = tx.messages().iter().rev().find_map(|message| match message {
        Message::RegisterKey(key) if key.sender == signer.address => Some(key.signing_key.to_vec()),
        _ => None,
    });
    let newest = || {
        let keys = view.keys_in_use(&signer.address)?;
        Ok::<_, Fatal>(keys.into_iter().rev().find(is_active).map(|key| key.signing_key))
    };
    let bytes = registered.map_or_else(newest, |key| Ok(Some(key)))?;
    Ok(bytes.and_then(|bytes| VerifyKey::parse(&bytes).ok()))
}

pub(crate) fn invalid(error: EnvelopeError) -> SupportError {
    SupportError::InvalidEnvelope(error.to_string())
}
