//! A node of the ledger: what can be asked of it, as typed calls over any transport that speaks gRPC.
//!
//! Nothing that comes back is believed here; [`crate::verify`] does that.

#[cfg(not(target_arch = "wasm32"))]
pub(crate) mod connect;
mod error;
mod queries;
mod transactions;

use std::future::Future;
use std::time::Duration;

use bytes::Bytes;
use tonic::body::Body;
use tonic::client::GrpcService;
use tonic::codegen::StdError;

pub use error::{NodeError, UrlError};
pub use queries::{Page, TicketPage, TicketsBy};
pub use transactions::TxResult;

use crate::time::within;

/// The generated clients.
mod stubs {
    #![allow(missing_docs, unreachable_pub, clippy::all, clippy::pedantic)]
    include!(concat!(env!("OUT_DIR"), "/stubs.rs"));
}

/// How long a node may be silent before a call ends, in seconds.
pub const SILENCE_SECONDS_MAX: u64 = 10;
/// [`SILENCE_SECONDS_MAX`] as a duration.
pub(crate) const SILENCE_MAX: Duration = Duration::from_secs(SILENCE_SECONDS_MAX);
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
}

macro_rules! stub {
    ($name:ident, $client:path) => {
        fn $name(&self) -> $client {
            <$client>::new(self.transport.clone()).max_decoding_message_size(ANSWER_BYTES_MAX)
        }
    };
}

impl<T: Transport> Node<T> {
    /// A node behind a transport that is there already.
    pub fn over(transport: T, address: impl Into<String>) -> Self {
        Self { transport, address: address.into() }
    }

    /// The node's address, as given.
    pub fn address(&self) -> &str {
        &self.address
    }

    stub!(support, stubs::virtengine::support::v1::query_client::QueryClient<T>);
    stub!(roles, stubs::virtengine::roles::v1::query_client::QueryClient<T>);
    stub!(encryption, stubs::virtengine::encryption::v1::query_client::QueryClient<T>);
    stub!(ledger, stubs::sealdesk::ledger::v1::ledger_client::LedgerClient<T>);
    stub!(validator_queries, stubs::sealdesk::ledger::v1::query_client::QueryClient<T>);
    stub!(tx, stubs::cosmos::tx::v1beta1::service_client::ServiceClient<T>);

    /// Waits for one answer, no longer than [`SILENCE_SECONDS_MAX`].
    async fn ask<R>(
        &self,
        call: &'static str,
        answer: impl Future<Output = Result<tonic::Response<R>, tonic::Status>>,
    ) -> Result<R, NodeError> {
        match within(SILENCE_MAX, answer).await {
            Some(Ok(response)) => Ok(response.into_inner()),
            Some(Err(status)) => Err(NodeError::of(self, call, &status)),
            None => Err(NodeError::Silent { node: self.address.clone(), call, seconds: SILENCE_SECONDS_MAX }),
        }
    }
}
