//! Strangers who send transactions as fast as they are answered: dear ones that a block refuses, those of accounts that nobody has seen, and
//! such as no mempool takes. What they send is signed before anything is measured, as far as it can be.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use prost_types::Any;
use sealdesk_protocol::codes::{Refusal, SdkError};
use sealdesk_protocol::envelope::{Context, Kind};
use sealdesk_protocol::identity::Identity;
use sealdesk_protocol::messages::to_any;
use sealdesk_protocol::wire::cosmos::tx::v1beta1::BroadcastMode;
use sealdesk_protocol::wire::virtengine::support::v1::{
    MsgCreateTicket, MsgGrantAccess, MsgRespondToTicket, TargetedGrant,
};
use sealdesk_testkit::people::Person;
use sealdesk_testkit::random::Random;
use sealdesk_testkit::scenario::ticket_id;
use sealdesk_testkit::sealing::{self, CIPHERTEXT_BYTES_MIN};
use sealdesk_testkit::trust::registered;
use sealdesk_testkit::{CHAIN_ID, chain_id};
use tokio::task::JoinSet;
use tokio::time::sleep;
use tonic::transport::Channel;

use crate::program::Program;
use crate::strangers::{Done, add};
use crate::wire;

/// What strangers send.
#[derive(Clone, Copy, Debug)]
pub enum Flood {
    Grants,
    Newcomers,
    Invalid,
}

/// Responses of the customer's ticket: as many targets as a message may name.
const RESPONSES: u32 = 100;
/// Responses that are written in one transaction.
const RESPONSES_AT_ONCE: u32 = 10;
/// Keys of the customer; two of them and the administrator's are let in again and again.
const KEYS: usize = 3;
/// Addresses of newcomers, and the new accounts of each: past their first tries they wait.
const NEWCOMERS: (u8, u8) = (100, 40);
/// Addresses that send what is not valid, and calls of each at a time.
const INVALID: (u8, u8) = (16, 4);
/// Pause of somebody for whom there is no room.
const FULL_PAUSE: Duration = Duration::from_millis(5);
/// Tries until a transaction is on the ledger, in getting ready.
const TRIES: usize = 1_000;

/// See the module.
pub struct Floods {
    url: String,
    customer: Arc<Person>,
    /// Three hundred grants, of which the last is signed by nobody: everything is looked at, and nothing changes.
    grants: Arc<Vec<Any>>,
    newcomers: Vec<Vec<Vec<u8>>>,
    invalid: Arc<Vec<Vec<u8>>>,
}

/// Whose transactions a desk gets that its strangers know well.
struct Customer<'a> {
    person: Person,
    readers: [String; 2],
    identity: &'a Identity,
    channel: Channel,
    sequence: u64,
}

impl Floods {
    pub async fn prepare(program: &Program) -> Self {
        let person = Person::new("a customer with a ticket");
        let readers = [person.fingerprint(0), program.administrator.clone()];
        let channel = wire::connect(&program.url, Ipv4Addr::LOCALHOST).await;
        let identity = &program.identity;
        let mut customer = Customer { person, readers, identity, channel, sequence: 0 };
        let grants = Arc::new(customer.settle(&program.administrator).await);
        let customer = Arc::new(customer.person);
        let invalid = Arc::new(invalid(&grants));
        Self { url: program.url.clone(), customer, grants, newcomers: newcomers(identity), invalid }
    }

    /// Begins to send.
    pub async fn begin(&self, flood: Flood, done: &Arc<Done>, tasks: &mut JoinSet<()>) {
        match flood {
            Flood::Grants => {
                let channel = self.connect(Ipv4Addr::new(127, 0, 2, 1), done).await;
                let sequence = wire::sequence(&channel, &self.customer.text).await;
                let (customer, grants) = (self.customer.clone(), self.grants.clone());
                tasks.spawn(send_grants(channel, customer, grants, sequence, done.clone()));
            }
            Flood::Newcomers => {
                for (number, txs) in (1..).zip(&self.newcomers) {
                    let channel = self.connect(Ipv4Addr::new(127, 0, 4, number), done).await;
                    tasks.spawn(send_each(channel, txs.clone(), done.clone()));
                }
            }
            Flood::Invalid => {
                for number in 1..=INVALID.0 {
                    let channel = self.connect(Ipv4Addr::new(127, 0, 5, number), done).await;
                    for begin in 0..INVALID.1 {
                        let first = usize::from(number) + usize::from(begin);
                        let (invalid, done) = (self.invalid.clone(), done.clone());
                        tasks.spawn(send_invalid(channel.clone(), invalid, first, done));
                    }
                }
            }
        }
    }

    async fn connect(&self, from: Ipv4Addr, done: &Done) -> Channel {
        add(&done.connections);
        wire::connect(&self.url, from).await
    }
}

impl Customer<'_> {
    /// Their keys, a ticket and its responses, and the grants that they will send.
    async fn settle(&mut self, administrator: &str) -> Vec<Any> {
        let keys =
            (0..KEYS).map(|n| registered(&chain_id(), self.identity, &self.person, &self.person.key(n)));
        let keys = keys.collect();
        self.execute(keys).await;
        let (ticket, _) = self.sealed(Kind::Ticket, 0);
        let create = MsgCreateTicket {
            customer: self.person.text.clone(),
            category: "technical".to_owned(),
            encrypted_payload: Some(ticket),
            ..Default::default()
        };
        self.execute(vec![to_any(&create)]).await;
        let mut contents = Vec::new();
        for _ in 0..RESPONSES / RESPONSES_AT_ONCE {
            let (mut messages, responder) = (Vec::new(), self.person.text.clone());
            for index in 0..RESPONSES_AT_ONCE {
                let (sealed, content) = self.sealed(Kind::Response, index);
                contents.push(content);
                messages.push(to_any(&MsgRespondToTicket {
                    responder: responder.clone(),
                    ticket_id: ticket_id(1),
                    encrypted_payload: Some(sealed),
                    internal: false,
                    attachments: Vec::new(),
                }));
            }
            self.execute(messages).await;
        }
        self.grants(
            &contents,
            &[administrator.to_owned(), self.person.fingerprint(1), self.person.fingerprint(2)],
        )
    }

    /// A message for each of these readers, which lets them into everything.
    fn grants(&self, contents: &[[u8; 32]], readers: &[String]) -> Vec<Any> {
        let (sender, key, mut random) = (&self.person.text, self.person.key(0), Random::new(2));
        let mut messages: Vec<MsgGrantAccess> = Vec::new();
        for reader in readers {
            let mut grant = |(target, content): (u32, &[u8; 32])| -> TargetedGrant {
                let entry = sealing::entry(reader, &mut random);
                sealing::grant(content, sender, target, entry, &key)
            };
            let grants = (1..).zip(contents).map(&mut grant).collect();
            messages.push(MsgGrantAccess {
                sender: sender.clone(),
                ticket_id: ticket_id(1),
                grants,
                agent: String::new(),
            });
        }
        let last = messages.last_mut().and_then(|message| message.grants.last_mut());
        last.unwrap().grant_signature[3] ^= 1;
        messages.iter().map(to_any).collect()
    }

    /// An envelope of the next transaction's message of this index, and the digest that grants refer to.
    fn sealed(
        &self,
        kind: Kind,
        index: u32,
    ) -> (sealdesk_protocol::wire::virtengine::encryption::v1::MultiRecipientEnvelope, [u8; 32]) {
        let ticket_id = if kind == Kind::Ticket { String::new() } else { ticket_id(1) };
        let (sender, sequence) = (self.person.text.clone(), self.sequence);
        let place = Context { chain_id: CHAIN_ID.to_owned(), ticket_id, kind, sender, sequence, index };
        let mut random = Random::new(sequence * 100 + u64::from(index));
        let unsigned = sealing::unsigned(&self.readers, CIPHERTEXT_BYTES_MIN, &mut random);
        let sealed = sealing::sign(unsigned, &place, &self.person.key(0), None);
        let (_, content) = sealing::digests(&sealed, &place);
        (sealed, content)
    }

    /// Hands in the next transaction and waits for its block.
    async fn execute(&mut self, messages: Vec<Any>) {
        let tx = self.person.sign(self.sequence, &messages, 0);
        let mut last = String::new();
        for _ in 0..TRIES {
            match wire::hand_in(&self.channel, &tx, BroadcastMode::Block).await {
                Ok((0, _)) => {
                    self.sequence += 1;
                    return;
                }
                Ok((_, why)) => last = why,
                Err(status) => last = status.to_string(),
            }
            sleep(FULL_PAUSE).await;
        }
        panic!("what the flood needs is refused: {last}");
    }
}

/// The first transactions of accounts that nobody has seen, by the address that sends them.
fn newcomers(identity: &Identity) -> Vec<Vec<Vec<u8>>> {
    let (addresses, accounts) = NEWCOMERS;
    let first = |address: u8, account: u8| {
        let person = Person::new(&format!("newcomer {account} of {address}"));
        person.sign(0, &[registered(&chain_id(), identity, &person, &person.key(0))], 0)
    };
    (0..addresses).map(|address| (0..accounts).map(|account| first(address, account)).collect()).collect()
}

/// A spoilt signature, grants without an owner, noise, and more grants than a transaction can pay for.
fn invalid(grants: &[Any]) -> Vec<Vec<u8>> {
    let someone = Person::new("nobody's customer");
    let spoilt = |messages: &[Any]| {
        let mut tx = someone.sign(0, messages, 0);
        if let Some(last) = tx.last_mut() {
            *last ^= 1;
        }
        tx
    };
    let small = someone.attempt(0, &someone);
    let twice = [grants, &grants[..2]].concat();
    let noise = Random::new(3).fill(200_000);
    vec![
        spoilt(&[sealdesk_testkit::transaction::attempt(&someone, &someone)]),
        spoilt(grants),
        someone.sign(0, &twice, 0),
        noise,
        [small.clone(), small].concat(),
    ]
}

fn is_full(code: u32) -> bool {
    code == Refusal::from(SdkError::MempoolFull(String::new())).code()
}

/// One sender's dear transactions, each with the next sequence.
async fn send_grants(
    channel: Channel,
    customer: Arc<Person>,
    grants: Arc<Vec<Any>>,
    mut sequence: u64,
    done: Arc<Done>,
) {
    loop {
        let tx = customer.sign(sequence, &grants, 0);
        add(&done.sent);
        match wire::hand_in(&channel, &tx, BroadcastMode::Sync).await {
            Ok((0, _)) => {
                add(&done.taken);
                sequence += 1;
            }
            Ok((code, _)) if is_full(code) => {
                add(&done.no_room);
                sleep(FULL_PAUSE).await;
            }
            Ok(_) => {
                add(&done.refused);
                sleep(FULL_PAUSE).await;
                sequence = wire::sequence(&channel, &customer.text).await;
            }
            Err(_) => {
                add(&done.refused);
                sleep(FULL_PAUSE).await;
            }
        }
    }
}

/// Every transaction once it is taken, one after the other, without end.
async fn send_each(channel: Channel, txs: Vec<Vec<u8>>, done: Arc<Done>) {
    for tx in txs.iter().cycle() {
        add(&done.sent);
        match wire::hand_in(&channel, tx, BroadcastMode::Sync).await {
            Ok((0, _)) => add(&done.taken),
            Ok((code, _)) if is_full(code) => {
                add(&done.no_room);
                sleep(FULL_PAUSE).await;
            }
            _ => {
                add(&done.refused);
                sleep(FULL_PAUSE).await;
            }
        }
    }
}

async fn send_invalid(channel: Channel, invalid: Arc<Vec<Vec<u8>>>, first: usize, done: Arc<Done>) {
    for tx in invalid.iter().cycle().skip(first) {
        add(&done.sent);
        match wire::hand_in(&channel, tx, BroadcastMode::Sync).await {
            Ok((0, _)) => add(&done.taken),
            Ok((code, _)) if is_full(code) => add(&done.no_room),
            _ => add(&done.refused),
        }
    }
}
