//! HTTP on both sides: [`accept`] takes the connections of those who ask this node, and [`client`] is how this node asks others.
//!
//! Whoever can reach this node may be hostile, so all that they can make it hold is bounded, and all that they keep waiting for ends:
//! [`places`] bounds the connections, of all and of each [`source`]; [`activity`] ends those that do nothing, and [`watched`] those
//! whose peer has gone silent; [`body`] counts what arrives and what is not read yet in a [`budget`].
//!
//! What a connection speaks is for its server to say: gRPC in [`crate::api`], Prometheus's text in [`crate::metrics`].

pub(crate) mod accept;
pub(crate) mod activity;
pub(crate) mod body;
pub(crate) mod budget;
pub(crate) mod client;
mod places;
pub(crate) mod source;
pub(crate) mod watched;

use tonic::Status;

pub use accept::Endpoint;

/// Seconds after which whoever is told that this node is busy should ask again.
const RETRY_AFTER_SECONDS: u32 = 5;

/// "Not now": why, and when to come back, in words and, for programs, in the metadata `retry-after`, in seconds.
pub(crate) fn busy(why: &str) -> Status {
    let words = format!("the node is busy: {why}; try again in {RETRY_AFTER_SECONDS} seconds");
    let mut status = Status::resource_exhausted(words);
    status.metadata_mut().insert("retry-after", RETRY_AFTER_SECONDS.into());
    status
}
