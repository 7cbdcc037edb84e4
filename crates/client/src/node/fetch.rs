//! What a node serves to browsers, asked for as one asks.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Uri, header};
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::{Connect, HttpConnector};
use hyper_util::rt::TokioExecutor;

use super::connect::{in_words, parse};
use super::reach::{Connector, Reach};
use super::{NodeError, UrlError};
use crate::time::within;
use crate::tls::TlsFault;

/// As whom it asks. A node that has another page for programs than for people should take some trouble.
const BROWSER: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
/// What a browser takes where it comes to a page.
const VISIT: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
/// How long one file may take.
const FILE_WAIT: Duration = Duration::from_secs(60);
/// What the call is named in errors.
const CALL: &str = "its page";

/// Asks one node for its page.
pub struct Fetcher {
    uri: Uri,
    address: String,
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
    /// Every value of a header, in the order in which they came.
    pub fn all(&self, name: &str) -> Vec<String> {
        let values = self.headers.get_all(name).iter();
        values.map(|value| String::from_utf8_lossy(value.as_bytes()).trim().to_owned()).collect()
    }
}

impl Fetcher {
    /// Asks at a URL, `https://host` or `http://host:port`. Nobody is asked yet.
    ///
    /// # Errors
    /// [`NodeError::Url`], [`NodeError::Tls`].
    pub fn new(reach: &Reach, url: &str) -> Result<Self, NodeError> {
        let uri = parse(url)?;
        let mut builder = Client::builder(TokioExecutor::new());
        builder.http2_only(true);
        let by = match uri.scheme_str() {
            Some("https") => By::Tls(Box::new(builder.build(reach.connector()?))),
            _ => By::Plain(Box::new(builder.build(HttpConnector::new()))),
        };
        Ok(Self { uri, address: url.trim_end_matches('/').to_owned(), by })
    }

    /// The address, as given.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Asks for one thing, and takes at most so many bytes of it.
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
        let (accept, site, mode, dest) = match asked.is_visit {
            true => (VISIT, "none", "navigate", "document"),
            false => ("*/*", "same-origin", "cors", "empty"),
        };
        let request = Request::builder()
            .method(Method::GET)
            .uri(Uri::from_parts(parts).ok()?)
            .header(header::USER_AGENT, BROWSER)
            .header(header::ACCEPT, accept)
            .header(header::ACCEPT_ENCODING, asked.encoding)
            .header(header::ACCEPT_LANGUAGE, "en-US,en;q=0.5")
            .header("sec-fetch-dest", dest)
            .header("sec-fetch-mode", mode)
            .header("sec-fetch-site", site);
        request.body(Empty::new()).ok()
    }

    fn away(&self, error: &(dyn std::error::Error + 'static)) -> FetchError {
        let node = self.address.clone();
        FetchError::Node(match TlsFault::of(error) {
            Some(fault) => NodeError::NotBelieved { node, fault },
            None => NodeError::Unreachable { node, why: in_words(error) },
        })
    }
}
