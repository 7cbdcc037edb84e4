//! How nodes elsewhere are reached: over TLS, and through the proxy that this machine's environment names.

use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::Uri;
use hyper_rustls::{DefaultServerNameResolver, HttpsConnector, HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tower_service::Service;

use crate::tls::{self, Authorities, TlsError};

/// Who is believed beside the authorities of this machine, and through which proxies nodes are reached. A node on this computer is
/// reached over no proxy, and needs no TLS.
#[derive(Clone, Debug)]
pub struct Reach {
    authorities: Authorities,
    proxies: Arc<Matcher>,
    /// For whom the node's certificate has to be, where that is not the host of its URL.
    name: Option<Arc<str>>,
}

impl Reach {
    /// Nodes as this machine reaches everything: `HTTPS_PROXY` or `ALL_PROXY` name a proxy, `NO_PROXY` the hosts that need none.
    pub fn of_machine() -> Self {
        Self { authorities: Authorities::default(), proxies: Arc::new(Matcher::from_env()), name: None }
    }

    /// Believes these authorities too.
    #[must_use]
    pub fn believing(mut self, authorities: Authorities) -> Self {
        self.authorities = authorities;
        self
    }

    /// Goes through this proxy, but to the hosts that need none; whatever the environment says.
    #[must_use]
    pub fn through(mut self, proxy: &str, no_proxy: &str) -> Self {
        self.proxies = Arc::new(Matcher::builder().https(proxy).no(no_proxy).build());
        self
    }

    /// Expects a certificate for this name: a node on this computer is reached by its address, and shows what others know it by.
    #[must_use]
    pub fn expecting(mut self, name: &str) -> Self {
        self.name = Some(name.into());
        self
    }

    /// What connects over TLS.
    pub(super) fn connector(&self) -> Result<Connector, TlsError> {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        let config = tls::config(&self.authorities)?;
        Ok(Connector { tcp, config, reach: self.clone(), versions: Versions::Http2 })
    }

    /// The proxy on the way to a node, as it may be shown: without the name and password that it may take.
    pub(super) fn proxy_to(&self, node: &Uri) -> Option<String> {
        self.intercept(node).map(|proxy| proxy.uri().to_string())
    }

    /// The proxy on the way to a node. What is said to this computer does not leave it, whatever the environment says.
    fn intercept(&self, node: &Uri) -> Option<Intercept> {
        if node.host().is_some_and(is_this_computer) { None } else { self.proxies.intercept(node) }
    }
}

/// Connects over TLS. Cheap to clone.
#[derive(Clone)]
pub(super) struct Connector {
    tcp: HttpConnector,
    config: ClientConfig,
    reach: Reach,
    versions: Versions,
}

/// What is spoken over TLS.
#[derive(Clone, Copy)]
enum Versions {
    /// HTTP/2 alone, as gRPC does.
    Http2,
    /// The newest that the other side takes, as browsers do.
    Every,
}

type BoxError = Box<dyn std::error::Error + Send + Sync>;
type Connected = MaybeHttpsStream<TokioIo<TcpStream>>;

impl Service<Uri> for Connector {
    type Response = Connected;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Connected, BoxError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, node: Uri) -> Self::Future {
        Box::pin(self.clone().connect(node))
    }
}

impl Connector {
    /// Speaks HTTP/1.1 with whoever does not speak HTTP/2.
    pub(super) fn of_every_version(self) -> Self {
        Self { versions: Versions::Every, ..self }
    }

    async fn connect(self, node: Uri) -> Result<Connected, BoxError> {
        let Self { tcp, config, reach, versions } = self;
        let proxy = reach.intercept(&node);
        match proxy {
            None => over_tls(config, reach.name, versions, tcp).call(node).await,
            Some(proxy) => over_tls(config, reach.name, versions, tunnel(&proxy, tcp)?).call(node).await,
        }
    }
}

/// TLS over a connection, with whoever has this name, or the host of the URL.
fn over_tls<C>(
    config: ClientConfig,
    name: Option<Arc<str>>,
    versions: Versions,
    below: C,
) -> HttpsConnector<C> {
    let builder = HttpsConnectorBuilder::new().with_tls_config(config).https_only();
    let builder = match name {
        None => builder.with_server_name_resolver(DefaultServerNameResolver::default()),
        Some(name) => {
            builder.with_server_name_resolver(move |_: &Uri| ServerName::try_from(name.to_string()))
        }
    };
    match versions {
        Versions::Http2 => builder.enable_http2().wrap_connector(below),
        Versions::Every => builder.enable_all_versions().wrap_connector(below),
    }
}

/// Whether a host is this computer.
pub(super) fn is_this_computer(host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host);
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let ip = bare.parse::<IpAddr>().map(|ip| ip.to_canonical());
    ip.map_or_else(|_| bare.eq_ignore_ascii_case("localhost"), |ip| ip.is_loopback() || ip.is_unspecified())
}

/// A tunnel through a proxy, by CONNECT.
fn tunnel(proxy: &Intercept, tcp: HttpConnector) -> Result<Tunnel<HttpConnector>, BoxError> {
    if proxy.uri().scheme_str() != Some("http") {
        return Err("of proxies, only those at http:// are spoken to".into());
    }
    let tunnel = Tunnel::new(proxy.uri().clone(), tcp);
    Ok(match proxy.basic_auth() {
        Some(auth) => tunnel.with_auth(auth.clone()),
        None => tunnel,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_to_this_computer_goes_through_no_proxy() {
        let reach = Reach::of_machine().through("http://proxy.example:3128", "");
        let proxy = |url: &str| reach.proxy_to(&url.parse().unwrap());
        for here in [
            "https://127.0.0.1:9090",
            "https://[::1]:1",
            "https://LocalHost",
            "https://localhost.:1",
            "https://0.0.0.0:1",
            "https://127.9.9.9",
        ] {
            assert_eq!(proxy(here), None, "{here}");
        }
        for elsewhere in ["https://desk.example", "https://10.0.0.1:9090", "https://localhost.example"] {
            assert!(proxy(elsewhere).is_some_and(|proxy| proxy.contains("proxy.example")), "{elsewhere}");
        }
    }
}
