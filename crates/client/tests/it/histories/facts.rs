//! One history as facts: what members voted and people signed, what the node shows of it, and what is asked of the client.
//!
//! The oracle reads the same facts as JSON (`crates/client/tests/oracle/readers.py`).

use std::collections::BTreeMap;
use std::sync::LazyLock;

use sealdesk_client::actor::Actor;
use sealdesk_client::verify::Chain;
use sealdesk_protocol::circle::{Change, Circle};
use sealdesk_protocol::identity::Identity;
use sealdesk_protocol::ids::Address;
use sealdesk_protocol::wire::sealdesk::ledger::v1::LedgerContinues;
use serde_json::{Map, Value, json};

use crate::world::{people, prefix};

/// Somebody, by their place in [`ACTORS`].
pub(super) type Who = usize;

/// The n-th pair of somebody's phrase.
pub(super) type PairOf = (Who, u32);

/// How many pairs of each phrase the histories use.
pub(super) const PAIRS: u32 = 12;

/// Everybody, and their addresses.
pub(super) static ACTORS: LazyLock<Vec<(&'static Actor, Address)>> = LazyLock::new(|| {
    let people = people();
    let all = [&people.admin, &people.agent, &people.customer].into_iter().chain(&people.others);
    all.map(|actor| (actor, actor.address(&prefix()))).collect()
});

/// The public halves of a pair.
pub(super) struct Public {
    pub(super) x25519: [u8; 32],
    pub(super) ed25519: [u8; 32],
    pub(super) fingerprint: String,
}

static PUBLIC: LazyLock<BTreeMap<PairOf, Public>> = LazyLock::new(|| {
    let pairs = (0..ACTORS.len()).flat_map(|who| (0..PAIRS).map(move |n| (who, n)));
    let public = |(who, n): PairOf| {
        let pair = ACTORS[who].0.pair(n).unwrap();
        Public {
            x25519: *pair.encryption.public().as_bytes(),
            ed25519: *pair.signing.public().as_bytes(),
            fingerprint: pair.encryption.fingerprint().to_string(),
        }
    };
    pairs.map(|of| (of, public(of))).collect()
});

pub(super) fn public(of: PairOf) -> &'static Public {
    &PUBLIC[&of]
}

/// The public key with this fingerprint, in hex.
pub(super) fn key_of_fingerprint(fingerprint: &str) -> String {
    let found = PUBLIC.values().find(|public| public.fingerprint == fingerprint);
    hex::encode(found.unwrap().x25519)
}

pub(super) fn address(who: Who) -> &'static Address {
    &ACTORS[who].1
}

pub(super) fn who(address: &Address) -> Who {
    ACTORS.iter().position(|(_, known)| known == address).unwrap()
}

/// What an account signed of a pair of keys.
#[derive(Clone)]
pub(super) struct OwnedText {
    pub(super) ledger: String,
    pub(super) identity: Identity,
    pub(super) account: Who,
    pub(super) x25519: PairOf,
    pub(super) ed25519: PairOf,
}

/// A key of somebody's list; its version is its place there, from 1.
#[derive(Clone)]
pub(super) struct Key {
    pub(super) x25519: PairOf,
    pub(super) ed25519: PairOf,
    pub(super) revoked: bool,
    pub(super) registered_on: Option<Identity>,
    pub(super) account: Option<Who>,
    pub(super) signed: Option<OwnedText>,
}

/// What a member signed of a change.
#[derive(Clone)]
pub(super) struct VoteText {
    pub(super) ledger: String,
    pub(super) fingerprint: [u8; 32],
    pub(super) position: u64,
    pub(super) made: i64,
    pub(super) change: Change,
}

#[derive(Clone)]
pub(super) struct VoteFact {
    pub(super) voter: Who,
    pub(super) made: i64,
    pub(super) account: Who,
    pub(super) signed: Option<VoteText>,
}

/// A record of a change, and the place where it stands.
#[derive(Clone)]
pub(super) struct ChangeFact {
    pub(super) at: u64,
    pub(super) position: u64,
    pub(super) change: Change,
    pub(super) chain_id: String,
    pub(super) identity: Identity,
    pub(super) circle: Circle,
    pub(super) votes: Vec<VoteFact>,
}

#[derive(Clone)]
pub(super) struct PinFact {
    pub(super) identity: Identity,
    pub(super) circle: Circle,
    pub(super) height: u64,
    pub(super) time: i64,
}

#[derive(Clone)]
pub(super) struct GrantFact {
    pub(super) granter: Who,
    pub(super) version: u32,
    pub(super) key: PairOf,
    pub(super) signer: PairOf,
    pub(super) over: bool,
}

#[derive(Clone)]
pub(super) struct TicketFact {
    pub(super) customer: Who,
    pub(super) provider: Option<Who>,
    /// Who the record says has it, and whether they are active staff.
    pub(super) assigned: Option<(Who, bool)>,
    pub(super) signer_version: u32,
    pub(super) signer: PairOf,
    pub(super) sealed_on: String,
    pub(super) sealed_for: Vec<PairOf>,
    pub(super) sealed_provider: Option<Who>,
    pub(super) grants: Vec<GrantFact>,
}

impl TicketFact {
    pub(super) fn assignee(&self) -> Option<Who> {
        self.assigned.filter(|(_, works)| *works).map(|(who, _)| who)
    }
}

/// Whether the provider shall read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum ProviderAsked {
    No,
    Sealed,
    Named(Who),
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    Ticket(ProviderAsked),
    Answer(ProviderAsked),
    Note,
    Grant(Who),
}

#[derive(Clone)]
pub(super) struct History {
    pub(super) id: u64,
    pub(super) chain: Chain,
    pub(super) pin: Option<PinFact>,
    pub(super) trust_node: bool,
    pub(super) clock: i64,
    pub(super) tolerance: u32,
    pub(super) height: u64,
    pub(super) time: i64,
    pub(super) circle: Circle,
    pub(super) changes: Vec<ChangeFact>,
    pub(super) keys: BTreeMap<Who, Vec<Key>>,
    pub(super) ticket: Option<TicketFact>,
    pub(super) writer: Who,
    /// The pair with which the writer signs, and whether their list has it.
    pub(super) own: (PairOf, bool),
    pub(super) asked: Asked,
    /// The votes that the ledger continues the one before it, where it shows any.
    pub(super) continued: Option<LedgerContinues>,
}

fn hex_of(identity: &Identity) -> String {
    identity.to_string()
}

fn x25519(of: PairOf) -> String {
    hex::encode(public(of).x25519)
}

fn ed25519(of: PairOf) -> String {
    hex::encode(public(of).ed25519)
}

fn circle_json(circle: &Circle) -> Value {
    let member = |member: &sealdesk_protocol::circle::Member| json!({"address": member.address.as_str(), "since": member.since});
    json!({"position": circle.position(), "members": circle.members().iter().map(member).collect::<Vec<_>>()})
}

fn with_change(mut object: Map<String, Value>, change: &Change) -> Value {
    object.insert(change.name().to_owned(), json!(change.address().as_str()));
    Value::Object(object)
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

impl ChangeFact {
    fn json(&self) -> Value {
        let vote = |vote: &VoteFact| {
            let signed = vote.signed.as_ref().map(|text| {
                let fields = json!({
                    "ledger": text.ledger,
                    "circle": hex::encode(text.fingerprint),
                    "change": text.position,
                    "made": text.made,
                });
                with_change(object(fields), &text.change)
            });
            json!({
                "voter": address(vote.voter).as_str(),
                "made": vote.made,
                "account": address(vote.account).as_str(),
                "signed": signed,
            })
        };
        let fields = json!({
            "at": self.at,
            "position": self.position,
            "chain_id": self.chain_id,
            "identity": hex_of(&self.identity),
            "circle": circle_json(&self.circle),
            "votes": self.votes.iter().map(vote).collect::<Vec<_>>(),
        });
        with_change(object(fields), &self.change)
    }
}

pub(super) fn key_json((place, key): (usize, &Key)) -> Value {
    let signed = key.signed.as_ref().map(|text| {
        json!({
            "ledger": text.ledger,
            "identity": hex_of(&text.identity),
            "account": address(text.account).as_str(),
            "x25519": x25519(text.x25519),
            "ed25519": ed25519(text.ed25519),
        })
    });
    json!({
        "version": place + 1,
        "x25519": x25519(key.x25519),
        "ed25519": ed25519(key.ed25519),
        "revoked": key.revoked,
        "registered_on": key.registered_on.as_ref().map(hex_of),
        "account": key.account.map(|who| address(who).as_str()),
        "signed": signed,
    })
}

fn ticket_json(ticket: &TicketFact) -> Value {
    let named = |who: Option<Who>| who.map(|who| address(who).as_str());
    let grant = |grant: &GrantFact| {
        json!({
            "granter": address(grant.granter).as_str(),
            "granter_version": grant.version,
            "key": x25519(grant.key),
            "signing_key": ed25519(grant.signer),
            "over": grant.over,
        })
    };
    json!({
        "customer": address(ticket.customer).as_str(),
        "provider": named(ticket.provider),
        "assignee": named(ticket.assignee()),
        "signer_version": ticket.signer_version,
        "signing_key": ed25519(ticket.signer),
        "sealed_on": ticket.sealed_on,
        "sealed_for": ticket.sealed_for.iter().map(|of| x25519(*of)).collect::<Vec<_>>(),
        "sealed_provider": named(ticket.sealed_provider),
        "grants": ticket.grants.iter().map(grant).collect::<Vec<_>>(),
    })
}

impl History {
    /// The facts, without anybody's answer.
    pub(super) fn json(&self) -> Value {
        let ledger =
            |chain: &str, identity: Identity| json!({"chain_id": chain, "identity": hex_of(&identity)});
        let earlier = self.chain.ancestry.earlier().iter();
        let ancestors: Vec<Value> =
            earlier.map(|one| ledger(one.chain_id.as_str(), one.identity())).collect();
        let pin = self.pin.as_ref().map(|pin| {
            json!({
                "identity": hex_of(&pin.identity),
                "circle": circle_json(&pin.circle),
                "height": pin.height,
                "time": pin.time,
            })
        });
        let keys: Map<String, Value> = self
            .keys
            .iter()
            .map(|(who, keys)| (address(*who).to_string(), keys.iter().enumerate().map(key_json).collect()))
            .collect();
        let provider = |asked: ProviderAsked| match asked {
            ProviderAsked::No => Value::Null,
            ProviderAsked::Sealed => json!("sealed"),
            ProviderAsked::Named(who) => json!(address(who).as_str()),
        };
        let asked = match self.asked {
            Asked::Ticket(asked) => json!({"what": "ticket", "provider": provider(asked)}),
            Asked::Answer(asked) => json!({"what": "answer", "provider": provider(asked)}),
            Asked::Note => json!({"what": "note", "provider": null}),
            Asked::Grant(to) => json!({"what": "grant", "provider": null, "to": address(to).as_str()}),
        };
        let (own, registered) = self.own;
        json!({
            "id": self.id,
            "ledger": {
                "chain_id": self.chain.chain_id.as_str(),
                "prefix": self.chain.prefix.as_str(),
                "identity": hex_of(&self.chain.identity()),
                "ancestors": ancestors,
            },
            "first_circle": circle_json(&self.chain.ancestry.beginning().circle),
            "pin": pin,
            "trust_node": self.trust_node,
            "clock": self.clock,
            "tolerance": self.tolerance,
            "shown": {
                "height": self.height,
                "time": self.time,
                "circle": circle_json(&self.circle),
                "changes": self.changes.iter().map(ChangeFact::json).collect::<Vec<_>>(),
                "keys": keys,
            },
            "ticket": self.ticket.as_ref().map(ticket_json),
            "writer": {
                "address": address(self.writer).as_str(),
                "own": {"x25519": x25519(own), "ed25519": ed25519(own), "registered": registered},
            },
            "asked": asked,
        })
    }
}
