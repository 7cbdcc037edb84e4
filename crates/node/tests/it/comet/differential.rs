//! One thousand blocks of random transactions through the embedded engine and through ABCI.

use sealdesk_machine::{Machine, StoredEvent};
use sealdesk_node::clock::{Clock as _, ManualClock};
use sealdesk_node::ledger::{Ledger as _, Tip};
use sealdesk_node::solo::{Setup, Solo};
use sealdesk_protocol::genesis::{Genesis, GenesisValidator};
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::messages::to_any;
use sealdesk_protocol::wire::sealdesk::ledger::v1::TxRecord;
use sealdesk_protocol::wire::virtengine::roles::v1::{MsgAssignRole, MsgSetAccountState};
use sealdesk_protocol::wire::virtengine::support::v1::{
    MsgAssignTicket, MsgCloseTicket, MsgCreateTicket, MsgReopenTicket, MsgResolveTicket, MsgSnoozeTicket,
    MsgUpdateTicketPriority, QueryTicketRequest, SupportTicket,
};
use sealdesk_store::KeyRange;
use sealdesk_store::testing::MemoryDisk;
use sealdesk_testkit::CHAIN_ID;
use sealdesk_testkit::desk::genesis_at;
use sealdesk_testkit::files::file;
use sealdesk_testkit::people::Person;
use sealdesk_testkit::random::Random;
use sealdesk_testkit::sealing::{CIPHERTEXT_BYTES_MIN, sign, ticket_context, unsigned};
use sealdesk_testkit::transaction::Draft;
use sealdesk_testkit::trust::{Ledger, complete, registered_on};

use super::abci::{Comet, block};
use crate::desk::{self, BEGIN, Memory, Told, validator};

const BLOCKS: u64 = 1_000;
/// Where the customers begin among the people.
const CUSTOMERS: usize = 3;

/// People who do what comes to mind, and both ledgers.
struct Two {
    solo: Solo,
    comet: Comet,
    clock: ManualClock,
    people: Vec<(Person, u64)>,
    random: Random,
    seen: Seen,
}

/// What must have happened for the comparison to mean anything.
#[derive(Debug, Default)]
struct Seen {
    succeeded: u64,
    failed: u64,
    events: u64,
    closed_by_themselves: u64,
    erased: u64,
}

pub fn genesis(admin: &Person) -> Genesis {
    let one = GenesisValidator::new(&validator().public_key(), 10, "test");
    genesis_at(BEGIN, &[admin], one)
}

impl Two {
    /// A transaction of someone with his next sequence; about half of them are refused when they run.
    fn transaction(&mut self) -> (usize, Vec<u8>) {
        // One administrator, two who may become agents, and customers; mostly the one acts who may.
        let kind = self.random.below(13);
        let who = match kind {
            2..=5 => CUSTOMERS + self.random.below(self.people.len() - CUSTOMERS),
            _ if self.random.percent(70) => 0,
            _ => self.random.below(self.people.len()),
        };
        let tickets = 1 + usize::try_from(self.solo.height()).unwrap() / 12;
        let ticket_id = format!("TKT-{:08}", 1 + self.random.below(tickets));
        let other = 1 + self.random.below(CUSTOMERS - 1);
        let beside = self.people[CUSTOMERS - other].0.text.clone();
        let other = self.people[other].0.text.clone();
        let (person, sequence) = self.people[who].clone();
        let sender = person.text.clone();
        let message = match kind {
            0 => registered_on(self.solo.handle().view().machine(), &person, &person.key(1)),
            1 => {
                let role = "support_agent".to_owned();
                let message = MsgAssignRole { sender, address: other, role, ..Default::default() };
                let ledger =
                    Ledger { now: self.clock.now() / 1_000, ..Ledger::of(&genesis(&self.people[0].0)) };
                complete(&ledger, &person, to_any(&message))
            }
            11 => {
                let state = self.random.pick(&["active", "active", "suspended"]).to_string();
                to_any(&MsgSetAccountState { sender, address: other, state, ..Default::default() })
            }
            2..=5 => self.ticket(&person, sequence),
            // A second later it may be back.
            12 => {
                let now = self.solo.handle().view().tip().time.unix_timestamp();
                let until = *self.random.pick(&[0, now + 1, now + 3_600]);
                to_any(&MsgSnoozeTicket { sender, ticket_id, until })
            }
            6 => {
                let collaborators = if self.random.one_in(2) { vec![beside] } else { Vec::new() };
                let assign_to = other;
                to_any(&MsgAssignTicket { sender, ticket_id, assign_to, collaborators, ..Default::default() })
            }
            7 | 8 => to_any(&MsgResolveTicket { sender, ticket_id, resolution_ref: "done".to_owned() }),
            9 => to_any(&MsgReopenTicket { sender, ticket_id, reason: "again".to_owned() }),
            10 => to_any(&MsgUpdateTicketPriority {
                sender,
                ticket_id,
                priority: "high".to_owned(),
                reason: String::new(),
            }),
            _ => to_any(&MsgCloseTicket { sender, ticket_id, reason: "enough".to_owned() }),
        };
        (who, Draft::new(CHAIN_ID, vec![message], &[(&person, sequence)]).sign(&[&person]))
    }

    fn ticket(&mut self, customer: &Person, sequence: u64) -> prost_types::Any {
        let place = ticket_context(CHAIN_ID, &customer.text, sequence);
        let readers = [customer.key(0).fingerprint, self.people[0].0.key(0).fingerprint];
        let sealed = unsigned(&readers, CIPHERTEXT_BYTES_MIN, &mut self.random);
        let attachments = if self.random.one_in(3) { vec![file(2 << 20, sequence)] } else { Vec::new() };
        to_any(&MsgCreateTicket {
            customer: customer.text.clone(),
            category: "technical".to_owned(),
            encrypted_payload: Some(sign(sealed, &place, &customer.key(0), None)),
            attachments,
            ..Default::default()
        })
    }

    /// Destroys the texts of a ticket at both, where it is closed.
    fn erase_one(&mut self) {
        let tickets = 1 + self.random.below(1 + usize::try_from(self.solo.height()).unwrap() / 12);
        let id = TicketId::new(u64::try_from(tickets).unwrap()).unwrap();
        let admin = &self.people[0].0.address;
        let [ours, theirs] = [self.solo.handle().view(), self.comet.gate.view()].map(|view| {
            let erased = view.erase(id, admin, BEGIN, &|| false);
            erased.map(|erased| (erased.texts, erased.blobs)).map_err(|error| error.to_string())
        });
        assert_eq!(ours, theirs, "{id}");
        self.seen.erased += ours.map_or(0, |(texts, _)| u64::from(texts > 0));
    }

    /// Lets some transactions into the embedded ledger's pool.
    fn submit_some(&mut self) -> Vec<Told> {
        let mut all = Vec::new();
        for _ in 0..self.random.below(4) {
            let (who, tx) = self.transaction();
            // Someone suspended is not even let in.
            if let Ok(told) = desk::submit(&self.solo, &tx) {
                self.people[who].1 += 1;
                all.push(told);
            }
        }
        all
    }

    /// Everyone registers a key, so that tickets can be written.
    fn prologue(&mut self) -> Vec<Told> {
        let machine = self.solo.handle().view().machine().clone();
        let register = |(person, sequence): &mut (Person, u64)| {
            let message = registered_on(&machine, person, &person.key(0));
            *sequence += 1;
            Draft::new(CHAIN_ID, vec![message], &[(person, *sequence - 1)]).sign(&[person])
        };
        let txs: Vec<Vec<u8>> = self.people.iter_mut().map(register).collect();
        txs.iter().map(|tx| desk::submit(&self.solo, tx).unwrap()).collect()
    }

    /// Hands the block that the embedded ledger has just made to the other, and compares.
    async fn follow(&mut self, told: Vec<(TxRecord, Vec<u8>)>) {
        let tip = self.solo.handle().view().tip();
        let millis = tip.time.unix_timestamp_nanos() / 1_000_000;
        let (records, txs): (Vec<TxRecord>, Vec<Vec<u8>>) = told.into_iter().unzip();
        let block = block(tip.height, i64::try_from(millis).unwrap(), &txs);
        let before = self.comet.info().await;
        self.rehearse(&block, &txs).await;
        assert_eq!(self.comet.info().await, before, "proposals and checks changed something");
        assert_eq!(before.last_block_app_hash, tip.header_root.as_slice());

        let finalized = self.comet.finalize(&block).await;
        assert_eq!(finalized.app_hash, tip.root().as_slice(), "the roots of block {} differ", tip.height);
        assert_eq!(finalized.tx_results.len(), records.len());
        for (result, record) in finalized.tx_results.iter().zip(&records) {
            let ours = (result.code, result.data.to_vec(), result.log.clone(), result.codespace.clone());
            assert_eq!(
                ours,
                (record.code, record.data.clone(), record.log.clone(), record.codespace.clone())
            );
            assert_eq!(
                (result.gas_wanted, result.gas_used),
                (0, 0),
                "gas is hashed and must stay what it is"
            );
            // First what Cosmos says of every transaction, then for every message one `message` event and its own.
            let own = result
                .events
                .iter()
                .filter(|event| event.r#type != "message" && event.r#type != "tx")
                .count();
            assert_eq!(own, record.events.len());
            *if record.code == 0 { &mut self.seen.succeeded } else { &mut self.seen.failed } += 1;
            self.seen.events += u64::try_from(own).unwrap();
        }
        self.seen.closed_by_themselves += u64::try_from(finalized.events.len()).unwrap();
        self.comet.commit().await;
    }

    /// Any number of checks and proposals, of this block and of others, good and bad.
    async fn rehearse(
        &mut self,
        block: &tendermint_proto::v0_38::abci::RequestFinalizeBlock,
        txs: &[Vec<u8>],
    ) {
        let height = u64::try_from(block.height).unwrap();
        for tx in txs {
            if self.random.one_in(2) {
                self.comet.check(tx, self.random.one_in(8)).await;
            }
        }
        if self.random.one_in(3) {
            // Each engine has an order of its own among senders, since each looks back at other blocks.
            let proposed = self.comet.prepare(height, txs, 1 << 20).await;
            let as_set = |txs: &[Vec<u8>]| txs.iter().cloned().collect::<std::collections::BTreeSet<_>>();
            assert_eq!(
                (as_set(&proposed), proposed.len()),
                (as_set(txs), txs.len()),
                "an honest block is proposed whole"
            );
        }
        for _ in 0..self.random.below(3) {
            assert!(self.comet.accepts(block).await, "an honest proposal is accepted");
        }
        if !txs.is_empty() && self.random.one_in(3) {
            let mut other = block.clone();
            other.txs.push(other.txs[0].clone());
            assert!(!self.comet.accepts(&other).await, "the same transaction twice is out of sequence");
            // A round that failed after it was executed leaves nothing behind either.
            other.txs.truncate(1);
            self.comet.finalize(&other).await;
        }
    }
}

fn events(machine: &Machine, tip: &Tip) -> Vec<StoredEvent> {
    let mut all: Vec<StoredEvent> = Vec::new();
    loop {
        let after = all.last().map(|event| (event.height, event.n));
        let next = machine.events_after(&tip.snapshot, after, 100).unwrap();
        if next.is_empty() {
            return all;
        }
        all.extend(next);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_random_blocks_lead_to_the_same_under_both_engines() {
    let people: Vec<(Person, u64)> = ["admin", "ann", "ben", "cat", "dan", "eve", "fay", "gus"]
        .map(|name| (Person::new(name), 0))
        .to_vec();
    let genesis = genesis(&people[0].0);
    let clock = desk::clock();
    let setup = Setup {
        disks: Memory::default().disks(),
        genesis: genesis.clone(),
        key: validator(),
        clock: std::sync::Arc::new(clock.clone()),
    };
    let solo = Solo::open(setup).unwrap();
    let comet = Comet::begin(MemoryDisk::new(), &genesis).await;
    let random = Random::new(3);
    let mut two = Two { solo, comet, clock: clock.clone(), people, random, seen: Seen::default() };
    two.follow(Vec::new()).await;
    while two.solo.height() < BLOCKS {
        let passes = if two.random.one_in(20) { 40 * 3_600_000 } else { 61_000 };
        clock.advance(i64::try_from(two.random.below(passes)).unwrap());
        let told = if two.solo.height() == 1 { two.prologue() } else { two.submit_some() };
        if two.solo.make_block().unwrap().is_none() {
            continue;
        }
        let mut told: Vec<_> = told.iter().map(|told| (told.record(), told.tx())).collect();
        told.sort_by_key(|(record, _)| record.index);
        two.follow(told).await;
        if two.random.one_in(10) {
            two.erase_one();
        }
    }
    compare_everything(&two);
    let seen = &two.seen;
    assert!(seen.succeeded > 200 && seen.failed > 200 && seen.events > 200, "{seen:?}");
    assert!(seen.closed_by_themselves > 3 && seen.erased > 3, "{seen:?}");
    let tickets = tickets(two.solo.handle().view().machine(), &two.solo.handle().view().tip());
    let with_files = tickets.iter().filter(|ticket| !ticket.attachments.is_empty()).count();
    let together = tickets.iter().filter(|ticket| !ticket.collaborators.is_empty()).count();
    assert!(with_files > 10 && together > 3, "{with_files} with files, {together} with collaborators");
    two.comet.stop().await;
}

fn tickets(machine: &Machine, tip: &Tip) -> Vec<SupportTicket> {
    let ticket = |number| {
        let request = QueryTicketRequest { ticket_id: TicketId::new(number)?.to_string() };
        machine.ticket(&tip.snapshot, &request).ok()?.ticket
    };
    (1..).map_while(ticket).collect()
}

fn compare_everything(two: &Two) {
    let (ours, theirs) = (two.solo.handle().view().tip(), two.comet.gate.tip());
    let machine = two.solo.handle().view().machine();
    assert_eq!((ours.height, ours.time, ours.header_root), (theirs.height, theirs.time, theirs.header_root));
    assert_eq!(events(machine, &ours), events(machine, &theirs));
    let records =
        |tip: &Tip| tip.snapshot.scan(&KeyRange::all()).unwrap().map(Result::unwrap).collect::<Vec<_>>();
    assert_eq!(records(&ours), records(&theirs));
    // Of the side values, only the engine's own note of its newest block may differ.
    let side = |tip: &Tip| {
        let all = tip.snapshot.scan_side(&KeyRange::all()).unwrap().map(Result::unwrap);
        all.filter(|(key, _)| !key.starts_with(b"node/")).collect::<Vec<_>>()
    };
    assert_eq!(side(&ours), side(&theirs));
}
