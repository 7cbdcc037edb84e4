//! Whom a webhook reaches, and what an endpoint can do to a node.

use std::time::Duration;

use sealdesk_testkit::authority::Authority;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::super::{Condition, Endpoint, EndpointError, RetryPolicy, WebhookError};
use super::kit::{Desk, NOW, Receiver, Rule, quick};
use crate::http::tls::{Tls, TlsFiles};

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_is_not_public_is_reached_unless_the_operator_allows_it() {
    let (mut desk, receiver) = (Desk::new(quick()), Receiver::start().await);
    desk.happen(1);
    let port = receiver.address().port();
    // Each of these leads here: by itself, by a lookup, and by forms that only a lookup understands.
    for host in ["127.0.0.1", "localhost", "LOCALHOST.", "[::ffff:127.0.0.1]", "0.0.0.0"] {
        let url = format!("http://{host}:{port}/");
        let refused =
            desk.webhooks.add(&Endpoint { url, plain_http: true, ..Endpoint::default() }, None, NOW);
        let is_private = |error| matches!(error, WebhookError::Endpoint(EndpointError::NotPublic(_)));
        assert!(refused.is_err_and(is_private), "{host} is refused before anything is posted there");
    }
    for host in ["2130706433", "0x7f.1", "127.1"] {
        let id = desk
            .add_with(&receiver, |endpoint| {
                endpoint.url = format!("http://{host}:{port}/");
                endpoint.allowed = vec!["10.0.0.0/8".parse().unwrap()];
            })
            .await;
        let state = desk.comes_to(&id, |state| state.condition == Condition::Failing).await;
        assert!(
            state.why.contains("not an address of the public internet") || state.why.contains("not found"),
            "{state:?}"
        );
        desk.webhooks.remove(&id).unwrap();
    }
    assert_eq!(receiver.connections(), 0, "not even a connection is made");
    desk.add_with(&receiver, |endpoint| endpoint.url = format!("http://localhost:{port}/")).await;
    receiver.gets(1).await;
    desk.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_redirect_is_followed() {
    let (mut desk, receiver, other) = (Desk::new(quick()), Receiver::start().await, Receiver::start().await);
    for status in [301, 302, 303, 307, 308] {
        receiver.answers(Rule::With(status, "location", format!("http://{}/", other.address())));
        desk.happen(1);
        let id = desk.add(&receiver).await;
        let state = desk.comes_to(&id, |state| state.condition == Condition::Failing).await;
        assert!(state.why.contains("follows no redirect"), "{state:?}");
        desk.webhooks.remove(&id).unwrap();
    }
    assert_eq!(other.connections(), 0);
    desk.stop().await;
}

/// An endpoint that takes the request and then writes the same bytes for ever.
async fn endless(begin: &'static [u8], again: &'static [u8]) -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut bytes = [0; 4_096];
                let _ = stream.read(&mut bytes).await;
                let _ = stream.write_all(begin).await;
                while stream.write_all(again).await.is_ok() {
                    tokio::task::yield_now().await;
                }
            });
        }
    });
    address
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_without_end_is_cut_off() {
    let (mut desk, receiver) = (Desk::new(quick()), Receiver::start().await);
    desk.happen(1);
    let head =
        endless(b"HTTP/1.1 200 OK\r\n", b"x-more: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n")
            .await;
    let noise = endless(b"", b"not http at all ").await;
    for address in [head, noise] {
        let id = desk.add_with(&receiver, |endpoint| endpoint.url = format!("http://{address}/")).await;
        desk.comes_to(&id, |state| state.condition == Condition::Failing).await;
        desk.webhooks.remove(&id).unwrap();
    }
    // The head says that the message has arrived; what comes behind it is nobody's concern.
    let body = endless(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", b"4\r\naaaa\r\n").await;
    let id = desk.add_with(&receiver, |endpoint| endpoint.url = format!("http://{body}/")).await;
    let count = desk.feed(crate::feed::Cursor::start()).len() as u64;
    desk.comes_to(&id, |state| state.delivered == count).await;
    desk.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tls_is_that_of_the_host_and_of_an_authority_that_is_believed() {
    let (authority, files) = (Authority::new(), tempfile::tempdir().unwrap());
    let certified = authority.certify(&["localhost"]);
    let path = |name: &str| files.path().join(name);
    for (name, pem) in
        [("ca.pem", authority.pem()), ("cert.pem", &certified.cert), ("key.pem", &certified.key)]
    {
        std::fs::write(path(name), pem).unwrap();
    }
    let tls = Tls::load(TlsFiles { cert: path("cert.pem"), key: path("key.pem") }).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (port, receiver) = (listener.local_addr().unwrap().port(), Receiver::start().await);
    let serving = receiver.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (tls, serving) = (tls.clone(), serving.clone());
            tokio::spawn(async move {
                if let Ok(stream) = tls.accept(stream).await {
                    serving.serve(stream);
                }
            });
        }
    });
    let mut desk = Desk::new(RetryPolicy { wait: Duration::from_secs(10), ..quick() });
    desk.happen(1);
    let url = |host: &str| format!("https://{host}:{port}/hooks");
    for (host, ca, arrives) in
        [("localhost", false, false), ("127.0.0.1", true, false), ("localhost", true, true)]
    {
        let id = desk
            .add_with(&receiver, |endpoint| {
                endpoint.url = url(host);
                endpoint.plain_http = false;
                endpoint.ca = ca.then(|| path("ca.pem"));
            })
            .await;
        let wanted = if arrives { Condition::Delivering } else { Condition::Failing };
        let state =
            desk.comes_to(&id, |state| state.condition == wanted && (state.delivered > 0) == arrives).await;
        assert!(arrives || state.why.contains("TLS") || state.why.contains("authorit"), "{state:?}");
        desk.webhooks.remove(&id).unwrap();
    }
    assert!(receiver.got().iter().any(|got| receiver.believes(got)));
    desk.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_whose_authorities_cannot_be_read_says_so() {
    let (mut desk, receiver) = (Desk::new(quick()), Receiver::start().await);
    desk.happen(1);
    let id = desk
        .add_with(&receiver, |endpoint| {
            endpoint.url = "https://hooks.example/".to_owned();
            endpoint.ca = Some(desk.home().join("nothing.pem"));
        })
        .await;
    let state = desk.comes_to(&id, |state| state.condition == Condition::Disabled).await;
    assert!(state.why.contains("nothing.pem"), "{state:?}");
    desk.stop().await;
}
