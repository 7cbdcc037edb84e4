//! Customers with real keys, and their tickets, sealed and signed as the program does it. Everything follows from numbers, so
//! that every run has the same.

use std::thread;

use chacha20::ChaCha20Rng;
use chacha20::rand_core::SeedableRng as _;
use sealdesk_client::actor::Actor;
use sealdesk_client::compose::{Audience, Facts, OwnKey, Person, TxBuilder, sign, sign_text};
use sealdesk_client::messages::{NewTicket, create_ticket};
use sealdesk_client::verify::Chain;
use sealdesk_envelope::content::SeenCircle;
use sealdesk_envelope::{Phrase, PhraseLength};
use sealdesk_protocol::ids::{Address, Prefix};
use sealdesk_protocol::ownership::Ownership;
use sealdesk_protocol::params::Params;
use sealdesk_protocol::ticket::Priority;
use sealdesk_protocol::wire::virtengine::encryption::v1::RecipientKeyRecord;

pub const CHAIN_ID: &str = "load-0123456789abcdef";
/// Threads that seal and sign.
pub const THREADS: usize = 2;
/// More customers than this make no difference but to the time that their keys take.
const CUSTOMERS_MAX: u64 = 20_000;
const TEXT: &str = "Since this morning the deployment answers every second request with 502. The logs of the \
    container show nothing; the provider says that all is well. Redeploying helped for ten minutes.";

/// Everyone around a desk. Transaction `t` is customer `t % customers`'s, with sequence `t / customers`, and writes one ticket;
/// his first one registers his key too, as the program's does.
pub struct Crowd {
    chain: Chain,
    params: Params,
    pub administrator: Actor,
    customers: Vec<Actor>,
}

fn actor(number: u64) -> Actor {
    let mut rng = ChaCha20Rng::seed_from_u64(number);
    Actor::of(&Phrase::generate(PhraseLength::Twelve, &mut rng).unwrap()).unwrap()
}

/// Somebody outside of the crowd, who has no key there yet.
pub fn newcomer(number: u64) -> Actor {
    actor(CUSTOMERS_MAX + 1 + number)
}

pub fn prefix() -> Prefix {
    Prefix::parse(Prefix::DEFAULT).unwrap()
}

/// The limits that a customer of this crowd needs.
pub fn params() -> Params {
    Params {
        max_tickets_per_customer_per_day: 10_000,
        max_open_tickets_per_customer: 10_000,
        ticket_cooldown_seconds: 0,
        ..Params::default()
    }
}

impl Crowd {
    /// Who administers the desk, before there is one.
    pub fn administrator() -> Actor {
        actor(0)
    }

    /// The crowd of a desk of so many tickets: ten for each customer.
    pub fn of(tickets: u64, chain: Chain) -> Self {
        let count = (tickets / 10).clamp(64, CUSTOMERS_MAX);
        eprintln!("  {count} customers take their keys …");
        let shares: Vec<Vec<Actor>> = thread::scope(|scope| {
            let share = count.div_ceil(THREADS as u64);
            let makers: Vec<_> = (0..count)
                .step_by(usize::try_from(share).unwrap())
                .map(|from| {
                    scope.spawn(move || (from..count.min(from + share)).map(|n| actor(n + 1)).collect())
                })
                .collect();
            makers.into_iter().map(|maker| maker.join().unwrap()).collect()
        });
        let administrator = actor(0);
        let customers = shares.into_iter().flatten().collect();
        Self { chain, params: params(), administrator, customers }
    }

    pub fn len(&self) -> u64 {
        self.customers.len() as u64
    }

    pub fn address(&self, customer: u64) -> Address {
        self.customer(customer).address(&self.chain.prefix)
    }

    fn customer(&self, t: u64) -> &Actor {
        &self.customers[usize::try_from(t % self.len()).unwrap()]
    }

    /// The administrator's only transaction: his key.
    pub fn registration(&self) -> Vec<u8> {
        let actor = &self.administrator;
        let own = OwnKey::New(actor.pair(0).unwrap());
        let builder =
            TxBuilder::new(&self.chain, actor.address(&self.chain.prefix), 0, own, actor.account().unwrap())
                .unwrap();
        sign(&builder, actor.account().unwrap(), &self.chain.chain_id).unwrap().bytes
    }

    /// Transaction `t`, ready to send.
    pub fn transaction(&self, t: u64) -> Vec<u8> {
        let (actor, sequence) = (self.customer(t), t / self.len());
        let pair = actor.pair(0).unwrap();
        let address = actor.address(&self.chain.prefix);
        let customer = self.person(actor, sequence > 0);
        let own = if sequence == 0 { OwnKey::New(pair) } else { OwnKey::Registered(pair) };
        let mut builder =
            TxBuilder::new(&self.chain, address, sequence, own, actor.account().unwrap()).unwrap();
        let audience = Audience {
            administrators: vec![self.person(&self.administrator, true)],
            customer: Some(customer),
            ..Audience::default()
        };
        let mut ticket = NewTicket::new("technical", "Every second request fails", TEXT);
        ticket.priority = t.is_multiple_of(10).then_some(Priority::High);
        let mut rng = ChaCha20Rng::seed_from_u64(!t);
        let seen = SeenCircle { circle: 0, fingerprint: "00".repeat(32) };
        let facts = Facts { params: self.params.clone(), audience, seen, ticket: None };
        create_ticket(&mut builder, &ticket, &facts, &mut rng).unwrap();
        sign(&builder, actor.account().unwrap(), &self.chain.chain_id).unwrap().bytes
    }

    /// Transactions `from..to`, made on all threads.
    pub fn transactions(&self, from: u64, to: u64) -> Vec<Vec<u8>> {
        let share = (to - from).div_ceil(THREADS as u64).max(1);
        let shares: Vec<Vec<Vec<u8>>> = thread::scope(|scope| {
            let makers: Vec<_> = (from..to)
                .step_by(usize::try_from(share).unwrap())
                .map(|first| {
                    let last = to.min(first + share);
                    scope.spawn(move || (first..last).map(|t| self.transaction(t)).collect())
                })
                .collect();
            makers.into_iter().map(|maker| maker.join().unwrap()).collect()
        });
        shares.into_iter().flatten().collect()
    }

    fn person(&self, actor: &Actor, registered: bool) -> Person {
        let address = actor.address(&self.chain.prefix);
        let record = registered.then(|| self.record(actor, &address));
        Person::verified(&self.chain, &address, record.as_slice())
    }

    /// What the directory has of somebody's first key.
    fn record(&self, actor: &Actor, address: &Address) -> RecipientKeyRecord {
        let pair = actor.pair(0).unwrap();
        let (x25519, ed25519) = (pair.encryption.public().as_bytes(), pair.signing.public().as_bytes());
        let (ledger, identity) = (&self.chain.chain_id, &self.chain.identity());
        let owned = Ownership { ledger, identity, account: address, x25519, ed25519 };
        RecipientKeyRecord {
            address: address.to_string(),
            public_key: x25519.to_vec(),
            signing_key: ed25519.to_vec(),
            account_pub_key: actor.public_key().to_vec(),
            account_signature: sign_text(actor.account().unwrap(), address, &owned.text()).unwrap().to_vec(),
            key_version: 1,
            ..Default::default()
        }
    }
}
