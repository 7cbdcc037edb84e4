//! Sealed payloads and grants: their form, and that the named signers signed them.

use super::super::GenesisError;
use super::super::records;
use super::{CheckedPayload, CheckedSealed, Place, SigningKeys};
use crate::envelope::{
    ALGORITHM_ID, ALGORITHM_VERSION, AccountKey, Context, Digests, Envelope, EnvelopeError, EnvelopeLimits,
    ErasedEnvelope, Kind, WIRE_VERSION, WrappedKey, verify_grant, verify_signatures,
};
use crate::ids::{Address, ChainId};
use crate::keys::VerifyKey;
use crate::limits::GRANTS_PER_TARGET_MAX;
use crate::wire::sealdesk::ledger::v1::ErasedEnvelope as ErasedWire;
use crate::wire::virtengine::encryption::v1::{MultiRecipientEnvelope, RecipientMode, WrappedKeyEntry};
use crate::wire::virtengine::support::v1 as support;

/// The record that a payload belongs to.
pub(super) struct Record<'a> {
    /// What its context names: the ticket, "" for a ticket's own payload, which was sealed before the ticket had its number, or
    /// where a document stands.
    pub(super) place: String,
    pub(super) kind: Kind,
    pub(super) sender: &'a Address,
}

/// The context as the ledger keeps it.
pub(super) fn context(record: &records::Context, kind: Kind) -> support::EnvelopeContext {
    support::EnvelopeContext {
        kind: u32::from(kind.number()),
        sequence: record.sequence,
        index: record.index,
        height: i64::try_from(record.height).unwrap_or(i64::MAX),
        chain_id: record.chain_id.clone(),
        signer_key_version: record.signer_key_version,
    }
}

pub(super) fn payload(
    record: &records::Payload,
    owner: Record<'_>,
    path: &str,
    place: Place<'_>,
    keys: &SigningKeys,
) -> Result<CheckedPayload, GenesisError> {
    check_context(&record.context, path, place)?;
    let expected = Context {
        chain_id: record.context.chain_id.clone(),
        ticket_id: owner.place,
        kind: owner.kind,
        sender: owner.sender.to_string(),
        sequence: record.context.sequence,
        index: record.context.index,
    };
    let signer = signer(keys, owner.sender, record.context.signer_key_version, path)?;
    let verified = match &record.erased {
        None => whole(record, owner.kind, &expected, signer),
        Some(erased) => erased_of(record, erased, &expected, signer),
    };
    let (sealed, digests) = verified.map_err(|error| GenesisError::at(path, error))?;
    let mut grants: Vec<support::AccessGrant> = Vec::with_capacity(record.grants.len());
    if record.grants.len() > GRANTS_PER_TARGET_MAX {
        return Err(GenesisError::at(path, "has more grants than a target may have"));
    }
    for (i, record) in record.grants.iter().enumerate() {
        let path = format!("{path}.grants[{i}]");
        let grant = grant(record, &digests.content, &path, place, keys)?;
        if grants.last().is_some_and(|last| place_of(last) >= place_of(&grant)) {
            return Err(GenesisError::at(path, "is not above the one before it"));
        }
        grants.push(grant);
    }
    Ok(CheckedPayload { sealed, digests, grants })
}

fn whole(
    record: &records::Payload,
    kind: Kind,
    expected: &Context,
    signer: &VerifyKey,
) -> Result<(CheckedSealed, Digests), EnvelopeError> {
    let wire = envelope(record);
    let limits = match kind {
        Kind::Document => EnvelopeLimits::WIDEST_DOCUMENT,
        Kind::Ticket | Kind::Response | Kind::Note | Kind::Rating => EnvelopeLimits::WIDEST,
    };
    let envelope = Envelope::from_wire(&wire, limits)?;
    let digests = verify_signatures(&envelope, expected, signer, AccountKey::OfSender)?;
    Ok((CheckedSealed::Envelope(wire), digests))
}

/// What was erased has no ciphertext and no readers, and is signed all the same.
fn erased_of(
    record: &records::Payload,
    erased: &records::Erased,
    expected: &Context,
    signer: &VerifyKey,
) -> Result<(CheckedSealed, Digests), EnvelopeError> {
    let actual = record.ciphertext.len();
    if actual != 0 {
        return Err(EnvelopeError::Length { field: "an erased ciphertext", expected: 0, actual });
    }
    let actual = record.wrapped_keys.len();
    if actual != 0 {
        return Err(EnvelopeError::Length {
            field: "the readers of an erased ciphertext",
            expected: 0,
            actual,
        });
    }
    let user = record.user.clone();
    let (user_pub_key, user_signature) =
        user.map_or_else(Default::default, |user| (user.public_key, user.signature));
    let wire = ErasedWire {
        payload_nonce: record.nonce.clone(),
        ciphertext_bytes: erased.ciphertext_bytes,
        ciphertext_sha256: erased.ciphertext_sha256.clone(),
        recipients_root: erased.recipients_root.clone(),
        client_id: record.client_id.clone(),
        client_signature: record.client_signature.clone(),
        user_pub_key,
        user_signature,
    };
    let digests =
        ErasedEnvelope::from_wire(&wire)?.verify_signatures(expected, signer, AccountKey::OfSender)?;
    Ok((CheckedSealed::Erased(wire), digests))
}

fn place_of(grant: &support::AccessGrant) -> (&str, &str) {
    (grant.entry.as_ref().map_or("", |entry| &entry.recipient_id), &grant.granter)
}

/// An envelope names the ledger that took it. If that were the new one's own name, the old ledger's transactions would
/// be good on the new one.
fn check_context(context: &records::Context, path: &str, place: Place<'_>) -> Result<(), GenesisError> {
    let path = format!("{path}.context");
    let chain_id = ChainId::parse(&context.chain_id).map_err(|error| GenesisError::at(&path, error))?;
    if chain_id == *place.chain_id {
        return Err(GenesisError::at(path, "names the new ledger: choose a chain_id that was never used"));
    }
    if context.height == 0 || i64::try_from(context.height).is_err() {
        return Err(GenesisError::at(path, "names no height"));
    }
    Ok(())
}

pub(super) fn envelope(record: &records::Payload) -> MultiRecipientEnvelope {
    let (user_pub_key, user_signature) = match &record.user {
        Some(user) => (user.public_key.clone(), user.signature.clone()),
        None => (Vec::new(), Vec::new()),
    };
    MultiRecipientEnvelope {
        version: WIRE_VERSION,
        algorithm_id: ALGORITHM_ID.to_owned(),
        algorithm_version: ALGORITHM_VERSION,
        recipient_mode: RecipientMode::Specific.into(),
        payload_ciphertext: record.ciphertext.clone(),
        payload_nonce: record.nonce.clone(),
        wrapped_keys: record.wrapped_keys.iter().map(entry).collect(),
        client_signature: record.client_signature.clone(),
        client_id: record.client_id.clone(),
        user_signature,
        user_pub_key,
        metadata: Default::default(),
        committee_epoch: 0,
    }
}

fn entry(record: &records::Entry) -> WrappedKeyEntry {
    WrappedKeyEntry {
        recipient_id: record.recipient_id.clone(),
        wrapped_key: record.wrapped_key.clone(),
        algorithm: ALGORITHM_ID.to_owned(),
        ephemeral_pub_key: record.ephemeral_pub_key.clone(),
    }
}

fn grant(
    record: &records::Grant,
    content: &[u8; 32],
    path: &str,
    place: Place<'_>,
    keys: &SigningKeys,
) -> Result<support::AccessGrant, GenesisError> {
    let at = |error: &dyn ToString| GenesisError::at(path, error.to_string());
    let granter = place.address(&format!("{path}.granter"), &record.granter)?;
    let wire = entry(&record.entry);
    let wrapped = WrappedKey::from_wire(&wire, 0).map_err(|error| at(&error))?;
    let signer = signer(keys, &granter, record.granter_key_version, path)?;
    verify_grant(content, granter.as_str(), &wrapped, signer, &record.grant_signature)
        .map_err(|error| at(&error))?;
    place.past(&format!("{path}.created_at"), record.created_at)?;
    Ok(support::AccessGrant {
        entry: Some(wire),
        granter: granter.to_string(),
        grant_signature: record.grant_signature.clone(),
        height: i64::try_from(record.height).map_err(|_| at(&"height is out of range"))?,
        created_at: record.created_at,
        granter_key_version: record.granter_key_version,
    })
}

fn signer<'k>(
    keys: &'k SigningKeys,
    address: &Address,
    version: u32,
    path: &str,
) -> Result<&'k VerifyKey, GenesisError> {
    let found = keys.get(&(address.clone(), version));
    found.ok_or_else(|| GenesisError::at(path, format!("{address} has no key of version {version}")))
}
