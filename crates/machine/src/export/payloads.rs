//! Sealed payloads, responses and grants as the document writes them. A context that names no chain is of this one.

use sealdesk_protocol::envelope::Kind;
use sealdesk_protocol::genesis::{
    Attachment, Context, Entry, Erased, Grant, Payload, Response, UserSignature,
};
use sealdesk_protocol::ids::{ChainId, TicketId};
use sealdesk_protocol::messages::GrantTarget;
use sealdesk_protocol::state::{side, tree};
use sealdesk_protocol::wire::sealdesk::ledger::v1::ErasedEnvelope;
use sealdesk_protocol::wire::virtengine::encryption::v1::{MultiRecipientEnvelope, WrappedKeyEntry};
use sealdesk_protocol::wire::virtengine::support::v1::{AccessGrant, EnvelopeContext};

use crate::errors::Fatal;
use crate::state::StateView;

pub(super) fn responses(
    view: &StateView<'_>,
    id: TicketId,
    count: u32,
    chain_id: &ChainId,
) -> Result<Vec<Response>, Fatal> {
    let mut responses = Vec::new();
    for index in 0..count {
        let key = tree::response(id, index);
        let entry = view.response(id, index)?.ok_or_else(|| Fatal::damaged(&key, "a response is missing"))?;
        let response = entry.response;
        let context = response.payload_context.ok_or_else(|| Fatal::damaged(&key, "it has no context"))?;
        responses.push(Response {
            responder_address: response.responder_address,
            is_agent: response.is_agent,
            internal: response.internal,
            rating: context.kind == u32::from(Kind::Rating.number()),
            created_at: response.created_at,
            attachments: response.attachments.iter().map(Attachment::from).collect(),
            payload: payload(view, id, GrantTarget::Response(index), context, chain_id)?,
        });
    }
    Ok(responses)
}

pub(super) fn payload(
    view: &StateView<'_>,
    id: TicketId,
    target: GrantTarget,
    context: EnvelopeContext,
    chain_id: &ChainId,
) -> Result<Payload, Fatal> {
    let key = side::envelope(id, target);
    let grants = view.grants(id, target)?.into_iter().map(|grant| self::grant(&key, grant));
    let grants = grants.collect::<Result<_, _>>()?;
    let payload = match (view.envelope(id, target)?, view.erased(id, target)?) {
        (Some(envelope), _) => sealed(&key, envelope, context, chain_id)?,
        (None, Some(left)) => erased(&key, left, context, chain_id)?,
        (None, None) => return Err(Fatal::damaged(&key, "the text is missing, and was not erased")),
    };
    Ok(Payload { grants, ..payload })
}

/// What stays of an envelope that was erased.
fn erased(
    key: &[u8],
    left: ErasedEnvelope,
    context: EnvelopeContext,
    chain_id: &ChainId,
) -> Result<Payload, Fatal> {
    let envelope = MultiRecipientEnvelope {
        payload_nonce: left.payload_nonce,
        client_id: left.client_id,
        client_signature: left.client_signature,
        user_pub_key: left.user_pub_key,
        user_signature: left.user_signature,
        ..Default::default()
    };
    let erased = Erased {
        ciphertext_bytes: left.ciphertext_bytes,
        ciphertext_sha256: left.ciphertext_sha256,
        recipients_root: left.recipients_root,
    };
    Ok(Payload { erased: Some(erased), ..sealed(key, envelope, context, chain_id)? })
}

/// An envelope without grants, which stands under `key`.
pub(super) fn sealed(
    key: &[u8],
    envelope: MultiRecipientEnvelope,
    context: EnvelopeContext,
    chain_id: &ChainId,
) -> Result<Payload, Fatal> {
    let user = UserSignature { public_key: envelope.user_pub_key, signature: envelope.user_signature };
    Ok(Payload {
        context: self::context(key, context, chain_id)?,
        ciphertext: envelope.payload_ciphertext,
        nonce: envelope.payload_nonce,
        wrapped_keys: envelope.wrapped_keys.into_iter().map(entry).collect(),
        client_id: envelope.client_id,
        client_signature: envelope.client_signature,
        user: (!user.public_key.is_empty()).then_some(user),
        grants: Vec::new(),
        erased: None,
    })
}

fn context(key: &[u8], context: EnvelopeContext, chain_id: &ChainId) -> Result<Context, Fatal> {
    let own = context.chain_id.is_empty();
    Ok(Context {
        chain_id: if own { chain_id.to_string() } else { context.chain_id },
        height: u64::try_from(context.height).map_err(|_| Fatal::damaged(key, "its height is negative"))?,
        sequence: context.sequence,
        index: context.index,
        signer_key_version: context.signer_key_version,
    })
}

fn entry(wire: WrappedKeyEntry) -> Entry {
    Entry {
        recipient_id: wire.recipient_id,
        wrapped_key: wire.wrapped_key,
        ephemeral_pub_key: wire.ephemeral_pub_key,
    }
}

fn grant(key: &[u8], wire: AccessGrant) -> Result<Grant, Fatal> {
    Ok(Grant {
        entry: entry(wire.entry.unwrap_or_default()),
        granter: wire.granter,
        grant_signature: wire.grant_signature,
        granter_key_version: wire.granter_key_version,
        height: u64::try_from(wire.height)
            .map_err(|_| Fatal::damaged(key, "a grant's height is negative"))?,
        created_at: wire.created_at,
    })
}
