//! Floods, and who waits for what the mempool did not keep.

use std::path::PathBuf;
use std::sync::Arc;

use sealdesk_node::comet::{
    App, BLOCK_TXS_MAX, LedgerHandle, POOL_TXS_MAX, RpcAddress, SENDER_TXS_MAX, Setup,
};
use sealdesk_node::ledger::{Ledger, NEWCOMER_TXS_MAX, NEWCOMERS_SHARE, SubmitError, TxOutcome};
use sealdesk_protocol::messages::to_any;
use sealdesk_protocol::tx::TxHash;
use sealdesk_protocol::wire::virtengine::support::v1::{MsgGrantAccess, TargetedGrant};
use sealdesk_store::testing::MemoryDisk;
use sealdesk_testkit::people::Person;
use tempfile::TempDir;
use tendermint_proto::v0_38::abci::*;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixListener;

use super::abci::{block, init_chain};
use crate::desk::{BEGIN, Told, genesis};

const BEGIN_MILLIS: i64 = BEGIN * 1_000;
/// Transactions of a flood; `make soak` sends a hundred thousand.
const FLOOD_TXS: u32 = 3_000;

/// The application without its socket.
struct Direct {
    app: App,
    height: u64,
    _dir: TempDir,
}

impl Direct {
    /// A ledger after its first block.
    fn begin(rpc: Option<RpcAddress>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (disk, genesis) = (MemoryDisk::new(), genesis());
        let app =
            App::open(Setup { disk, genesis: genesis.clone(), rpc, retain_blocks: None, snapshots: None })
                .unwrap();
        let mut direct = Self { app, height: 0, _dir: dir };
        direct.ask(request::Value::InitChain(init_chain(&genesis)));
        direct.decide(&[]);
        direct
    }

    fn ask(&self, value: request::Value) -> response::Value {
        self.app.answer(Request { value: Some(value) }).value.unwrap()
    }

    fn check(&self, tx: &[u8], again: bool) -> u32 {
        let r#type = if again { CheckTxType::Recheck } else { CheckTxType::New }.into();
        let request = RequestCheckTx { tx: tx.to_vec().into(), r#type };
        let response::Value::CheckTx(checked) = self.ask(request::Value::CheckTx(request)) else { panic!() };
        checked.code
    }

    /// Executes and commits the next block, and gives its transactions' codes.
    fn decide(&mut self, txs: &[Vec<u8>]) -> Vec<u32> {
        self.height += 1;
        let asked = request::Value::FinalizeBlock(block(self.height, BEGIN_MILLIS, txs));
        let response::Value::FinalizeBlock(done) = self.ask(asked) else { panic!() };
        self.ask(request::Value::Commit(RequestCommit {}));
        done.tx_results.iter().map(|result| result.code).collect()
    }
}

#[test]
fn a_flood_of_one_sequence_takes_one_place_and_an_honest_one_still_lands() {
    let count = std::env::var("SEALDESK_FLOOD_TXS").map_or(FLOOD_TXS, |count| count.parse().unwrap());
    let mut direct = Direct::begin(None);
    let (stranger, mut taken) = (Person::number(900), Vec::new());
    for n in 0..count {
        let target = Person::number(u16::try_from(n % 60_000).unwrap());
        let tx =
            stranger.sign(0, &[sealdesk_testkit::transaction::attempt(&stranger, &target)], u64::from(n) + 2);
        match direct.check(&tx, false) {
            0 => taken.push(tx),
            code => assert_eq!(code, 32, "the {n}th"),
        }
    }
    assert_eq!(taken.len(), 1);
    let honest = Person::number(0).appoint(0, &Person::number(1));
    assert_eq!(direct.check(&honest, false), 0);
    taken.push(honest);
    let codes = direct.decide(&taken);
    assert!(codes[0] != 0 && codes[1] == 0, "the stranger may not, the administrator may: {codes:?}");
}

#[test]
fn a_flood_of_failing_senders_is_bounded_and_an_honest_one_lands_after_a_block() {
    let mut direct = Direct::begin(None);
    let senders = u16::try_from(2 * POOL_TXS_MAX / SENDER_TXS_MAX + 1).unwrap();
    let mut waiting = Vec::new();
    for sequence in 0..u64::try_from(SENDER_TXS_MAX).unwrap() {
        for n in 0..senders {
            let tx = Person::number(1_000 + n).attempt(sequence, &Person::number(1));
            match direct.check(&tx, false) {
                0 => waiting.push(tx),
                code => assert!(code == 20 || code == 32, "{code}"),
            }
        }
    }
    assert_eq!(
        waiting.len(),
        POOL_TXS_MAX / NEWCOMERS_SHARE,
        "accounts that are new have a part of the pool"
    );
    let another = Person::number(60_000).attempt(0, &Person::number(1));
    assert_eq!(direct.check(&another, false), 20, "there is no room for them");
    let honest = Person::number(0).appoint(0, &Person::number(1));
    assert_eq!(direct.check(&honest, false), 0, "and there is for those who are known");
    waiting.push(honest.clone());
    let prepare = RequestPrepareProposal {
        max_tx_bytes: 4 << 20,
        txs: waiting.iter().cloned().map(Into::into).collect(),
        height: 2,
        ..Default::default()
    };
    let response::Value::PrepareProposal(prepared) = direct.ask(request::Value::PrepareProposal(prepare))
    else {
        panic!()
    };
    let first: Vec<Vec<u8>> = prepared.txs.iter().map(|tx| tx.to_vec()).collect();
    assert_eq!(first.len(), BLOCK_TXS_MAX / NEWCOMERS_SHARE + 1);
    assert!(first.contains(&honest), "whatever stood before it");
    let codes = direct.decide(&first);
    assert_eq!(codes.iter().filter(|code| **code == 0).count(), 1, "all others fail");
    for tx in waiting.iter().filter(|tx| !first.contains(tx)) {
        assert_eq!(direct.check(tx, true), 0, "what still waits stays");
    }
    assert_eq!(direct.check(&another, false), 0, "a block has made room");
}

/// A transaction that costs about as much as one may: grants that open nothing.
fn heavy(person: &Person, sequence: u64) -> Vec<u8> {
    let grants = |count: u32| {
        let grant =
            |target| TargetedGrant { target, grant_signature: vec![7; 48], ..TargetedGrant::default() };
        to_any(&MsgGrantAccess {
            sender: person.text.clone(),
            ticket_id: "TKT-00000001".to_owned(),
            grants: (0..count).map(grant).collect(),
            agent: String::new(),
        })
    };
    person.sign(sequence, &[grants(100), grants(100), grants(100)], 0)
}

impl Direct {
    /// What this node proposes where CometBFT offers these.
    fn propose(&self, offered: &[Vec<u8>]) -> Vec<Vec<u8>> {
        let prepare = RequestPrepareProposal {
            max_tx_bytes: 4 << 20,
            txs: offered.iter().cloned().map(Into::into).collect(),
            height: i64::try_from(self.height).unwrap() + 1,
            ..Default::default()
        };
        let asked = self.ask(request::Value::PrepareProposal(prepare));
        let response::Value::PrepareProposal(prepared) = asked else { panic!() };
        prepared.txs.iter().map(|tx| tx.to_vec()).collect()
    }
}

#[test]
fn newcomers_whose_transactions_cost_most_leave_others_their_part_of_a_block() {
    let direct = Direct::begin(None);
    let newcomers: Vec<Vec<u8>> = (0..20).map(|n| heavy(&Person::number(1_000 + n), 0)).collect();
    assert!(newcomers.iter().all(|tx| direct.check(tx, false) == 0));
    let honest = Person::number(0).appoint(0, &Person::number(1));
    assert_eq!(direct.check(&honest, false), 0);
    let proposed = direct.propose(&newcomers);
    assert!(proposed.contains(&honest), "also where CometBFT does not offer it");
    assert_eq!(proposed.len(), 3, "two of them cost a quarter of a block");
}

#[test]
fn known_accounts_that_fill_the_mempool_keep_neither_staff_nor_others_waiting() {
    let mut direct = Direct::begin(None);
    let known: Vec<Person> = (0..200).map(|n| Person::number(1_000 + n)).collect();
    let first: Vec<Vec<u8>> = known.iter().map(|person| person.attempt(0, &Person::number(1))).collect();
    direct.decide(&first);
    let mut waiting = Vec::new();
    for sequence in 1..=5 {
        for person in &known[1..] {
            let tx = heavy(person, sequence);
            match direct.check(&tx, false) {
                0 => waiting.push(tx),
                code => assert!(code == 20 || code == 32, "{code}"),
            }
        }
    }
    assert!(waiting.len() < 80, "the mempool takes no work without end: {}", waiting.len());
    let staff = Person::number(0).appoint(0, &Person::number(1));
    assert_eq!(direct.check(&staff, false), 0, "the staff has room");
    let honest = known[0].attempt(1, &Person::number(1));
    assert_eq!(direct.check(&honest, false), 0, "so has who comes later");
    waiting.extend([staff.clone(), honest.clone()]);
    let mut blocks = 0;
    let mut landed = Vec::new();
    while !landed.contains(&honest) {
        blocks += 1;
        assert!(blocks < 30, "it waits and waits");
        let proposed = direct.propose(&waiting);
        assert!(blocks > 1 || proposed.contains(&staff), "the staff is in the first block");
        direct.decide(&proposed);
        waiting.retain(|tx| !proposed.contains(tx));
        assert!(waiting.iter().all(|tx| direct.check(tx, true) == 0), "what waits goes on waiting");
        landed.extend(proposed);
    }
}

/// A CometBFT that says of so many transactions that its mempool has them, and nothing more after that.
fn a_comet_that_takes(path: PathBuf, count: usize) {
    let listener = UnixListener::bind(path).unwrap();
    tokio::spawn(async move {
        for _ in 0..count {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut asked = [0; 16_384];
            let _ = stream.read(&mut asked).await.unwrap();
            let body = r#"{"jsonrpc":"2.0","id":1,"result":{"code":0,"log":""}}"#;
            let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len());
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
}

async fn with_comet() -> Direct {
    with_comet_that_takes(usize::MAX).await
}

async fn with_comet_that_takes(count: usize) -> Direct {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("rpc.sock");
    a_comet_that_takes(path.clone(), count);
    Direct { _dir: dir, ..Direct::begin(Some(RpcAddress::Unix(path))) }
}

async fn wait_for(gate: &Arc<LedgerHandle>, tx: &[u8]) -> Told {
    let told = Told::default();
    gate.clone().submit(tx.to_vec(), told.waiter(), Box::new(())).await.unwrap();
    told
}

#[tokio::test]
async fn what_is_not_signed_well_never_reaches_cometbft() {
    // One that takes nothing: whoever was asked of it would be told that it does not answer.
    let direct = with_comet_that_takes(0).await;
    let gate = direct.app.handle().clone();
    let mut tx = Person::number(1).attempt(0, &Person::number(0));
    let submit = async |tx: &[u8]| gate.clone().submit(tx.to_vec(), None, Box::new(())).await;
    assert!(matches!(submit(&tx).await, Err(SubmitError::Stopped(_))), "a good one is handed in");
    let last = tx.len() - 1;
    tx[last] ^= 1;
    for bad in [tx.as_slice(), &tx[..100], &[0; 400_000]] {
        let refused = submit(bad).await.unwrap_err();
        assert!(matches!(refused, SubmitError::Refused(_)), "{refused}");
    }
}

#[tokio::test]
async fn a_writer_is_told_that_the_mempool_did_not_keep_a_transaction_and_only_then() {
    let mut direct = with_comet().await;
    let [gone, kept] = [1, 2].map(|n| Person::number(n).attempt(0, &Person::number(0)));
    for tx in [&gone, &kept] {
        assert_eq!(direct.check(tx, false), 0);
    }
    let gate = direct.app.handle().clone();
    let (told_gone, told_kept) = (wait_for(&gate, &gone).await, wait_for(&gate, &kept).await);
    for _ in 0..2 {
        direct.decide(&[]);
        assert_eq!(direct.check(&kept, true), 0);
    }
    assert!(matches!(told_gone.all().as_slice(), [TxOutcome::Unknown(_)]), "{:?}", told_gone.all());
    assert!(told_kept.all().is_empty(), "{:?}", told_kept.all());
    direct.decide(&[kept]);
    assert_eq!(told_kept.record().height, 4);
}

#[tokio::test]
async fn who_waits_is_told_the_outcome_also_if_another_s_attempt_to_hand_it_in_fails() {
    let mut direct = with_comet_that_takes(1).await;
    let tx = Person::number(1).attempt(0, &Person::number(0));
    assert_eq!(direct.check(&tx, false), 0);
    let gate = direct.app.handle().clone();
    let (told, other) = (wait_for(&gate, &tx).await, Told::default());
    assert!(
        gate.submit(tx.clone(), other.waiter(), Box::new(())).await.is_err(),
        "CometBFT does not answer any more"
    );
    direct.decide(&[tx]);
    assert_eq!(told.record().height, 2);
    assert!(other.all().is_empty(), "who was told of the failure waits no more");
}

#[tokio::test]
async fn who_asks_for_one_transaction_again_and_again_fills_no_memory() {
    let direct = with_comet().await;
    let tx = Person::number(1).attempt(0, &Person::number(0));
    assert_eq!(direct.check(&tx, false), 0);
    let mut all = Vec::new();
    for _ in 0..100 {
        all.push(wait_for(direct.app.handle(), &tx).await);
    }
    let waiting = all.iter().filter(|told| told.all().is_empty()).count();
    assert!((1..=16).contains(&waiting), "{waiting} wait at the same time");
    assert!(all[0].all().len() == 1 && all[99].all().is_empty(), "those who came first have gone");
    assert_eq!(direct.app.handle().view().committed(TxHash::of(&tx)).unwrap(), None);
}

#[test]
fn a_sender_who_was_full_when_judged_again_keeps_his_sequence() {
    // Only a CometBFT with a larger mempool than it was given can ask about so many again.
    let mut direct = Direct::begin(None);
    let sender = Person::number(3);
    let count = u64::try_from(NEWCOMER_TXS_MAX).unwrap();
    let txs: Vec<Vec<u8>> = (0..=count).map(|n| sender.attempt(n, &Person::number(1))).collect();
    for tx in &txs[..txs.len() - 1] {
        assert_eq!(direct.check(tx, false), 0);
    }
    direct.decide(&[]);
    for tx in &txs[..txs.len() - 1] {
        assert_eq!(direct.check(tx, true), 0);
    }
    let last = txs.last().unwrap();
    assert_eq!(direct.check(last, true), 20);
    assert_eq!(direct.check(last, false), 20, "it is full, and the sequence is still this one's");
}

#[test]
fn asked_about_twice_after_a_block_what_waits_stays() {
    let mut direct = Direct::begin(None);
    let tx = Person::number(3).attempt(0, &Person::number(1));
    assert_eq!(direct.check(&tx, false), 0);
    direct.decide(&[]);
    assert_eq!((direct.check(&tx, true), direct.check(&tx, true)), (0, 0));
    assert_eq!(direct.check(&tx, false), 19, "it is one, all the same");
}
