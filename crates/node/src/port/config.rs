//! What an operator says of the port: TLS, names, pages, proxies, and for how many it has places.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use http::uri::Scheme;
use ipnet::IpNet;
use serde::Deserialize;
use thiserror::Error;

use super::capacity::Capacity;
use crate::http::names::{Names, Origin, Pages, PublicUrlError};
use crate::http::proxies::Proxies;
use crate::http::tls::{Tls, TlsError, TlsFiles};

/// Ports that programs for Cosmos ask unless they are told otherwise: JSON-RPC, REST, gRPC.
pub const COSMOS_PORTS: [u16; 3] = [26_657, 1_317, 9_090];

/// What the section `[port]` of `config.toml` may say, and the options of `start`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PortConfig {
    /// The certificate that is shown, and those that lead to an authority: a file of PEM.
    pub tls_cert: Option<PathBuf>,
    /// Its key: a file of PEM.
    pub tls_key: Option<PathBuf>,
    /// What others call this node: `https://desk.example`.
    pub public_url: Option<String>,
    /// Origins of pages that may ask this node beside its own, or `*` for all.
    #[serde(default)]
    pub cors_origins: Vec<String>,
    /// Whether a proxy stands in front, which speaks TLS and says whose each request is.
    #[serde(default)]
    pub behind_proxy: bool,
    /// Addresses or networks of such proxies, beside this machine.
    #[serde(default)]
    pub proxies: Vec<String>,
    /// Whether the node listens at the [`COSMOS_PORTS`] too.
    #[serde(default)]
    pub cosmos_ports: bool,
    /// Connections of strangers at the same time, and as many of proxies; 512 if absent.
    pub connections: Option<u32>,
    /// Those of one address; 16 if absent.
    pub connections_per_address: Option<u32>,
    /// Subscribers of what happens, at the same time; 256 if absent.
    pub subscribers: Option<u32>,
    /// Those of one address; 16 if absent.
    pub subscribers_per_address: Option<u32>,
}

/// Why a node cannot listen as it was told to.
#[derive(Debug, Error)]
pub enum PortError {
    /// Other machines reach the address, and nothing protects who asks.
    #[error(
        "{0} is reached from other machines, and without TLS everyone on the way sees who asks for what, and can change the answers"
    )]
    Exposed(SocketAddr),
    /// A certificate without a key, or a key without a certificate.
    #[error("TLS takes a certificate and its key, and only one of them was named")]
    HalfTls,
    /// The certificate cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// A name that is not a URL.
    #[error("{name}: {error}")]
    Url {
        /// Which setting.
        name: &'static str,
        /// What is wrong with it.
        #[source]
        error: PublicUrlError,
    },
    /// Not the address of a proxy.
    #[error("'{0}' is not the address of a proxy, such as 10.0.0.5 or 10.0.0.0/8")]
    Proxy(String),
    /// Proxies are named that would not be believed.
    #[error("proxies are named, but not that the node is behind one")]
    NoProxy,
    /// Not a number of places.
    #[error("{name} is {said}: write a number from 1 to 1000000")]
    Count {
        /// Which setting.
        name: &'static str,
        /// What it says.
        said: u32,
    },
    /// One address would have more places than there are.
    #[error("{name} is {one}, and all addresses together have {all}")]
    Share {
        /// Which setting.
        name: &'static str,
        /// What it says.
        one: usize,
        /// How many places there are.
        all: usize,
    },
    /// This process may not open as many files as it would have connections.
    #[error(
        "{connections} connections take up to {needed} open files with those of the ledger, and this process may open {limit}"
    )]
    Files {
        /// Connections that were asked for.
        connections: u32,
        /// Files that may then be open.
        needed: u64,
        /// How many may be.
        limit: u64,
    },
}

impl PortConfig {
    /// What was said at the start, and where nothing was, what the file says. A certificate and its key come from one place.
    #[must_use]
    pub fn or(self, file: Self) -> Self {
        let said = self.tls_cert.is_some() || self.tls_key.is_some();
        let (tls_cert, tls_key) =
            if said { (self.tls_cert, self.tls_key) } else { (file.tls_cert, file.tls_key) };
        let some = |said: Vec<String>, file| if said.is_empty() { file } else { said };
        Self {
            tls_cert,
            tls_key,
            public_url: self.public_url.or(file.public_url),
            cors_origins: some(self.cors_origins, file.cors_origins),
            behind_proxy: self.behind_proxy || file.behind_proxy,
            proxies: some(self.proxies, file.proxies),
            cosmos_ports: self.cosmos_ports || file.cosmos_ports,
            connections: self.connections.or(file.connections),
            connections_per_address: self.connections_per_address.or(file.connections_per_address),
            subscribers: self.subscribers.or(file.subscribers),
            subscribers_per_address: self.subscribers_per_address.or(file.subscribers_per_address),
        }
    }

    /// What all connections are judged by, once it is known where the node listens.
    ///
    /// # Errors
    /// [`PortError`].
    pub(crate) fn front(&self, listening: &[SocketAddr]) -> Result<Front, PortError> {
        let tls = match (&self.tls_cert, &self.tls_key) {
            (Some(cert), Some(key)) => Some(Tls::load(TlsFiles { cert: cert.clone(), key: key.clone() })?),
            (None, None) => None,
            _ => return Err(PortError::HalfTls),
        };
        let exposed = listening.iter().find(|address| !address.ip().to_canonical().is_loopback());
        if let Some(exposed) = exposed.filter(|_| tls.is_none() && !self.behind_proxy) {
            return Err(PortError::Exposed(*exposed));
        }
        let names = self.names(listening.iter().map(SocketAddr::ip).collect(), tls.is_some())?;
        let proxies = self.proxies(tls.is_none())?;
        let capacity = Capacity::of(self, proxies.kinds())?;
        Ok(Front { names, proxies, tls, capacity })
    }

    fn names(&self, listening: Vec<IpAddr>, tls: bool) -> Result<Names, PortError> {
        let public = self.public_url.as_deref().map(Origin::parse).transpose();
        let public = public.map_err(|error| PortError::Url { name: "public_url", error })?;
        let pages = if self.cors_origins.iter().any(|origin| origin == "*") {
            Pages::All
        } else {
            let origins = self.cors_origins.iter().map(|origin| Origin::of_pages(origin));
            let origins: Result<Vec<_>, _> = origins.collect();
            Pages::Of(origins.map_err(|error| PortError::Url { name: "cors_origins", error })?)
        };
        let own = if tls { Scheme::HTTPS } else { Scheme::HTTP };
        let scheme = (!self.behind_proxy || tls).then_some(own);
        Ok(Names { listening, public, pages, scheme })
    }

    /// Whom it believes about whose a request is. Without TLS nobody else may connect, so that nobody who gets past the proxy is answered in
    /// plain text.
    fn proxies(&self, alone: bool) -> Result<Proxies, PortError> {
        if !self.behind_proxy {
            return if self.proxies.is_empty() { Ok(Proxies::None) } else { Err(PortError::NoProxy) };
        }
        let networks = self.proxies.iter().map(|text| proxy_network(text)).collect::<Result<_, _>>()?;
        Ok(Proxies::At { networks, alone })
    }
}

/// Where proxies are: an address, or a network of them.
///
/// # Errors
/// [`PortError::Proxy`].
pub fn proxy_network(text: &str) -> Result<IpNet, PortError> {
    let network = text.parse::<IpNet>().ok();
    let network = network.or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from));
    network.ok_or_else(|| PortError::Proxy(text.to_owned()))
}

/// What stands between a connection and what is answered.
#[derive(Clone, Debug)]
pub(crate) struct Front {
    /// Whom requests have to be for, and from which pages.
    pub(crate) names: Names,
    /// Who is believed about whose a request is.
    pub(crate) proxies: Proxies,
    /// TLS, where the node speaks it.
    pub(crate) tls: Option<Tls>,
    /// For how many there are places.
    pub(crate) capacity: Capacity,
}

impl Front {
    /// How the node is reached at an address.
    pub(crate) fn url(&self, address: SocketAddr) -> String {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://{address}")
    }
}
