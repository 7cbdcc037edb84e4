//! The circle of administrators, from docs/spec/trust.md alone: since when somebody is in it, and votes as they came.

use std::collections::BTreeMap;

use prost::Message as _;
use sealdesk_protocol::circle::{Ballot as Signed, Change, Circle, Member as CircleMember};
use sealdesk_protocol::events::Event;
use sealdesk_protocol::identity::Identity;
use sealdesk_protocol::ids::Address;
use sealdesk_protocol::messages::to_any;
use sealdesk_protocol::state::tree;
use sealdesk_protocol::wire::sealdesk::ledger::v1 as wire;
use sealdesk_protocol::wire::virtengine::roles::v1 as roles;
use sealdesk_testkit::trust::Ledger;

use super::desk::{DAY, Desk, Done, Member, Refused, Role, State};
use super::leaves::{Leaves, address};

const HOUR: i64 = 3_600;

/// What a member signs beside the change itself.
#[derive(Clone, Debug)]
pub struct Ballot {
    /// The position that was signed.
    pub change: u64,
    pub made: i64,
    /// The circle that was signed.
    pub circle: Circle,
    /// Whether the signature was spoilt.
    pub tampered: bool,
}

impl Ballot {
    /// The key, and the signature that the voter's wallet makes.
    pub fn sign(&self, desk: &Desk, who: &str, change: &Change) -> (Vec<u8>, Vec<u8>) {
        let person = desk.crowd.of_address(who).unwrap();
        let chain_id = sealdesk_protocol::ids::ChainId::parse(&desk.chain_id).unwrap();
        let (identity, circle) = (desk.council.identity, self.circle.clone());
        let ledger = Ledger { chain_id, identity, circle, now: self.made };
        let mut signature = person.vote_on(&ledger, &Signed::Change(change)).signature.to_vec();
        if self.tampered {
            signature[9] ^= 1;
        }
        (person.account_key().to_vec(), signature)
    }

    /// The same for an agent or a gateway.
    pub fn appoint(&self, desk: &Desk, who: &str, role: &str, account: &Address) -> (Vec<u8>, Vec<u8>) {
        let person = desk.crowd.of_address(who).unwrap();
        let what = if role == "gateway" { "gateway" } else { "agent" };
        let fingerprint = hex::encode(self.circle.fingerprint(&desk.council.identity));
        let made = sealdesk_protocol::json::time(self.made).unwrap();
        let (ledger, account) = (&desk.chain_id, account.as_str());
        let text = format!(
            "Sealdesk {what}\nledger: {ledger}\ncircle: {fingerprint}\nmade: {made}\naccount: {account}"
        );
        let mut signature = person.sign_text(&text);
        if self.tampered {
            signature[9] ^= 1;
        }
        (person.account_key().to_vec(), signature)
    }
}

#[derive(Clone, Debug)]
struct Vote {
    who: String,
    about: String,
    removes: bool,
    record: wire::MemberVote,
}

#[derive(Clone, Debug)]
pub struct Council {
    pub identity: Identity,
    position: u64,
    /// At which position each member joined.
    since: BTreeMap<String, u64>,
    votes: Vec<Vote>,
    /// When the last changes were.
    changed: Vec<i64>,
    /// Every change there was.
    records: BTreeMap<u64, wire::CircleChange>,
    /// The leaf that says how the ledger began.
    beginning: Vec<u8>,
}

impl Council {
    pub fn new(ledger: &Ledger, founders: &[String], beginning: Vec<u8>) -> Self {
        let since = founders.iter().map(|who| (who.clone(), 0)).collect();
        let mut council = Self {
            identity: ledger.identity,
            position: 0,
            since,
            votes: Vec::new(),
            changed: Vec::new(),
            records: BTreeMap::new(),
            beginning,
        };
        let genesis = wire::CircleChange {
            changed_at: ledger.now,
            circle: council.bytes(),
            chain_id: ledger.chain_id.to_string(),
            identity: council.identity.0.to_vec(),
            ..Default::default()
        };
        council.records.insert(0, genesis);
        council
    }

    /// The page's `C`.
    fn bytes(&self) -> Vec<u8> {
        let mut bytes = self.position.to_be_bytes().to_vec();
        bytes.extend(u32::try_from(self.since.len()).unwrap().to_be_bytes());
        for (who, since) in &self.since {
            bytes.extend(u32::try_from(who.len()).unwrap().to_be_bytes());
            bytes.extend(who.bytes());
            bytes.extend(since.to_be_bytes());
        }
        bytes
    }

    /// What a wallet is shown of it.
    fn circle(&self) -> Circle {
        let member = |(who, since): (&String, &u64)| CircleMember { address: address(who), since: *since };
        Circle::new(self.position, self.since.iter().map(member).collect()).unwrap()
    }

    pub fn contains(&self, who: &str) -> bool {
        self.since.contains_key(who)
    }

    pub fn contains_since(&self, who: &str, position: u64) -> bool {
        self.since.get(who).is_some_and(|since| *since <= position)
    }

    pub fn open_votes(&self, who: &str) -> usize {
        self.votes.iter().filter(|vote| vote.who == who).count()
    }

    /// Whose joining has the most votes.
    pub fn favourite(&self) -> Option<(String, bool)> {
        let last = self.votes.last()?;
        Some((last.about.clone(), last.removes))
    }

    fn decides(&self, about: &str, removes: bool) -> bool {
        let on_it = |vote: &&Vote| vote.about == about && vote.removes == removes;
        let voters: Vec<&str> = self.votes.iter().filter(on_it).map(|vote| vote.who.as_str()).collect();
        let (votes, members) = (voters.len(), self.since.len());
        if 2 * votes > members {
            return true;
        }
        if !removes {
            return false;
        }
        let first = self.since.values().min().unwrap();
        let firsts: Vec<&String> =
            self.since.iter().filter(|(_, since)| *since == first).map(|(who, _)| who).collect();
        let with_the_first = firsts.len() == 1 && voters.contains(&firsts[0].as_str());
        voters.contains(&about) || 2 * votes == members && with_the_first
    }

    pub fn put(&self, leaves: &mut Leaves) {
        leaves.insert(tree::BEGINNING.to_vec(), self.beginning.clone());
        leaves.insert(tree::ADMINISTRATORS.to_vec(), self.bytes());
        for (position, record) in &self.records {
            leaves.insert(tree::circle_change(*position), record.encode_to_vec());
        }
        let mut proposals: BTreeMap<(String, bool), Vec<wire::MemberVote>> = BTreeMap::new();
        for vote in &self.votes {
            proposals.entry((vote.about.clone(), vote.removes)).or_default().push(vote.record.clone());
        }
        let proposal = |((address, removes), mut votes): ((String, bool), Vec<wire::MemberVote>)| {
            votes.sort_by(|a, b| a.voter.cmp(&b.voter));
            wire::CircleProposal { address, removes, votes }
        };
        let proposals = proposals.into_iter().map(proposal).collect();
        let record = wire::CircleVotes { proposals, changed_at: self.changed.clone() }.encode_to_vec();
        if !record.is_empty() {
            leaves.insert(tree::CIRCLE_VOTES.to_vec(), record);
        }
    }
}

impl Desk {
    /// A ballot for the circle as it is, made now.
    pub fn ballot(&self) -> Ballot {
        let circle = self.council.circle();
        Ballot { change: circle.next(), made: self.now, circle, tampered: false }
    }

    /// What the record keeps of an appointment.
    pub fn appointment(
        &self,
        who: &str,
        (candidate, role): (&str, &str),
        ballot: &Ballot,
    ) -> Result<wire::Appointment, Refused> {
        if ballot.made > self.now || ballot.made < self.now - HOUR {
            return Err(("roles", 16));
        }
        if self.last_appointed.get(candidate).is_some_and(|last| ballot.made <= *last) {
            return Err(("roles", 23));
        }
        if ballot.tampered || ballot.circle != self.council.circle() {
            return Err(("roles", 15));
        }
        let (account_pub_key, account_signature) = ballot.appoint(self, who, role, &address(candidate));
        let (made, position, appointed_on) = (ballot.made, self.council.position, Vec::new());
        Ok(wire::Appointment { made, position, account_pub_key, account_signature, appointed_on })
    }

    fn may_join(&self, who: &str) -> Result<(), Refused> {
        if self.council.contains(who) {
            return Err(("roles", 7));
        }
        match (self.state(who), self.role(who)) {
            (State::Terminated, _) => return Err(("roles", 9)),
            (State::Suspended, _) => return Err(("roles", 13)),
            (State::Active, Some(Role::Customer | Role::Gateway)) => return Err(("roles", 5)),
            (State::Active, _) => {}
        }
        if self.council.since.len() >= self.administrators_max() { Err(("roles", 12)) } else { Ok(()) }
    }

    fn may_leave(&self, who: &str) -> Result<(), Refused> {
        if !self.council.contains(who) {
            return Err(("roles", 6));
        }
        if self.council.since.len() == 1 { Err(("roles", 11)) } else { Ok(()) }
    }

    /// A member's vote: whether it decides, and what happened.
    pub fn vote(
        &mut self,
        who: &str,
        about: (&str, bool),
        ballot: &Ballot,
    ) -> Result<(bool, Vec<Event>), Refused> {
        let (candidate, removes) = about;
        if removes {
            self.may_leave(candidate)?
        } else {
            self.may_join(candidate)?
        }
        let (now, next) = (self.now, self.council.position + 1);
        if ballot.change != next {
            return Err(("roles", 17));
        }
        if ballot.made > now || ballot.made < now - HOUR {
            return Err(("roles", 16));
        }
        let circle = self.council.circle();
        let change = Change::of(address(candidate), removes);
        let (key, signature) = ballot.sign(self, who, &change);
        let council = &mut self.council;
        council.votes.retain(|vote| now - vote.record.made <= 60 * DAY);
        council.changed.retain(|at| *at > now - DAY);
        council.votes.retain(|vote| vote.who != who || vote.about != candidate || vote.removes != removes);
        if council.open_votes(who) >= 8 {
            return Err(("roles", 18));
        }
        if ballot.tampered || ballot.circle != circle {
            return Err(("roles", 15));
        }
        let record = wire::MemberVote {
            voter: who.to_owned(),
            made: ballot.made,
            account_pub_key: key,
            account_signature: signature,
        };
        council.votes.push(Vote { who: who.to_owned(), about: candidate.to_owned(), removes, record });
        if !council.decides(candidate, removes) {
            return Ok((false, vec![self.voted(who, candidate, removes)]));
        }
        if council.changed.len() >= 16 {
            return Err(("roles", 19));
        }
        self.change_circle(candidate, removes);
        Ok((true, vec![self.changed(who, candidate, removes)]))
    }

    fn voted(&self, who: &str, candidate: &str, removes: bool) -> Event {
        let on_it = |vote: &&Vote| vote.about == candidate && vote.removes == removes;
        Event::CircleVote(wire::EventCircleVote {
            address: candidate.to_owned(),
            change: if removes { "remove" } else { "add" }.to_owned(),
            position: self.council.position + 1,
            voted_by: who.to_owned(),
            votes: u32::try_from(self.council.votes.iter().filter(on_it).count()).unwrap(),
            members: u32::try_from(self.council.since.len()).unwrap(),
            block_height: self.height_i64(),
            timestamp: self.now,
        })
    }

    fn change_circle(&mut self, candidate: &str, removes: bool) {
        let council = &mut self.council;
        let on_it = |vote: &&Vote| vote.about == candidate && vote.removes == removes;
        let mut votes: Vec<wire::MemberVote> =
            council.votes.iter().filter(on_it).map(|vote| vote.record.clone()).collect();
        votes.sort_by(|a, b| a.voter.cmp(&b.voter));
        council.position += 1;
        match removes {
            true => drop(council.since.remove(candidate)),
            false => drop(council.since.insert(candidate.to_owned(), council.position)),
        }
        let record = wire::CircleChange {
            position: council.position,
            address: candidate.to_owned(),
            removes,
            votes,
            changed_at: self.now,
            circle: council.bytes(),
            chain_id: self.chain_id.clone(),
            identity: council.identity.0.to_vec(),
        };
        council.records.insert(council.position, record);
        council.votes.clear();
        council.changed.push(self.now);
    }

    fn changed(&mut self, who: &str, candidate: &str, removes: bool) -> Event {
        let (address, role) = (candidate.to_owned(), "administrator".to_owned());
        let (by, block_height, timestamp) = (who.to_owned(), self.height_i64(), self.now);
        if removes {
            self.forget_role(candidate);
            self.validators.votes.retain(|vote| vote.who != candidate);
            return Event::RoleRevoked(roles::EventRoleRevoked {
                address,
                role,
                revoked_by: by,
                block_height,
                timestamp,
            });
        }
        let member = Member {
            role: Some(Role::Administrator),
            state: State::Active,
            assigned_by: by.clone(),
            assigned_at: self.now,
            suspended_at: None,
            appointment: None,
        };
        self.members.insert(address.clone(), member);
        self.ever_staff.insert(address.clone());
        Event::RoleAssigned(roles::EventRoleAssigned {
            address,
            role,
            assigned_by: by,
            block_height,
            timestamp,
        })
    }

    /// Nobody's ledger of this campaign continues another.
    pub fn continue_ledger(&self, who: &str) -> Result<Done, Refused> {
        if !self.is_administrator(who) { Err(("roles", 4)) } else { Err(("roles", 21)) }
    }

    pub fn appointed(applied: bool, events: Vec<Event>) -> Done {
        Done { events, response: to_any(&roles::MsgAssignRoleResponse { applied }) }
    }
}
