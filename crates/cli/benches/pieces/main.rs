//! Bringing and fetching sealed pieces of files beside nginx, which takes and serves the same bytes: `cargo bench -p sealdesk-cli --bench pieces`.
//!
//! The program and nginx run beside each other on loopback, with files on the same disk, and are asked in turns over one connection each. The
//! node writes a piece to the disk, durably and by its hash, before it says so; nginx answers once the system has the bytes. So a write that is
//! synced stands beside them.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement that fails says what it saw")]

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use sealdesk_client::actor::Actor;
use sealdesk_client::desk::Desk;
use sealdesk_client::node::Node;
use sealdesk_client::trust::Trust;
use sealdesk_envelope::{Phrase, PhraseLength};
use sealdesk_node::home::{Home, new_chain_id};
use sealdesk_protocol::attachment::BlobHash;
use sealdesk_protocol::ids::Prefix;
use sealdesk_testkit::connection::Connection;
use sealdesk_testkit::figures::{Times, millis, ratio};
use sha2::{Digest as _, Sha256};
use tonic::transport::Channel;

const PIECES: usize = 64;
const PIECE_BYTES: usize = 1 << 20;
/// How often each piece is fetched: later rounds come from the system's memory, for both.
const ROUNDS: usize = 8;
/// Where `make bench` puts nginx, which needs no installing.
const NGINX: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../.tools/bin/nginx");
const START: Duration = Duration::from_secs(10);

/// A process that ends with the measurement.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// nginx as one process of this user, on a port that was free; it serves and takes the files of a folder.
fn nginx(folder: &Path) -> (Running, String) {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (files, host) = (folder.join("files"), format!("127.0.0.1:{port}"));
    fs::create_dir_all(&files).unwrap();
    let (here, files) = (folder.display(), files.display());
    let kept: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|name| format!("{name}_temp_path {here}/{name};\n"))
        .concat();
    let config = format!(
        "daemon off;\nmaster_process off;\npid {here}/pid;\nerror_log {here}/error.log;\nevents {{}}\nhttp {{\naccess_log off;\nsendfile on;\n\
         keepalive_requests 100000;\nclient_max_body_size 2m;\n{kept}server {{\nlisten {host};\nroot {files};\nlocation / {{ dav_methods PUT; }}\n}}\n}}\n"
    );
    let file = folder.join("nginx.conf");
    fs::write(&file, config).unwrap();
    let program = std::env::var_os("SEALDESK_NGINX").map_or_else(|| PathBuf::from(NGINX), PathBuf::from);
    let child = Command::new(program).arg("-c").arg(&file).arg("-e").arg(folder.join("error.log")).spawn();
    let running = Running(child.unwrap());
    let began = Instant::now();
    while TcpStream::connect(&host).is_err() {
        assert!(began.elapsed() < START, "nginx does not answer");
        std::thread::sleep(Duration::from_millis(20));
    }
    (running, host)
}

/// The program with a desk of this administrator's.
fn node(home: &Home, administrator: &Actor) -> (Running, String) {
    let prefix = Prefix::parse(Prefix::DEFAULT).unwrap();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let chain_id = new_chain_id("bench").unwrap();
    let administrators = [administrator.address(&prefix)];
    home.init_desk(&chain_id, &prefix, i64::try_from(now).unwrap(), &administrators).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_sealdesk"));
    child.args(["--output", "json", "--home"]).arg(home.path()).args(["start", "--listen", "127.0.0.1:0"]);
    let mut child = child.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let said: serde_json::Value = serde_json::from_str(&line).unwrap();
    let url = said["addresses"]["grpc"].as_str().unwrap();
    (Running(child), url.trim_start_matches("http://").to_owned())
}

fn synced(folder: &Path, number: usize, piece: &[u8]) -> Duration {
    let began = Instant::now();
    let mut file = File::create(folder.join(number.to_string())).unwrap();
    file.write_all(piece).unwrap();
    file.sync_data().unwrap();
    began.elapsed()
}

fn timed<T>(times: &mut Times, work: impl FnOnce() -> T) -> T {
    let began = Instant::now();
    let done = work();
    times.add(began.elapsed());
    done
}

async fn signed(desk: &Desk<Channel>, administrator: &Actor, pieces: &[Vec<u8>]) -> Vec<(BlobHash, String)> {
    let mut signed = Vec::new();
    for piece in pieces {
        let hash: BlobHash = Sha256::digest(piece).into();
        signed.push((hash, desk.sign_upload(administrator, &hash, PIECE_BYTES).await.unwrap()));
    }
    signed
}

async fn measure() {
    let directory = tempfile::tempdir().unwrap();
    let administrator =
        Actor::of(&Phrase::generate(PhraseLength::Twelve, &mut getrandom::SysRng).unwrap()).unwrap();
    let home = Home::new(directory.path().join("node"));
    let (_node, ours) = node(&home, &administrator);
    let (_nginx, theirs) = nginx(directory.path());
    let desk = Desk::open(Node::connect(&format!("http://{ours}")).await.unwrap(), Trust::FirstUse);
    let desk = desk.await.unwrap();
    desk.register_key(&administrator, "").await.unwrap();
    let mut pieces = vec![vec![0; PIECE_BYTES]; PIECES];
    for piece in &mut pieces {
        getrandom::fill(piece).unwrap();
    }
    let names = signed(&desk, &administrator, &pieces).await;

    let (mut here, mut there) = (Connection::open(&ours), Connection::open(&theirs));
    let [mut brought, mut put, mut written, mut fetched, mut got] = [(); 5].map(|()| Times::default());
    for (number, (piece, (hash, authorization))) in pieces.iter().zip(&names).enumerate() {
        let name = hex::encode(hash);
        let head = format!("PUT /blobs/{name} HTTP/1.1\r\nauthorization: {authorization}");
        assert_eq!(timed(&mut brought, || here.ask(&head, piece).0), 201);
        let head = format!("PUT /{name} HTTP/1.1");
        assert_eq!(timed(&mut put, || there.ask(&head, piece).0), 201);
        written.add(synced(directory.path(), number, piece));
    }
    for _ in 0..ROUNDS {
        for (piece, (hash, _)) in pieces.iter().zip(&names) {
            let name = hex::encode(hash);
            let ours = timed(&mut fetched, || here.ask(&format!("GET /blobs/{name} HTTP/1.1"), b""));
            let theirs = timed(&mut got, || there.ask(&format!("GET /{name} HTTP/1.1"), b""));
            assert!(ours == (200, piece.clone()) && theirs == ours);
        }
    }
    println!("{PIECES} pieces of 1 MiB, one after the other, beside nginx");
    let row = |what: &str, times: &Times, beside: &Times| {
        let (p50, p99) = (millis(times.p50()), millis(times.p99()));
        println!("  {what:<34}: p50 x{:.2}   ({p50}, p99 {p99})", ratio(times.p50(), beside.p50()));
    };
    row("brought, to nginx's PUT", &brought, &put);
    row("brought, to a synced write", &brought, &written);
    row("nginx's PUT, to a synced write", &put, &written);
    row("fetched, to nginx's GET", &fetched, &got);
}

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(measure());
}
