//! Pieces of files in a bucket of S3, which is one of `s3s-fs` in this process: what is kept there, and what is said where it fails.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use http::StatusCode;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s_fs::FileSystem;
use sealdesk_node::home::Home;
use sealdesk_node::{Node, NodeConfig, NodeError, find_blobs, run};
use tokio::net::TcpListener;

use super::super::desk::waiting::until;
use super::blobs::{hash, naming, path, put, sealed, signed};
use super::{connect, erase};
use sealdesk_testkit::people::Person;

const KEY_ID: &str = "AKIDSEALDESK";
const SECRET: &str = "hush-hush-secret";

/// A store of one bucket, `desk`.
struct Store {
    dir: tempfile::TempDir,
    url: String,
    /// It answers nothing but that it is broken.
    broken: Arc<AtomicBool>,
    serving: tokio::task::JoinHandle<()>,
}

impl Drop for Store {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn serve(listener: TcpListener, service: S3Service, broken: Arc<AtomicBool>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else { return };
        let (service, broken) = (service.clone(), broken.clone());
        tokio::spawn(async move {
            let answer = service_fn(move |request| {
                let (service, broken) = (service.clone(), broken.clone());
                async move {
                    if broken.load(Ordering::SeqCst) {
                        let mut answer = http::Response::new(s3s::Body::empty());
                        *answer.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
                        return Ok(answer);
                    }
                    hyper::service::Service::call(&service, request).await
                }
            });
            let _ =
                auto::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), answer).await;
        });
    }
}

impl Store {
    async fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("desk")).unwrap();
        let mut builder = S3ServiceBuilder::new(FileSystem::new(dir.path()).unwrap());
        builder.set_auth(SimpleAuth::from_single(KEY_ID, SECRET));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (url, broken) =
            (format!("http://{}", listener.local_addr().unwrap()), Arc::new(AtomicBool::new(false)));
        let serving = tokio::spawn(serve(listener, builder.build(), broken.clone()));
        Self { dir, url, broken, serving }
    }

    /// Where it has a piece.
    fn object(&self, piece: &[u8]) -> PathBuf {
        let name = hex::encode(hash(piece));
        self.dir.path().join("desk/files/of-a").join(&name[..2]).join(name)
    }

    fn put(&self, piece: &[u8]) {
        let object = self.object(piece);
        std::fs::create_dir_all(object.parent().unwrap()).unwrap();
        std::fs::write(object, piece).unwrap();
    }
}

/// What a home's configuration says of a bucket.
fn configure(home: &Home, url: &str, secret: &str, more: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    let credentials = home.path().join("s3.credentials");
    let text = format!("[default]\naws_access_key_id = {KEY_ID}\naws_secret_access_key = {secret}\n");
    std::fs::write(&credentials, text).unwrap();
    std::fs::set_permissions(&credentials, std::fs::Permissions::from_mode(0o600)).unwrap();
    let credentials = credentials.display();
    let config = format!(
        "{more}\n[blobs]\ns3 = \"s3://desk/files/of-a\"\ns3_endpoint = \"{url}\"\ns3_credentials = \"{credentials}\"\n"
    );
    std::fs::write(home.config_file(), config).unwrap();
}

async fn start(dir: &Path) -> Result<Node, NodeError> {
    let listen = Some("127.0.0.1:0".parse().unwrap());
    run(NodeConfig { home: dir.to_owned(), listen, ..NodeConfig::default() }).await
}

fn write(path: &Path, bytes: &[u8]) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_messages_name_is_kept_in_the_bucket_and_served_from_it() {
    let pieces = [&b"waits"[..], b"kept before", b"missing", b"later"].map(sealed);
    let [waits, before, missing, later] = pieces.each_ref().map(Vec::as_slice);
    let (genesis, _) = naming(&[waits, before, missing, later]);
    let (store, dir) = (Store::start().await, tempfile::tempdir().unwrap());
    let home = Home::new(dir.path());
    home.init(genesis).unwrap();
    configure(&home, &store.url, SECRET, "");
    let blobs = home.data_dir().join("blobs");
    let name = |piece: &[u8]| hex::encode(hash(piece));
    let waiting = blobs.join("pending/virtengine1somebody").join(name(waits));
    let kept = blobs.join(&name(before)[..2]).join(name(before));
    write(&waiting, waits);
    write(&kept, before);
    let node = start(dir.path()).await.unwrap();
    until("the first sweep brings both into the bucket", async || {
        let both = store.object(waits).exists() && store.object(before).exists();
        if both && !waiting.exists() && !kept.exists() { Ok(()) } else { Err("not yet") }
    })
    .await;
    let mut speaker = connect(node.listening()).await;
    let brought = put(&mut speaker, missing, &path(missing), "").await;
    assert_eq!(brought.status(), StatusCode::CREATED);
    assert!(std::fs::read(store.object(missing)).unwrap() == missing);
    assert_eq!(put(&mut speaker, missing, &path(missing), "").await.status(), StatusCode::OK);
    for piece in [waits, before, missing] {
        let given = speaker.get("localhost", &path(piece), &[]).await;
        assert_eq!(given.status(), StatusCode::OK);
        assert!(given.body() == piece);
        let request = speaker.request(&format!("HEAD {}", path(piece)), "localhost", &[], Bytes::new());
        assert_eq!(speaker.ask(request).await.status(), StatusCode::OK);
    }
    assert_eq!(speaker.get("localhost", &path(later), &[]).await.status(), StatusCode::NOT_FOUND);

    std::fs::write(store.object(missing), sealed(b"MISSING")).unwrap();
    let damaged = speaker.get("localhost", &path(missing), &[]).await;
    assert_eq!(damaged.status(), StatusCode::INTERNAL_SERVER_ERROR, "a damaged piece is never served");
    assert_eq!(put(&mut speaker, missing, &path(missing), "").await.status(), StatusCode::CREATED);
    assert!(speaker.get("localhost", &path(missing), &[]).await.body() == missing);

    store.broken.store(true, Ordering::SeqCst);
    let unread = speaker.get("localhost", &path(missing), &[]).await;
    assert_eq!(unread.status(), StatusCode::SERVICE_UNAVAILABLE);
    let refused = put(&mut speaker, later, &path(later), "").await;
    assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
    let words = String::from_utf8_lossy(refused.body()).into_owned();
    assert!(words.contains("is not kept") && !words.contains(SECRET), "{words}");
    store.broken.store(false, Ordering::SeqCst);
    assert_eq!(speaker.get("localhost", &path(later), &[]).await.status(), StatusCode::NOT_FOUND);
    assert_eq!(put(&mut speaker, later, &path(later), "").await.status(), StatusCode::CREATED);
    node.stop().await.unwrap();

    let node = start(dir.path()).await.unwrap();
    let mut speaker = connect(node.listening()).await;
    for piece in pieces.each_ref() {
        assert!(speaker.get("localhost", &path(piece), &[]).await.body() == piece, "after a restart too");
    }
    std::fs::remove_file(store.object(later)).unwrap();
    let found = find_blobs(&home, &*node.ledger()).unwrap();
    assert_eq!((found.named, found.missing, found.never_came), (4, 1, 0));
    assert_eq!(speaker.get("localhost", &path(later), &[]).await.status(), StatusCode::NOT_FOUND);
    node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_bucket_holds_counts_for_the_nodes_bound_on_files() {
    let pieces = [vec![1; 1 << 20], sealed(b"more")];
    let [large, more] = pieces.each_ref().map(Vec::as_slice);
    let (genesis, _) = naming(&[large]);
    let (store, dir) = (Store::start().await, tempfile::tempdir().unwrap());
    store.put(large);
    let home = Home::new(dir.path());
    home.init(genesis).unwrap();
    configure(&home, &store.url, SECRET, "files_max = 1");
    let node = start(dir.path()).await.unwrap();
    let mut speaker = connect(node.listening()).await;
    until("the bucket is listed", async || {
        let request = speaker.request(&format!("HEAD {}", path(large)), "localhost", &[], Bytes::new());
        let head = speaker.ask(request).await;
        let refused =
            put(&mut speaker, more, &path(more), &signed(&node, &Person::new("stranger"), more, 0)).await;
        match (head.status(), refused.status()) {
            (StatusCode::OK, StatusCode::TOO_MANY_REQUESTS) => Ok(()),
            other => Err(format!("{other:?}")),
        }
    })
    .await;
    node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_administrator_erases_is_gone_from_the_bucket() {
    let (genesis, admin, _) = erase::begun();
    let (store, dir) = (Store::start().await, tempfile::tempdir().unwrap());
    store.put(erase::PIECE);
    let home = Home::new(dir.path());
    home.init(genesis).unwrap();
    configure(&home, &store.url, SECRET, "");
    let node = start(dir.path()).await.unwrap();
    let mut speaker = connect(node.listening()).await;
    store.broken.store(true, Ordering::SeqCst);
    let failed = erase::ask(&mut speaker, 1, &erase::signed(&node, &admin, 1, "localhost")).await;
    assert!(failed.status().is_server_error() && store.object(erase::PIECE).exists(), "{failed:?}");
    store.broken.store(false, Ordering::SeqCst);
    let done = erase::ask(&mut speaker, 1, &erase::signed(&node, &admin, 1, "localhost")).await;
    assert_eq!(done.status(), StatusCode::OK);
    assert!(!store.object(erase::PIECE).exists());
    assert_eq!(speaker.get("localhost", &path(erase::PIECE), &[]).await.status(), StatusCode::NOT_FOUND);
    node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_that_refuses_keeps_a_node_from_starting_and_one_that_is_away_does_not() {
    let piece = &sealed(b"a piece");
    let (genesis, _) = naming(&[piece]);
    let (store, dir) = (Store::start().await, tempfile::tempdir().unwrap());
    let home = Home::new(dir.path());
    home.init(genesis).unwrap();
    configure(&home, &store.url, "another-secret", "");
    let Err(error) = start(dir.path()).await else { panic!("it starts") };
    let words = error.to_string();
    assert!(words.contains("refuses this node") && !words.contains("another-secret"), "{words}");

    let (genesis, _) = naming(&[piece]);
    let dir = tempfile::tempdir().unwrap();
    let home = Home::new(dir.path());
    home.init(genesis).unwrap();
    store.broken.store(true, Ordering::SeqCst);
    configure(&home, &store.url, SECRET, "");
    let node = start(dir.path()).await.unwrap();
    let mut speaker = connect(node.listening()).await;
    let refused = put(&mut speaker, piece, &path(piece), "").await;
    assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
    let words = String::from_utf8_lossy(refused.body()).into_owned();
    assert!(words.contains("does not know yet"), "{words}");
    node.stop().await.unwrap();
}
