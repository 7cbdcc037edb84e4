//! The people of the tests, from fixed randomness.

use std::sync::LazyLock;

use chacha20::ChaCha20Rng;
use chacha20::rand_core::SeedableRng as _;
use sealdesk_client::actor::{Actor, Pair};
use sealdesk_client::compose::sign_text;
use sealdesk_client::verify::Chain;
use sealdesk_envelope::{Phrase, PhraseLength};
use sealdesk_protocol::circle::{Ballot, Change, Circle, Vote};
use sealdesk_protocol::identity::{Ancestry, Beginning};
use sealdesk_protocol::ids::Address;
use sealdesk_protocol::ownership::Ownership;
use sealdesk_protocol::wire::sealdesk::ledger::v1::{CircleChange, MemberVote};
use sealdesk_protocol::wire::virtengine::encryption::v1::RecipientKeyRecord;

use super::{NOW, chain_id, prefix};

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

/// How the tests' ledger began: with one administrator, and one validator.
pub(crate) fn chain() -> &'static Chain {
    &CHAIN
}

static CHAIN: LazyLock<Chain> = LazyLock::new(|| {
    let circle = Circle::first([people().admin.address(&prefix())]).unwrap();
    let validators_hash = super::proofs::validators_hash(7);
    let beginning =
        Beginning { chain_id: chain_id(), prefix: prefix(), circle, validators_hash, continues: None };
    Chain::of(Ancestry::new(beginning, Vec::new()).unwrap())
});

/// Somebody among the people of the tests.
pub(crate) fn actor_of(address: &Address) -> &'static Actor {
    let people = people();
    let all = [&people.admin, &people.agent, &people.customer].into_iter().chain(&people.others);
    all.into_iter().find(|actor| actor.address(&prefix()) == *address).unwrap()
}

/// The directory's record of somebody's n-th pair, which they signed, active since long ago.
pub(crate) fn key_record(actor: &Actor, n: u32) -> RecipientKeyRecord {
    copied_record(actor, actor, n)
}

/// The n-th pair of somebody, registered and signed by another account as its own: anyone can.
pub(crate) fn copied_record(actor: &Actor, of: &Actor, n: u32) -> RecipientKeyRecord {
    let pair = of.pair(n).unwrap();
    record_of(actor, &pair, &pair)
}

/// What an account registers and signs as its own: the encryption key of one pair, and the signing key of one that it has.
pub(crate) fn record_of(actor: &Actor, pair: &Pair, signing: &Pair) -> RecipientKeyRecord {
    let (x25519, ed25519) = (pair.encryption.public().as_bytes(), signing.signing.public().as_bytes());
    let (chain, account) = (chain(), actor.address(&prefix()));
    let identity = chain.identity();
    let owned =
        Ownership { ledger: &chain.chain_id, identity: &identity, account: &account, x25519, ed25519 };
    RecipientKeyRecord {
        address: account.to_string(),
        public_key: x25519.to_vec(),
        key_fingerprint: pair.encryption.fingerprint().to_string(),
        signing_key: ed25519.to_vec(),
        registered_at: 1,
        account_pub_key: actor.public_key().to_vec(),
        account_signature: sign_text(actor.account().unwrap(), &account, &owned.text()).unwrap().to_vec(),
        ..RecipientKeyRecord::default()
    }
}

/// Somebody's vote for a change of this circle, as records keep it.
pub(crate) fn vote(actor: &Actor, circle: &Circle, change: &Change) -> MemberVote {
    let chain = chain();
    let (voter, fingerprint) = (actor.address(&prefix()), circle.fingerprint(&chain.identity()));
    let text = Ballot::Change(change).text(&chain.chain_id, &fingerprint, circle.next(), NOW);
    let signature = sign_text(actor.account().unwrap(), &voter, &text).unwrap();
    Vote { voter, made: NOW, account_pub_key: (*actor.public_key()).into(), signature: signature.into() }
        .to_wire()
}

/// A change of this circle with these votes, and the circle after it, whether they are enough or not.
pub(crate) fn change_by(voters: &[&Actor], circle: &Circle, change: &Change) -> (CircleChange, Circle) {
    let chain = chain();
    let after = circle.after(change).unwrap();
    let mut votes: Vec<MemberVote> = voters.iter().map(|voter| vote(voter, circle, change)).collect();
    votes.sort_by(|a, b| a.voter.cmp(&b.voter));
    let record = CircleChange {
        position: after.position(),
        address: change.address().to_string(),
        removes: change.removes(),
        votes,
        changed_at: NOW,
        circle: after.encode(),
        chain_id: chain.chain_id.to_string(),
        identity: chain.identity().0.to_vec(),
    };
    (record, after)
}
