//! The people of the tests, from fixed randomness.

use std::sync::LazyLock;

use chacha20::ChaCha20Rng;
use chacha20::rand_core::SeedableRng as _;
use sealdesk_client::actor::Actor;
use sealdesk_envelope::{Phrase, PhraseLength};
use sealdesk_protocol::wire::virtengine::encryption::v1::RecipientKeyRecord;

pub(crate) struct People {
    pub(crate) admin: Actor,
    pub(crate) agent: Actor,
    pub(crate) customer: Actor,
    pub(crate) others: Vec<Actor>,
}

pub(crate) fn rng(seed: u8) -> ChaCha20Rng {
    ChaCha20Rng::from_seed([seed; 32])
}

fn person(seed: u8) -> Actor {
    Actor::of(&Phrase::generate(PhraseLength::Twelve, &mut rng(seed)).unwrap()).unwrap()
}

static PEOPLE: LazyLock<People> = LazyLock::new(|| People {
    admin: person(1),
    agent: person(2),
    customer: person(3),
    others: (4..12).map(person).collect(),
});

pub(crate) fn people() -> &'static People {
    &PEOPLE
}

/// The directory's record of somebody's n-th pair, active since long ago.
pub(crate) fn key_record(actor: &Actor, n: u32) -> RecipientKeyRecord {
    let pair = actor.pair(n).unwrap();
    RecipientKeyRecord {
        public_key: pair.encryption.public().as_bytes().to_vec(),
        key_fingerprint: pair.encryption.fingerprint().to_string(),
        signing_key: pair.signing.public().as_bytes().to_vec(),
        registered_at: 1,
        ..RecipientKeyRecord::default()
    }
}
