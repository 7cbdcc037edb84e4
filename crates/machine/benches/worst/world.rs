//! A desk in the dearest state that rules allow: thirty administrators and a customer who have had 255 keys each, 999 agents, a ticket whose
//! targets hold sixty grants each, and every vote that may be open.

use prost::Message as _;
use prost_types::Any;
use sealdesk_machine::rebuild_indexes;
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::limits::{ADMINISTRATORS_LISTED_MAX, AGENTS_MAX, KEYS_PER_ADDRESS_MAX};
use sealdesk_protocol::messages::{GrantTarget, to_any};
use sealdesk_protocol::params::Params;
use sealdesk_protocol::state::{side, tree};
use sealdesk_protocol::wire::sealdesk::ledger::v1 as ledger;
use sealdesk_protocol::wire::virtengine::support::v1 as wire;
use sealdesk_store::{Durability, State};
use sealdesk_testkit::desk::Desk;
use sealdesk_testkit::forge;
use sealdesk_testkit::people::Person;
use sealdesk_testkit::scenario::{assign_role, create, register, respond, ticket_id, update_params};
use sealdesk_testkit::sealing;
use sealdesk_testkit::transaction::{Options, transaction};

/// Responses of the ticket whose grants are the dearest.
pub const RESPONSES: u32 = 300;
/// As many as parameters allow at most.
const ADMINISTRATORS: usize = 30;
/// Bytes of the key of an account of sixteen, and of a signature by each of them.
const KEY_OF_SIXTEEN_BYTES: usize = 646;
const SIGNATURE_OF_SIXTEEN_BYTES: usize = 1_064;

/// A transaction with the sequence that comes next.
pub fn signed(desk: &Desk, who: &Person, messages: Vec<Any>) -> Vec<u8> {
    let options = Options { chain: Some(desk.machine.chain_id().clone()), ..Options::default() };
    let messages = messages.into_iter().map(|message| desk.complete(who, message)).collect();
    transaction(messages, &[(who, desk.sequence(who))], &options)
}

/// The whole of it.
pub fn worst() -> World {
    let mut world = world();
    let everyone = world.administrators.clone();
    let customer = world.customer.clone();
    let all: Vec<&Person> = everyone.iter().chain([&customer]).collect();
    let message = create(&world.desk, &customer, &all);
    world.desk.must(&customer, vec![message]);
    for _ in 0..RESPONSES {
        let message = respond(&world.desk, &customer, 1, &all);
        world.desk.must(&customer, vec![message]);
    }
    let agents: Vec<Person> = (0..AGENTS_MAX - 1).map(|n| Person::new(&format!("agent {n}"))).collect();
    for some in agents.chunks(14) {
        let messages = some.iter().map(|agent| assign_role(&everyone[0], agent, "support_agent")).collect();
        world.desk.must(&everyone[0], messages);
    }
    world.age();
    world.fill_grants();
    world.fill_votes();
    world
}

/// Writes what no test could wait for straight into the state, and makes its lists anew.
fn craft(desk: &mut Desk, write: impl FnOnce(&mut State)) {
    let mut state = State::new(desk.snapshot());
    write(&mut state);
    rebuild_indexes(&mut state, desk.machine.prefix()).unwrap();
    desk.height += 1;
    let staged = desk.store.prepare(desk.height + 1, state.into_changes()).unwrap();
    desk.store.commit(staged, Durability::Deferred).unwrap();
}

/// Every key that somebody may ever have had before those that they have, the last five revoked just now.
fn with_history(state: &mut State, person: &Person, keys_max: usize, now: i64) {
    let bytes = state.get(&tree::keys(&person.address)).unwrap().unwrap();
    let own = ledger::KeyList::decode(bytes.as_slice()).unwrap().keys;
    let old = (0..keys_max - own.len()).map(|n| {
        let pair = person.key(1_000 + n);
        let revoked_at = if n + own.len() + 5 >= keys_max { now } else { 1 };
        let mut key = own[0].clone();
        (key.public_key, key.key_fingerprint) = (pair.public.to_vec(), pair.fingerprint);
        (key.revoked_at, key.registered_at, key.label) = (revoked_at, 1, "l".repeat(128));
        key
    });
    let mut keys: Vec<_> = old.collect();
    keys.extend(own);
    keys.iter_mut().zip(1..).for_each(|(key, version)| key.key_version = version);
    state.put(tree::keys(&person.address), ledger::KeyList { keys }.encode_to_vec());
}

/// The desk, and who is there.
pub struct World {
    pub desk: Desk,
    pub administrators: Vec<Person>,
    /// Has five keys, of which envelopes are signed with the oldest.
    pub customer: Person,
}

fn world() -> World {
    let administrators: Vec<Person> =
        (0..ADMINISTRATORS).map(|n| Person::new(&format!("admin {n}"))).collect();
    let customer = Person::new("customer");
    let mut desk = Desk::new(&administrators.iter().collect::<Vec<_>>());
    for person in administrators.iter().chain([&customer]) {
        desk.must(person, (0..5).map(|n| register(person, n)).collect());
    }
    let params = Params {
        max_responses_per_ticket: 10_000,
        max_tickets_per_customer_per_day: 10_000,
        max_open_tickets_per_customer: 10_000,
        ticket_cooldown_seconds: 0,
        auto_close_after_days: 1,
        max_envelope_bytes: 131_072,
        ..Params::default()
    };
    desk.must(&administrators[0], vec![update_params(&administrators[0], &params)]);
    desk.pass_to(desk.time + 86_500);
    World { desk, administrators, customer }
}

impl World {
    /// All administrators and somebody.
    pub fn readers<'a>(&'a self, person: &'a Person) -> Vec<&'a Person> {
        self.administrators.iter().chain([person]).collect()
    }

    pub fn age(&mut self) {
        let now = self.desk.time;
        let people: Vec<Person> = self.administrators.iter().chain([&self.customer]).cloned().collect();
        craft(&mut self.desk, |state| {
            people.iter().for_each(|person| with_history(state, person, KEYS_PER_ADDRESS_MAX - 1, now));
        });
    }

    /// Sixty grants on every target of the customer's ticket: their own part of each half is free.
    pub fn fill_grants(&mut self) {
        let of = self.administrators.clone();
        craft(&mut self.desk, |state| {
            for target in 0..=RESPONSES {
                let mut grants: Vec<wire::AccessGrant> = (0..60).map(|n| granted(&of[n / 2], n)).collect();
                grants.sort_by_key(|grant| grant.entry.as_ref().unwrap().recipient_id.clone());
                let target = GrantTarget::from_wire(target);
                let id = TicketId::new(1).unwrap();
                state.put_side(side::grants(id, target), ledger::GrantList { grants }.encode_to_vec());
            }
        });
    }

    /// The customer has written as many tickets today as parameters can allow at most, but for a few.
    pub fn busy_customer(&mut self) {
        let (address, now) = (self.customer.address.clone(), self.desk.time);
        craft(&mut self.desk, |state| {
            let created_at = vec![now - 10; 9_900];
            let record = ledger::CustomerRecord {
                open_tickets: 1,
                last_created_at: now - 10,
                created_at,
                attached: Vec::new(),
            };
            state.put(tree::customer(&address), record.encode_to_vec());
        });
    }

    /// As many other members as there can ever be, each of sixteen keys, have all the votes open that they may have.
    pub fn fill_votes(&mut self) {
        let now = self.desk.time;
        let of: Vec<Person> =
            (1..ADMINISTRATORS_LISTED_MAX).map(|n| Person::new(&format!("member {n}"))).collect();
        craft(&mut self.desk, |state| {
            let (mut proposals, mut validators) = (Vec::new(), Vec::new());
            for n in 0..8u8 {
                let mut votes: Vec<_> = of.iter().map(|person| open_vote(person, now)).collect();
                votes.sort_by(|a, b| a.voter.cmp(&b.voter));
                let voters = votes.iter().map(|vote| vote.voter.clone()).take(15).collect();
                let address = Person::new(&format!("wanted {n}")).text;
                proposals.push(ledger::CircleProposal { address, removes: false, votes });
                let pub_key = vec![n + 20; 32];
                validators.push(ledger::ValidatorProposal {
                    pub_key,
                    power: 5,
                    voters,
                    ..Default::default()
                });
            }
            proposals.sort_by(|a, b| a.address.cmp(&b.address));
            let votes = ledger::CircleVotes { proposals, changed_at: Vec::new() };
            state.put(tree::CIRCLE_VOTES, votes.encode_to_vec());
            let validators = ledger::ValidatorProposals { proposals: validators };
            state.put(tree::VALIDATOR_PROPOSALS, validators.encode_to_vec());
        });
    }

    /// Sixteen members want another one out, who appointed every agent: one vote more decides it.
    pub fn almost_out(&mut self, leaver: &Person) {
        let now = self.desk.time;
        let mut votes: Vec<_> =
            self.administrators[1..16].iter().map(|person| open_vote(person, now)).collect();
        votes.sort_by(|a, b| a.voter.cmp(&b.voter));
        let key = tree::CIRCLE_VOTES;
        craft(&mut self.desk, |state| {
            let bytes = state.get(key).unwrap().unwrap();
            let mut open = ledger::CircleVotes::decode(bytes.as_slice()).unwrap();
            let address = leaver.text.clone();
            open.proposals.push(ledger::CircleProposal { address, removes: true, votes });
            open.proposals.sort_by(|a, b| (&a.address, a.removes).cmp(&(&b.address, b.removes)));
            state.put(key, open.encode_to_vec());
        });
        // What is on the list counts, whatever their records say.
        let mut state = State::new(self.desk.snapshot());
        for n in 0..AGENTS_MAX {
            let agent = Person::new(&format!("agent {n}"));
            state.put_side(side::appointed_agent(&agent.address, &leaver.text, 1), Vec::new());
        }
        self.desk.height += 1;
        let staged = self.desk.store.prepare(self.desk.height + 1, state.into_changes()).unwrap();
        self.desk.store.commit(staged, Durability::Deferred).unwrap();
    }

    pub fn grants(&self, readers: &[String], targets: std::ops::Range<u32>) -> Vec<wire::TargetedGrant> {
        targets.flat_map(|target| readers.iter().map(move |reader| self.grant(target, reader))).collect()
    }

    pub fn grant(&self, target: u32, reader: &str) -> wire::TargetedGrant {
        let (ticket, target) = (TicketId::new(1).unwrap(), GrantTarget::from_wire(target));
        let content = self.desk.snapshot().get_side(&side::content(ticket, target)).unwrap().unwrap();
        let (content, entry) = (content.as_slice().try_into().unwrap(), forge::entry(reader, 7));
        let (text, key) = (&self.customer.text, self.customer.key(0));
        let mut grant = sealing::grant(&content, text, target.to_wire(), entry, &key);
        let keys = KEYS_PER_ADDRESS_MAX - 1;
        grant.granter_key_version = u32::try_from(keys - 4).unwrap();
        grant
    }

    pub fn granting(&self, grants: &[wire::TargetedGrant]) -> Vec<Any> {
        let message = |grants: &[wire::TargetedGrant]| {
            let sender = self.customer.text.clone();
            to_any(&wire::MsgGrantAccess {
                sender,
                ticket_id: ticket_id(1),
                grants: grants.to_vec(),
                agent: String::new(),
            })
        };
        grants.chunks(100).map(message).collect()
    }
}

/// A vote that nobody checks again.
fn open_vote(person: &Person, made: i64) -> ledger::MemberVote {
    ledger::MemberVote {
        voter: person.text.clone(),
        made,
        account_pub_key: vec![7; KEY_OF_SIXTEEN_BYTES],
        account_signature: vec![7; SIGNATURE_OF_SIXTEEN_BYTES],
    }
}

/// A grant as it is stored, to an administrator's revoked key or to nobody's.
fn granted(to: &Person, n: usize) -> wire::AccessGrant {
    let stranger = n.is_multiple_of(2);
    wire::AccessGrant {
        entry: Some(forge::entry(&to.fingerprint(if stranger { 5_000 } else { 1_100 } + n), 7)),
        granter: to.text.clone(),
        grant_signature: vec![7; 64],
        height: 1,
        created_at: 1,
        granter_key_version: 255,
    }
}
