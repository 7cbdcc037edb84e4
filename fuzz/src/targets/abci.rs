//! What comes through the socket that CometBFT drives the replicated ledger by: messages, and whole conversations.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use prost::Message as _;
use sealdesk_machine::BlockContext;
use sealdesk_node::comet::{App, FrameError, Setup, read_frame};
use sealdesk_node::ledger::Ledger as _;
use sealdesk_protocol::genesis::{Genesis, GenesisValidator};
use sealdesk_protocol::messages::to_any;
use sealdesk_protocol::wire::cosmos::tx::v1beta1::TxBody;
use sealdesk_store::testing::MemoryDisk;
use tendermint_proto::google::protobuf::Timestamp;
use tendermint_proto::v0_38::abci::{
    CheckTxType, Request, RequestCheckTx, RequestCommit, RequestFinalizeBlock, RequestFlush, RequestInfo,
    RequestInitChain, RequestPrepareProposal, RequestProcessProposal, RequestQuery, ValidatorUpdate, request,
    response,
};
use tendermint_proto::v0_38::crypto::{PublicKey, public_key};

use crate::people::{administrator, chain_id, prefix, registration, sign};
use crate::{Outcome, Target};

/// Unix seconds of the genesis.
const BEGAN: i64 = 1_700_000_000;

pub(super) fn targets() -> Vec<Target> {
    let target = |name, run, seeds| Target { name, bytes_max: 8_192, run, seeds, contains_panics: false };
    vec![target("abci_frame", frame, frame_seeds), target("abci_conversation", conversation, conversations)]
}

/// The next message of a stream that is there whole, so that reading never waits.
fn next(stream: &mut &[u8]) -> Result<Option<Request>, FrameError> {
    match pin!(read_frame(stream)).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(read) => read,
        Poll::Pending => panic!("reading waits for what is there"),
    }
}

/// One message: what was read is the same when it is written and read again.
fn frame(data: &[u8]) -> Outcome {
    let read = next(&mut &data[..]);
    if let Ok(Some(request)) = &read {
        let again = request.encode_length_delimited_to_vec();
        assert!(next(&mut again.as_slice()).is_ok_and(|same| same.as_ref() == Some(request)));
    }
    if matches!(read, Ok(Some(_))) { Outcome::Accepted } else { Outcome::Refused }
}

fn frame_seeds() -> Vec<Vec<u8>> {
    all().into_iter().flatten().map(framed).collect()
}

/// Messages one after the other, to a ledger that has just begun: whatever is asked in whatever order, there is an answer, and
/// only a block that was executed and committed moves the state.
fn conversation(data: &[u8]) -> Outcome {
    let (mut stream, app) = (data, ledger());
    let mut outcome = Outcome::Refused;
    while let Ok(Some(request)) = next(&mut stream) {
        let commits = matches!(request.value, Some(request::Value::Commit(_)));
        let (height, root) = (app.height(), app.root());
        let answer = app.answer(request).value.expect("every request has an answer");
        let refused = matches!(answer, response::Value::Exception(_));
        if commits && !refused {
            assert!(app.height() == height + 1, "a commit is one block");
        } else {
            assert!((app.height(), app.root()) == (height, root), "the state moved without a commit");
        }
        assert!(app.handle().tip().height == app.height(), "what is shown is not what is there");
        if !refused {
            outcome = Outcome::Accepted;
        }
    }
    outcome
}

fn conversations() -> Vec<Vec<u8>> {
    all().into_iter().map(|values| values.into_iter().flat_map(framed).collect()).collect()
}

fn framed(value: request::Value) -> Vec<u8> {
    Request { value: Some(value) }.encode_length_delimited_to_vec()
}

fn genesis() -> Genesis {
    let validator = GenesisValidator::new(administrator().signing.public().as_bytes(), 1, "node");
    Genesis::new(&chain_id(), &prefix(), BEGAN, &[administrator().address()], validator).expect("a new desk")
}

fn ledger() -> App {
    let (disk, genesis) = (MemoryDisk::new(), genesis());
    App::open(Setup { disk, genesis, rpc: None, retain_blocks: None, snapshots: None }).expect("a new ledger")
}

fn init_chain() -> RequestInitChain {
    let genesis = genesis();
    let key = PublicKey { sum: Some(public_key::Sum::Ed25519(genesis.validators[0].pub_key.value.clone())) };
    RequestInitChain {
        chain_id: genesis.chain_id.clone(),
        validators: vec![ValidatorUpdate { pub_key: Some(key), power: 1 }],
        app_state_bytes: serde_json::to_vec(&genesis.app_state).expect("it was read from JSON").into(),
        initial_height: 1,
        ..RequestInitChain::default()
    }
}

/// Conversations as an honest CometBFT holds them, and pieces of such.
fn all() -> Vec<Vec<request::Value>> {
    use request::Value as Ask;
    let body = TxBody { messages: vec![to_any(&registration(administrator()))], ..TxBody::default() };
    let tx = sign(&body.encode_to_vec(), &[(administrator(), 0)]);
    let time = |seconds| Some(Timestamp { seconds: BEGAN + seconds, nanos: 5 });
    let first = BlockContext { height: 1, time: BEGAN };
    let height = i64::try_from(first.height).expect("a small number");
    let txs = vec![tx.clone().into()];
    let check = |kind: CheckTxType| RequestCheckTx { tx: tx.clone().into(), r#type: kind.into() };
    let block = |txs: &[_], seconds| RequestFinalizeBlock {
        txs: txs.to_vec(),
        height: height + seconds,
        time: time(seconds),
        ..RequestFinalizeBlock::default()
    };
    let prepare = RequestPrepareProposal {
        max_tx_bytes: 1 << 20,
        txs: txs.clone(),
        height,
        time: time(0),
        ..RequestPrepareProposal::default()
    };
    let process = RequestProcessProposal {
        txs: txs.clone(),
        height,
        time: time(0),
        ..RequestProcessProposal::default()
    };
    let query =
        RequestQuery { path: "/state".to_owned(), data: b"a".to_vec().into(), height: 0, prove: true };
    vec![
        vec![
            Ask::Info(RequestInfo::default()),
            Ask::InitChain(init_chain()),
            Ask::CheckTx(check(CheckTxType::New)),
            Ask::Flush(RequestFlush {}),
            Ask::PrepareProposal(prepare.clone()),
            Ask::ProcessProposal(process.clone()),
            Ask::FinalizeBlock(block(&txs, 0)),
            Ask::Commit(RequestCommit {}),
            Ask::CheckTx(check(CheckTxType::Recheck)),
            Ask::FinalizeBlock(block(&[], 1)),
            Ask::Commit(RequestCommit {}),
        ],
        vec![Ask::Query(query), Ask::PrepareProposal(prepare), Ask::ProcessProposal(process)],
        vec![
            Ask::FinalizeBlock(block(&[], 0)),
            Ask::FinalizeBlock(block(&txs, 0)),
            Ask::Commit(RequestCommit {}),
        ],
        vec![Ask::CheckTx(check(CheckTxType::New)), Ask::CheckTx(check(CheckTxType::New))],
    ]
}
