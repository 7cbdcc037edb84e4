//! Whom a request is for, which page it is from, and whose it is behind a proxy.

use std::net::SocketAddr;

use http::{StatusCode, header};
use sealdesk_node::port::{PortConfig, PortError};
use sealdesk_node::{NodeConfig, NodeError, run};
use sealdesk_testkit::waiting::free_addresses;
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;

use super::speaker::{Speaker, connect_from, words};
use super::{Port, start_in, stranger};

async fn both(port: &Port) -> [Speaker; 2] {
    let connect = || TcpStream::connect(port.address());
    [Speaker::http1(connect().await.unwrap()).await, Speaker::http2(connect().await.unwrap()).await]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_somebody_gave_this_machine_is_refused() {
    let plain = Port::start(PortConfig::default()).await;
    let public = PortConfig { public_url: Some("https://Desk.example".to_owned()), ..PortConfig::default() };
    let public = Port::start(public).await;
    for (port, host, status) in [
        (&plain, "localhost", 200),
        (&plain, "LOCALHOST:1", 200),
        (&plain, "127.0.0.1:9090", 200),
        (&plain, "127.8.8.8", 200),
        (&plain, "[::1]:9090", 200),
        (&plain, "evil.example", 421),
        (&plain, "localhost.evil.example:9090", 421),
        (&plain, "192.0.2.7", 421),
        (&plain, "desk.example", 421),
        (&public, "desk.example", 200),
        (&public, "desk.example.:443", 200),
        (&public, "localhost", 200),
        (&public, "www.desk.example", 421),
    ] {
        for mut speaker in both(port).await {
            let answer = speaker.get(host, "/", &[]).await;
            assert_eq!(answer.status().as_u16(), status, "{host}: {answer:?}");
            assert!(status == 200 || words(&answer).contains("--public-url"), "{answer:?}");
        }
    }
    let [mut speaker, _] = both(&plain).await;
    let request = speaker.request("GET /", "localhost", &["host: evil.example"], Default::default());
    assert_eq!(speaker.ask(request).await.status(), StatusCode::MISDIRECTED_REQUEST, "both have to fit");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_its_own_pages_ask_a_node_and_those_that_the_operator_named() {
    let config = PortConfig {
        public_url: Some("https://desk.example".to_owned()),
        cors_origins: vec!["https://app.example".to_owned(), "chrome-extension://abcdef".to_owned()],
        ..PortConfig::default()
    };
    let port = Port::start(config).await;
    for (origin, may) in [
        ("http://localhost:1", true),
        ("https://desk.example", true),
        ("https://app.example", true),
        ("chrome-extension://abcdef", true),
        ("https://localhost:1", false),
        ("http://localhost:2", false),
        ("http://app.example", false),
        ("https://evil.example", false),
        ("https://desk.example:444", false),
        ("null", false),
    ] {
        for mut speaker in both(&port).await {
            let answer = speaker.get("localhost:1", "/health", &[&format!("origin: {origin}")]).await;
            let allowed = answer.headers().get(header::ACCESS_CONTROL_ALLOW_ORIGIN);
            let allowed = allowed.map(|value| value.to_str().unwrap().to_owned());
            match may {
                true => assert_eq!(allowed.as_deref(), Some(origin)),
                false => {
                    assert_eq!((answer.status(), &allowed), (StatusCode::FORBIDDEN, &None), "{origin}");
                    let told = words(&answer);
                    assert!(told.contains("--cors-origin"), "{answer:?}");
                    assert!(!told.contains("--cors-origin null"), "no node starts with that: {answer:?}");
                }
            }
        }
    }
    let [mut speaker, _] = both(&port).await;
    let preflight = [
        "origin: https://app.example",
        "access-control-request-method: POST",
        "access-control-request-headers: content-type,x-grpc-web",
    ];
    let request = speaker.request("OPTIONS /a.b.C/D", "localhost", &preflight, Default::default());
    let answer = speaker.ask(request).await;
    assert_eq!(answer.headers()[header::ACCESS_CONTROL_ALLOW_HEADERS], "content-type,x-grpc-web");
    assert_eq!(answer.headers()[header::ACCESS_CONTROL_ALLOW_ORIGIN], "https://app.example");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_in_plain_text_at_the_name_of_a_node_with_tls_is_not_its_own() {
    let public = "https://desk.example".to_owned();
    let config = PortConfig { public_url: Some(public), behind_proxy: true, ..PortConfig::default() };
    let port = Port::start(config).await;
    for (host, origin, status) in [
        ("desk.example", "https://desk.example", 200),
        ("desk.example", "http://desk.example", 403),
        // What the proxy speaks at an address nobody said.
        ("localhost:1", "http://localhost:1", 200),
        ("localhost:1", "https://localhost:1", 200),
    ] {
        for mut speaker in both(&port).await {
            let answer = speaker.get(host, "/health", &[&format!("origin: {origin}")]).await;
            assert_eq!(answer.status().as_u16(), status, "{host} {origin}: {answer:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn all_pages_may_ask_where_the_operator_says_so() {
    let config = PortConfig { cors_origins: vec!["*".to_owned()], ..PortConfig::default() };
    let port = Port::start(config).await;
    let [mut speaker, _] = both(&port).await;
    let answer = speaker.get("localhost", "/health", &["origin: https://any.example"]).await;
    assert_eq!(answer.headers()[header::ACCESS_CONTROL_ALLOW_ORIGIN], "https://any.example");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_other_machines_reach_without_tls_does_not_start_but_behind_a_proxy() {
    let dir = tempfile::tempdir().unwrap();
    let refused = start_in(&dir, PortConfig::default(), "0.0.0.0:0").await.unwrap_err();
    assert!(matches!(refused, NodeError::Port(PortError::Exposed(_))), "{refused}");
    let behind = PortConfig { behind_proxy: true, ..PortConfig::default() };
    let node = start_in(&dir, behind, "0.0.0.0:0").await.unwrap();
    let to = ([127, 0, 0, 1], node.listening().port()).into();
    let mut past = connect_from(stranger(1), to).await.unwrap();
    let mut told = String::new();
    // Nothing of what they say is read.
    past.read_to_string(&mut told).await.unwrap();
    assert!(told.starts_with("HTTP/1.1 403") && told.contains("through its proxy"), "{told}");
    let mut speaker = Speaker::http1(TcpStream::connect(to).await.unwrap()).await;
    assert_eq!(speaker.get("192.0.2.7", "/health", &[]).await.status(), StatusCode::OK);
    assert_eq!(speaker.get("evil.example", "/health", &[]).await.status(), StatusCode::MISDIRECTED_REQUEST);
    let page = speaker.get("localhost", "/health", &["origin: https://localhost"]).await;
    assert_eq!(page.status(), StatusCode::OK, "the proxy may speak TLS");
    node.stop().await.unwrap();
    let named =
        PortConfig { behind_proxy: true, proxies: vec!["127.0.2.0/28".to_owned()], ..PortConfig::default() };
    let node = start_in(&dir, named, "0.0.0.0:0").await.unwrap();
    let to = ([127, 0, 0, 1], node.listening().port()).into();
    let mut proxy = Speaker::http1(connect_from(stranger(1), to).await.unwrap()).await;
    assert_eq!(
        proxy.get("192.0.2.7", "/health", &[]).await.status(),
        StatusCode::OK,
        "it is one of the proxies"
    );
    node.stop().await.unwrap();
}

/// Every way in: a call, its headers, and its body.
const DOORS: [(&str, &[&str], &str); 15] = [
    ("GET /", &[], ""),
    ("GET /health", &[], ""),
    ("GET /metrics", &[], ""),
    ("GET /status", &[], ""),
    ("GET /broadcast_tx_sync?tx=0x00", &[], ""),
    ("POST /", &["content-type: text/plain"], r#"{"jsonrpc":"2.0","id":1,"method":"status"}"#),
    ("GET /websocket", &WEBSOCKET, ""),
    ("GET /api/v1/status", &[], ""),
    ("GET /api/v1/events", &[], ""),
    ("POST /api/v1/transactions", &["content-type: application/octet-stream"], "x"),
    ("GET /openapi.json", &[], ""),
    ("GET /cosmos/base/tendermint/v1beta1/node_info", &[], ""),
    ("POST /sealdesk.ledger.v1.Ledger/Status", &["content-type: application/grpc-web+proto"], "\0\0\0\0\0"),
    ("POST /sealdesk.ledger.v1.Ledger/Status", &["content-type: application/grpc"], "\0\0\0\0\0"),
    ("OPTIONS /sealdesk.ledger.v1.Ledger/Status", &["access-control-request-method: POST"], ""),
];
const WEBSOCKET: [&str; 4] = [
    "connection: upgrade",
    "upgrade: websocket",
    "sec-websocket-version: 13",
    "sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==",
];

#[tokio::test(flavor = "multi_thread")]
async fn no_door_is_open_to_another_name_or_to_pages_elsewhere() {
    const EVIL: &str = "origin: https://evil.example";
    const PICTURE: [&str; 3] =
        ["sec-fetch-site: cross-site", "sec-fetch-mode: no-cors", "sec-fetch-dest: image"];
    const NEAR: [&str; 3] = ["sec-fetch-site: same-site", "sec-fetch-mode: cors", "sec-fetch-dest: empty"];
    const FRAME: [&str; 3] =
        ["sec-fetch-site: cross-site", "sec-fetch-mode: navigate", "sec-fetch-dest: iframe"];
    const VISIT: [&str; 3] =
        ["sec-fetch-site: cross-site", "sec-fetch-mode: navigate", "sec-fetch-dest: document"];
    let (dir, address) = (tempfile::tempdir().unwrap(), free_addresses().next().unwrap());
    let node = start_metered(&dir, address).await;
    let host = address.to_string();
    for (call, headers, body) in DOORS {
        let http1 = Speaker::http1(TcpStream::connect(address).await.unwrap()).await;
        let http2 = Speaker::http2(TcpStream::connect(address).await.unwrap()).await;
        for mut speaker in [http1, http2] {
            if call.ends_with("websocket") && matches!(speaker, Speaker::Http2(_)) {
                continue;
            }
            let mut status = async |host: &str, more: &[&str]| {
                let request = speaker.request(call, host, &[headers, more].concat(), body.into());
                speaker.begin(request).await.unwrap().status().as_u16()
            };
            assert_eq!(status("evil.example:9090", &[]).await, 421, "{call}");
            for page in [&[EVIL][..], &["origin: null"], &PICTURE, &NEAR, &FRAME] {
                assert_eq!(status(&host, page).await, 403, "{call} {page:?}");
            }
            let (visited, expected) = (status(&host, &VISIT).await, call.starts_with("GET"));
            let broadcasts = call.contains("broadcast");
            assert_eq!(visited != 403, expected && !broadcasts, "{call}: a link may be followed: {visited}");
            if broadcasts {
                for browser in
                    ["user-agent: Mozilla/5.0", "sec-fetch-site: none", "referer: http://localhost/"]
                {
                    assert_eq!(status(&host, &[browser]).await, 403, "{call}: {browser}");
                }
                assert_ne!(status(&host, &["user-agent: curl/8"]).await, 403);
            }
        }
    }
    node.stop().await.unwrap();
}

/// A node whose metrics are read where it listens.
async fn start_metered(dir: &tempfile::TempDir, address: SocketAddr) -> sealdesk_node::Node {
    sealdesk_node::home::Home::new(dir.path()).init(super::desk::genesis()).unwrap();
    let (home, listen, metrics) = (dir.path().to_owned(), Some(address), Some(address));
    run(NodeConfig { home, listen, metrics, ..NodeConfig::default() }).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_that_make_no_sense_do_not_start() {
    let dir = tempfile::tempdir().unwrap();
    let wrong = |set: fn(&mut PortConfig)| {
        let mut config = PortConfig::default();
        set(&mut config);
        config
    };
    for (config, word) in [
        (wrong(|port| port.public_url = Some("https://desk.example/path".to_owned())), "path"),
        (wrong(|port| port.public_url = Some("desk.example".to_owned())), "URL"),
        (wrong(|port| port.public_url = Some("https://me:secret@desk.example".to_owned())), "password"),
        (wrong(|port| port.cors_origins = vec!["app".to_owned()]), "cors_origins"),
        (wrong(|port| port.tls_cert = Some("cert.pem".into())), "key"),
        (wrong(|port| port.proxies = vec!["10.0.0.1".to_owned()]), "behind"),
        (wrong(|port| (port.behind_proxy, port.proxies) = (true, vec!["ten".to_owned()])), "'ten'"),
        (wrong(|port| port.connections = Some(0)), "connections is 0"),
        (wrong(|port| port.subscribers_per_address = Some(257)), "together have 256"),
    ] {
        let refused = start_in(&dir, config, "127.0.0.1:0").await.unwrap_err().to_string();
        assert!(refused.contains(word) && !refused.contains("secret"), "{refused}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_worker_that_somebody_else_left_is_ended() {
    let port = Port::start(PortConfig::default()).await;
    for path in ["/sw.js", "/assets/index.js", "/icon.svg", "/"] {
        for mut speaker in both(&port).await {
            let answer = speaker.get("localhost:1", path, &["service-worker: script"]).await;
            let kind = answer.headers()[header::CONTENT_TYPE].to_str().unwrap();
            assert_eq!((answer.status(), kind), (StatusCode::OK, "text/javascript"), "{path}");
            assert!(words(&answer).contains("registration.unregister()"), "{path}: {answer:?}");
            let plain = speaker.get("localhost:1", path, &[]).await;
            assert!(!words(&plain).contains("unregister"), "{path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_own_service_workers_are_served_anew_each_time() {
    let port = Port::start(PortConfig::default()).await;
    for path in ["/notices.js", "/offline.js"] {
        for mut speaker in both(&port).await {
            let answer = speaker.get("localhost:1", path, &["service-worker: script"]).await;
            let Some(own) = sealdesk_node::page::file(path) else {
                assert!(words(&answer).contains("registration.unregister()"), "{path}: {answer:?}");
                continue;
            };
            assert_eq!(words(&answer).as_bytes(), own, "{path}");
            let header = |name| answer.headers().get(name).map(|value| value.to_str().unwrap());
            assert_eq!(header(header::CACHE_CONTROL), Some("no-cache"), "{path}");
            assert_eq!(header(header::CONTENT_TYPE), Some("text/javascript; charset=utf-8"), "{path}");
            assert!(header(header::CONTENT_SECURITY_POLICY).is_some(), "{path}");
            assert_eq!(answer.headers().get("service-worker-allowed"), None, "its place is its scope");
        }
    }
}
