//! Somebody who speaks HTTP/1.1 or HTTP/2, over TCP or TLS.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response, Version};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpSocket, TcpStream};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// Connects from an address of this machine.
pub async fn connect_from(from: IpAddr, to: SocketAddr) -> std::io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind((from, 0).into())?;
    socket.connect(to).await
}

/// Shakes hands with whom an authority vouches for, offering these protocols.
pub async fn shake_hands(
    stream: TcpStream,
    authority: &str,
    name: &str,
    protocols: &[&[u8]],
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(authority.as_bytes()).unwrap()).unwrap();
    let mut config = ClientConfig::builder_with_provider(Arc::new(rustls_graviola::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
    let name = ServerName::try_from(name.to_owned()).unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, stream).await
}

/// One connection that requests can be sent on.
pub enum Speaker {
    Http1(http1::SendRequest<Full<Bytes>>),
    Http2(http2::SendRequest<Full<Bytes>>),
}

impl Speaker {
    /// Speaks HTTP/1.1.
    pub async fn http1(stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static) -> Self {
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        Self::Http1(sender)
    }

    /// Speaks HTTP/2 without having asked.
    pub async fn http2(stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static) -> Self {
        let (sender, connection) =
            http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        Self::Http2(sender)
    }

    /// Sends a request, and gives the answer as it comes.
    pub async fn begin(&mut self, request: Request<Full<Bytes>>) -> hyper::Result<Response<Incoming>> {
        match self {
            Self::Http1(sender) => {
                sender.ready().await?;
                sender.send_request(request).await
            }
            Self::Http2(sender) => {
                sender.ready().await?;
                sender.send_request(request).await
            }
        }
    }

    /// Sends a request, and gives the whole answer.
    pub async fn ask(&mut self, request: Request<Full<Bytes>>) -> Response<Bytes> {
        let (head, body) = self.begin(request).await.unwrap().into_parts();
        Response::from_parts(head, body.collect().await.unwrap().to_bytes())
    }

    /// Asks for a path of a host; `headers` are `name: value`.
    pub async fn get(&mut self, host: &str, path: &str, headers: &[&str]) -> Response<Bytes> {
        self.ask(self.request(&format!("GET {path}"), host, headers, Bytes::new())).await
    }

    /// A request as this protocol has it; `call` is a method and a path.
    pub fn request(&self, call: &str, host: &str, headers: &[&str], body: Bytes) -> Request<Full<Bytes>> {
        let (method, path) = call.split_once(' ').unwrap();
        let (uri, version) = match self {
            Self::Http1(_) => (path.to_owned(), Version::HTTP_11),
            Self::Http2(_) => (format!("http://{host}{path}"), Version::HTTP_2),
        };
        let mut request = Request::builder().method(method).uri(uri).version(version);
        if let Self::Http1(_) = self {
            request = request.header("host", host);
        }
        for header in headers {
            let (name, value) = header.split_once(": ").unwrap();
            request = request.header(name, value);
        }
        request.body(Full::new(body)).unwrap()
    }
}

/// The words of an answer.
pub fn words(answer: &Response<Bytes>) -> String {
    String::from_utf8_lossy(answer.body()).into_owned()
}
