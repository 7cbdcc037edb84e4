//! HTTP on both sides: [`accept`] takes the connections of those who ask this node, [`watched`] ends those whose peer has gone
//! silent, and [`client`] is how this node asks others.
//!
//! What a connection speaks is for its server to say: gRPC in [`crate::api`], Prometheus's text in [`crate::metrics`].

pub(crate) mod accept;
pub(crate) mod client;
pub(crate) mod watched;

pub use accept::Endpoint;
