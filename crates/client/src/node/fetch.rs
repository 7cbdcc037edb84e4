//! What a node serves to browsers, asked for as one asks.

mod browser;

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Uri, header};
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::{Connect, HttpConnector};
use hyper_util::rt::TokioExecutor;

use super::connect::{in_words, parse};
use super::reach::{Connector, Reach, is_this_computer};
use super::{NodeError, UrlError};
use crate::time::within;
use crate::tls::TlsFault;

pub use browser::Browser;
use browser::Purpose;

/// How long one file may take.
const FILE_WAIT: Duration = Duration::from_secs(60);
/// What the call is named in errors.
const CALL: &str = "its page";

/// Asks one node for its page.
pub struct Fetcher {
    uri: Uri,
    address: String,
    /// Whether browsers take it that nobody listens in.
    is_secure: bool,
    by: By,
}

/// How the node is reached.
enum By {
    Plain(Box<Client<HttpConnector, Empty<Bytes>>>),
    Tls(Box<Client<Connector, Empty<Bytes>>>),
}

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// Which file or place.
    pub path: &'a str,
    /// As whom.
    pub browser: Browser,
    /// In which form.
    pub encoding: &'static str,
    /// Whether as somebody who comes to it, or as a part of the page.
    pub is_visit: bool,
}

/// What was answered.
#[derive(Debug)]
pub struct Fetched {
    /// The status.
    pub status: u16,
    headers: HeaderMap,
    /// The body as it was sent, packed or not.
    pub body: Bytes,
}

/// Why there is no whole answer.
#[derive(Debug)]
pub enum FetchError {
    /// The body is longer than was allowed.
    TooLong {
        /// How many bytes were.
        bytes: usize,
    },
    /// Something else.
    Node(NodeError),
}

impl Fetched {
    /// How many bytes its headers and its body take.
    pub fn size(&self) -> usize {
        let headers =
            self.headers.iter().map(|(name, value)| name.as_str().len().saturating_add(value.len()));
        headers.fold(self.body.len(), usize::saturating_add)
    }

    /// Every value of a header, in the order in which they came.
    pub fn all(&self, name: &str) -> Vec<String> {
        let values = self.headers.get_all(name).iter();
        values.map(|value| String::from_utf8_lossy(value.as_bytes()).trim().to_owned()).collect()
    }
}

impl Fetcher {
    /// Asks at a URL, `https://host` or `http://host:port`. Nobody is asked yet. As browsers do, it speaks HTTP/1.1 without TLS, and
    /// over TLS the newest of HTTP/1.1 and HTTP/2 that the node takes.
    ///
    /// # Errors
    /// [`NodeError::Url`], [`NodeError::Tls`].
    pub fn new(reach: &Reach, url: &str) -> Result<Self, NodeError> {
        let uri = parse(url)?;
        let mut builder = Client::builder(TokioExecutor::new());
        builder.http1_title_case_headers(true);
        let by = match uri.scheme_str() {
            Some("https") => By::Tls(Box::new(builder.build(reach.connector()?.of_every_version()))),
            _ => By::Plain(Box::new(builder.build(HttpConnector::new()))),
        };
        let is_secure = matches!(by, By::Tls(_)) || uri.host().is_some_and(is_this_computer);
        Ok(Self { uri, address: url.trim_end_matches('/').to_owned(), is_secure, by })
    }

    /// The address, as given.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Asks for one thing, and takes at most so many bytes of it, for at most a minute.
    ///
    /// # Errors
    /// [`FetchError`].
    pub async fn fetch(&self, asked: Asked<'_>, bytes_max: usize) -> Result<Fetched, FetchError> {
        let answer = async {
            match &self.by {
                By::Plain(client) => self.ask(client, asked, bytes_max).await,
                By::Tls(client) => self.ask(client, asked, bytes_max).await,
            }
        };
        within(FILE_WAIT, answer).await.unwrap_or_else(|| {
            let (node, seconds) = (self.address.clone(), FILE_WAIT.as_secs());
            Err(FetchError::Node(NodeError::Silent { node, call: CALL, seconds }))
        })
    }

    async fn ask<C>(
        &self,
        client: &Client<C, Empty<Bytes>>,
        asked: Asked<'_>,
        bytes_max: usize,
    ) -> Result<Fetched, FetchError>
    where
        C: Connect + Clone + Send + Sync + 'static,
    {
        let request = self.request(asked).ok_or(FetchError::Node(NodeError::Url(UrlError::Path)))?;
        let answer = client.request(request).await.map_err(|error| self.away(&error))?;
        let (head, body) = answer.into_parts();
        let body = Limited::new(body, bytes_max).collect().await;
        let body = body.map_err(|error| match error.downcast::<hyper::Error>() {
            Ok(error) => self.away(&*error),
            Err(_) => FetchError::TooLong { bytes: bytes_max },
        })?;
        Ok(Fetched { status: head.status.as_u16(), headers: head.headers, body: body.to_bytes() })
    }

    fn request(&self, asked: Asked<'_>) -> Option<Request<Empty<Bytes>>> {
        let mut parts = self.uri.clone().into_parts();
        parts.path_and_query = Some(asked.path.parse().ok()?);
        let purpose = if asked.is_visit { Purpose::Visit } else { Purpose::Part };
        let mut request = Request::builder()
            .method(Method::GET)
            .uri(Uri::from_parts(parts).ok()?)
            .body(Empty::new())
            .ok()?;
        *request.headers_mut() = asked.browser.headers(asked.path, purpose, self.is_secure);
        request.headers_mut().insert(header::ACCEPT_ENCODING, HeaderValue::from_static(asked.encoding));
        Some(request)
    }

    fn away(&self, error: &(dyn std::error::Error + 'static)) -> FetchError {
        let node = self.address.clone();
        FetchError::Node(match TlsFault::of(error) {
            Some(fault) => NodeError::NotBelieved { node, fault },
            None => NodeError::Unreachable { node, why: in_words(error) },
        })
    }
}
