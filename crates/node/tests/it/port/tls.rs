//! TLS on the port, with certificates of an authority that exists only here.

use std::path::PathBuf;

use http::StatusCode;
use sealdesk_node::http::TlsError;
use sealdesk_node::port::PortConfig;
use sealdesk_testkit::authority::{Authority, Certified};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::Port;
use super::speaker::{Speaker, connect_from, shake_hands, words};
use super::stranger;

const H2: &[u8] = b"h2";
const HTTP1: &[u8] = b"http/1.1";

/// A node that shows a certificate, and where its files are.
struct Certain {
    port: Port,
    authority: Authority,
    files: tempfile::TempDir,
}

fn write(files: &tempfile::TempDir, certified: &Certified) -> (PathBuf, PathBuf) {
    let (cert, key) = (files.path().join("cert.pem"), files.path().join("key.pem"));
    std::fs::write(&cert, &certified.cert).unwrap();
    std::fs::write(&key, &certified.key).unwrap();
    (cert, key)
}

impl Certain {
    async fn start() -> Self {
        let (authority, files) = (Authority::new(), tempfile::tempdir().unwrap());
        let (cert, key) = write(&files, &authority.certify(&["desk.example"]));
        let config = PortConfig {
            tls_cert: Some(cert),
            tls_key: Some(key),
            public_url: Some("https://desk.example".to_owned()),
            ..PortConfig::default()
        };
        Self { port: Port::start(config).await, authority, files }
    }

    async fn shake(&self, name: &str, protocols: &[&[u8]]) -> std::io::Result<Speaker> {
        let stream = TcpStream::connect(self.port.address()).await.unwrap();
        let stream = shake_hands(stream, self.authority.pem(), name, protocols).await?;
        Ok(match stream.get_ref().1.alpn_protocol() {
            Some(protocol) if protocol == H2 => Speaker::http2(stream).await,
            _ => Speaker::http1(stream).await,
        })
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tls_leads_to_the_protocol_that_both_speak() {
    let certain = Certain::start().await;
    assert!(certain.port.node.addresses()["grpc"].starts_with("https://127.0.0.1:"));
    for (offered, http2) in [(&[H2, HTTP1][..], true), (&[HTTP1], false), (&[], false)] {
        let mut speaker = certain.shake("desk.example", offered).await.unwrap();
        assert_eq!(matches!(speaker, Speaker::Http2(_)), http2, "{offered:?}");
        let answer = speaker.get("desk.example", "/", &["origin: https://desk.example"]).await;
        assert_eq!(answer.status(), StatusCode::OK);
        assert!(words(&answer).contains("https://desk.example/health"), "{answer:?}");
    }
    assert!(certain.shake("other.example", &[H2]).await.is_err(), "it has a certificate of its own name");
    assert!(certain.shake("desk.example", &[b"spdy/1"]).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_speaks_plain_http_to_tls_is_told_so() {
    let certain = Certain::start().await;
    let mut stream = TcpStream::connect(certain.port.address()).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: desk.example\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    // The rest of the request was never read, which the system may tell by a reset.
    let _ = stream.read_to_end(&mut answer).await;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    assert!(answer.starts_with("HTTP/1.1 400") && answer.contains("https://"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_is_read_again_and_bad_files_change_nothing() {
    let certain = Certain::start().await;
    let node = &certain.port.node;
    write(&certain.files, &certain.authority.certify(&["new.example"]));
    assert!(certain.shake("desk.example", &[H2]).await.is_ok(), "nobody has asked for it yet");
    node.reload_tls().unwrap();
    assert!(certain.shake("new.example", &[H2]).await.is_ok());
    assert!(certain.shake("desk.example", &[H2]).await.is_err());
    let other = certain.authority.certify(&["other.example"]);
    let good = certain.authority.certify(&["good.example"]);
    for (bad, word) in [
        (Certified { cert: other.cert.clone(), key: good.key }, "not the key"),
        (Certified { cert: String::new(), key: other.key.clone() }, "no certificate"),
        (Certified { cert: other.cert.clone(), key: "nonsense".to_owned() }, "no private key"),
    ] {
        write(&certain.files, &bad);
        let error = node.reload_tls().unwrap_err();
        assert!(error.to_string().contains(word), "{error}");
        assert!(!error.to_string().contains(&bad.key) || bad.key.is_empty());
        assert!(certain.shake("new.example", &[H2]).await.is_ok(), "{word}");
    }
    std::fs::remove_file(certain.files.path().join("key.pem")).unwrap();
    assert!(matches!(node.reload_tls(), Err(TlsError::Read { .. })));
    assert!(certain.shake("new.example", &[H2]).await.is_ok());
    let plain = Port::start(PortConfig::default()).await;
    assert!(matches!(plain.node.reload_tls(), Err(TlsError::None)));
}

#[tokio::test(flavor = "multi_thread")]
async fn handshakes_that_never_end_keep_nobody_out() {
    let certain = Certain::start().await;
    let to = certain.port.address();
    let mut silent = Vec::new();
    for number in 1..=34 {
        for _ in 0..16 {
            let mut stream = connect_from(stranger(number), to).await.unwrap();
            // The beginning of a handshake, whose rest never comes.
            stream.write_all(&[22, 3, 1, 2, 0, 1]).await.unwrap();
            silent.push(stream);
        }
    }
    for number in [100, 1] {
        let stream = connect_from(stranger(number), to).await.unwrap();
        let stream = shake_hands(stream, certain.authority.pem(), "desk.example", &[H2]).await.unwrap();
        let answer = Speaker::http2(stream).await.get("desk.example", "/health", &[]).await;
        assert_eq!(answer.status(), StatusCode::OK, "stranger {number}");
    }
    drop(silent);
}
