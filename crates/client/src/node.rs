//! A node of the ledger: what can be asked of it, as typed calls over any transport that speaks gRPC.
//!
//! Nothing that comes back is believed here; [`crate::verify`] does that.

mod attendant;
#[cfg(not(target_arch = "wasm32"))]
pub(crate) mod blobs;
mod busy;
#[cfg(not(target_arch = "wasm32"))]
pub(crate) mod connect;
mod error;
#[cfg(not(target_arch = "wasm32"))]
mod fetch;
mod gathering;
mod queries;
mod question;
mod queue;
#[cfg(not(target_arch = "wasm32"))]
mod reach;
mod transactions;

use std::future::Future;
use std::time::Duration;

use bytes::Bytes;
use prost::Message;
use tonic::body::Body;
use tonic::client::GrpcService;
use tonic::codegen::StdError;

pub use attendant::{Attend, Attendant, Waiting};
#[cfg(not(target_arch = "wasm32"))]
pub use blobs::PiecesCounted;
pub(crate) use busy::Pauses;
pub use error::{NodeError, UrlError};
#[cfg(not(target_arch = "wasm32"))]
pub use fetch::{Asked, Browser, FetchError, Fetched, Fetcher};
pub(crate) use gathering::Gathering;
pub use queries::{Page, TicketPage, TicketsBy};
pub(crate) use question::Question;
pub use queue::{QueueAsk, QueueOf, QueuePage};
#[cfg(not(target_arch = "wasm32"))]
pub use reach::Reach;
pub use transactions::TxResult;

use crate::time::{sleep, within};

/// The generated calls, by the names under which this crate knows their services.
mod calls {
    #![allow(missing_docs, unreachable_pub, dead_code, clippy::all, clippy::pedantic)]
    include!(concat!(env!("OUT_DIR"), "/calls.rs"));

    pub(super) use self::sealdesk::ledger::v1::{ledger, query as validator_queries};
    pub(super) use cosmos::tx::v1beta1::service as tx;
    pub(super) use virtengine::encryption::v1::query as encryption;
    pub(super) use virtengine::roles::v1::query as roles;
    pub(super) use virtengine::support::v1::query as support;
}

/// How long a node is waited for where nobody chooses another time, in seconds; see [`Node::with_patience`].
pub const PATIENCE_SECONDS_DEFAULT: u64 = 10;
/// The first pause before a node is asked again that was away or not ready; it doubles up to [`AGAIN_PAUSE_MAX`].
const AGAIN_PAUSE_MIN: Duration = Duration::from_millis(100);
/// The longest such pause.
const AGAIN_PAUSE_MAX: Duration = Duration::from_secs(2);
/// Largest answer that is taken, in bytes: a receipt of a ticket with 10,000 responses.
const ANSWER_BYTES_MAX: usize = 48 * 1_048_576;

/// What carries gRPC calls: tonic's channel, a browser's fetch, or the scripted node of the tests.
pub trait Transport:
    Clone
    + GrpcService<
        Body,
        Error: Into<StdError>,
        ResponseBody: http_body::Body<Data = Bytes, Error: Into<StdError> + Send> + Send + 'static,
    >
{
}

impl<T> Transport for T where
    T: Clone
        + GrpcService<
            Body,
            Error: Into<StdError>,
            ResponseBody: http_body::Body<Data = Bytes, Error: Into<StdError> + Send> + Send + 'static,
        >
{
}

/// A node, by its transport and the address that errors name.
#[derive(Debug, Clone)]
pub struct Node<T> {
    transport: T,
    address: String,
    patience: Duration,
    attendant: Attendant,
}

/// Asks for one answer, again where the node is busy.
macro_rules! ask {
    ($node:expr, $name:literal, $service:ident . $method:ident ( $request:expr )) => {
        $node.ask($name, $crate::node::calls::$service::$method(&$request)).await
    };
}
use ask;

impl<T: Transport> Node<T> {
    /// A node behind a transport that is there already.
    pub fn over(transport: T, address: impl Into<String>) -> Self {
        let patience = Duration::from_secs(PATIENCE_SECONDS_DEFAULT);
        Self { transport, address: address.into(), patience, attendant: Attendant::default() }
    }

    /// The same node; whoever waits for it hears of that from this attendant.
    #[must_use]
    pub fn attended_by(self, attendant: Attendant) -> Self {
        Self { attendant, ..self }
    }

    pub(crate) fn attendant(&self) -> &Attendant {
        &self.attendant
    }

    /// The same node, waited for so long: for an answer, for a proof that is not made yet, and to come back when it is away. On a
    /// slow machine or a slow network everything may take longer than [`PATIENCE_SECONDS_DEFAULT`].
    #[must_use]
    pub fn with_patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// How long this node is waited for.
    pub fn patience(&self) -> Duration {
        self.patience
    }

    /// What carries the calls, for whoever has some of their own.
    pub fn transport(&self) -> &T {
        &self.transport
    }

    /// The node's address, as given.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Asks for one answer, again where the node is busy.
    async fn ask<R: Message + Default>(
        &self,
        call: &'static str,
        question: Question<R>,
    ) -> Result<R, NodeError> {
        let (path, message) = question.into_parts();
        // On the heap, and of bytes alone: it is the same code for every call.
        let answer = Box::pin(self.ask_for_bytes(call, path, message)).await?;
        question::read(answer).map_err(|status| NodeError::of(self, call, &status))
    }

    async fn ask_for_bytes(
        &self,
        call: &'static str,
        path: &'static str,
        message: Bytes,
    ) -> Result<Bytes, NodeError> {
        self.ask_patiently(call, || self.carry(path, tonic::Request::new(message.clone()))).await
    }

    /// Waits for one answer, no longer than the patience. A node that is busy is asked again when it says so, as long as that is within
    /// the patience too.
    async fn ask_patiently<R, Asked>(
        &self,
        call: &'static str,
        attempt: impl Fn() -> Asked,
    ) -> Result<R, NodeError>
    where
        Asked: Future<Output = Result<tonic::Response<R>, tonic::Status>>,
    {
        let mut pauses = Pauses::within(self.patience);
        loop {
            let error = match self.ask_once(call, attempt()).await {
                Err(error @ NodeError::Busy { .. }) => error,
                other => return other.map(tonic::Response::into_inner),
            };
            if !self.pause(&mut pauses, &error).await {
                return Err(error);
            }
        }
    }

    /// Waits for one answer, no longer than the patience.
    async fn ask_once<R>(
        &self,
        call: &'static str,
        answer: impl Future<Output = Result<tonic::Response<R>, tonic::Status>>,
    ) -> Result<tonic::Response<R>, NodeError> {
        match within(self.patience, answer).await {
            Some(Ok(response)) => Ok(response),
            Some(Err(status)) => Err(NodeError::of(self, call, &status)),
            None => Err(self.silent(call)),
        }
    }

    /// Waits until a busy node may be asked again, and says so. False where that is beyond the patience.
    pub(crate) async fn pause(&self, pauses: &mut Pauses, error: &NodeError) -> bool {
        let NodeError::Busy { seconds, message, .. } = error else { return false };
        let Some(pause) = pauses.next(seconds.map(Duration::from_secs)) else { return false };
        let seconds = pause.as_secs().saturating_add(u64::from(pause.subsec_nanos() > 0));
        self.attendant.waits(&Waiting::Busy { why: message.clone(), seconds });
        sleep(pause).await;
        true
    }

    /// Asks again while the node is away or not ready, no longer than the patience; then gives the last error.
    async fn ask_again<R, Asked: Future<Output = Result<R, NodeError>>>(
        &self,
        call: &'static str,
        ask: impl Fn() -> Asked,
    ) -> Result<R, NodeError> {
        let mut last = None;
        let mut pause = AGAIN_PAUSE_MIN;
        let asking = async {
            loop {
                // On the heap: everything that reads proofs is made of this future, many times over.
                match Box::pin(ask()).await {
                    Err(error) if error.is_away() => last = Some(error),
                    other => return other,
                }
                sleep(pause).await;
                pause = (pause * 2).min(AGAIN_PAUSE_MAX);
            }
        };
        let answered = within(self.patience, asking).await;
        answered.unwrap_or_else(|| Err(last.unwrap_or_else(|| self.silent(call))))
    }

    /// The error of a call that had no answer.
    pub(crate) fn silent(&self, call: &'static str) -> NodeError {
        NodeError::Silent { node: self.address.clone(), call, seconds: self.patience.as_secs() }
    }
}
