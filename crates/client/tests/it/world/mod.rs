//! A ledger small enough to see through: enough of docs/spec/desk.md to send, seal, grant and read against, with real proofs.

mod execute;
pub(crate) mod forging;
pub(crate) mod people;
pub(crate) mod proofs;
mod service;

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use prost::Message as _;
use sealdesk_client::actor::Actor;
use sealdesk_client::desk::Desk;
use sealdesk_client::node::Node;
use sealdesk_client::outcome::{Tally, Vote};
use sealdesk_client::trust::{Age, Clock, Trust};
use sealdesk_protocol::account::AccountState;
use sealdesk_protocol::circle::{Change, Circle};
use sealdesk_protocol::ids::{Address, ChainId, Prefix};
use sealdesk_protocol::messages::AssignableRole;
use sealdesk_protocol::params::Params;
use sealdesk_protocol::state::tree as keys;
use sealdesk_protocol::tx::TxHash;
use sealdesk_protocol::wire::cosmos::base::abci::v1beta1::TxResponse;
use sealdesk_protocol::wire::sealdesk::ledger::v1 as ledger;
use sealdesk_protocol::wire::virtengine::encryption::v1::{MultiRecipientEnvelope, RecipientKeyRecord};
use sealdesk_protocol::wire::virtengine::support::v1::{AccessGrant, Document};
use sealdesk_testkit::liar::Liar;
pub(crate) use sealdesk_testkit::{CHAIN_ID, chain_id, prefix};

pub(crate) use people::people;
pub(crate) use service::FakeNode;

pub(crate) type Records = BTreeMap<Vec<u8>, Vec<u8>>;

/// The time of every block, Unix seconds.
pub(crate) const NOW: i64 = 1_700_000_000;

/// What goes wrong with one broadcast.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nothing.
    None,
    /// It never reaches the node.
    LostRequest,
    /// It happens, and nobody hears of it.
    LostAnswer,
    /// It is taken, nobody hears of it, and a block holds it only some calls later.
    Late,
    /// The node never answers, and it never happens.
    Silence,
    /// Another transaction of the same account comes first.
    Rival,
    /// The set of readers changes first.
    NewReader,
    /// It happens, and the next proofs are of the state before.
    OldProofs,
    /// It happens, and after one more proof no other is made.
    EndOfProofs,
    /// The mempool is full.
    Busy,
    /// The node sends everyone away, and says to come back after so many seconds.
    Door(u32),
    /// It happens, and the node has no room for the answer.
    Unread,
    /// The node asks new accounts for work.
    Work,
}

impl Fault {
    pub(crate) const ALL: [Self; 9] = [
        Self::None,
        Self::LostRequest,
        Self::LostAnswer,
        Self::Late,
        Self::Silence,
        Self::Rival,
        Self::NewReader,
        Self::OldProofs,
        Self::Busy,
    ];
}

/// The ledger and its network.
#[derive(Clone, Default)]
pub(crate) struct World {
    /// The state after each height.
    pub(crate) states: Vec<Records>,
    pub(crate) envelopes: BTreeMap<(u64, u32), MultiRecipientEnvelope>,
    pub(crate) grants: BTreeMap<(u64, u32), Vec<AccessGrant>>,
    pub(crate) txs: BTreeMap<TxHash, TxResponse>,
    /// Every transaction that left a client, in order, whatever became of it.
    pub(crate) sent: Vec<Vec<u8>>,
    /// Taken, and not in a block yet: how many calls until then.
    pub(crate) pending: Vec<(u32, Vec<u8>)>,
    /// What goes wrong with the next broadcasts.
    pub(crate) script: VecDeque<Fault>,
    /// How many of the next look-ups are lost.
    pub(crate) lost_lookups: u32,
    /// How many of the next proofs are of the state before the newest.
    pub(crate) old_proofs: u32,
    /// How many proofs are of the newest state before one of the state before.
    pub(crate) old_proof_after: Option<u32>,
    /// The newest state that a header proves, of a node whose headers come one block later; 0 = each state has its header at once.
    pub(crate) headered: u64,
    /// How many of the next proofs that need a new header are never answered.
    pub(crate) slow_headers: u32,
    /// How long each call is on its way.
    pub(crate) latency: Duration,
    /// How often the number of tickets was asked for.
    pub(crate) counted: usize,
    /// The least heights that proofs were asked for with, in order.
    pub(crate) least: Vec<i64>,
    /// How many of the next proofs are not made yet.
    pub(crate) unproven: u32,
    /// How many more proofs are made at all; `None` = as many as are asked for.
    pub(crate) proofs_left: Option<u32>,
    /// How many extra administrators came.
    pub(crate) newcomers: u8,
    /// Whether the validators are others than at first.
    pub(crate) usurped: bool,
    /// To whom the validators handed over, one after the other, each with the block in which.
    pub(crate) successors: Vec<(u64, u8)>,
    /// Whether the node keeps the handovers to itself.
    pub(crate) silent_on_handovers: bool,
    /// By how much the node overstates the height of a block.
    pub(crate) boast: i64,
    /// Whom the node names as having the key that is asked about.
    pub(crate) owners: Vec<Address>,
    /// Whom the node names as agents.
    pub(crate) agents: Vec<Address>,
    /// What the node lies about.
    pub(crate) lie: Option<Lie>,
    /// What the node gives of the document at each place, whatever the ledger proves of it.
    pub(crate) documents: BTreeMap<String, Document>,
    /// The pieces of files that the node gives, by the names that it has for them.
    pub(crate) blobs: BTreeMap<String, bytes::Bytes>,
    /// How many pages of shelves were asked for.
    pub(crate) shelf_pages: u32,
    /// Who stands between this ledger and its clients, and what they say instead.
    pub(crate) liar: Option<Liar>,
    /// The first block whose results and events the node has; 0 = all.
    pub(crate) history_from: u64,
    /// The feed of events is refused.
    pub(crate) tells_no_events: bool,
    /// The state that the node shows whatever came later.
    pub(crate) frozen: Option<u64>,
    /// A change of parameters is taken, and changes nothing.
    pub(crate) ignores_params: bool,
    /// Seconds between what its headers say and the time of the tests.
    pub(crate) behind: i64,
    /// The ledger's name; `None` = that of the tests.
    pub(crate) chain: Option<ChainId>,
    /// How far the clock of the tests' desks has gone.
    pub(crate) clock: Arc<AtomicI64>,
}

/// What the node lies about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lie {
    /// Gives the first response's envelope for every record.
    SwappedEnvelopes,
    /// Leaves the last response out.
    WithheldResponse,
    /// Leaves the grants out.
    WithheldGrants,
    /// Leaves the ticket's own text out.
    WithheldTicket,
    /// Says that there is no ticket.
    NoTicket,
    /// Says that every transaction is done, and carries none out.
    Invented,
    /// Takes a transaction, says that it was refused with this code of `sdk`, and does not know it when asked.
    DeniedTx(u32),
    /// Carries no transaction out, and refuses it with this code of `sdk` before any block.
    RefusedEarly(u32),
    /// Refuses a transaction with this code of `sdk` in a block, as an honest node would, which uses up its sequence.
    RefusedInBlock(u32),
    /// Says that a vote for a validator decided, in a block of this height, and carries nothing out but the sequence.
    InventedVote(u64),
    /// Says that it erased a ticket, and has its texts still.
    NothingErased,
    /// Gives the same page of a shelf again and again, each time with another cursor.
    EndlessShelf,
}

/// A shared world.
#[derive(Clone)]
pub(crate) struct Shared(Arc<Mutex<World>>);

impl Shared {
    /// A desk with an administrator and an agent who have registered their first keys, and a customer who has not.
    pub(crate) fn new() -> Self {
        let people = people();
        let mut world = World::default();
        let mut state = Records::new();
        let chain = ledger::ChainRecord { chain_id: CHAIN_ID.into(), prefix: Prefix::DEFAULT.into() };
        state.insert(keys::CHAIN.to_vec(), chain.encode_to_vec());
        state.insert(keys::PARAMS.to_vec(), Params::default().to_wire().encode_to_vec());
        write(&mut state, keys::BEGINNING, &people::chain().ancestry.to_wire());
        put_circle(&mut state, &people::chain().ancestry.beginning().circle);
        world.states.push(state);
        world.change(|state| {
            add_member(state, &people.admin.address(&prefix()), AssignableRole::Administrator);
            add_key(state, &people.admin.address(&prefix()), people::key_record(&people.admin, 0));
            add_member(state, &people.agent.address(&prefix()), AssignableRole::SupportAgent);
            add_key(state, &people.agent.address(&prefix()), people::key_record(&people.agent, 0));
        });
        Self(Arc::new(Mutex::new(world)))
    }

    /// A ledger that is as these fields say.
    pub(crate) fn of(world: World) -> Self {
        Self(Arc::new(Mutex::new(world)))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, World> {
        self.0.lock().unwrap()
    }

    pub(crate) fn node(&self) -> Node<FakeNode> {
        Node::over(FakeNode(self.clone()), "http://fake:1")
    }

    pub(crate) async fn desk(&self) -> Desk<FakeNode> {
        self.open(Trust::FirstUse).await.unwrap()
    }

    /// A desk whose clock is that of the tests.
    pub(crate) async fn open(&self, trust: Trust) -> sealdesk_client::Result<Desk<FakeNode>> {
        self.open_over(self.node(), trust).await
    }

    pub(crate) async fn open_over(
        &self,
        node: Node<FakeNode>,
        trust: Trust,
    ) -> sealdesk_client::Result<Desk<FakeNode>> {
        let clock = Arc::clone(&self.lock().clock);
        let clock = Clock::new(move || NOW + clock.load(Ordering::SeqCst));
        Ok(Desk::open(node, trust).await?.with_age(Age { clock, tolerance: 0 }))
    }

    /// Time passes, and no block comes.
    pub(crate) fn pass(&self, seconds: i64) {
        self.lock().clock.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl World {
    pub(crate) fn height(&self) -> u64 {
        u64::try_from(self.states.len()).unwrap()
    }

    /// The time of the header that proves the state of a height.
    pub(crate) fn time(&self, height: u64) -> i64 {
        NOW - self.behind + i64::try_from(height.min(200)).unwrap()
    }

    pub(crate) fn state(&self) -> &Records {
        self.states.last().unwrap()
    }

    /// Makes a block that changes the state.
    pub(crate) fn change(&mut self, change: impl FnOnce(&mut Records)) {
        let mut state = self.state().clone();
        change(&mut state);
        self.states.push(state);
    }

    /// Makes a block with which the validators hand over to another.
    pub(crate) fn hand_over(&mut self, to: u8) {
        self.change(|_| {});
        self.successors.push((self.height(), to));
    }

    /// How many tickets there are.
    pub(crate) fn tickets(&self) -> u64 {
        read::<ledger::Counter>(self.state(), keys::TICKET_COUNT).value
    }
}

/// A record, or its default where there is none.
pub(crate) fn read<M: prost::Message + Default>(state: &Records, key: &[u8]) -> M {
    state.get(key).map(|bytes| M::decode(bytes.as_slice()).unwrap()).unwrap_or_default()
}

pub(crate) fn write<M: prost::Message>(state: &mut Records, key: &[u8], record: &M) {
    state.insert(key.to_vec(), record.encode_to_vec());
}

pub(crate) fn add_member(state: &mut Records, address: &Address, role: AssignableRole) {
    let state_number = AccountState::Active.to_wire();
    let record = ledger::MemberRecord { role: role.to_wire(), state: state_number, ..Default::default() };
    write(state, &keys::member(address), &record);
}

pub(crate) fn circle(state: &Records) -> Circle {
    Circle::decode(&prefix(), &state[keys::ADMINISTRATORS]).unwrap()
}

pub(crate) fn put_circle(state: &mut Records, circle: &Circle) {
    state.insert(keys::ADMINISTRATORS.to_vec(), circle.encode());
}

/// A change by the votes of these, whether they are enough or not.
pub(crate) fn change_circle(state: &mut Records, voters: &[&Actor], change: &Change) {
    let (record, after) = people::change_by(voters, &circle(state), change);
    write(state, &keys::circle_change(record.position), &record);
    put_circle(state, &after);
}

/// Somebody becomes an administrator, by the votes of all who are.
pub(crate) fn add_administrator(state: &mut Records, address: &Address) {
    add_member(state, address, AssignableRole::Administrator);
    let circle = circle(state);
    let voters: Vec<&Actor> =
        circle.members().iter().map(|member| people::actor_of(&member.address)).collect();
    change_circle(state, &voters, &Change::Add(address.clone()));
}

pub(crate) fn add_key(state: &mut Records, address: &Address, mut record: RecipientKeyRecord) {
    let mut list: ledger::KeyList = read(state, &keys::keys(address));
    record.address = address.to_string();
    record.key_version = u32::try_from(list.keys.len()).unwrap() + 1;
    list.keys.push(record);
    write(state, &keys::keys(address), &list);
}

/// What became of a vote that does not decide.
pub(crate) fn open_vote(votes: usize, members: usize) -> Vote {
    Vote::Open { tally: Some(Tally { votes, members }) }
}
