//! `identities`: a phrase gives these keys, this address and these proofs.

use sealdesk_protocol::keys::is_account_key_of;
use serde::Deserialize;
use serde_json::Value;

use super::format::{Hex, read, same};
use crate::identity::{Identity, Phrase};

#[derive(Deserialize)]
struct IdentityVector {
    phrase: String,
    seed: Hex,
    account_secret: Hex,
    account_public: Hex,
    address: String,
    keys: Vec<KeyVector>,
}

#[derive(Deserialize)]
struct KeyVector {
    n: u32,
    x25519_secret: Hex,
    x25519_public: Hex,
    fingerprint: String,
    ed25519_secret: Hex,
    ed25519_public: Hex,
    proof_chain_id: String,
    proof: Hex,
}

pub(super) fn judge(case: &Value) -> Result<(), String> {
    let vector: IdentityVector = read(case)?;
    let identity = Identity::of(&Phrase::parse(&vector.phrase).map_err(|error| error.to_string())?);
    same("seed", identity.seed().as_slice(), &vector.seed.0)?;
    let account = identity.account().map_err(|error| error.to_string())?;
    same("account_secret", account.to_bytes().as_slice(), &vector.account_secret.0)?;
    same("account_public", account.public_key().as_slice(), &vector.account_public.0)?;
    if !is_account_key_of(&account.public_key(), &vector.address) {
        return Err("another address".to_owned());
    }
    vector.keys.iter().try_for_each(|key| judge_key(&identity, &vector.address, key))
}

fn judge_key(identity: &Identity, address: &str, key: &KeyVector) -> Result<(), String> {
    let derived = |purpose| identity.derive(purpose, key.n).map_err(|error| error.to_string());
    same("x25519_secret", derived("x25519/")?.expose().as_slice(), &key.x25519_secret.0)?;
    same("ed25519_secret", derived("ed25519/")?.expose().as_slice(), &key.ed25519_secret.0)?;
    let encryption = identity.encryption(key.n).map_err(|error| error.to_string())?;
    same("x25519_public", encryption.public().as_bytes().as_slice(), &key.x25519_public.0)?;
    same("fingerprint", &encryption.fingerprint().to_string(), &key.fingerprint)?;
    let signing = identity.signing(key.n).map_err(|error| error.to_string())?;
    same("ed25519_public", signing.public().as_bytes().as_slice(), &key.ed25519_public.0)?;
    let proof = signing.key_proof(&key.proof_chain_id, address, encryption.public());
    same("proof", proof.as_slice(), &key.proof.0)
}
