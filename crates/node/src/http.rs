//! HTTP on both sides: [`accept`] takes the connections of those who ask this node, and [`client`] is how this node asks others,
//! at addresses that [`guard`] judges where others name them.
//!
//! Whoever can reach this node may be hostile, so all that they can make it hold is bounded, and all that they keep waiting for ends:
//! [`places`] bounds the connections, of all and of each [`source`]; [`activity`] ends those that do nothing, and [`watched`] and
//! [`liveness`] those whose peer has gone silent, and [`streams`] one answer of many; [`body`] counts what arrives and what is not read yet in a [`budget`].
//!
//! What a connection speaks is for its server to say: [`crate::port`], and Prometheus's text in [`crate::metrics`].

pub(crate) mod accept;
pub(crate) mod activity;
pub(crate) mod body;
pub(crate) mod budget;
pub(crate) mod client;
pub(crate) mod guard;
pub(crate) mod html;
pub(crate) mod liveness;
pub(crate) mod meter;
pub(crate) mod names;
pub(crate) mod places;
pub(crate) mod problem;
pub(crate) mod proxies;
pub(crate) mod retry;
pub(crate) mod source;
pub(crate) mod streams;
pub(crate) mod tls;
pub(crate) mod tls_client;
pub(crate) mod watched;

pub use accept::Endpoint;
pub use names::{Origin, Pages, PublicUrlError};
pub(crate) use retry::busy;
pub use tls::{TlsError, TlsFiles};
