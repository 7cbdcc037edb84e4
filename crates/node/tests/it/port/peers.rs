//! Pieces of files that a node lacks, from its peers: believed by their hash alone.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use http::StatusCode;
use sealdesk_node::home::Home;
use sealdesk_node::{Node, NodeConfig, run};
use sealdesk_protocol::attachment::{Attachment, BlobHash, Layout};
use sealdesk_protocol::genesis::{Genesis, GenesisValidator};
use sealdesk_protocol::ids::ChainId;
use sealdesk_testkit::files::create_with;
use sealdesk_testkit::scenario::{Cast, cast, create_at};
use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::super::desk::{self, waiting::until};
use super::connect;
use super::speaker::Speaker;

const PIECES: [&[u8]; 3] = [b"one", b"two", b"nobody has it"];

fn name(piece: &[u8]) -> String {
    hex::encode(Sha256::digest(piece))
}

fn genesis() -> Genesis {
    let Cast { mut desk, admin, customer, .. } = cast();
    let of_piece = |piece: &&[u8]| {
        let hash: BlobHash = Sha256::digest(piece).into();
        Attachment::new(Layout::of_file(1).unwrap(), vec![hash]).unwrap().to_wire()
    };
    let message = create_at(&desk, &customer, &[&admin, &customer], 0);
    desk.must(&customer, vec![create_with(message, PIECES.iter().map(of_piece).collect())]);
    let chain_id = ChainId::parse("desk-next").unwrap();
    let mut genesis = desk.machine.export(&desk.snapshot(), Some(&chain_id)).unwrap();
    genesis.validators.push(GenesisValidator::new(&desk::validator().public_key(), 10, "test"));
    genesis
}

/// A node whose peers are these, and which has these bytes under the names of these pieces.
async fn start(dir: &Path, peers: &[String], pieces: &[(&[u8], &[u8])]) -> Node {
    let home = Home::new(dir);
    home.init(genesis()).unwrap();
    for (piece, bytes) in pieces {
        let path = kept(dir, piece);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    let listed = peers.iter().map(|peer| format!("\"{peer}\"")).collect::<Vec<_>>().join(", ");
    std::fs::write(home.config_file(), format!("[blobs]\npeers = [{listed}]\n")).unwrap();
    let listen = Some("127.0.0.1:0".parse().unwrap());
    run(NodeConfig { home: dir.to_owned(), listen, ..NodeConfig::default() }).await.unwrap()
}

fn kept(dir: &Path, piece: &[u8]) -> std::path::PathBuf {
    let name = name(piece);
    Home::new(dir).data_dir().join("blobs").join(&name[..2]).join(name)
}

fn url(node: &Node) -> String {
    format!("http://{}", node.listening())
}

async fn get(node: &Node, piece: &[u8]) -> (StatusCode, Bytes) {
    let mut speaker: Speaker = connect(node.listening()).await;
    let answer = speaker.get("localhost", &format!("/blobs/{}", name(piece)), &[]).await;
    (answer.status(), answer.into_body())
}

/// Somebody who answers every question with the same three bytes, and counts the questions.
async fn liar() -> (String, Arc<AtomicUsize>, tokio::task::JoinHandle<()>) {
    let liar = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (url, asked) = (format!("http://{}", liar.local_addr().unwrap()), Arc::new(AtomicUsize::new(0)));
    let counted = asked.clone();
    let serving = tokio::spawn(async move {
        loop {
            let (mut stream, _) = liar.accept().await.unwrap();
            let _ = stream.read(&mut [0; 1_024]).await;
            counted.fetch_add(1, Ordering::SeqCst);
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nlie").await;
        }
    });
    (url, asked, serving)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_gets_what_it_lacks_from_its_peers_and_believes_the_hash_alone() {
    let [first, second, third] = [0; 3].map(|_| tempfile::tempdir().unwrap());
    let (lies, asked, serving) = liar().await;
    let has = start(first.path(), &[], &[(PIECES[0], PIECES[0]), (PIECES[1], PIECES[1])]).await;
    let lacks = start(second.path(), &[lies, url(&has)], &[]).await;
    until("the sweep fetches both", async || {
        let both = PIECES[..2].iter().all(|piece| kept(second.path(), piece).exists());
        if both { Ok(()) } else { Err("not yet") }
    })
    .await;
    for piece in &PIECES[..2] {
        assert_eq!(get(&lacks, piece).await, (StatusCode::OK, Bytes::from_static(piece)));
    }
    assert_eq!(asked.load(Ordering::SeqCst), 1, "who lies is not asked again in that sweep");
    assert!(!kept(second.path(), PIECES[2]).exists(), "a lie is not kept");
    assert_eq!(get(&lacks, PIECES[2]).await.0, StatusCode::NOT_FOUND);
    // One that is away keeps nothing from who is there.
    let asks = start(third.path(), &["http://127.0.0.1:9".to_owned(), url(&lacks)], &[]).await;
    until("the third has both from the second", async || {
        let both = PIECES[..2].iter().all(|piece| kept(third.path(), piece).exists());
        if both { Ok(()) } else { Err("not yet") }
    })
    .await;
    serving.abort();
    for node in [has, lacks, asks] {
        node.stop().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_does_not_start_with_peers_that_are_not_addresses() {
    let dir = tempfile::tempdir().unwrap();
    let home = Home::new(dir.path());
    home.init(genesis()).unwrap();
    std::fs::write(home.config_file(), "[blobs]\npeers = [\"desk2.example\"]\n").unwrap();
    let listen = Some("127.0.0.1:0".parse().unwrap());
    let started = run(NodeConfig { home: dir.path().to_owned(), listen, ..NodeConfig::default() }).await;
    let Err(error) = started else { panic!("it starts") };
    assert!(error.to_string().contains("'desk2.example' is not an address"), "{error}");
}
