//! `MsgRegisterRecipientKey`: an account publishes the keys that others seal to and that it signs envelopes with.

use sealdesk_protocol::codes::EncryptionError;
use sealdesk_protocol::envelope::ALGORITHM_ID;
use sealdesk_protocol::events::Event;
use sealdesk_protocol::ids::Address;
use sealdesk_protocol::keys::{EncryptionKey, VerifyKey, verify_key_proof};
use sealdesk_protocol::limits::{
    ACTIVE_KEYS_MAX, DAY_SECONDS, KEY_REGISTRATIONS_PER_DAY_MAX, KEYS_PER_ADDRESS_MAX,
};
use sealdesk_protocol::messages::RegisterKey;
use sealdesk_protocol::ownership::Ownership;
use sealdesk_protocol::wire::virtengine::encryption::v1 as wire;

use crate::call::Call;
use crate::errors::{Fatal, Stop};
use crate::state::is_active;

pub(super) fn run(
    call: &mut Call<'_, '_>,
    message: &RegisterKey,
) -> Result<wire::MsgRegisterRecipientKeyResponse, Stop> {
    check_account(call)?;
    let fingerprint = check_keys(call, message)?;
    let old = call.view.keys(&message.sender)?;
    check_new(&old, &message.sender, &fingerprint)?;
    check_limits(&old, call.block.time)?;

    let key_version = next_version(&old)?;
    let mut keys = old.clone();
    keys.push(wire::RecipientKeyRecord {
        address: message.sender.to_string(),
        public_key: message.public_key.to_vec(),
        key_fingerprint: fingerprint.clone(),
        key_version,
        algorithm_id: ALGORITHM_ID.to_owned(),
        registered_at: call.block.time,
        revoked_at: 0,
        label: message.label.clone(),
        signing_key: message.signing_key.to_vec(),
        account_pub_key: message.account_pub_key.to_vec(),
        account_signature: message.account_signature.to_vec(),
        registered_on: Vec::new(),
    });
    call.view.put_keys(&message.sender, &old, keys)?;
    let event = wire::EventRecipientKeyRegistered {
        address: message.sender.to_string(),
        key_fingerprint: fingerprint.clone(),
        key_version,
        block_height: call.height()?,
        timestamp: call.block.time,
    };
    call.emit(Event::RecipientKeyRegistered(event));
    Ok(wire::MsgRegisterRecipientKeyResponse { key_fingerprint: fingerprint })
}

/// A key is one person's: who reads by an account of several keys would be whoever has it, and no threshold would be asked.
fn check_account(call: &Call<'_, '_>) -> Result<(), EncryptionError> {
    if call.signer.public_key.single().is_some() {
        return Ok(());
    }
    let text = "an account of several keys has no key to read with: each reader registers one with an account of their own";
    Err(EncryptionError::Unauthorized(text.to_owned()))
}

/// Judges both keys, the proof that ties them to the address on this chain, and the owner's signature that they are theirs on this
/// ledger; returns the fingerprint.
fn check_keys(call: &Call<'_, '_>, message: &RegisterKey) -> Result<String, EncryptionError> {
    let wrong = |what: &str, error: &dyn ToString| {
        EncryptionError::InvalidKey(format!("{what}: {}", error.to_string()))
    };
    let encryption = EncryptionKey::parse(&message.public_key).map_err(|e| wrong("public_key", &e))?;
    let signing = VerifyKey::parse(&message.signing_key).map_err(|e| wrong("signing_key", &e))?;
    let (chain_id, address) = (call.machine.chain_id().as_str(), message.sender.as_str());
    verify_key_proof(chain_id, address, &encryption, &signing, &message.proof)
        .map_err(|_| EncryptionError::InvalidProof(message.sender.clone()))?;
    let ownership = Ownership {
        ledger: call.machine.chain_id(),
        identity: call.machine.identity(),
        account: &message.sender,
        x25519: &message.public_key,
        ed25519: &message.signing_key,
    };
    ownership
        .verify(&message.account_pub_key, &message.account_signature)
        .map_err(|_| EncryptionError::InvalidOwner(message.sender.clone()))?;
    Ok(encryption.fingerprint().to_string())
}

/// A revoked key does not come back: an attacker who has it would come back with it.
fn check_new(
    keys: &[wire::RecipientKeyRecord],
    address: &Address,
    fingerprint: &str,
) -> Result<(), EncryptionError> {
    if keys.iter().any(|key| key.key_fingerprint == fingerprint) {
        let (address, fingerprint) = (address.clone(), fingerprint.to_owned());
        return Err(EncryptionError::KeyExists { address, fingerprint });
    }
    Ok(())
}

fn check_limits(keys: &[wire::RecipientKeyRecord], now: i64) -> Result<(), EncryptionError> {
    if keys.len() >= KEYS_PER_ADDRESS_MAX {
        return Err(EncryptionError::TooManyKeys(KEYS_PER_ADDRESS_MAX));
    }
    if keys.iter().filter(|key| is_active(key)).count() >= ACTIVE_KEYS_MAX {
        return Err(EncryptionError::TooManyActiveKeys(ACTIVE_KEYS_MAX));
    }
    let since = now.saturating_sub(DAY_SECONDS);
    let max = KEY_REGISTRATIONS_PER_DAY_MAX;
    // Keys stand in the order of their registration, so the one that far from the end frees the next place.
    let oldest = keys.len().checked_sub(max).and_then(|place| keys.get(place));
    match oldest.filter(|key| key.registered_at > since) {
        Some(key) => {
            let next = key.registered_at.saturating_add(DAY_SECONDS);
            Err(EncryptionError::TooManyRegistrations { max, next })
        }
        None => Ok(()),
    }
}

fn next_version(keys: &[wire::RecipientKeyRecord]) -> Result<u32, Fatal> {
    let last = keys.last().map_or(0, |key| key.key_version);
    last.checked_add(1).ok_or_else(|| Fatal::Broken("key versions fit 32 bits".to_owned()))
}
