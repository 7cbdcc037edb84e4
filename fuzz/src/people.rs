//! The cast: the test kit's people with secrets that can open, the chain they are on, and what they sign.

use std::sync::OnceLock;

use chacha20::{ChaCha20Rng, rand_core::SeedableRng as _};
use prost::Message as _;
use sealdesk_envelope::{AccountSecret, EncryptionSecret, Message, Signers, SigningSecret, seal};
use sealdesk_protocol::envelope::{Context, EnvelopeLimits, Kind};
use sealdesk_protocol::ids::Address;
use sealdesk_protocol::keys::EncryptionKey;
use sealdesk_protocol::wire::virtengine::encryption::v1::{MsgRegisterRecipientKey, MultiRecipientEnvelope};
use sealdesk_testkit::people::{self, KeyPair, seed};
use sealdesk_testkit::transaction::{Draft, sign_raw};
use sealdesk_testkit::trust::Ledger;
pub use sealdesk_testkit::{CHAIN_ID, chain_id, prefix};

/// One account with all of its secrets, which are no secrets: everyone can read this file.
pub struct Person {
    /// The account, as transactions need it.
    pub person: people::Person,
    /// The directory's halves of the keys below.
    pub pair: KeyPair,
    /// Signs transactions.
    pub account: AccountSecret,
    /// Signs envelopes.
    pub signing: SigningSecret,
    /// Opens envelopes.
    pub encryption: EncryptionSecret,
}

impl Person {
    fn new(name: &str) -> Self {
        let person = people::Person::new(name);
        let encryption = EncryptionSecret::take(&mut seed("x25519 secret", name, 0)).expect("any 32 bytes");
        Self {
            pair: KeyPair::new(*encryption.public().as_bytes(), person.key(0).signing),
            person,
            account: AccountSecret::take(&mut seed("account", name, 0)).expect("a scalar below the order"),
            signing: SigningSecret::take(&mut seed("ed25519", name, 0)).expect("any 32 bytes are a seed"),
            encryption,
        }
    }

    /// Under [`prefix`].
    pub fn address(&self) -> Address {
        self.person.address.clone()
    }
}

/// The cast: who administrates, who writes tickets, who answers them.
pub fn cast() -> &'static [Person; 3] {
    static CAST: OnceLock<[Person; 3]> = OnceLock::new();
    CAST.get_or_init(|| ["administrator", "customer", "agent"].map(Person::new))
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
    let signers: Vec<_> = signers.iter().map(|(signer, sequence)| (&signer.person, *sequence)).collect();
    let auth = Draft::new(CHAIN_ID, Vec::new(), &signers).auth.encode_to_vec();
    let people: Vec<_> = signers.iter().map(|(person, _)| *person).collect();
    sign_raw(body_bytes.to_vec(), auth, CHAIN_ID, &people).encode_to_vec()
}

/// The place of a ticket that the customer creates as the first message of this sequence.
pub fn ticket_context(sequence: u64) -> Context {
    Context {
        chain_id: CHAIN_ID.to_owned(),
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
    let mut message =
        sealdesk_testkit::sealing::registration(CHAIN_ID, &person.person, &person.pair, "laptop");
    let ledger = Ledger::of(&crate::desk::genesis());
    let (x25519, ed25519) = (&person.pair.public, &person.pair.signing_public());
    message.account_signature = person.person.own(&ledger.chain_id, &ledger.identity, x25519, ed25519);
    message
}
