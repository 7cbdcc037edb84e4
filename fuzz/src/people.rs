//! The cast: accounts whose secrets are fixed, the chain they are on, and what they sign.

use std::sync::OnceLock;

use chacha20::{ChaCha20Rng, rand_core::SeedableRng as _};
use ed25519_dalek::{Signer as _, SigningKey};
use prost::Message as _;
use sealdesk_envelope::{AccountSecret, EncryptionSecret, Message, Signers, SigningSecret, seal};
use sealdesk_protocol::envelope::{ALGORITHM_ID, Context, EnvelopeLimits, Kind};
use sealdesk_protocol::ids::{Address, ChainId, Prefix};
use sealdesk_protocol::keys::EncryptionKey;
use sealdesk_protocol::tx::sign_digest;
use sealdesk_protocol::wire::cosmos::crypto::secp256k1::PubKey;
use sealdesk_protocol::wire::cosmos::tx::signing::v1beta1::SignMode;
use sealdesk_protocol::wire::cosmos::tx::v1beta1::{self as tx, mode_info};
use sealdesk_protocol::wire::virtengine::encryption::v1::{MsgRegisterRecipientKey, MultiRecipientEnvelope};

/// The prefix of every address here.
pub fn prefix() -> Prefix {
    Prefix::parse(Prefix::DEFAULT).expect("the default prefix is one")
}

/// The chain that everything here is signed for.
pub fn chain_id() -> ChainId {
    ChainId::parse("fuzz-00112233aabbccdd").expect("a plain chain id")
}

/// One account with all of its secrets, which are no secrets: everyone can read this file.
pub struct Person {
    number: u8,
    /// Signs transactions.
    pub account: AccountSecret,
    /// Signs envelopes.
    pub signing: SigningSecret,
    /// Opens envelopes.
    pub encryption: EncryptionSecret,
}

impl Person {
    fn new(number: u8) -> Self {
        let bytes = |kind| seed(number, kind);
        Self {
            number,
            account: AccountSecret::take(&mut bytes(1)).expect("a scalar below the order"),
            signing: SigningSecret::take(&mut bytes(SIGNING)).expect("any 32 bytes are a seed"),
            encryption: EncryptionSecret::take(&mut bytes(3)).expect("any 32 bytes are a secret"),
        }
    }

    /// Under [`prefix`].
    pub fn address(&self) -> Address {
        Address::of_public_key(&prefix(), &self.account.public_key())
    }

    /// What a person who means harm can do with the own signing key: sign any bytes.
    pub fn sign_anything(&self, message: &[u8]) -> [u8; 64] {
        SigningKey::from_bytes(&seed(self.number, SIGNING)).sign(message).to_bytes()
    }
}

/// The kind of secret that signs envelopes.
const SIGNING: u8 = 2;

fn seed(number: u8, kind: u8) -> [u8; 32] {
    let mut bytes = [number + 1; 32];
    bytes[31] = kind;
    bytes
}

/// The cast: who administrates, who writes tickets, who answers them.
pub fn cast() -> &'static [Person; 3] {
    static CAST: OnceLock<[Person; 3]> = OnceLock::new();
    CAST.get_or_init(|| [0, 1, 2].map(Person::new))
}

/// Who administrates.
pub fn administrator() -> &'static Person {
    &cast()[0]
}

/// Who writes tickets.
pub fn customer() -> &'static Person {
    &cast()[1]
}

/// Who answers them.
pub fn agent() -> &'static Person {
    &cast()[2]
}

/// A signed transaction around an encoded body.
pub fn sign(body_bytes: &[u8], signers: &[(&Person, u64)]) -> Vec<u8> {
    let signer_infos = signers.iter().map(|(person, sequence)| signer_info(person, *sequence)).collect();
    let auth_info = tx::AuthInfo { signer_infos, fee: Some(tx::Fee::default()) };
    let auth_info_bytes = auth_info.encode_to_vec();
    let digest = sign_digest(body_bytes, &auth_info_bytes, &chain_id());
    let sign = |(person, _): &(&Person, u64)| {
        person.account.sign_digest(&digest).expect("RFC 6979 signs every digest").to_vec()
    };
    let signatures = signers.iter().map(sign).collect();
    tx::TxRaw { body_bytes: body_bytes.to_vec(), auth_info_bytes, signatures }.encode_to_vec()
}

fn signer_info(person: &Person, sequence: u64) -> tx::SignerInfo {
    let key = PubKey { key: person.account.public_key().to_vec() };
    let mode = mode_info::Single { mode: SignMode::Direct.into() };
    tx::SignerInfo {
        public_key: Some(sealdesk_protocol::messages::to_any(&key)),
        mode_info: Some(tx::ModeInfo { sum: Some(mode_info::Sum::Single(mode)) }),
        sequence,
    }
}

/// The place of a ticket that the customer creates as the first message of this sequence.
pub fn ticket_context(sequence: u64) -> Context {
    Context {
        chain_id: chain_id().as_str().to_owned(),
        ticket_id: String::new(),
        kind: Kind::Ticket,
        sender: customer().address().to_string(),
        sequence,
        index: 0,
    }
}

/// Seals `plaintext` for these readers. The same arguments give the same bytes.
pub fn sealed(
    context: &Context,
    sender: &Person,
    readers: &[EncryptionKey],
    plaintext: &[u8],
) -> MultiRecipientEnvelope {
    let message = Message { context, plaintext, readers, client_id: "fuzz", limits: EnvelopeLimits::WIDEST };
    let signers = Signers { signing: &sender.signing, account: Some(&sender.account) };
    let mut rng = ChaCha20Rng::from_seed(context.digest());
    seal(&message, &signers, &mut rng).expect("sealing for good keys works").to_wire()
}

/// The registration of a person's keys.
pub fn registration(person: &Person) -> MsgRegisterRecipientKey {
    let sender = person.address().to_string();
    let proof = person.signing.key_proof(chain_id().as_str(), &sender, person.encryption.public());
    MsgRegisterRecipientKey {
        sender,
        public_key: person.encryption.public().as_bytes().to_vec(),
        algorithm_id: ALGORITHM_ID.to_owned(),
        label: "laptop".into(),
        signing_key: person.signing.public().as_bytes().to_vec(),
        proof: proof.to_vec(),
    }
}
