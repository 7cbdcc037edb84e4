//! Looks at a server on loopback, which speaks what browsers speak without TLS and nothing else.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use ruzstd::encoding::{CompressionLevel, compress_to_vec};

use super::super::manifest::tests::of_two_files;
use super::*;
use crate::node::Reach;

/// A question, its first line before the others.
type Question = Vec<String>;
/// What comes after the first line of an answer.
type Answer = dyn Fn(&Question) -> Vec<u8> + Send + Sync;

/// A server that ends with its test.
struct Server {
    address: String,
    asked: Arc<Mutex<Vec<Question>>>,
}

impl Server {
    fn start(answer: impl Fn(&Question) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (answer, kept): (Arc<Answer>, _) = (Arc::new(answer), Arc::clone(&asked));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (answer, kept) = (Arc::clone(&answer), Arc::clone(&kept));
                thread::spawn(move || serve(&stream.unwrap(), &*answer, &kept));
            }
        });
        Self { address, asked }
    }

    async fn looked_at(&self, bounds: Bounds) -> (Vec<Fault>, usize) {
        let fetcher = Fetcher::new(&Reach::of_machine(), &self.address).unwrap();
        let expected = of_two_files();
        look(&fetcher, &Look { expected: &expected, obeyed: &|_| Vec::new(), own: &|_| None, bounds })
            .await
            .unwrap()
    }

    /// What stood in a header of every question, or its path.
    fn each(&self, name: &str) -> Vec<String> {
        let asked = self.asked.lock().unwrap();
        asked.iter().map(|question| header(question, name).to_owned()).collect()
    }
}

fn serve(stream: &TcpStream, answer: &Answer, kept: &Mutex<Vec<Question>>) {
    let mut lines = BufReader::new(stream).lines();
    loop {
        let head = lines.by_ref().map_while(Result::ok).take_while(|line| !line.is_empty());
        let question: Question = head.collect();
        if question.is_empty() {
            return;
        }
        kept.lock().unwrap().push(question.clone());
        let mut stream = stream;
        let said = answer(&question);
        // Whoever has enough of it goes away.
        if stream.write_all(b"HTTP/1.1 200 OK\r\n").and_then(|()| stream.write_all(&said)).is_err() {
            return;
        }
    }
}

fn header<'a>(question: &'a Question, name: &str) -> &'a str {
    let line =
        question.iter().skip(1).find_map(|line| line.split_once(": ").filter(|(found, _)| *found == name));
    line.map_or("", |(_, value)| value)
}

fn path(question: &Question) -> &str {
    question[0].split(' ').nth(1).unwrap()
}

fn right(path: &str) -> &'static [u8] {
    match path {
        "/assets/m.wasm" => b"module",
        _ => b"index",
    }
}

fn whole(headers: &str, body: &[u8]) -> Vec<u8> {
    [format!("{headers}Content-Length: {}\r\n\r\n", body.len()).as_bytes(), body].concat()
}

/// What an honest node says.
fn honest(question: &Question) -> Vec<u8> {
    match path(question) {
        "/manifest.json" => whole("", of_two_files().text().as_bytes()),
        path => whole("", right(path)),
    }
}

#[tokio::test]
async fn it_asks_as_browsers_do_without_tls_and_for_the_manifest_last() {
    let server = Server::start(honest);
    let (faults, answers) = server.looked_at(Bounds::default()).await;
    assert_eq!(faults, []);
    let asked = server.asked.lock().unwrap().clone();
    assert_eq!(asked.len(), answers);
    assert!(asked.iter().all(|question| question[0].ends_with(" HTTP/1.1")), "{asked:?}");
    assert!(asked.iter().all(|question| !header(question, "Host").is_empty()), "as browsers write it");
    let manifest = asked.iter().position(|question| path(question) == "/manifest.json");
    assert_eq!(manifest, Some(answers - 1), "whoever asks for it is no browser");
    for encoding in ["identity", "gzip, deflate", "gzip, deflate, br", "gzip, deflate, br, zstd"] {
        assert!(server.each("Accept-Encoding").iter().any(|accepted| accepted == encoding), "{encoding}");
    }
    for browser in ["Firefox/", "Chrome/", "Version/18"] {
        assert!(server.each("User-Agent").iter().any(|name| name.contains(browser)), "{browser}");
    }
}

#[tokio::test]
async fn a_lie_to_some_browsers_in_one_form_or_at_one_place_is_found() {
    type Told = fn(&Question) -> bool;
    let lies: [(&str, Told); 4] = [
        ("zstd", |question| header(question, "Accept-Encoding").contains("zstd")),
        ("Chrome", |question| header(question, "User-Agent").contains("Chrome/") && path(question) == "/"),
        ("German", |question| header(question, "Accept-Language").starts_with("de") && path(question) == "/"),
        ("a ticket", |question| path(question).starts_with("/tickets/")),
    ];
    for (name, told) in lies {
        let server =
            Server::start(move |question| if told(question) { whole("", b"evil") } else { honest(question) });
        let (faults, _) = server.looked_at(Bounds::default()).await;
        assert!(faults.iter().any(|fault| matches!(fault, Fault::Changed { .. })), "{name}: {faults:?}");
    }
}

#[tokio::test]
async fn what_comes_as_zstd_is_what_is_compared() {
    let packed = |evil: bool| {
        Server::start(move |question| {
            let path = path(question).to_owned();
            match header(question, "Accept-Encoding").contains("zstd") {
                true => {
                    let bytes = if evil { b"evil" } else { right(&path) };
                    let sent = compress_to_vec(bytes, CompressionLevel::Fastest);
                    whole("Content-Encoding: zstd\r\n", &sent)
                }
                false => honest(question),
            }
        })
    };
    assert_eq!(packed(false).looked_at(Bounds::default()).await.0, []);
    let (faults, _) = packed(true).looked_at(Bounds::default()).await;
    assert!(faults.iter().any(|fault| fault.to_string() == "/ (as zstd) is changed"), "{faults:?}");
}

#[tokio::test]
async fn one_look_is_bounded_in_bytes_and_in_time_over_all_files() {
    // Each file is short enough alone, and wrong.
    let long = Server::start(|_| whole("", &vec![b' '; 100_000]));
    let bounds = Bounds { bytes: 1_000_000, ..Bounds::default() };
    let (faults, answers) = long.looked_at(bounds).await;
    assert!(faults.iter().any(|fault| fault.to_string().contains("more than 976 KiB in all")), "{faults:?}");
    assert!((4..=5).contains(&answers), "as they were sent and once more: {answers}");
    // A file that never ends costs its time, and no more.
    let slow = Server::start(|_| b"Content-Length: 9\r\n\r\nnot all".to_vec());
    let bounds = Bounds { time: Duration::from_millis(300), ..Bounds::default() };
    let (faults, answers) = slow.looked_at(bounds).await;
    assert_eq!((faults.len(), answers), (1, 0));
    assert_eq!(faults[0].name(), "unfinished");
}
