//! How a stranger, or somebody who means well, reaches a desk: in plain text or over TLS.

use bytes::Bytes;
use sealdesk_node::port::PortConfig;
use sealdesk_testkit::authority::Authority;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpSocket, TcpStream};

use super::super::port::speaker::{Speaker, connect_from, shake_hands, words};
use super::*;

/// Bytes that a stranger's system keeps of what they do not read.
const SMALL_BYTES: u32 = 4_096;
const WEB: &str = "content-type: application/grpc-web+proto";
const CALL: &str = r#"{"jsonrpc":"2.0","id":1,"method":"status"}"#;

/// A connection, whatever it is made of.
pub trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Wire for S {}

/// See the module.
pub enum Way {
    Plain,
    Tls { authority: String, _files: tempfile::TempDir },
}

/// A desk, and the way to it.
pub async fn plain() -> (Desk, Way) {
    (Desk::start().await, Way::Plain)
}

/// The same over TLS.
pub async fn over_tls() -> (Desk, Way) {
    let (authority, files) = (Authority::new(), tempfile::tempdir().unwrap());
    let certified = authority.certify(&["localhost"]);
    let (cert, key) = (files.path().join("cert.pem"), files.path().join("key.pem"));
    std::fs::write(&cert, certified.cert).unwrap();
    std::fs::write(&key, certified.key).unwrap();
    let port = PortConfig { tls_cert: Some(cert), tls_key: Some(key), ..PortConfig::default() };
    let desk = Desk::told(NodeConfig { port, ..NodeConfig::default() }).await;
    (desk, Way::Tls { authority: authority.pem().to_owned(), _files: files })
}

/// A connection whose system keeps little of what is not read.
pub async fn small(desk: &Desk, from: Ipv4Addr) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(SMALL_BYTES).unwrap();
    socket.bind((from, 0).into()).unwrap();
    socket.connect(desk.node.listening()).await.unwrap()
}

impl Way {
    /// Speaks over a connection as this way does.
    pub async fn over(&self, stream: TcpStream, protocol: &[u8]) -> std::io::Result<Box<dyn Wire>> {
        Ok(match self {
            Self::Plain => Box::new(stream),
            Self::Tls { authority, .. } => {
                Box::new(shake_hands(stream, authority, "localhost", &[protocol]).await?)
            }
        })
    }

    /// Connects from an address.
    pub async fn connect(
        &self,
        desk: &Desk,
        from: Ipv4Addr,
        protocol: &[u8],
    ) -> std::io::Result<Box<dyn Wire>> {
        self.over(connect_from(from.into(), desk.node.listening()).await?, protocol).await
    }

    /// Speaks HTTP/2.
    pub async fn http2(&self, desk: &Desk, from: Ipv4Addr) -> Speaker {
        Speaker::http2(self.connect(desk, from, b"h2").await.unwrap()).await
    }

    /// Somebody who means well is answered, whichever HTTP they speak and whatever they ask.
    pub async fn is_answered(&self, desk: &Desk, from: Ipv4Addr) {
        let http1 = Speaker::http1(self.connect(desk, from, b"http/1.1").await.unwrap()).await;
        for mut speaker in [http1, self.http2(desk, from).await] {
            let status = speaker.get("localhost", "/api/v1/status", &[]).await;
            assert_eq!(status.status(), 200, "{}", words(&status));
            let call =
                speaker.request("POST /", "localhost", &["content-type: application/json"], CALL.into());
            assert!(words(&speaker.ask(call).await).contains("latest_block_height"));
            let call =
                speaker.request(&format!("POST {STATUS}"), "localhost", &[WEB], Bytes::from_static(&[0; 5]));
            assert!(words(&speaker.ask(call).await).contains("grpc-status:0"));
        }
    }

    /// What somebody is told who sends a transaction of so many bytes.
    pub async fn sends(&self, desk: &Desk, from: Ipv4Addr, bytes: usize) -> (u16, String) {
        self.hands_in(desk, from, ("/api/v1/transactions", bytes)).await
    }

    /// What JSON-RPC says to a request of so many bytes.
    pub async fn posts(&self, desk: &Desk, from: Ipv4Addr, bytes: usize) -> (u16, String) {
        self.hands_in(desk, from, ("/", bytes)).await
    }

    /// What is said to a request of so many bytes.
    pub async fn hands_in(&self, desk: &Desk, from: Ipv4Addr, (path, bytes): (&str, usize)) -> (u16, String) {
        let mut speaker = Speaker::http1(self.connect(desk, from, b"http/1.1").await.unwrap()).await;
        let body = Bytes::from(vec![0; bytes]);
        let request = speaker.request(
            &format!("POST {path}"),
            "localhost",
            &["content-type: application/octet-stream"],
            body,
        );
        let answer = speaker.ask(request).await;
        (answer.status().as_u16(), words(&answer))
    }
}
