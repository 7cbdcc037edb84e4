//! How a bucket is spoken to: the store's library signs and tries again, this machine's TLS and this program's hashes do the rest.

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

use bytes::Bytes;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::{HeaderValue, Uri, header};
use http_body_util::{BodyExt as _, Full};
use object_store::ClientOptions;
use object_store::client::{
    CryptoProvider, DigestAlgorithm, DigestContext, HmacContext, HttpClient, HttpConnector, HttpError,
    HttpErrorKind, HttpRequest, HttpResponse, HttpService, Signer, SigningAlgorithm,
};
use rustls::pki_types::ServerName;
use sha2::{Digest as _, Sha256};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tonic::async_trait;

use crate::http::client::{Bounds, ask};

/// The part of its library's errors that says where they come from.
const WHERE: &str = "S3";

/// One request after the other, each over a connection of its own.
#[derive(Clone)]
pub(super) struct Wire {
    pub(super) tls: Option<TlsConnector>,
    pub(super) bounds: Bounds,
    /// The status of the newest answer; 0 before the first.
    pub(super) status: Arc<AtomicU16>,
}

impl std::fmt::Debug for Wire {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Wire").field("bounds", &self.bounds).finish_non_exhaustive()
    }
}

impl HttpConnector for Wire {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(self.clone()))
    }
}

#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Failed(String);

fn failed(why: impl ToString) -> HttpError {
    let why = why.to_string();
    // What may have been done is asked for again only where that does no harm, which is everything here.
    HttpError::new(HttpErrorKind::Timeout, Failed(why))
}

#[async_trait]
impl HttpService for Wire {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let (mut head, body) = request.into_parts();
        let body = body.collect().await?.to_bytes();
        let authority = head.uri.authority().ok_or_else(|| failed("the address has no host"))?.clone();
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        let secure = head.uri.scheme_str() == Some("https");
        let port = authority.port_u16().unwrap_or(if secure { 443 } else { 80 });
        let named = HeaderValue::from_str(authority.as_str()).map_err(failed)?;
        head.headers.insert(header::HOST, named);
        let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
        head.uri = path.parse::<Uri>().map_err(failed)?;
        let request = http::Request::from_parts(head, Full::new(body));
        let tcp = TcpStream::connect((host.clone(), port));
        let answer = match (secure, &self.tls) {
            (false, _) => ask(tcp, request, self.bounds).await,
            (true, None) => Err("TLS is not there".to_owned()),
            (true, Some(tls)) => {
                let name = ServerName::try_from(host).map_err(failed)?;
                ask(async move { tls.connect(name, tcp.await?).await }, request, self.bounds).await
            }
        };
        let (head, body) = answer.map_err(failed)?.into_parts();
        self.status.store(head.status.as_u16(), Ordering::Relaxed);
        Ok(HttpResponse::from_parts(head, Bytes::into(body)))
    }
}

/// What requests are signed with.
#[derive(Debug)]
pub(super) struct Crypto;

struct Digesting(Option<Sha256>, [u8; 32]);

struct Authenticating(Option<Hmac<Sha256>>, [u8; 32]);

fn not_here(what: &str) -> object_store::Error {
    object_store::Error::Generic { store: WHERE, source: Box::new(Failed(format!("{what} is not here"))) }
}

impl CryptoProvider for Crypto {
    fn digest(&self, algorithm: DigestAlgorithm) -> object_store::Result<Box<dyn DigestContext>> {
        match algorithm {
            DigestAlgorithm::Sha256 => Ok(Box::new(Digesting(Some(Sha256::new()), [0; 32]))),
            _ => Err(not_here("that digest")),
        }
    }

    fn hmac(&self, algorithm: DigestAlgorithm, secret: &[u8]) -> object_store::Result<Box<dyn HmacContext>> {
        let mac = Hmac::<Sha256>::new_from_slice(secret).map_err(|_| not_here("a key of that length"))?;
        match algorithm {
            DigestAlgorithm::Sha256 => Ok(Box::new(Authenticating(Some(mac), [0; 32]))),
            _ => Err(not_here("that digest")),
        }
    }

    fn sign(&self, _: SigningAlgorithm, _: &[u8]) -> object_store::Result<Box<dyn Signer>> {
        Err(not_here("RSA"))
    }
}

impl DigestContext for Digesting {
    fn update(&mut self, data: &[u8]) {
        if let Some(hasher) = &mut self.0 {
            hasher.update(data);
        }
    }

    fn finish(&mut self) -> object_store::Result<&[u8]> {
        self.1 = self.0.take().ok_or_else(|| not_here("a digest that was taken"))?.finalize().into();
        Ok(&self.1)
    }
}

impl HmacContext for Authenticating {
    fn update(&mut self, data: &[u8]) {
        if let Some(mac) = &mut self.0 {
            mac.update(data);
        }
    }

    fn finish(&mut self) -> object_store::Result<&[u8]> {
        let mac = self.0.take().ok_or_else(|| not_here("a code that was taken"))?;
        self.1 = mac.finalize().into_bytes().into();
        Ok(&self.1)
    }
}

/// The signer of a store, shared.
pub(super) fn crypto() -> Arc<dyn CryptoProvider> {
    Arc::new(Crypto)
}
