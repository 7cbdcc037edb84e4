//! What the liar proves who holds the validator's key: any record, in a tree of its own, under a header that the validator signed.

use std::collections::BTreeMap;

use ed25519_dalek::{Signer as _, SigningKey};
use prost::Message as _;
use sealdesk_protocol::account::AccountState;
use sealdesk_protocol::block::{
    Block, Ground, SignedHeader, Time, ValidatorSet, commit_with, validator_address, validator_set,
};
use sealdesk_protocol::circle::{Change, Circle};
use sealdesk_protocol::identity::{Ancestry, Beginning};
use sealdesk_protocol::ids::{Address, ChainId, TicketId};
use sealdesk_protocol::messages::AssignableRole;
use sealdesk_protocol::receipt::{Evidence, Trust, VerifiedReceipt};
use sealdesk_protocol::state::tree;
use sealdesk_protocol::ticket::grants_hash;
use sealdesk_protocol::wire::sealdesk::ledger::v1 as ledger;
use sealdesk_protocol::wire::virtengine::support::v1 as support;

use super::{Liar, Lie};
use crate::proof_tree::ProofTree;

/// Seconds by which a header is off that is older or newer than it should be.
const OFF: i64 = 3_600;

type Records = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

/// The receipt with what the liar says in the ledger's place, and a header for it.
pub(super) fn forged(liar: &mut Liar, receipt: &[u8]) -> Vec<u8> {
    let honest = VerifiedReceipt::verify(receipt, &Trust::Unpinned).unwrap();
    liar.height = honest.height();
    if let Some(Some(circle)) = honest.records().get(tree::ADMINISTRATORS) {
        liar.circle = Circle::decode(&liar.plot.prefix, circle).ok();
    }
    let told: Records = honest
        .records()
        .iter()
        .map(|(key, record)| (key.clone(), liar.told(key, record.as_deref())))
        .collect();
    let present = told.iter().filter_map(|(key, record)| Some((key.clone(), record.clone()?)));
    let tree = ProofTree::new(&present.collect::<Vec<_>>());
    let own = honest.ticket().map(|id| keys_of_ticket(&told, id)).unwrap_or_default();
    let others = told.keys().filter(|key| !own.contains(key) && !is_left_out(key, honest.ticket()));
    let proven = |key: &Vec<u8>| {
        let record = told.get(key).cloned().flatten();
        let absent = record.is_none();
        let (proof, record) = (tree.prove(key), record.unwrap_or_default());
        ledger::ProvenRecord { absent, record, proof, state_key: key.clone() }
    };
    let records = own.iter().chain(others).map(proven).collect();
    let off = match liar.lie {
        Lie::OldHeader => -OFF,
        Lie::HeaderAhead => OFF,
        _ => 0,
    };
    let place = Place { height: honest.height() + 1, time: honest.time() + off };
    let signer = Signer { key: liar.signing_key(), power: honest.signers()[0].power };
    let (signed_header, validators) = header(honest.chain_id(), &place, tree.root(), &signer);
    let (signed_header, validators, handovers) = (&signed_header, &validators, &Vec::new());
    Evidence { signed_header, validators, handovers, ticket: honest.ticket(), records }.encode()
}

/// Of which block a header is.
struct Place {
    height: u64,
    time: i64,
}

/// The only validator.
struct Signer {
    key: SigningKey,
    power: u64,
}

fn validators(signer: &Signer) -> ValidatorSet {
    validator_set(&[(signer.key.verifying_key().to_bytes(), signer.power.try_into().unwrap())]).unwrap()
}

fn header(
    chain_id: &ChainId,
    place: &Place,
    app_hash: [u8; 32],
    signer: &Signer,
) -> (SignedHeader, ValidatorSet) {
    let validators = validators(signer);
    let ground = Ground { chain_id, validators: &validators, app_hash, previous: None };
    let mut block = Block::build(ground, Time::from_unix_timestamp(place.time, 0).unwrap(), vec![]).unwrap();
    block.header.height = place.height.try_into().unwrap();
    block.header.next_validators_hash = validators.hash();
    let id = block.id().unwrap();
    let sign = |bytes: &[u8]| signer.key.sign(bytes).to_bytes();
    let address = validator_address(&signer.key.verifying_key().to_bytes()).unwrap();
    let commit = commit_with(&block, id, address, sign).unwrap();
    (SignedHeader::new(block.header, commit).unwrap(), validators)
}

/// The keys of a ticket's own records, as far as the liar says that there are any.
fn keys_of_ticket(told: &Records, id: TicketId) -> Vec<Vec<u8>> {
    let head = told.get(&tree::ticket(id)).cloned().flatten().unwrap_or_default();
    let count =
        support::TicketHead::decode(head.as_slice()).unwrap().ticket.unwrap_or_default().response_count;
    [tree::ticket(id)].into_iter().chain((0..count).map(|index| tree::response(id, index))).collect()
}

/// True of an answer of this ticket: a receipt of it holds as many as its head counts.
fn is_left_out(key: &[u8], ticket: Option<TicketId>) -> bool {
    ticket.is_some() && key.starts_with(tree::RESPONSES)
}

impl Liar {
    /// Whoever holds no validator's key has one of their own.
    fn signing_key(&self) -> SigningKey {
        if self.lie == Lie::OtherGenesis {
            return SigningKey::from_bytes(&[99; 32]);
        }
        self.plot.validator.clone()
    }

    /// What the liar says stands at a key of the state.
    fn told(&self, key: &[u8], honest: Option<&[u8]>) -> Option<Vec<u8>> {
        let plot = &self.plot;
        let list = |keys| Some(ledger::KeyList { keys }.encode_to_vec());
        if key == tree::keys(&plot.thief) {
            return match self.lie {
                Lie::Assignee | Lie::ForgedGrant => list(vec![plot.key.clone(), plot.copy.clone()]),
                _ => list(vec![plot.key.clone()]),
            };
        }
        match self.lie {
            Lie::OtherGenesis if key == tree::BEGINNING => {
                Some(self.other_beginning().to_wire().encode_to_vec())
            }
            Lie::OtherGenesis if key == tree::ADMINISTRATORS => {
                Some(self.other_beginning().beginning().circle.encode())
            }
            Lie::AnotherAdministrator | Lie::ChangeByTheThief | Lie::ChangeByNobody => {
                self.told_of_circle(key, honest)
            }
            Lie::KeyOfAdministrator => self.with_key(key, honest, &plot.administrators),
            Lie::KeyOfEverybody => {
                let others = [plot.customer.clone(), plot.agent.clone()];
                self.with_key(key, honest, &[plot.administrators.as_slice(), &others].concat())
            }
            Lie::UnsignedKeys if key.starts_with(tree::KEYS) => self.unsigned(honest),
            Lie::Assignee | Lie::ForgedGrant if key == tree::member(&plot.thief) => {
                let (role, state) = (AssignableRole::SupportAgent.to_wire(), AccountState::Active.to_wire());
                Some(ledger::MemberRecord { role, state, ..Default::default() }.encode_to_vec())
            }
            Lie::PassedSequence if self.has_invented && key.starts_with(tree::ACCOUNTS) => {
                let account = ledger::AccountRecord::decode(honest.unwrap_or_default()).unwrap();
                Some(ledger::AccountRecord { sequence: account.sequence + 1, ..account }.encode_to_vec())
            }
            _ if key.starts_with(tree::TICKETS) => self.told_of_ticket(honest),
            _ => honest.map(<[u8]>::to_vec),
        }
    }

    /// A ledger that began with the thief and the liar's own validator.
    fn other_beginning(&self) -> Ancestry {
        let validators_hash = validators(&Signer { key: self.signing_key(), power: 10 }).hash();
        let beginning = Beginning {
            chain_id: self.plot.chain_id.clone(),
            prefix: self.plot.prefix.clone(),
            circle: Circle::first([self.plot.thief.clone()]).unwrap(),
            validators_hash: validators_hash.as_bytes().try_into().unwrap(),
            continues: None,
        };
        Ancestry::new(beginning, Vec::new()).unwrap()
    }

    fn told_of_circle(&self, key: &[u8], honest: Option<&[u8]>) -> Option<Vec<u8>> {
        let add = Change::Add(self.plot.thief.clone());
        if let Some(circle) = self.circle.as_ref() {
            let after = circle.after(&add).unwrap();
            if key == tree::ADMINISTRATORS {
                return Some(after.encode());
            }
            if key == tree::circle_change(circle.next()) && self.lie != Lie::AnotherAdministrator {
                let stole = self.lie == Lie::ChangeByTheThief;
                let change = ledger::CircleChange {
                    position: circle.next(),
                    address: self.plot.thief.to_string(),
                    removes: false,
                    votes: if stole { vec![(self.plot.vote)(circle, &add)] } else { Vec::new() },
                    changed_at: 0,
                    circle: after.encode(),
                    chain_id: self.plot.chain_id.to_string(),
                    identity: self.plot.identity.0.to_vec(),
                };
                return Some(change.encode_to_vec());
            }
        }
        honest.map(<[u8]>::to_vec)
    }

    /// The list of each of these people with the thief's key at its end.
    fn with_key(&self, key: &[u8], honest: Option<&[u8]>, of: &[Address]) -> Option<Vec<u8>> {
        let Some(address) = of.iter().find(|address| key == tree::keys(address)) else {
            return honest.map(<[u8]>::to_vec);
        };
        let mut list = ledger::KeyList::decode(honest.unwrap_or_default()).unwrap();
        let mut key = self.plot.key.clone();
        key.address = address.to_string();
        key.key_version = u32::try_from(list.keys.len()).unwrap() + 1;
        list.keys.push(key);
        Some(list.encode_to_vec())
    }

    /// A list in which the thief's key stands for each, without anybody's signature.
    fn unsigned(&self, honest: Option<&[u8]>) -> Option<Vec<u8>> {
        let mut list = ledger::KeyList::decode(honest?).unwrap();
        for key in &mut list.keys {
            key.public_key.clone_from(&self.plot.key.public_key);
            key.key_fingerprint.clone_from(&self.plot.key.key_fingerprint);
            key.account_pub_key.clear();
            key.account_signature.clear();
        }
        Some(list.encode_to_vec())
    }

    fn told_of_ticket(&self, honest: Option<&[u8]>) -> Option<Vec<u8>> {
        let mut head = support::TicketHead::decode(honest?).unwrap();
        let ticket = head.ticket.as_mut()?;
        let thief = self.plot.thief.to_string();
        match self.lie {
            Lie::Assignee | Lie::ForgedGrant => ticket.assigned_to = thief,
            Lie::Customer => ticket.customer_address = thief,
            Lie::Provider => ticket.provider_address = thief,
            Lie::NoAnswers => ticket.response_count = 0,
            _ => {}
        }
        if self.lie == Lie::ForgedGrant {
            head.grants_hash = grants_hash(std::slice::from_ref(&self.plot.grant)).to_vec();
        }
        Some(head.encode_to_vec())
    }
}
