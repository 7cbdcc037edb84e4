//! The last stage of judging: a sealed payload. Its shape, then its readers, then its signatures.

use sealdesk_protocol::codes::SupportError;
use sealdesk_protocol::document::{DocumentPlace, ShelfKind};
use sealdesk_protocol::envelope::{
    AccountKey, Context, Digests, Envelope, EnvelopeError, EnvelopeLimits, Kind, verify_signatures,
};
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::keys::VerifyKey;
use sealdesk_protocol::limits::STAFF_DOCUMENT_READERS_MAX;
use sealdesk_protocol::messages::RawEnvelope;
use sealdesk_protocol::params::Params;
use sealdesk_protocol::state::tree;
use sealdesk_protocol::wire::virtengine::encryption::v1::MultiRecipientEnvelope;
use sealdesk_protocol::wire::virtengine::support::v1::EnvelopeContext;

use crate::call::Call;
use crate::errors::{Fatal, Stop};
use crate::readers::{Audience, Readers};
use crate::state::is_active;

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
    raw: RawEnvelope,
    params: &Params,
    expected: &Expected<'_>,
) -> Result<Sealed, Stop> {
    let (wire, envelope) = shaped(raw, limits(params))?;
    let readers = Readers::of(&call.view, expected.audience)?;
    if expected.kind == Kind::Ticket && !readers.some_administrator_can_read() {
        return Err(SupportError::NoAdministratorCanRead.into());
    }
    readers.judge(envelope.wrapped_keys(), call.block.time)?;
    let place = expected.ticket.map(|id| id.to_string()).unwrap_or_default();
    finish(call, wire, &envelope, expected.kind, place)
}

/// Judges the envelope of a document.
pub(crate) fn judge_document(
    call: &Call<'_, '_>,
    raw: RawEnvelope,
    params: &Params,
    place: &DocumentPlace,
) -> Result<Sealed, Stop> {
    let limits = match place.shelf.kind() {
        ShelfKind::Staff => EnvelopeLimits { recipients_max: STAFF_DOCUMENT_READERS_MAX, ..limits(params) },
        ShelfKind::Own | ShelfKind::Public => limits(params),
    };
    let (wire, envelope) = shaped(raw, limits)?;
    let readers = Readers::of_shelf(&call.view, &place.shelf)?;
    readers.judge(envelope.wrapped_keys(), call.block.time)?;
    finish(call, wire, &envelope, Kind::Document, place.to_string())
}

fn limits(params: &Params) -> EnvelopeLimits {
    EnvelopeLimits {
        envelope_bytes_max: usize::try_from(params.max_envelope_bytes).unwrap_or(usize::MAX),
        recipients_max: usize::try_from(params.max_recipients).unwrap_or(usize::MAX),
    }
}

fn shaped(
    raw: RawEnvelope,
    limits: EnvelopeLimits,
) -> Result<(MultiRecipientEnvelope, Envelope), SupportError> {
    let wire = raw.ok_or_else(|| SupportError::InvalidEnvelope("it is absent".to_owned()))?;
    let envelope = Envelope::from_wire(&wire, limits).map_err(invalid)?;
    Ok((wire, envelope))
}

/// The signatures, and the context as the record keeps it.
fn finish(
    call: &Call<'_, '_>,
    wire: MultiRecipientEnvelope,
    envelope: &Envelope,
    kind: Kind,
    place: String,
) -> Result<Sealed, Stop> {
    let (digests, signer_key_version) = verify(call, envelope, kind, place)?;
    let context = EnvelopeContext {
        kind: u32::from(kind.number()),
        sequence: call.signer.sequence,
        index: call.index,
        height: call.height()?,
        chain_id: String::new(),
        signer_key_version,
    };
    Ok(Sealed { envelope: wire, digests, context })
}

/// Finds the sender's active key that signed it, the newest first.
fn verify(
    call: &Call<'_, '_>,
    envelope: &Envelope,
    kind: Kind,
    place: String,
) -> Result<(Digests, u32), Stop> {
    let context = Context {
        chain_id: call.machine.chain_id().to_string(),
        ticket_id: place,
        kind,
        sender: call.signer.address.to_string(),
        sequence: call.signer.sequence,
        index: call.index,
    };
    let account = AccountKey::Is(&call.signer.public_key);
    for (version, key) in signing_keys(call)? {
        match verify_signatures(envelope, &context, &key, account) {
            Ok(digests) => return Ok((digests, version)),
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
    let parse = |bytes: &[u8]| VerifyKey::parse(bytes).map_err(|e| Fatal::damaged(&tree::keys(address), e));
    active.map(|key| Ok((key.key_version, parse(&key.signing_key)?))).collect()
}

pub(crate) fn invalid(error: EnvelopeError) -> SupportError {
    SupportError::InvalidEnvelope(error.to_string())
}
