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
use crate::node::connect::in_words;
use crate::time::within;
use crate::tls::{self, Authorities};

/// A connection that is opened when it is first needed.
#[derive(Clone)]
pub struct Connection {
    base: BaseUrl,
    carrier: Carrier,
}

#[derive(Clone)]
enum Carrier {
    /// To this computer alone.
    Plain(Client<HttpConnector, Full<Bytes>>),
    /// To everyone else.
    Tls(Client<HttpsConnector<HttpConnector>, Full<Bytes>>),
}

impl Connection {
    /// Prepares a connection; nothing is asked yet.
    ///
    /// # Errors
    /// [`NetError::Address`], [`NetError::Tls`] where this machine lists no authorities that could vouch for a node, or its
    /// processor is older than the TLS of this program.
    pub fn new(url: &str) -> Result<Self, NetError> {
        Self::believing(url, &Authorities::default())
    }

    /// [`Connection::new`] that believes these authorities too.
    ///
    /// # Errors
    /// As there.
    pub fn believing(url: &str, authorities: &Authorities) -> Result<Self, NetError> {
        let base = BaseUrl::parse(url)?;
        let mut plain = HttpConnector::new();
        plain.set_connect_timeout(Some(Duration::from_secs(SILENCE_SECONDS_MAX)));
        plain.set_nodelay(true);
        let builder = Client::builder(TokioExecutor::new());
        let carrier = if base.is_tls() {
            plain.enforce_http(false);
            let config = tls::config(authorities).map_err(|error| NetError::Tls(error.to_string()))?;
            let tls = HttpsConnectorBuilder::new().with_tls_config(config).https_only().enable_http1();
            Carrier::Tls(builder.build(tls.wrap_connector(plain)))
        } else {
            Carrier::Plain(builder.build(plain))
        };
        Ok(Self { base, carrier })
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
        let response = match &self.carrier {
            Carrier::Plain(client) => client.request(request).await,
            Carrier::Tls(client) => client.request(request).await,
        };
        let response = response.map_err(|error| unreachable(in_words(&error)))?;
        let status = response.status().as_u16();
        let retry_after = response.headers().get(header::RETRY_AFTER);
        let retry_after = retry_after.and_then(|seconds| seconds.to_str().ok()?.trim().parse().ok());
        let body = Limited::new(response.into_body(), ANSWER_BYTES_MAX).collect().await.map_err(|error| {
            match error.downcast_ref::<http_body_util::LengthLimitError>() {
                Some(_) => NetError::TooLong { node: self.base.as_str().to_owned() },
                None => unreachable(in_words(error.as_ref())),
            }
        })?;
        Ok(Answer { status, body: body.to_bytes().to_vec(), retry_after })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_to_another_machine_is_prepared_with_tls_or_says_why_not() {
        match Connection::new("https://api.example.org") {
            Ok(connection) => assert!(matches!(connection.carrier, Carrier::Tls(_))),
            Err(error) => assert!(matches!(error, NetError::Tls(_)), "{error}"),
        }
        let plain = Connection::new("http://127.0.0.1:1").unwrap();
        assert!(matches!(plain.carrier, Carrier::Plain(_)));
    }

    #[tokio::test]
    async fn a_node_that_is_not_there_is_named_with_the_networks_word() {
        // Port 1 of this machine: nobody listens, so that the connection is refused at once.
        let connection = Connection::new("http://127.0.0.1:1").unwrap();
        let asked = connection.ask(Question { path: "/v2/info".to_owned(), body: None }).await;
        assert!(matches!(asked, Err(NetError::Unreachable { node, .. }) if node == "http://127.0.0.1:1"));
    }
}
