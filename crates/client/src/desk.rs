//! The desk of one ledger: everything a person can do there, over a node whose word is verified.
//!
//! A method a message stands in [`crate::messages`]; here is what they share: reading proven facts, and sending.

mod circle;
mod continuing;
mod documents;
mod effects;
mod facts;
mod inclusion;
mod memory;
mod new_readers;
mod own_keys;
mod sending;
mod signed;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sealdesk_protocol::circle::Circle;
use sealdesk_protocol::ids::{Address, ChainId, Prefix};

use crate::actor::Actor;
use crate::error::{Error, Result};
use crate::node::{Node, Transport};
use crate::notes::Note;
use crate::trust::remembered::Remembered;
use crate::trust::{Age, Clock, Doubts, Pin, Seen, Trust};
use crate::verify::{Chain, Proven, VerifyError};
use crate::view::EndedGrant;

pub use own_keys::OwnKeyRecord;

pub(crate) use facts::{head, wire_height};
pub(crate) use sending::Registering;

/// The desk of one ledger.
pub struct Desk<T> {
    node: Node<T>,
    chain: Chain,
    memory: Memory,
    age: Age,
    memo: String,
    doubts: Doubts,
    /// Whether transactions are handed out instead of being signed and sent.
    composes_only: bool,
    /// The one sequence that transactions are signed with; `None` = the sender's next one, whatever it is.
    only_at: Option<u64>,
}

/// Whom this desk believes, and how far it has seen.
#[derive(Debug)]
struct Believed {
    trust: Trust,
    pin: Pin,
    /// The height at which the node says that our last transaction stands, or something else that we heard of. It is waited for, and
    /// never more than that: a node that names a height out of reach must not spoil the pin.
    told: u64,
    /// What a person should hear of whom was sealed for.
    notes: Vec<Note>,
    /// What the home remembers of the ledger beside the pin.
    remembered: Remembered,
    /// Whether that is more than it was given.
    remembers_more: bool,
    /// Tickets whose assignee could not be sealed for.
    ended_grants: Vec<EndedGrant>,
    /// Of whom it was asked lately whether they are agents.
    judged_agents: BTreeMap<Address, JudgedAgent>,
}

/// What was proven of whether somebody is an agent: by which circle, and at which time.
#[derive(Debug)]
struct JudgedAgent {
    position: u64,
    at: i64,
    is_one: bool,
}

impl Believed {
    /// Notes what was proven: how far the ledger is, and who signs it by now. Whoever is believed instead of others was made a
    /// validator by those: [`Proven::verify`] has seen it. `false` where it is older than what was seen.
    fn advance(&mut self, seen: &Seen) -> std::result::Result<bool, VerifyError> {
        let is_newest = self.pin.advance(seen)?;
        self.believe();
        Ok(is_newest)
    }

    /// Where the changes that led to the pinned circle were not kept, as of a ledger that nobody had agreed to, they are followed once
    /// more, from the circle that the identity names. The pinned circle, to which they have to lead.
    fn begin_anew(&mut self, chain: &Chain) -> Option<Circle> {
        let first = &chain.ancestry.beginning().circle;
        let lacks = self.pin.changes.is_empty() && self.pin.circle.position() > first.position();
        if !lacks || self.trust == Trust::NodeTrusted {
            return None;
        }
        let known = std::mem::replace(&mut self.pin.circle, first.clone());
        self.believe();
        Some(known)
    }

    /// Believes this circle, without the changes that led to it.
    fn go_on_from(&mut self, known: Circle) {
        (self.pin.circle, self.pin.changes) = (known, Vec::new());
        self.believe();
    }

    /// Notes how far the circle was followed.
    fn follow(&mut self, followed: &Pin) {
        // Another question may have followed it further meanwhile.
        if followed.circle.position() > self.pin.circle.position() {
            (self.pin.circle, self.pin.changes) = (followed.circle.clone(), followed.changes.clone());
            self.believe();
        }
    }

    /// Notes for whom something is sealed.
    fn sealed_for(&mut self, readers: impl Iterator<Item = Address>) {
        self.pin.add_readers(readers);
        self.believe();
    }

    fn believe(&mut self) {
        if let Trust::Pinned(believed) = &mut self.trust {
            believed.clone_from(&Box::new(self.pin.clone()));
        }
    }
}

/// What a desk has come to know, to be kept after every command, errors included.
#[derive(Debug, Clone)]
pub struct Memory(Arc<Mutex<Believed>>);

impl Memory {
    /// What to remember of the ledger.
    pub fn pin(&self) -> Pin {
        self.lock().pin.clone()
    }

    /// What a person should hear of whom was sealed for, a line each; told once.
    pub fn take_notes(&self) -> Vec<String> {
        self.take_named().iter().map(Note::to_string).collect()
    }

    /// As [`Memory::take_notes`], with what each is about.
    pub fn take_named(&self) -> Vec<Note> {
        std::mem::take(&mut self.lock().notes)
    }

    /// A person agreed to this ledger: it is the one they mean.
    pub fn agree(&self) {
        let mut believed = self.lock();
        believed.pin.agreed = true;
        believed.believe();
    }

    /// What is proven from here on is not before this height, of which the node says that something is there: a transaction of ours, or
    /// what it told of.
    pub(crate) fn heard_of(&self, height: u64) {
        let mut believed = self.lock();
        believed.told = believed.told.max(height);
    }

    fn lock(&self) -> MutexGuard<'_, Believed> {
        // A panic elsewhere cannot have left a half-written pin: it is replaced as one value.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Transport> Desk<T> {
    /// Meets a ledger: reads what genesis fixed, by proof. With [`Trust::FirstUse`] the validators that sign it are believed
    /// from here on; keep [`Desk::pin`] for the next time.
    ///
    /// # Errors
    /// [`Error::Node`] and [`Error::Verify`].
    pub async fn open(node: Node<T>, trust: Trust) -> Result<Self> {
        Self::open_keeping(node, trust, |_| {}).await
    }

    /// As [`Desk::open`]; `keep` gets what the desk comes to know before the administrators are followed, so that it is not lost where
    /// that fails.
    ///
    /// # Errors
    /// As [`Desk::open`].
    pub async fn open_keeping(node: Node<T>, trust: Trust, keep: impl FnOnce(Memory)) -> Result<Self> {
        let (proven, pin) = facts::first_proof(&node, &trust).await?;
        let chain = proven.chain()?;
        let trust = match trust {
            Trust::NodeTrusted => Trust::NodeTrusted,
            Trust::FirstUse | Trust::Named(_) | Trust::Pinned(_) => Trust::Pinned(Box::new(pin.clone())),
        };
        let believed = Believed {
            trust,
            pin,
            told: 0,
            notes: Vec::new(),
            remembered: Remembered::default(),
            remembers_more: false,
            ended_grants: Vec::new(),
            judged_agents: BTreeMap::new(),
        };
        let memory = Memory(Arc::new(Mutex::new(believed)));
        keep(memory.clone());
        let known = memory.lock().begin_anew(&chain);
        let age = Age { clock: Clock::system(), tolerance: 0 };
        let (memo, doubts) = (String::new(), Doubts::left_out());
        let (composes_only, only_at) = (false, None);
        let desk = Self { node, chain, memory, age, memo, doubts, composes_only, only_at };
        match known {
            None => drop(desk.circle_of(&proven).await?),
            Some(known) => desk.follow_anew(known, &proven).await?,
        }
        Ok(desk)
    }

    /// Follows the changes from the ledger's beginning to this circle and on. A node that does not show the earlier ones leaves this home
    /// with what it knows.
    async fn follow_anew(&self, known: Circle, proven: &Proven) -> Result<()> {
        if self.circle_of(proven).await.is_err() {
            self.believed().go_on_from(known);
            return self.circle_of(proven).await.map(drop);
        }
        self.check_led_to(&known)
    }

    /// That the changes which were followed lead to this circle, too.
    fn check_led_to(&self, known: &Circle) -> Result<()> {
        let pin = self.pin();
        let bytes = known.encode();
        let is_there = pin.circle == *known || pin.changes.iter().any(|change| change.circle == bytes);
        if is_there {
            return Ok(());
        }
        let why = "its changes do not lead to the administrators that this home knows".to_owned();
        Err(VerifyError::Circle(why).into())
    }

    /// The same desk, whose clock is another, and may be off by so many seconds more.
    #[must_use]
    pub fn with_age(self, age: Age) -> Self {
        Self { age, ..self }
    }

    /// The same desk, which asks this before it grants a text that names another place than where it stands. Without it such a text is
    /// left out, and the report says so.
    #[must_use]
    pub fn with_doubts(self, doubts: Doubts) -> Self {
        Self { doubts, ..self }
    }

    pub(crate) fn doubts(&self) -> &Doubts {
        &self.doubts
    }

    /// The time by this desk's clock, in Unix milliseconds: what entries of documents are dated by.
    pub fn now_millis(&self) -> i64 {
        self.age.clock.now().saturating_mul(1_000)
    }

    /// How old the newest state is that was proven, in seconds by this desk's clock; negative where it is ahead.
    pub fn seconds_old(&self) -> i64 {
        self.age.off(self.pin().time)
    }

    /// What to keep after every command: it goes on to say what this desk comes to know.
    pub fn memory(&self) -> Memory {
        self.memory.clone()
    }

    /// The same desk, with a note in every transaction from here on. Public, at most 256 bytes.
    #[must_use]
    pub fn with_memo(self, memo: &str) -> Self {
        Self { memo: memo.to_owned(), ..self }
    }

    /// The same desk, which composes a transaction and neither signs nor sends it: it is handed out as [`Error::Unsigned`].
    #[must_use]
    pub fn composing_only(self) -> Self {
        Self { composes_only: true, ..self }
    }

    /// The same desk, which signs with this sequence of the sender's or not at all. Once the sequence has passed, it refuses as the ledger
    /// would.
    ///
    /// What an earlier program has signed with the sequence, and of which nobody knows whether it arrives, never stands beside what is sent
    /// by this: the ledger takes one of them. So whoever reads the sequence first, and then sees that the earlier one is not there, can send
    /// it again at once. Whatever was signed with a lower sequence is there by then, or never will be.
    #[must_use]
    pub fn only_at(&self, sequence: u64) -> Self
    where
        T: Clone,
    {
        Self {
            node: self.node.clone(),
            chain: self.chain.clone(),
            memory: self.memory(),
            age: self.age.clone(),
            memo: self.memo.clone(),
            doubts: self.doubts.clone(),
            composes_only: self.composes_only,
            only_at: Some(sequence),
        }
    }

    /// Refuses a ledger of another name: what `--chain-id` asks for.
    ///
    /// # Errors
    /// [`Error::OtherChain`].
    pub fn expect_chain(&self, expected: &ChainId) -> Result<()> {
        if *expected == self.chain.chain_id {
            return Ok(());
        }
        let (expected, found) = (expected.clone(), self.chain.chain_id.clone());
        Err(Error::OtherChain { expected, found })
    }

    /// The node behind it.
    pub fn node(&self) -> &Node<T> {
        &self.node
    }

    /// The ledger's name and prefix, proven.
    pub fn chain(&self) -> &Chain {
        &self.chain
    }

    /// The prefix of the ledger's addresses.
    pub fn prefix(&self) -> &Prefix {
        &self.chain.prefix
    }

    /// What to remember of this ledger: keep it after every use, since its height only grows, and its validators may have handed over
    /// to others.
    pub fn pin(&self) -> Pin {
        self.memory.pin()
    }

    /// An actor's address on this ledger.
    pub fn address_of(&self, actor: &Actor) -> Address {
        actor.address(&self.chain.prefix)
    }

    /// Whom this desk believes by now.
    pub(crate) fn trust(&self) -> Trust {
        self.believed().trust.clone()
    }

    fn believed(&self) -> MutexGuard<'_, Believed> {
        self.memory.lock()
    }

    /// Takes in what a proof shows, as every proof that is believed. `false` where it is older than what was seen.
    pub(crate) fn saw(&self, seen: &Seen) -> Result<bool> {
        Ok(self.believed().advance(seen)?)
    }

    /// Leaves a line for whoever acts.
    pub(crate) fn note(&self, line: String) {
        self.believed().note(Note::Other(line));
    }
}

impl<T: Transport> Desk<T> {
    /// Sees to it that what is proven from here on is not from before any state that the node has by now: one whose answer was lost, or a
    /// refusal, may stand in the newest of them. A node that does not say how far it is leaves it at what was heard.
    pub(crate) async fn hear_of_newest(&self) {
        if let Some(height) = self.newest_state().await {
            self.memory.heard_of(height);
        }
    }

    /// Proven records of one ledger state; the newest that a header proves by now, but not before our own last transaction.
    pub(crate) async fn records(&self, keys: Vec<Vec<u8>>) -> Result<Proven> {
        self.prove(None, keys).await
    }
}
