//! The connection to a node: hyper, and rustls over graviola where the node is not on this computer.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

use super::net::{ANSWER_BYTES_MAX, Answer, BaseUrl, Body, Http, NetError, Question, SILENCE_SECONDS_MAX};
use crate::time::within;

/// A connection that is opened when it is first needed.
#[derive(Clone)]
pub struct Connection {
    base: BaseUrl,
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
}

impl Connection {
    /// Prepares a connection; nothing is asked yet.
    ///
    /// # Errors
    /// [`NetError::Address`], [`NetError::Tls`] where this machine lists no authorities that could vouch for a node.
    pub fn new(url: &str) -> Result<Self, NetError> {
        let base = BaseUrl::parse(url)?;
        let mut plain = HttpConnector::new();
        plain.set_connect_timeout(Some(Duration::from_secs(SILENCE_SECONDS_MAX)));
        plain.set_nodelay(true);
        plain.enforce_http(false);
        let config = if base.is_tls() { tls()? } else { tls_to_nobody()? };
        let builder = HttpsConnectorBuilder::new().with_tls_config(config);
        let connector = if base.is_tls() { builder.https_only() } else { builder.https_or_http() };
        let client =
            Client::builder(TokioExecutor::new()).build(connector.enable_http1().wrap_connector(plain));
        Ok(Self { base, client })
    }

    async fn ask_once(&self, question: Question) -> Result<Answer, NetError> {
        let unreachable = |why: String| NetError::Unreachable { node: self.base.as_str().to_owned(), why };
        let builder = Request::builder()
            .uri(format!("{}{}", self.base.as_str(), question.path))
            .header(header::USER_AGENT, "sealdesk")
            .header(header::ACCEPT, "application/json");
        let request = match question.body {
            None => builder.method("GET").body(Full::default()),
            Some(Body::Json(text)) => builder
                .method("POST")
                .header(header::CONTENT_TYPE, "application/json")
                .body(Full::new(text.into())),
            Some(Body::Bytes(bytes)) => builder
                .method("POST")
                .header(header::CONTENT_TYPE, "application/octet-stream")
                .body(Full::new(bytes.into())),
        };
        let request = request.map_err(|error| unreachable(error.to_string()))?;
        let response = self.client.request(request).await.map_err(|error| unreachable(innermost(&error)))?;
        let status = response.status().as_u16();
        let body = Limited::new(response.into_body(), ANSWER_BYTES_MAX).collect().await.map_err(|error| {
            match error.downcast_ref::<http_body_util::LengthLimitError>() {
                Some(_) => NetError::TooLong { node: self.base.as_str().to_owned() },
                None => unreachable(innermost(error.as_ref())),
            }
        })?;
        Ok(Answer { status, body: body.to_bytes().to_vec() })
    }
}

impl Http for Connection {
    async fn ask(&self, question: Question) -> Result<Answer, NetError> {
        let answer = within(Duration::from_secs(SILENCE_SECONDS_MAX), self.ask_once(question)).await;
        answer.unwrap_or_else(|| Err(NetError::Silent { node: self.base.as_str().to_owned() }))
    }

    fn address(&self) -> &str {
        self.base.as_str()
    }
}

/// TLS that believes the authorities which this machine believes.
fn tls() -> Result<rustls::ClientConfig, NetError> {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = rustls::RootCertStore::empty();
    let (added, _) = roots.add_parsable_certificates(found.certs);
    if added == 0 {
        let why = "this machine lists no certificate authorities; install its package of them".to_owned();
        return Err(NetError::Tls(why));
    }
    with_roots(roots)
}

/// For a connector that never encrypts: it would believe nobody.
fn tls_to_nobody() -> Result<rustls::ClientConfig, NetError> {
    with_roots(rustls::RootCertStore::empty())
}

fn with_roots(roots: rustls::RootCertStore) -> Result<rustls::ClientConfig, NetError> {
    let provider = std::sync::Arc::new(provider());
    let builder = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| NetError::Tls(error.to_string()))?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

fn provider() -> rustls::crypto::CryptoProvider {
    rustls_graviola::default_provider()
}

/// The innermost cause is what a person can act on: "connection refused".
fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}
