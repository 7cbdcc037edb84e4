//! Where a node listens: at one address, where it was told to at those of Cosmos too, and for its metrics at another or the same.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use tokio::net::TcpListener;

use super::{NodeConfig, NodeError, start_failed};
use crate::home::{Config, DEFAULT_LISTEN};
use crate::port::{COSMOS_PORTS, Front};

/// What programs for Cosmos ask at each of their ports.
const COSMOS_SURFACES: [&str; 3] = ["rpc", "rest", "cosmos_grpc"];

/// Bound sockets, and what stands between them and what is answered.
#[derive(Debug)]
pub(super) struct Listening {
    /// The API's; the first is the node's own address.
    pub(super) api: Vec<TcpListener>,
    pub(super) front: Front,
    pub(super) metrics: MetricsAt,
    /// How each surface is reached.
    pub(super) addresses: BTreeMap<String, String>,
}

/// Where the metrics are read.
#[derive(Debug)]
pub(super) enum MetricsAt {
    Nowhere,
    /// At the API's own address.
    Here,
    Elsewhere(TcpListener),
}

/// Where a node would listen, and what would stand there between a connection and what is answered.
pub(super) struct Plan {
    own: SocketAddr,
    /// Every address by the name of what it is for, the node's own first.
    surfaces: Vec<(&'static str, SocketAddr)>,
    front: Front,
    metrics: Option<SocketAddr>,
}

/// What the node was told, judged as far as that goes without listening.
///
/// # Errors
/// [`NodeError`].
pub(super) fn plan(told: &NodeConfig, said: &Config) -> Result<Plan, NodeError> {
    let port = told.port.clone().or(said.port.clone());
    let own = told.listen.or(said.listen);
    let own = own.map_or_else(|| DEFAULT_LISTEN.parse().map_err(start_failed), Ok)?;
    let mut surfaces = vec![("grpc", own)];
    if port.cosmos_ports {
        let cosmos = COSMOS_SURFACES.into_iter().zip(COSMOS_PORTS);
        surfaces.extend(cosmos.map(|(name, port)| (name, SocketAddr::new(own.ip(), port))));
    }
    let listening: Vec<SocketAddr> = surfaces.iter().map(|(_, address)| *address).collect();
    let front = port.front(&listening)?;
    let metrics = told.metrics.or(said.metrics);
    match metrics.filter(|at| at.port() != 0 && said.comet.metrics == Some(*at)) {
        Some(at) => Err(NodeError::SameMetrics(at)),
        None => Ok(Plan { own, surfaces, front, metrics }),
    }
}

/// Listens where the node was told to, or where its configuration says.
///
/// # Errors
/// [`NodeError`]; nothing listens then.
pub(super) async fn listen(told: &NodeConfig, said: &Config) -> Result<Listening, NodeError> {
    let Plan { own, surfaces, front, metrics } = plan(told, said)?;
    let (mut api, mut addresses) = (Vec::new(), BTreeMap::new());
    for (name, address) in surfaces {
        // Its own port may be one of theirs.
        if name == "grpc" || address != own {
            let listener = bind(address).await?;
            addresses.insert(name.to_owned(), front.url(listener.local_addr().map_err(start_failed)?));
            api.push(listener);
        } else {
            addresses.insert(name.to_owned(), front.url(own));
        }
    }
    if let Some(public) = &front.names.public {
        addresses.insert("public".to_owned(), public.as_str().to_owned());
    }
    let metrics = match metrics {
        None => MetricsAt::Nowhere,
        Some(at) if at.port() != 0 && at == own => MetricsAt::Here,
        Some(at) => MetricsAt::Elsewhere(bind(at).await?),
    };
    match &metrics {
        MetricsAt::Nowhere => {}
        MetricsAt::Here => {
            let url = addresses.get("grpc").cloned().unwrap_or_default();
            addresses.insert("metrics".to_owned(), url + "/metrics");
        }
        MetricsAt::Elsewhere(listener) => {
            let address = listener.local_addr().map_err(start_failed)?;
            addresses.insert("metrics".to_owned(), format!("http://{address}/metrics"));
        }
    }
    Ok(Listening { api, front, metrics, addresses })
}

async fn bind(address: SocketAddr) -> Result<TcpListener, NodeError> {
    let listener = TcpListener::bind(address).await;
    listener.map_err(|error| NodeError::Listen { address: address.to_string(), error })
}
