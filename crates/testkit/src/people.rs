//! People whose keys follow from their names, so that every run and every golden file has the same ones.

use std::collections::BTreeMap;

use ed25519_dalek::Signer as _;
use k256::ecdsa::signature::hazmat::PrehashSigner as _;
use sealdesk_protocol::ids::Address;
use sealdesk_protocol::keys::{EncryptionKey, VerifyKey};
use sealdesk_protocol::multisig::{MultisigKey, SubSignatures};
use sealdesk_protocol::signer::{KeySignature, SignerKey};
use sealdesk_protocol::wire::cosmos::crypto::multisig::v1beta1::CompactBitArray;
use sealdesk_protocol::wire::virtengine::encryption::v1::MsgRegisterRecipientKey;
use sha2::{Digest as _, Sha256};

use crate::{CHAIN_ID, prefix, sealing};

/// Which bits of a made-up X25519 key's last byte are kept. The two catalogues of `vectors/bad-input` were begun with
/// different ones, and known answers do not change.
const BITS: u8 = 0x3f;
const BITS_OF_A_CROWD: u8 = 0x7f;

/// What a person's n-th key of a kind (`account`, `ed25519`) is made of, for types that hold the secret.
pub fn seed(kind: &str, name: &str, n: usize) -> [u8; 32] {
    Sha256::digest(format!("{kind}/{name}/{n}")).into()
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
    /// The n-th key of that name, as a [`Crowd`] has them.
    pub fn of(name: &str, n: usize) -> Self {
        Self::with_bits(name, n, BITS_OF_A_CROWD)
    }

    fn with_bits(name: &str, n: usize, bits: u8) -> Self {
        let mut public = seed("x25519", name, n);
        public[31] &= bits;
        Self::new(public, ed25519_dalek::SigningKey::from_bytes(&seed("ed25519", name, n)))
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

/// Someone with an account key and as many directory keys as asked for.
#[derive(Clone, Debug)]
pub struct Person {
    pub name: String,
    pub public: [u8; 33],
    pub address: Address,
    /// The address as text.
    pub text: String,
    account: k256::ecdsa::SigningKey,
    key_bits: u8,
    several: Option<Several>,
}

/// What makes an account one of several keys.
#[derive(Clone, Debug)]
struct Several {
    key: MultisigKey,
    members: Vec<Person>,
}

impl Person {
    pub fn new(name: &str) -> Self {
        Self::with_bits(name, BITS)
    }

    /// One of many who need no names.
    pub fn number(n: u16) -> Self {
        Self::new(&format!("person {n}"))
    }

    fn with_bits(name: &str, key_bits: u8) -> Self {
        let account = k256::ecdsa::SigningKey::from_slice(&seed("account", name, 0)).unwrap();
        let public: [u8; 33] = account.verifying_key().to_sec1_point(true).as_bytes().try_into().unwrap();
        let address = Address::of_public_key(&prefix(), &public);
        Self {
            name: name.to_owned(),
            account,
            public,
            text: address.to_string(),
            address,
            key_bits,
            several: None,
        }
    }

    /// The n-th pair of keys.
    pub fn key(&self, n: usize) -> KeyPair {
        KeyPair::with_bits(&self.name, n, self.key_bits)
    }

    /// The n-th X25519 key.
    pub fn encryption_key(&self, n: usize) -> EncryptionKey {
        EncryptionKey::parse(&self.key(n).public).unwrap()
    }

    pub fn fingerprint(&self, n: usize) -> String {
        self.key(n).fingerprint
    }

    /// The n-th Ed25519 key.
    pub fn verify_key(&self, n: usize) -> VerifyKey {
        VerifyKey::parse(&self.key(n).signing_public()).unwrap()
    }

    /// The registration of the n-th pair of keys.
    pub fn registration(&self, n: usize) -> MsgRegisterRecipientKey {
        sealing::registration(CHAIN_ID, self, &self.key(n), &format!("key {n}"))
    }

    /// An account of several keys, of which so many must sign. What it would register as keys and sign with one is somebody else's.
    pub fn of_several(name: &str, threshold: u32, members: &[&Self]) -> Self {
        let key = MultisigKey::new(threshold, members.iter().map(|member| member.public).collect()).unwrap();
        let address = SignerKey::Multisig(key.clone()).address(&prefix());
        let several =
            Some(Several { key, members: members.iter().map(|member| (*member).clone()).collect() });
        Self { text: address.to_string(), address, several, ..Self::with_bits(name, BITS_OF_A_CROWD) }
    }

    /// The account's key, or keys.
    pub fn account_key(&self) -> SignerKey {
        let one = SignerKey::Single(self.public);
        self.several.as_ref().map_or(one, |several| SignerKey::Multisig(several.key.clone()))
    }

    /// Whether the account is one of several keys.
    pub fn is_several(&self) -> bool {
        self.several.is_some()
    }

    /// By the account's key; of an account of several by the last of them, as many as must: what each signs is asked for.
    pub fn sign_each(&self, digest: impl Fn(&Self) -> [u8; 32]) -> KeySignature {
        let Some(Several { key, members }) = &self.several else {
            return KeySignature::Single(self.sign_digest(&digest(self)).try_into().unwrap());
        };
        let first = members.len() - key.threshold();
        let signed: Vec<_> = members[first..].iter().map(|one| one.sign_digest(&digest(one))).collect();
        KeySignature::Multisig(SubSignatures::new(&bits(members.len(), first), &signed).unwrap())
    }

    /// By the account's key: compact, low-S.
    pub fn sign_digest(&self, digest: &[u8; 32]) -> Vec<u8> {
        let signature: k256::ecdsa::Signature = self.account.sign_prehash(digest).unwrap();
        signature.normalize_s().to_bytes().to_vec()
    }
}

/// A bitmap of so many keys, in which all from one on have signed.
pub fn bits(keys: usize, from: usize) -> CompactBitArray {
    let mut elems = vec![0; keys.div_ceil(8)];
    (from..keys).for_each(|at| elems[at / 8] |= 0x80 >> (at % 8));
    CompactBitArray { extra_bits_stored: u32::try_from(keys % 8).unwrap(), elems }
}

/// People by name.
#[derive(Clone, Debug, Default)]
pub struct Crowd(BTreeMap<String, Person>);

impl Crowd {
    pub fn new(names: &[&str]) -> Self {
        Self(
            names.iter().map(|name| ((*name).to_owned(), Person::with_bits(name, BITS_OF_A_CROWD))).collect(),
        )
    }

    /// The same with one more, who may be an account of several keys.
    #[must_use]
    pub fn with(mut self, person: Person) -> Self {
        self.0.insert(person.name.clone(), person);
        self
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
