//! Pieces of files: who may bring them, what is kept, and what is never served.

use std::fs::File;
use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::{Response, StatusCode, header};
use sealdesk_node::home::Home;
use sealdesk_node::port::PortConfig;
use sealdesk_node::{Node, NodeConfig, run};
use sealdesk_protocol::attachment::{Attachment, BLOB_BYTES_MAX, BlobHash, Layout};
use sealdesk_protocol::genesis::{Genesis, GenesisValidator};
use sealdesk_protocol::ids::ChainId;
use sealdesk_protocol::node_request::{NodeRequest as _, SignedRequest};
use sealdesk_protocol::upload::Upload;
use sealdesk_testkit::files::create_with;
use sealdesk_testkit::people::Person;
use sealdesk_testkit::scenario::{Cast, cast, create_at, set_state};
use sha2::{Digest as _, Sha256};
use tokio::net::TcpStream;

use super::super::desk::{self, waiting::until};
use super::speaker::{Speaker, words};
use super::{Port, connect};

pub(super) fn hash(piece: &[u8]) -> BlobHash {
    Sha256::digest(piece).into()
}

pub(super) fn path(piece: &[u8]) -> String {
    format!("/blobs/{}", hex::encode(hash(piece)))
}

/// A piece as small as one can be.
pub(super) fn sealed(text: &[u8]) -> Vec<u8> {
    let mut piece = text.to_vec();
    piece.resize(4_112, 0);
    piece
}

/// What a person signs to bring a piece, made so many seconds ago.
pub(super) fn signed(node: &Node, person: &Person, piece: &[u8], ago: i64) -> String {
    let ledger = node.ledger();
    let machine = ledger.machine();
    let now = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap();
    let (account, made) = (person.address.clone(), now - ago);
    let upload = Upload {
        ledger: machine.chain_id(),
        identity: machine.identity(),
        blob: &hash(piece),
        bytes: piece.len().try_into().unwrap(),
    };
    let signature = person.sign_text(&upload.text(&account, made)).try_into().unwrap();
    SignedRequest { account, made, public_key: person.public, signature }.to_header::<Upload<'_>>()
}

pub(super) async fn put(
    speaker: &mut Speaker,
    piece: &[u8],
    as_path: &str,
    authorization: &str,
) -> Response<Bytes> {
    let authorization = format!("authorization: {authorization}");
    let headers = [authorization.as_str()];
    let request =
        speaker.request(&format!("PUT {as_path}"), "localhost", &headers, Bytes::copy_from_slice(piece));
    speaker.ask(request).await
}

impl Port {
    async fn speaker(&self) -> Speaker {
        connect(self.address()).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_piece_is_kept_for_who_signs_for_it_and_given_to_everyone() {
    let port = Port::start(PortConfig::default()).await;
    let (admin, piece) = (Person::number(0), vec![7; BLOB_BYTES_MAX]);
    let stream = TcpStream::connect(port.address()).await.unwrap();
    for mut speaker in [Speaker::http1(stream).await, port.speaker().await] {
        let authorization = signed(&port.node, &admin, &piece, 0);
        let kept = put(&mut speaker, &piece, &path(&piece), &authorization).await;
        assert!([StatusCode::CREATED, StatusCode::OK].contains(&kept.status()), "{kept:?}");
        let again = put(&mut speaker, &piece, &path(&piece), "").await;
        assert_eq!(again.status(), StatusCode::OK, "it is there: nobody has to sign");
        let given = speaker.get("localhost", &path(&piece), &[]).await;
        assert_eq!((given.status(), given.body().len()), (StatusCode::OK, piece.len()));
        assert!(given.body() == &piece);
        assert_eq!(given.headers()[header::CONTENT_TYPE], "application/octet-stream");
        assert_eq!(given.headers()[header::CONTENT_DISPOSITION], "attachment");
        let request = speaker.request(&format!("HEAD {}", path(&piece)), "localhost", &[], Bytes::new());
        let head = speaker.ask(request).await;
        assert_eq!((head.status(), head.body().len()), (StatusCode::OK, 0));
        assert_eq!(head.headers()[header::CONTENT_LENGTH], piece.len().to_string());
        let other = speaker.get("localhost", &path(b"other"), &[]).await;
        assert_eq!(other.status(), StatusCode::NOT_FOUND);
        for nothing in ["/blobs/", "/blobs/..", "/blobs/%2e%2e%2fgenesis.json", "/blobs/ABCD"] {
            let refused = speaker.get("localhost", nothing, &[]).await;
            assert!(refused.status().is_client_error(), "{nothing}: {refused:?}");
        }
    }
    port.node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_piece_without_a_good_signature_or_of_another_hash_is_not_kept() {
    let port = Port::start(PortConfig::default()).await;
    let (admin, stranger, piece) = (Person::number(0), Person::new("stranger"), &sealed(b"a sealed piece"));
    let mut speaker = port.speaker().await;
    let of = |person: &Person, ago| signed(&port.node, person, piece, ago);
    let as_other = of(&stranger, 0).replace(stranger.address.as_str(), admin.address.as_str());
    for (authorization, status) in [
        (String::new(), StatusCode::UNAUTHORIZED),
        ("Bearer x".to_owned(), StatusCode::UNAUTHORIZED),
        (as_other, StatusCode::UNAUTHORIZED),
        (signed(&port.node, &admin, b"another piece", 0), StatusCode::UNAUTHORIZED),
        (of(&admin, 3_700), StatusCode::UNAUTHORIZED),
        (of(&admin, -400), StatusCode::UNAUTHORIZED),
    ] {
        let refused = put(&mut speaker, piece, &path(piece), &authorization).await;
        assert_eq!(refused.status(), status, "{authorization}: {}", words(&refused));
        assert_eq!(refused.headers()[header::CONTENT_TYPE], "application/problem+json");
    }
    let same_length = &sealed(b"a sealed PIECE");
    let refused = put(&mut speaker, same_length, &path(piece), &of(&admin, 0)).await;
    assert_eq!(refused.status(), StatusCode::BAD_REQUEST, "{}", words(&refused));
    let small = b"no piece is as small as this";
    let refused = put(&mut speaker, small, &path(small), &signed(&port.node, &admin, small, 0)).await;
    assert_eq!(refused.status(), StatusCode::BAD_REQUEST, "{}", words(&refused));
    let large = vec![1; BLOB_BYTES_MAX + 1];
    let refused = put(&mut speaker, &large, &path(&large), &signed(&port.node, &admin, &large, 0)).await;
    assert_eq!(refused.status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(speaker.get("localhost", &path(piece), &[]).await.status(), StatusCode::NOT_FOUND);
    let kept = put(&mut speaker, piece, &path(piece), &of(&stranger, 0)).await;
    assert_eq!(kept.status(), StatusCode::CREATED, "a newcomer's first ticket may have files");
    port.node.stop().await.unwrap();
}

/// A genesis with a ticket that names these pieces, and somebody who is suspended.
pub(super) fn naming(pieces: &[&[u8]]) -> (Genesis, Person) {
    let Cast { mut desk, admin, customer, .. } = cast();
    let banned = Person::new("banned");
    let of_piece =
        |piece: &&[u8]| Attachment::new(Layout::of_file(1).unwrap(), vec![hash(piece)]).unwrap().to_wire();
    let message = create_at(&desk, &customer, &[&admin, &customer], 0);
    desk.must(&customer, vec![create_with(message, pieces.iter().map(of_piece).collect())]);
    desk.must(&admin, vec![set_state(&admin, &banned, "suspended")]);
    let chain_id = ChainId::parse("desk-next").unwrap();
    let mut genesis = desk.machine.export(&desk.snapshot(), Some(&chain_id)).unwrap();
    genesis.validators.push(GenesisValidator::new(&desk::validator().public_key(), 10, "test"));
    (genesis, banned)
}

fn write(path: PathBuf, bytes: &[u8], ago: Duration) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, bytes).unwrap();
    File::options().write(true).open(path).unwrap().set_modified(SystemTime::now() - ago).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_ledger_names_is_kept_for_good_and_taken_from_anyone() {
    let pieces = [&b"waits"[..], b"missing", b"old", b"new", b"more"].map(sealed);
    let [waits, missing, old, new, more] = pieces.each_ref().map(Vec::as_slice);
    let (genesis, banned) = naming(&[waits, missing]);
    let dir = tempfile::tempdir().unwrap();
    let home = Home::new(dir.path());
    home.init(genesis).unwrap();
    let blobs = home.data_dir().join("blobs");
    let pending = |piece: &[u8]| blobs.join("pending/virtengine1somebody").join(hex::encode(hash(piece)));
    let kept = |piece: &[u8]| {
        let name = hex::encode(hash(piece));
        blobs.join(&name[..2]).join(name)
    };
    let hours = |hours: u64| Duration::from_secs(hours * 3_600);
    for (piece, ago) in [(waits, hours(30)), (old, hours(25)), (new, hours(23))] {
        write(pending(piece), piece, ago);
    }
    let listen = Some("127.0.0.1:0".parse().unwrap());
    let node =
        run(NodeConfig { home: dir.path().to_owned(), listen, ..NodeConfig::default() }).await.unwrap();
    until("the first sweep", async || {
        let swept = kept(waits).exists() && !pending(waits).exists() && !pending(old).exists();
        if swept { Ok(()) } else { Err("not yet") }
    })
    .await;
    assert!(pending(new).exists() && !kept(old).exists());
    let mut speaker = connect(node.listening()).await;
    for piece in [waits, new] {
        assert!(speaker.get("localhost", &path(piece), &[]).await.body() == piece);
    }
    assert_eq!(speaker.get("localhost", &path(old), &[]).await.status(), StatusCode::NOT_FOUND);
    let brought = put(&mut speaker, missing, &path(missing), "").await;
    assert_eq!(brought.status(), StatusCode::CREATED, "{}", words(&brought));
    assert!(kept(missing).exists());
    let refused = put(&mut speaker, more, &path(more), &signed(&node, &banned, more, 0)).await;
    assert_eq!(refused.status(), StatusCode::FORBIDDEN, "{}", words(&refused));
    std::fs::write(kept(missing), b"MISSING").unwrap();
    let damaged = speaker.get("localhost", &path(missing), &[]).await;
    assert_eq!(damaged.status(), StatusCode::INTERNAL_SERVER_ERROR, "a damaged piece is never served");
    let mended = put(&mut speaker, missing, &path(missing), "").await;
    assert_eq!(mended.status(), StatusCode::CREATED);
    assert!(speaker.get("localhost", &path(missing), &[]).await.body() == missing);
    node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_message_names_takes_no_more_than_the_operator_lets_files_have() {
    let pieces = [1, 2, 3].map(|byte| vec![byte; 600 << 10]);
    let [first, second, third] = pieces.each_ref().map(Vec::as_slice);
    let (genesis, _) = naming(&[first, second, third]);
    let dir = tempfile::tempdir().unwrap();
    let home = Home::new(dir.path());
    home.init(genesis).unwrap();
    std::fs::write(home.path().join("config.toml"), "files_max = 2\n").unwrap();
    let start = async || {
        let listen = Some("127.0.0.1:0".parse().unwrap());
        run(NodeConfig { home: dir.path().to_owned(), listen, ..NodeConfig::default() }).await.unwrap()
    };
    let node = start().await;
    let mut speaker = connect(node.listening()).await;
    for piece in [first, second] {
        let kept = put(&mut speaker, piece, &path(piece), "").await;
        assert_eq!(kept.status(), StatusCode::CREATED, "{}", words(&kept));
    }
    let refused = put(&mut speaker, third, &path(third), "").await;
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS, "{}", words(&refused));
    assert!(words(&refused).contains("tell its operator"), "{}", words(&refused));
    node.stop().await.unwrap();

    let node = start().await;
    let mut speaker = connect(node.listening()).await;
    let refused = put(&mut speaker, third, &path(third), "").await;
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS, "what is kept is counted at each start");
    let admin = signed(&node, &Person::new("admin"), third, 0);
    let kept = put(&mut speaker, third, &path(third), &admin).await;
    assert_eq!(kept.status(), StatusCode::CREATED, "the last part is the staff's: {}", words(&kept));
    node.stop().await.unwrap();
}
