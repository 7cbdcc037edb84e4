//! CometBFT's side of the socket, without consensus: it asks what a test tells it to ask.

use std::sync::Arc;

use bytes::Bytes;
use sealdesk_node::comet::{AbciAddress, App, LedgerHandle, Server, Setup, read_frame, write_frame};
use sealdesk_protocol::genesis::Genesis;
use sealdesk_store::Disk;
use sealdesk_store::testing::MemoryDisk;
use tempfile::TempDir;
use tendermint_proto::google::protobuf::Timestamp;
use tendermint_proto::v0_38::abci::*;
use tendermint_proto::v0_38::crypto::{PublicKey, public_key};
use tokio::io::BufReader;
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};

/// An application behind its socket, and one connection to it.
pub struct Comet {
    reader: BufReader<OwnedReadHalf>,
    writer: OwnedWriteHalf,
    server: Server,
    pub gate: Arc<LedgerHandle>,
    _dir: TempDir,
}

pub fn app(disk: impl Disk, genesis: &Genesis) -> App {
    App::open(Setup { disk, genesis: genesis.clone(), rpc: None, retain_blocks: None, snapshots: None })
        .unwrap()
}

pub fn timestamp(millis: i64) -> Timestamp {
    let nanos = i32::try_from(millis.rem_euclid(1_000) * 1_000_000).unwrap();
    Timestamp { seconds: millis.div_euclid(1_000), nanos }
}

/// A block as CometBFT hands it in.
pub fn block(height: u64, millis: i64, txs: &[Vec<u8>]) -> RequestFinalizeBlock {
    RequestFinalizeBlock {
        txs: txs.iter().cloned().map(Bytes::from).collect(),
        height: i64::try_from(height).unwrap(),
        time: Some(timestamp(millis)),
        ..Default::default()
    }
}

/// A proposal of the same block.
pub fn proposal(block: &RequestFinalizeBlock) -> RequestProcessProposal {
    RequestProcessProposal {
        txs: block.txs.clone(),
        height: block.height,
        time: block.time,
        ..Default::default()
    }
}

pub fn init_chain(genesis: &Genesis) -> RequestInitChain {
    let validators = genesis.validators.iter().map(|validator| ValidatorUpdate {
        pub_key: Some(PublicKey { sum: Some(public_key::Sum::Ed25519(validator.pub_key.value.clone())) }),
        power: validator.power.parse().unwrap(),
    });
    RequestInitChain {
        chain_id: genesis.chain_id.clone(),
        validators: validators.collect(),
        app_state_bytes: serde_json::to_vec(&genesis.app_state).unwrap().into(),
        initial_height: 1,
        ..Default::default()
    }
}

impl Comet {
    pub async fn connect(app: App) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("abci.sock");
        let app = Arc::new(app);
        let gate = app.handle().clone();
        let server = Server::start(app, &AbciAddress::Unix(path.clone())).await.unwrap();
        let (reader, writer) = UnixStream::connect(&path).await.unwrap().into_split();
        Self { reader: BufReader::new(reader), writer, server, gate, _dir: dir }
    }

    /// A ledger that has just begun.
    pub async fn begin(disk: MemoryDisk, genesis: &Genesis) -> Self {
        let mut comet = Self::connect(app(disk, genesis)).await;
        comet.ask(request::Value::InitChain(init_chain(genesis))).await;
        comet
    }

    pub async fn stop(self) {
        drop((self.reader, self.writer));
        self.server.stop().await;
    }

    pub async fn ask(&mut self, value: request::Value) -> response::Value {
        self.ask_raw(Request { value: Some(value) }).await
    }

    pub async fn ask_raw(&mut self, request: Request) -> response::Value {
        write_frame(&mut self.writer, &request).await.unwrap();
        let response: Response = read_frame(&mut self.reader).await.unwrap().unwrap();
        response.value.unwrap()
    }

    pub async fn info(&mut self) -> ResponseInfo {
        let request = request::Value::Info(RequestInfo::default());
        let response::Value::Info(info) = self.ask(request).await else { panic!("no info") };
        info
    }

    pub async fn check(&mut self, tx: &[u8], again: bool) -> ResponseCheckTx {
        let r#type = if again { CheckTxType::Recheck } else { CheckTxType::New }.into();
        let request = RequestCheckTx { tx: Bytes::copy_from_slice(tx), r#type };
        let response::Value::CheckTx(checked) = self.ask(request::Value::CheckTx(request)).await else {
            panic!("no check")
        };
        checked
    }

    pub async fn prepare(&mut self, height: u64, txs: &[Vec<u8>], max_tx_bytes: i64) -> Vec<Vec<u8>> {
        let request = RequestPrepareProposal {
            max_tx_bytes,
            txs: txs.iter().cloned().map(Bytes::from).collect(),
            height: i64::try_from(height).unwrap(),
            ..Default::default()
        };
        let said = self.ask(request::Value::PrepareProposal(request)).await;
        let response::Value::PrepareProposal(prepared) = said else { panic!("no proposal: {said:?}") };
        prepared.txs.iter().map(|tx| tx.to_vec()).collect()
    }

    /// Whether a proposal is accepted.
    pub async fn accepts(&mut self, block: &RequestFinalizeBlock) -> bool {
        let said = self.ask(request::Value::ProcessProposal(proposal(block))).await;
        let response::Value::ProcessProposal(processed) = said else { panic!("no verdict: {said:?}") };
        processed.status() == response_process_proposal::ProposalStatus::Accept
    }

    pub async fn finalize(&mut self, block: &RequestFinalizeBlock) -> ResponseFinalizeBlock {
        let said = self.ask(request::Value::FinalizeBlock(block.clone())).await;
        let response::Value::FinalizeBlock(finalized) = said else { panic!("not finalized: {said:?}") };
        finalized
    }

    pub async fn commit(&mut self) {
        let said = self.ask(request::Value::Commit(RequestCommit {})).await;
        assert!(matches!(said, response::Value::Commit(_)), "{said:?}");
    }

    /// Executes and commits a block, and gives the root.
    pub async fn decide(&mut self, block: &RequestFinalizeBlock) -> Bytes {
        let finalized = self.finalize(block).await;
        self.commit().await;
        finalized.app_hash
    }

    /// What an exception says.
    pub async fn refused(&mut self, value: request::Value) -> String {
        match self.ask(value).await {
            response::Value::Exception(exception) => exception.error,
            other => panic!("no exception: {other:?}"),
        }
    }
}
