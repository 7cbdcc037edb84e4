//! One block of 1,000 transactions of 500 bytes, everything that CometBFT asks about it: through the socket, in this process, and
//! through the socket of an application that does nothing.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sealdesk_node::comet::{AbciAddress, App, Server, Setup, read_frame, write_frame};
use sealdesk_store::FileDisk;
use sealdesk_testkit::figures::{Times, millis, ratio};
use sealdesk_testkit::people::Person;
use sealdesk_testkit::transaction::appointment;
use tendermint_proto::v0_38::abci::*;
use tokio::io::{AsyncWriteExt as _, BufReader, BufWriter};
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{UnixListener, UnixStream};

use crate::abci::{block, init_chain, proposal};
use crate::desk::{BEGIN, genesis};

const TXS: u16 = 1_000;
const TX_BYTES: usize = 500;
/// Blocks that are measured, after one that warms up.
const BLOCKS: u64 = 15;

/// Whom CometBFT asks.
enum Asked {
    Socket(BufReader<OwnedReadHalf>, OwnedWriteHalf),
    Here(Arc<App>),
}

impl Asked {
    async fn connect(path: &Path) -> Self {
        let (reader, writer) = UnixStream::connect(path).await.unwrap().into_split();
        Self::Socket(BufReader::with_capacity(65_536, reader), writer)
    }

    async fn ask(&mut self, value: request::Value) -> response::Value {
        let request = Request { value: Some(value) };
        let response = match self {
            Self::Socket(reader, writer) => {
                write_frame(writer, &request).await.unwrap();
                read_frame::<Response>(reader).await.unwrap().unwrap()
            }
            Self::Here(app) => {
                let app = app.clone();
                tokio::task::spawn_blocking(move || app.answer(request)).await.unwrap()
            }
        };
        match response.value.unwrap() {
            response::Value::Exception(exception) => panic!("{}", exception.error),
            value => value,
        }
    }

    /// What CometBFT asks about a block that this node proposes.
    async fn block(&mut self, height: u64, txs: &[Vec<u8>]) -> Duration {
        let next = block(height, (BEGIN + i64::try_from(height).unwrap()) * 1_000, txs);
        let prepare = RequestPrepareProposal {
            max_tx_bytes: 4 << 20,
            txs: next.txs.clone(),
            height: next.height,
            ..Default::default()
        };
        let begun = Instant::now();
        self.ask(request::Value::Info(RequestInfo::default())).await;
        self.ask(request::Value::PrepareProposal(prepare)).await;
        self.ask(request::Value::ProcessProposal(proposal(&next))).await;
        self.ask(request::Value::FinalizeBlock(next)).await;
        self.ask(request::Value::Commit(RequestCommit {})).await;
        begun.elapsed()
    }
}

/// The transactions of a block: one of each sender, padded by its note.
fn transactions(height: u64) -> Vec<Vec<u8>> {
    let one = |n: u16| {
        let (sender, target) = (Person::number(n), Person::number(1));
        let short = sender.sign(height, &[appointment(&sender, &target)], 0).len();
        let memo = "x".repeat(TX_BYTES - short - 3);
        sender.sign_with_memo(height, &[appointment(&sender, &target)], &memo)
    };
    (1..=TXS).map(one).collect()
}

fn app(dir: &Path, name: &str) -> Arc<App> {
    let disk = FileDisk::open(dir, name).unwrap();
    Arc::new(
        App::open(Setup { disk, genesis: genesis(), rpc: None, retain_blocks: None, snapshots: None })
            .unwrap(),
    )
}

/// Answers everything at once, with as many results as there were transactions.
async fn do_nothing(listener: UnixListener) {
    let (reader, writer) = listener.accept().await.unwrap().0.into_split();
    let (mut reader, mut writer) =
        (BufReader::with_capacity(65_536, reader), BufWriter::with_capacity(65_536, writer));
    while let Ok(Some(request)) = read_frame::<Request>(&mut reader).await {
        use request::Value as Ask;
        use response::Value as Say;
        let value = match request.value.unwrap() {
            Ask::Info(_) => Say::Info(ResponseInfo::default()),
            Ask::PrepareProposal(asked) => Say::PrepareProposal(ResponsePrepareProposal { txs: asked.txs }),
            Ask::ProcessProposal(_) => Say::ProcessProposal(ResponseProcessProposal { status: 1 }),
            Ask::FinalizeBlock(asked) => {
                let tx_results = asked.txs.iter().map(|_| ExecTxResult::default()).collect();
                Say::FinalizeBlock(ResponseFinalizeBlock { tx_results, ..Default::default() })
            }
            _ => Say::Commit(ResponseCommit::default()),
        };
        write_frame(&mut writer, &Response { value: Some(value) }).await.unwrap();
        writer.flush().await.unwrap();
    }
}

pub async fn measure() {
    let dir = tempfile::tempdir().unwrap();
    let (socket, nothing) = (dir.path().join("abci.sock"), dir.path().join("nothing.sock"));
    let (through, here) = (app(dir.path(), "through"), app(dir.path(), "here"));
    let server = Server::start(through.clone(), &AbciAddress::Unix(socket.clone())).await.unwrap();
    let idle = tokio::spawn(do_nothing(UnixListener::bind(&nothing).unwrap()));
    let mut asked =
        [Asked::connect(&socket).await, Asked::Here(here.clone()), Asked::connect(&nothing).await];
    for asked in &mut asked[..2] {
        asked.ask(request::Value::InitChain(init_chain(&genesis()))).await;
    }
    let mut times = [Times::default(), Times::default(), Times::default()];
    for height in 1..=BLOCKS + 1 {
        let txs = transactions(height - 1);
        assert!(txs.iter().all(|tx| tx.len() == TX_BYTES), "{}", txs[0].len());
        // As in life, the mempool has verified them before.
        for app in [&through, &here] {
            for tx in &txs {
                let check = RequestCheckTx { tx: tx.clone().into(), r#type: CheckTxType::New.into() };
                app.answer(Request { value: Some(request::Value::CheckTx(check)) });
            }
        }
        for (asked, times) in asked.iter_mut().zip(&mut times) {
            let took = asked.block(height, &txs).await;
            if height > 1 {
                times.add(took);
            }
        }
    }
    drop(asked);
    server.stop().await;
    idle.abort();
    let [through, here, nothing] = times.map(|times| times.p50());
    println!(
        "\none block of {TXS} × {TX_BYTES} B: Info, Prepare, Process, Finalize, Commit; p50 of {BLOCKS}"
    );
    println!(
        "  through the socket, to the same calls in this process: x{:.2}   ({} and {}; aim: at most 1.25)",
        ratio(through, here),
        millis(through),
        millis(here)
    );
    println!(
        "  an application that does nothing, to ours through the same socket: x{:.2}   ({})",
        ratio(nothing, through),
        millis(nothing)
    );
}
