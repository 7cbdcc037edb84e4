//! People with keys made from their names.

use ed25519_dalek::Signer as _;
use k256::ecdsa::SigningKey as AccountKey;
use sealdesk_protocol::ids::Address;
use sealdesk_protocol::keys::{EncryptionKey, VerifyKey, key_proof_message};
use sealdesk_protocol::wire::virtengine::encryption::v1::MsgRegisterRecipientKey;
use sha2::{Digest as _, Sha256};

use super::{chain_id, prefix};

/// Someone with an account key and as many directory keys as asked for.
#[derive(Clone)]
pub struct Person {
    pub name: String,
    pub address: Address,
    pub public_key: [u8; 33],
    account: AccountKey,
}

fn hash(label: &str, name: &str, n: u32) -> [u8; 32] {
    Sha256::digest(format!("{label}/{name}/{n}")).into()
}

impl Person {
    pub fn new(name: &str) -> Self {
        let account = AccountKey::from_slice(&hash("account", name, 0)).unwrap();
        let point = account.verifying_key().to_sec1_point(true);
        let public_key: [u8; 33] = point.as_bytes().try_into().unwrap();
        let address = Address::of_public_key(&prefix(), &public_key);
        Self { name: name.to_owned(), address, public_key, account }
    }

    /// Compact, low-S.
    pub fn sign_account(&self, digest: &[u8; 32]) -> [u8; 64] {
        use k256::ecdsa::signature::hazmat::PrehashSigner as _;
        let signature: k256::ecdsa::Signature = self.account.sign_prehash(digest).unwrap();
        signature.normalize_s().to_bytes().into()
    }

    /// The n-th X25519 key; nobody has its secret.
    pub fn encryption_key(&self, n: u32) -> EncryptionKey {
        let mut bytes = hash("x25519", &self.name, n);
        bytes[31] &= 0x3f;
        EncryptionKey::parse(&bytes).unwrap()
    }

    pub fn fingerprint(&self, n: u32) -> String {
        self.encryption_key(n).fingerprint().to_string()
    }

    fn signing(&self, n: u32) -> ed25519_dalek::SigningKey {
        ed25519_dalek::SigningKey::from_bytes(&hash("ed25519", &self.name, n))
    }

    pub fn verify_key(&self, n: u32) -> VerifyKey {
        VerifyKey::parse(self.signing(n).verifying_key().as_bytes()).unwrap()
    }

    /// Ed25519 under the n-th signing key.
    pub fn sign(&self, n: u32, message: &[u8]) -> [u8; 64] {
        self.signing(n).sign(message).to_bytes()
    }

    /// The registration of the n-th pair of keys.
    pub fn registration(&self, n: u32) -> MsgRegisterRecipientKey {
        let (encryption, signing) = (self.encryption_key(n), self.verify_key(n));
        let proof = key_proof_message(chain_id().as_str(), self.address.as_str(), &encryption, &signing);
        MsgRegisterRecipientKey {
            sender: self.address.to_string(),
            public_key: encryption.as_bytes().to_vec(),
            algorithm_id: "X25519-XSALSA20-POLY1305".to_owned(),
            label: format!("key {n}"),
            signing_key: signing.as_bytes().to_vec(),
            proof: self.sign(n, &proof).to_vec(),
        }
    }
}
