//! How nodes elsewhere are reached: over TLS, and through the proxy that this machine's environment names.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::Uri;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use tokio::net::TcpStream;
use tower_service::Service;

use crate::tls::{self, Authorities, TlsError};

/// Who is believed beside the authorities of this machine, and through which proxies nodes are reached. A node on this computer is
/// reached over no proxy, and needs no TLS.
#[derive(Clone, Debug)]
pub struct Reach {
    authorities: Authorities,
    proxies: Arc<Matcher>,
}

impl Reach {
    /// Nodes as this machine reaches everything: `HTTPS_PROXY` or `ALL_PROXY` name a proxy, `NO_PROXY` the hosts that need none.
    pub fn of_machine() -> Self {
        Self { authorities: Authorities::default(), proxies: Arc::new(Matcher::from_env()) }
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

    /// What connects over TLS.
    pub(super) fn connector(&self) -> Result<Connector, TlsError> {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        let config = tls::config(&self.authorities)?;
        Ok(Connector { tcp, config, proxies: self.proxies.clone() })
    }

    /// The proxy on the way to a node, as it may be shown: without the name and password that it may take.
    pub(super) fn proxy_to(&self, node: &Uri) -> Option<String> {
        self.proxies.intercept(node).map(|proxy| proxy.uri().to_string())
    }
}

/// Connects over TLS. Cheap to clone.
#[derive(Clone)]
pub(super) struct Connector {
    tcp: HttpConnector,
    config: ClientConfig,
    proxies: Arc<Matcher>,
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
    async fn connect(self, node: Uri) -> Result<Connected, BoxError> {
        match self.proxies.intercept(&node) {
            None => over_tls(self.config, self.tcp).call(node).await,
            Some(proxy) => over_tls(self.config, tunnel(&proxy, self.tcp)?).call(node).await,
        }
    }
}

fn over_tls<C>(config: ClientConfig, below: C) -> HttpsConnector<C> {
    HttpsConnectorBuilder::new().with_tls_config(config).https_only().enable_http2().wrap_connector(below)
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
