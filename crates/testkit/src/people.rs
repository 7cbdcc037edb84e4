//! People whose keys follow from their names, so that every run and every golden file has the same ones.

use std::collections::BTreeMap;

use ed25519_dalek::Signer as _;
use k256::ecdsa::signature::hazmat::PrehashSigner as _;
use sealdesk_protocol::ids::{Address, Prefix};
use sha2::{Digest as _, Sha256};

pub fn prefix() -> Prefix {
    Prefix::parse(Prefix::DEFAULT).unwrap()
}

fn derive(label: &str, name: &str, n: usize) -> [u8; 32] {
    Sha256::digest(format!("{label}/{name}/{n}")).into()
}

/// One pair of the directory. The X25519 half has no secret here: nothing in these tests opens anything.
#[derive(Clone)]
pub struct KeyPair {
    pub public: [u8; 32],
    pub signing: ed25519_dalek::SigningKey,
    pub fingerprint: String,
}

impl std::fmt::Debug for KeyPair {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "key {}", self.fingerprint)
    }
}

impl KeyPair {
    pub fn of(name: &str, n: usize) -> Self {
        let mut public = derive("x25519", name, n);
        public[31] &= 0x7f;
        Self::new(public, ed25519_dalek::SigningKey::from_bytes(&derive("ed25519", name, n)))
    }

    pub fn new(public: [u8; 32], signing: ed25519_dalek::SigningKey) -> Self {
        let hash: [u8; 32] = Sha256::digest(public).into();
        Self { public, signing, fingerprint: hex::encode(&hash[..20]) }
    }

    pub fn signing_public(&self) -> [u8; 32] {
        self.signing.verifying_key().to_bytes()
    }

    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.signing.sign(message).to_bytes().to_vec()
    }
}

#[derive(Clone, Debug)]
pub struct Person {
    pub name: String,
    pub account: k256::ecdsa::SigningKey,
    pub public: [u8; 33],
    pub address: Address,
    pub text: String,
}

impl Person {
    pub fn new(name: &str) -> Self {
        let account = k256::ecdsa::SigningKey::from_slice(&derive("account", name, 0)).unwrap();
        let public: [u8; 33] = account.verifying_key().to_sec1_point(true).as_bytes().try_into().unwrap();
        let address = Address::of_public_key(&prefix(), &public);
        Self { name: name.to_owned(), account, public, text: address.to_string(), address }
    }

    pub fn key(&self, n: usize) -> KeyPair {
        KeyPair::of(&self.name, n)
    }

    pub fn sign(&self, digest: &[u8; 32]) -> Vec<u8> {
        let signature: k256::ecdsa::Signature = self.account.sign_prehash(digest).unwrap();
        signature.to_bytes().to_vec()
    }
}

/// People by name.
#[derive(Clone, Debug, Default)]
pub struct Crowd(BTreeMap<String, Person>);

impl Crowd {
    pub fn new(names: &[&str]) -> Self {
        Self(names.iter().map(|name| ((*name).to_owned(), Person::new(name))).collect())
    }

    pub fn get(&self, name: &str) -> &Person {
        &self.0[name]
    }

    pub fn all(&self) -> impl Iterator<Item = &Person> {
        self.0.values()
    }

    pub fn of_address(&self, text: &str) -> Option<&Person> {
        self.0.values().find(|person| person.text == text)
    }
}
