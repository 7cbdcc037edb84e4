//! A ledger small enough to see through: enough of docs/spec/desk.md to send, seal, grant and read against, with real proofs.

mod execute;
pub(crate) mod people;
mod proofs;
mod service;

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};

use prost::Message as _;
use sealdesk_client::desk::Desk;
use sealdesk_client::node::Node;
use sealdesk_client::trust::Trust;
use sealdesk_protocol::account::AccountState;
use sealdesk_protocol::circle::{Change, Circle};
use sealdesk_protocol::ids::{Address, Prefix};
use sealdesk_protocol::messages::AssignableRole;
use sealdesk_protocol::params::Params;
use sealdesk_protocol::state::tree as keys;
use sealdesk_protocol::tx::TxHash;
use sealdesk_protocol::wire::cosmos::base::abci::v1beta1::TxResponse;
use sealdesk_protocol::wire::sealdesk::ledger::v1 as ledger;
use sealdesk_protocol::wire::virtengine::encryption::v1::{MultiRecipientEnvelope, RecipientKeyRecord};
use sealdesk_protocol::wire::virtengine::support::v1::AccessGrant;
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
    /// The mempool is full.
    Busy,
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
#[derive(Default)]
pub(crate) struct World {
    /// The state after each height.
    pub(crate) states: Vec<Records>,
    pub(crate) envelopes: BTreeMap<(u64, u32), MultiRecipientEnvelope>,
    pub(crate) grants: BTreeMap<(u64, u32), Vec<AccessGrant>>,
    pub(crate) txs: BTreeMap<TxHash, TxResponse>,
    /// Taken, and not in a block yet: how many calls until then.
    pub(crate) pending: Vec<(u32, Vec<u8>)>,
    /// What goes wrong with the next broadcasts.
    pub(crate) script: VecDeque<Fault>,
    /// How many of the next look-ups are lost.
    pub(crate) lost_lookups: u32,
    /// How many of the next proofs are of the state before the newest.
    pub(crate) old_proofs: u32,
    /// How many of the next proofs are not made yet.
    pub(crate) unproven: u32,
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
    /// What the node lies about.
    pub(crate) lie: Option<Lie>,
    /// The first block whose results and events the node has; 0 = all.
    pub(crate) history_from: u64,
    /// The feed of events is refused.
    pub(crate) tells_no_events: bool,
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
    /// Says that there is no ticket.
    NoTicket,
    /// Takes a transaction, says that it was refused with this code of `sdk`, and does not know it when asked.
    DeniedTx(u32),
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
        world.states.push(state);
        world.change(|state| {
            add_administrator(state, &people.admin.address(&prefix()));
            add_key(state, &people.admin.address(&prefix()), people::key_record(&people.admin, 0));
            add_member(state, &people.agent.address(&prefix()), AssignableRole::SupportAgent);
            add_key(state, &people.agent.address(&prefix()), people::key_record(&people.agent, 0));
        });
        Self(Arc::new(Mutex::new(world)))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, World> {
        self.0.lock().unwrap()
    }

    pub(crate) fn node(&self) -> Node<FakeNode> {
        Node::over(FakeNode(self.clone()), "http://fake:1")
    }

    pub(crate) async fn desk(&self) -> Desk<FakeNode> {
        Desk::open(self.node(), Trust::FirstUse).await.unwrap()
    }
}

impl World {
    pub(crate) fn height(&self) -> u64 {
        u64::try_from(self.states.len()).unwrap()
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

pub(crate) fn add_administrator(state: &mut Records, address: &Address) {
    add_member(state, address, AssignableRole::Administrator);
    let circle = match state.get(keys::ADMINISTRATORS) {
        Some(bytes) => Circle::decode(&prefix(), bytes).unwrap().after(&Change::Add(address.clone())),
        None => Circle::first([address.clone()]),
    };
    state.insert(keys::ADMINISTRATORS.to_vec(), circle.unwrap().encode());
}

pub(crate) fn add_key(state: &mut Records, address: &Address, mut record: RecipientKeyRecord) {
    let mut list: ledger::KeyList = read(state, &keys::keys(address));
    record.address = address.to_string();
    record.key_version = u32::try_from(list.keys.len()).unwrap() + 1;
    list.keys.push(record);
    write(state, &keys::keys(address), &list);
}
