//! Who makes blocks, as docs/state.md tells it: votes in the order in which they came, counted anew each time.

use std::collections::BTreeMap;

use prost::Message as _;
use sealdesk_machine::ValidatorUpdate;
use sealdesk_protocol::events::Event;
use sealdesk_protocol::messages::to_any;
use sealdesk_protocol::state::tree;
use sealdesk_protocol::wire::sealdesk::ledger::v1 as wire;

use super::desk::{Desk, Done, Refused};
use super::leaves::Leaves;

/// Power and moniker by key.
type Set = BTreeMap<Vec<u8>, (i64, String)>;

#[derive(Clone, Debug)]
pub struct Vote {
    pub who: String,
    pub key: Vec<u8>,
    pub power: i64,
}

#[derive(Clone, Debug)]
pub struct Validators {
    pub now: Set,
    /// When the block began.
    before: Set,
    /// Every set there was, by the block that made it.
    since: BTreeMap<u64, Set>,
    pub votes: Vec<Vote>,
    /// The moniker last given in a vote for a key and a power.
    monikers: BTreeMap<(Vec<u8>, i64), String>,
}

fn powers(set: &Set) -> BTreeMap<&Vec<u8>, i64> {
    set.iter().map(|(key, (power, _))| (key, *power)).collect()
}

fn list(set: &Set) -> Vec<wire::Validator> {
    let validator = |(key, (power, moniker)): (&Vec<u8>, &(i64, String))| wire::Validator {
        pub_key: key.clone(),
        power: *power,
        moniker: moniker.clone(),
    };
    set.iter().map(validator).collect()
}

impl Validators {
    pub fn new(key: Vec<u8>, power: i64, moniker: &str) -> Self {
        let now = Set::from([(key, (power, moniker.to_owned()))]);
        let since = BTreeMap::from([(0, now.clone())]);
        Self { before: now.clone(), now, since, votes: Vec::new(), monikers: BTreeMap::new() }
    }

    /// The block of this height is over.
    pub fn next_block(&mut self, height: u64) {
        if powers(&self.now) != powers(&self.before) {
            self.since.insert(height, self.now.clone());
        }
        self.before = self.now.clone();
    }

    /// What the engine is told at the end of the block.
    pub fn updates(&self) -> Vec<ValidatorUpdate> {
        let (before, now) = (powers(&self.before), powers(&self.now));
        let mut keys: Vec<&Vec<u8>> = before.keys().chain(now.keys()).copied().collect();
        keys.sort();
        keys.dedup();
        keys.retain(|key| before.get(key) != now.get(key));
        let update = |key: &Vec<u8>| ValidatorUpdate {
            pub_key: key.clone().try_into().unwrap(),
            power: now.get(key).map_or(0, |power| u32::try_from(*power).unwrap()),
        };
        keys.into_iter().map(update).collect()
    }

    pub fn put(&self, leaves: &mut Leaves, height: u64) {
        let mut all = self.clone();
        all.next_block(height);
        let encoded = |set: &Set| wire::ValidatorList { validators: list(set) }.encode_to_vec();
        leaves.insert(tree::VALIDATORS.to_vec(), encoded(&all.now));
        for (height, set) in &all.since {
            leaves.insert(tree::validators_since(*height), encoded(set));
        }
        let proposals = self.proposals();
        if !proposals.is_empty() {
            let record = wire::ValidatorProposals { proposals }.encode_to_vec();
            leaves.insert(tree::VALIDATOR_PROPOSALS.to_vec(), record);
        }
    }

    pub fn proposals(&self) -> Vec<wire::ValidatorProposal> {
        let mut votes: BTreeMap<(Vec<u8>, i64), Vec<String>> = BTreeMap::new();
        for vote in &self.votes {
            votes.entry((vote.key.clone(), vote.power)).or_default().push(vote.who.clone());
        }
        let proposal = |((pub_key, power), mut voters): ((Vec<u8>, i64), Vec<String>)| {
            voters.sort();
            let moniker = self.monikers[&(pub_key.clone(), power)].clone();
            wire::ValidatorProposal { pub_key, power, moniker, voters }
        };
        votes.into_iter().map(proposal).collect()
    }
}

impl Desk {
    pub fn propose(&mut self, who: &str, key: &[u8], power: i64, moniker: &str) -> Result<Done, Refused> {
        if !self.is_administrator(who) {
            return Err(("sdk", 4));
        }
        let counts: Vec<String> =
            self.administrators().into_iter().filter(|other| self.is_active(other)).collect();
        let set = &mut self.validators;
        set.votes.retain(|vote| counts.contains(&vote.who));
        let others = set.votes.len();
        set.votes.retain(|vote| vote.who != who || vote.key != key);
        let took_back = set.votes.len() < others;
        let held = set.now.get(key).map_or(0, |(power, _)| *power);
        let mut next = set.now.clone();
        if power == held {
            if !took_back {
                return Err(("sdk", 18));
            }
        } else {
            next.remove(key);
            if power > 0 {
                next.insert(key.to_vec(), (power, moniker.to_owned()));
            }
            let open = set.votes.iter().filter(|vote| vote.who == who).count();
            if next.is_empty() || next.len() > 100 || open >= 8 {
                return Err(("sdk", 18));
            }
            set.votes.push(Vote { who: who.to_owned(), key: key.to_vec(), power });
            set.monikers.insert((key.to_vec(), power), moniker.to_owned());
        }
        let agree = set.votes.iter().filter(|vote| vote.key == key && vote.power == power).count();
        let applied = power != held && 2 * agree > counts.len();
        if applied {
            set.now = next;
            set.votes.retain(|vote| vote.key != key);
        }
        Ok(self.proposed(
            who,
            &Vote { who: who.to_owned(), key: key.to_vec(), power },
            moniker,
            applied.then_some(held),
        ))
    }

    fn proposed(&self, who: &str, vote: &Vote, moniker: &str, previous: Option<i64>) -> Done {
        let mut events = vec![Event::ValidatorProposed(wire::EventValidatorProposed {
            pub_key: hex::encode(&vote.key),
            power: vote.power,
            moniker: moniker.to_owned(),
            proposed_by: who.to_owned(),
            block_height: self.height_i64(),
            timestamp: self.now,
        })];
        events.extend(previous.map(|previous_power| {
            Event::ValidatorChanged(wire::EventValidatorChanged {
                pub_key: hex::encode(&vote.key),
                previous_power,
                power: vote.power,
                moniker: moniker.to_owned(),
                block_height: self.height_i64(),
                timestamp: self.now,
            })
        }));
        let response = to_any(&wire::MsgProposeValidatorResponse { applied: previous.is_some() });
        Done { events, response }
    }
}
