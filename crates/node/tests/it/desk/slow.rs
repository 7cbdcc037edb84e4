//! A ledger whose engine answers when a test lets it, and that counts who asks.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use sealdesk_machine::Machine;
use sealdesk_node::blocks::{NoBlock, StoredBlock, StoredCommit, Waiting};
use sealdesk_node::ledger::{
    Ledger, LedgerView, NotSigned, Signed, SubmitError, Submitted, Tip, Turn, Waiter,
};
use sealdesk_protocol::block::ValidatorSet;
use sealdesk_protocol::codes::Refusal;
use sealdesk_protocol::engine::EngineKind;
use sealdesk_protocol::tx::Tx;
use serde_json::Value;
use tokio::sync::watch;
use tonic::async_trait;

/// See the module.
#[derive(Debug)]
pub struct Slow {
    inner: Arc<dyn Ledger>,
    open: watch::Sender<bool>,
    asked: AtomicUsize,
    working: AtomicUsize,
    read: AtomicUsize,
    /// What its CometBFT answers, if it has one.
    pub comet: Option<Value>,
    /// What every block is said to take.
    pub block_bytes: Option<u64>,
}

/// Work that the engine does, until this is dropped.
struct Working<'a>(&'a AtomicUsize);

impl Drop for Working<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Slow {
    pub fn new(inner: Arc<dyn Ledger>) -> Self {
        let [asked, working, read] = [(); 3].map(|()| AtomicUsize::new(0));
        Self { inner, open: watch::Sender::new(false), asked, working, read, comet: None, block_bytes: None }
    }

    /// From now on it answers at once.
    pub fn let_go(&self) {
        self.open.send_replace(true);
    }

    /// How often it was asked.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    /// How much it does at the moment.
    pub fn working(&self) -> usize {
        self.working.load(Ordering::SeqCst)
    }

    /// How often its state was read by its rules.
    pub fn read(&self) -> usize {
        self.read.load(Ordering::SeqCst)
    }

    async fn work(&self) {
        self.asked.fetch_add(1, Ordering::SeqCst);
        self.working.fetch_add(1, Ordering::SeqCst);
        let _working = Working(&self.working);
        let _ = self.open.subscribe().wait_for(|open| *open).await;
    }
}

#[async_trait]
impl Ledger for Slow {
    fn engine(&self) -> EngineKind {
        if self.comet.is_some() { EngineKind::Comet } else { self.inner.engine() }
    }

    fn view(&self) -> &LedgerView {
        self.inner.view()
    }

    fn machine(&self) -> &Machine {
        self.read.fetch_add(1, Ordering::SeqCst);
        self.inner.machine()
    }

    fn is_closed(&self) -> bool {
        self.inner.is_closed()
    }

    fn validators(&self) -> ValidatorSet {
        self.inner.validators()
    }

    fn check(&self, tx: &[u8]) -> Result<Option<Refusal>, SubmitError> {
        self.inner.check(tx)
    }

    fn refuses(&self, tx: &Tx) -> Option<Refusal> {
        self.inner.refuses(tx)
    }

    fn want_header(&self, height: u64) {
        self.inner.want_header(height);
    }

    async fn submit(
        self: Arc<Self>,
        tx: Vec<u8>,
        waiter: Option<Waiter>,
        turn: Turn,
    ) -> Result<Submitted, SubmitError> {
        self.inner.clone().submit(tx, waiter, turn).await
    }

    async fn signed(&self, tip: &Tip) -> Result<Signed, NotSigned> {
        self.inner.signed(tip).await
    }

    async fn block(&self, height: u64) -> Result<StoredBlock, NoBlock> {
        self.work().await;
        let mut block = self.inner.block(height).await?;
        block.bytes = self.block_bytes.unwrap_or(block.bytes);
        Ok(block)
    }

    async fn commit(&self, height: u64) -> Result<StoredCommit, NoBlock> {
        self.work().await;
        self.inner.commit(height).await
    }

    async fn waiting(&self) -> Waiting {
        self.work().await;
        self.inner.waiting().await
    }

    async fn ask_comet(&self, _method: &'static str, _params: Value) -> Option<Result<Value, String>> {
        let answer = self.comet.clone()?;
        self.work().await;
        Some(Ok(answer))
    }
}
