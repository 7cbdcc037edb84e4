//! The catalogue of hostile inputs, through REST: each gets the code that it has everywhere, and changes nothing.

use axum::body::Body;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Request;
use serde::Deserialize;
use serde_json::json;

use super::kit::{Answer, Desk, vectors};
use crate::desk::settle;

/// The one vector that a node answers otherwise than the machine.
const DONE_ALREADY: &str = "a transaction of an earlier block again";
/// A vector of a height that has passed here: a node makes blocks that prove, too.
const OF_A_HEIGHT: &str = "a timeout at this very height";

#[derive(Deserialize)]
struct Catalogue {
    time: i64,
    vectors: Vec<Vector>,
}

#[derive(Deserialize)]
struct Vector {
    name: String,
    codespace: String,
    code: u32,
    uses_sequence: bool,
    #[serde(default)]
    tx: String,
    repeated: Option<Repeated>,
}

#[derive(Deserialize)]
struct Repeated {
    byte: u8,
    times: usize,
}

impl Vector {
    fn tx(&self) -> Vec<u8> {
        match &self.repeated {
            Some(repeated) => vec![repeated.byte; repeated.times],
            None => hex::decode(&self.tx).unwrap(),
        }
    }
}

/// Sends a transaction, in JSON or as it is, and makes blocks until there is an answer.
async fn send(desk: &mut Desk, tx: &[u8], in_json: bool) -> Answer {
    let request = Request::post("/api/v1/transactions");
    let request = match in_json {
        true => {
            let body = json!({ "tx_bytes": STANDARD.encode(tx) }).to_string();
            request.header("content-type", "application/json").body(Body::from(body))
        }
        false => request.header("content-type", "application/octet-stream").body(Body::from(tx.to_vec())),
    };
    let (router, mut request) = (desk.router.clone(), request.unwrap());
    request.extensions_mut().insert(crate::http::source::Source::Own);
    let now = crate::clock::Clock::now(&desk.clock);
    let mut answering = tokio::spawn(async move {
        let answer = tower::ServiceExt::oneshot(router, request).await.unwrap();
        let (head, body) = answer.into_parts();
        let body = http_body_util::BodyExt::collect(body).await.unwrap().to_bytes().to_vec();
        Answer { status: head.status, headers: head.headers, body }
    });
    loop {
        tokio::select! {
            answer = &mut answering => return answer.unwrap(),
            () = tokio::task::yield_now() => {
                // However often this looks, no time passes: a slow machine must not make a transaction late.
                desk.clock.set(now);
                settle(&mut desk.solo, &desk.clock);
            }
        }
    }
}

/// Whether each vector of a file gets its code, and leaves all of the state but a sequence as it was.
async fn judge(file: &str) -> usize {
    let catalogue: Catalogue = serde_json::from_str(&vectors(file)).unwrap();
    let mut first = Desk::new();
    for (number, vector) in catalogue.vectors.iter().enumerate() {
        let mut desk = first.copy();
        desk.clock.set(catalogue.time * 1_000);
        let (root, tickets) = (crate::desk::root(&desk.solo), seen(&desk).await);
        let answer = send(&mut desk, &vector.tx(), number % 2 == 0).await;
        if vector.name == DONE_ALREADY {
            // An engine knows its transactions: whoever sends one again is told its one outcome.
            assert_eq!((answer.status, &answer.json()["code"]), (http::StatusCode::OK, &json!(0)));
            assert_eq!((crate::desk::root(&desk.solo), seen(&desk).await), (root, tickets));
            continue;
        }
        let problem = answer.json();
        assert_eq!(answer.header("content-type"), "application/problem+json", "{}: {problem}", vector.name);
        let answered = (problem["codespace"].as_str().unwrap(), problem["code"].as_u64().unwrap());
        let expected = match vector.name.as_str() {
            OF_A_HEIGHT => ("sdk", 30),
            _ => (vector.codespace.as_str(), u64::from(vector.code)),
        };
        assert_eq!(answered, expected, "{file}: {}: {problem}", vector.name);
        assert!(!problem["hint"].as_str().unwrap().is_empty(), "{}: {problem}", vector.name);
        assert!(answer.status.is_client_error(), "{}: {}", vector.name, answer.status);
        if !vector.uses_sequence {
            assert_eq!(crate::desk::root(&desk.solo), root, "{}", vector.name);
        }
        assert_eq!(seen(&desk).await, tickets, "{}", vector.name);
    }
    catalogue.vectors.len()
}

/// What the desk has to tell.
async fn seen(desk: &Desk) -> Vec<String> {
    let mut all = Vec::new();
    for path in ["/api/v1/history", "/api/v1/params", "/api/v1/roles/support_agent/members"] {
        all.push(desk.get(path).await.header("etag").to_owned());
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_bytes_get_their_one_code_over_rest() {
    assert!(judge("bytes.json").await >= 100);
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_fields_and_envelopes_get_their_one_code_over_rest() {
    assert!(judge("fields.json").await + judge("envelopes.json").await >= 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_rules_refuse_gets_its_one_code_over_rest() {
    assert!(judge("rules.json").await >= 80);
}
