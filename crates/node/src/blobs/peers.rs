//! Pieces that messages name and this node does not have, from the nodes that its operator names: asked for in the sweeps, one piece at
//! a time. What a peer gives is believed by nothing but its hash.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Request, StatusCode, Uri, header};
use http_body_util::Full;
use rustls::pki_types::ServerName;
use sealdesk_protocol::attachment::{BLOB_BYTES_MAX, BlobHash};
use thiserror::Error;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::folder::is_of;
use crate::home::BlobsConfig;
use crate::http::client::{Bounds, ask};
use crate::http::tls_client::connector;

/// Most peers.
const PEERS_MAX: usize = 32;
/// What bounds a peer's answer.
const BOUNDS: Bounds = Bounds { body_bytes: BLOB_BYTES_MAX, wait: Duration::from_secs(10) };
/// How long one round asks on: sweeps, which come after it, do more than that.
const ROUND: Duration = Duration::from_secs(60);

/// Why peers cannot be asked as they are named.
#[derive(Debug, Error)]
pub(crate) enum PeersError {
    /// Not the address of a node.
    #[error(
        "peers in [blobs] of config.toml: '{0}' is not an address; write http://10.0.0.2:9090 or https://desk2.example"
    )]
    Address(String),
    /// Too many.
    #[error("peers in [blobs] of config.toml: {0} are too many; name at most {PEERS_MAX}")]
    TooMany(usize),
    /// TLS cannot be spoken.
    #[error("peers in [blobs] of config.toml: {0}")]
    Tls(String),
}

/// See the module.
pub(super) struct Peers {
    all: Vec<Peer>,
    tls: Option<TlsConnector>,
}

#[derive(Debug)]
struct Peer {
    host: String,
    port: u16,
    authority: String,
    /// The name that its certificate must have; `None` without TLS.
    name: Option<ServerName<'static>>,
}

/// One round of questions. A peer that stays away or gives other bytes is not asked again in it.
pub(super) struct Round<'a> {
    peers: Vec<&'a Peer>,
    tls: Option<&'a TlsConnector>,
    ends: Instant,
}

impl Peer {
    fn parse(text: &str) -> Option<Self> {
        let uri: Uri = text.parse().ok()?;
        let secure = match uri.scheme_str()? {
            "https" => true,
            "http" => false,
            _ => return None,
        };
        let authority = uri.authority()?;
        if !matches!(uri.path(), "" | "/") || uri.query().is_some() || authority.as_str().contains('@') {
            return None;
        }
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        let name = secure.then(|| ServerName::try_from(host.clone())).transpose().ok()?;
        let port = authority.port_u16().unwrap_or(if secure { 443 } else { 80 });
        Some(Self { host, port, authority: authority.to_string(), name })
    }
}

impl Peers {
    pub(super) fn new(config: &BlobsConfig) -> Result<Self, PeersError> {
        let found = config.peers.len();
        if found > PEERS_MAX {
            return Err(PeersError::TooMany(found));
        }
        let parsed = |text: &String| Peer::parse(text).ok_or_else(|| PeersError::Address(text.clone()));
        let all: Vec<Peer> = config.peers.iter().map(parsed).collect::<Result<_, _>>()?;
        let secure = all.iter().any(|peer| peer.name.is_some());
        let tls = secure.then(|| connector(config.ca.as_deref())).transpose().map_err(PeersError::Tls)?;
        Ok(Self { all, tls })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    pub(super) fn round(&self) -> Round<'_> {
        Round { peers: self.all.iter().collect(), tls: self.tls.as_ref(), ends: Instant::now() + ROUND }
    }
}

impl Round<'_> {
    /// Whether nobody is left to ask, or no time.
    pub(super) fn is_over(&self) -> bool {
        self.peers.is_empty() || Instant::now() >= self.ends
    }

    /// A piece from the first peer that has it.
    pub(super) async fn fetch(&mut self, hash: &BlobHash) -> Option<Bytes> {
        let mut next = 0;
        while let Some(peer) = self.peers.get(next).filter(|_| !self.is_over()) {
            match fetch_from(peer, self.tls, hash).await {
                Ok(Some(bytes)) if is_of(hash, &bytes) => return Some(bytes),
                Ok(None) => {
                    next += 1;
                    continue;
                }
                Ok(Some(_)) => {
                    let peer = &peer.authority;
                    tracing::warn!("{peer} gives other bytes for a piece of a file than its hash says");
                }
                Err(why) => tracing::warn!("{} gives no pieces of files: {why}", peer.authority),
            }
            self.peers.remove(next);
        }
        None
    }
}

async fn fetch_from(
    peer: &Peer,
    tls: Option<&TlsConnector>,
    hash: &BlobHash,
) -> Result<Option<Bytes>, String> {
    let request = Request::get(format!("/blobs/{}", hex::encode(hash)))
        .header(header::HOST, &peer.authority)
        .body(Full::new(Bytes::new()))
        .map_err(|error| error.to_string())?;
    let tcp = TcpStream::connect((peer.host.as_str(), peer.port));
    let answer = match (&peer.name, tls) {
        (Some(name), Some(tls)) => {
            let name = name.clone();
            ask(async move { tls.connect(name, tcp.await?).await }, request, BOUNDS).await?
        }
        _ => ask(tcp, request, BOUNDS).await?,
    };
    match answer.status() {
        StatusCode::OK => Ok(Some(answer.into_body())),
        StatusCode::NOT_FOUND => Ok(None),
        status => Err(status.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peer_is_an_address_of_a_node_and_nothing_else() {
        let of = |text: &str| Peer::parse(text).map(|peer| (peer.host, peer.port, peer.name.is_some()));
        assert_eq!(of("http://10.0.0.2:9090"), Some(("10.0.0.2".to_owned(), 9_090, false)));
        assert_eq!(of("https://desk2.example/"), Some(("desk2.example".to_owned(), 443, true)));
        assert_eq!(of("http://[::1]:7"), Some(("::1".to_owned(), 7, false)));
        for wrong in [
            "",
            "desk2.example",
            "ftp://desk2.example",
            "http://a@b",
            "http://b/path",
            "http://b/?q",
            "https://",
        ] {
            assert_eq!(of(wrong), None, "{wrong}");
        }
        let many = BlobsConfig { peers: vec!["http://b".to_owned(); 33], ..BlobsConfig::default() };
        assert!(matches!(Peers::new(&many), Err(PeersError::TooMany(33))));
    }
}
