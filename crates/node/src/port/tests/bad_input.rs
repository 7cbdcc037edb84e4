//! The catalogue of hostile inputs, through every door: each gets the code that it has everywhere, and changes nothing.

use serde::Deserialize;

use super::doors::{Door, Doors, Said};
use crate::clock::Clock as _;
use crate::desk::{root, settle};
use crate::rest::tests::kit::{Desk, vectors};

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

    /// What a node says to it.
    fn expected(&self) -> (String, u64) {
        match self.name.as_str() {
            DONE_ALREADY => (String::new(), 0),
            OF_A_HEIGHT => ("sdk".to_owned(), 30),
            _ => (self.codespace.clone(), self.code.into()),
        }
    }
}

/// Hands a transaction in, and makes blocks until there is an answer.
async fn send(desk: &mut Desk, doors: &mut Doors, door: Door, tx: &[u8]) -> Said {
    let now = desk.clock.now();
    let mut answering = std::pin::pin!(doors.send(door, tx));
    loop {
        tokio::select! {
            said = &mut answering => return said,
            () = tokio::task::yield_now() => {
                // However often this looks, no time passes: a slow machine must not make a transaction late.
                desk.clock.set(now);
                settle(&mut desk.solo, &desk.clock);
            }
        }
    }
}

/// Whether each vector of a file gets its code by every door, and leaves all of the state but a sequence as it was.
async fn judge(file: &str) -> usize {
    let catalogue: Catalogue = serde_json::from_str(&vectors(file)).unwrap();
    let mut first = Desk::new();
    for (number, vector) in catalogue.vectors.iter().enumerate() {
        let (mut desk, tx) = (first.copy(), vector.tx());
        desk.clock.set(catalogue.time * 1_000);
        let mut doors = Doors::of(&desk).await;
        let (begun, tickets) = (root(&desk.solo), seen(&desk).await);
        // Another door is the first one each time: what comes through the others is the same transaction, with its one outcome.
        let turned = Door::ALL.into_iter().cycle().skip(number).take(Door::ALL.len());
        let mut after = None;
        for door in turned.filter(|door| door.takes(tx.len())) {
            let said = send(&mut desk, &mut doors, door, &tx).await;
            let what = format!("{file}: {} by {door:?}: {}", vector.name, said.whole);
            assert_eq!((said.codespace, said.code), vector.expected(), "{what}");
            let now = root(&desk.solo);
            assert!(vector.uses_sequence || now == begun, "{what}");
            assert_eq!(*after.get_or_insert(now.clone()), now, "the first one was all: {what}");
            assert_eq!(seen(&desk).await, tickets, "{what}");
        }
    }
    catalogue.vectors.len()
}

/// What the desk has to tell.
async fn seen(desk: &Desk) -> Vec<String> {
    // Where the history ends says which block is the newest.
    let mut all = vec![desk.get("/api/v1/history").await.json()["events"].to_string()];
    for path in ["/api/v1/params", "/api/v1/roles/support_agent/members"] {
        all.push(desk.get(path).await.header("etag").to_owned());
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_bytes_get_their_one_code_by_every_door() {
    assert!(judge("bytes.json").await >= 100);
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_fields_get_their_one_code_by_every_door() {
    assert!(judge("fields.json").await >= 100);
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_envelopes_and_documents_get_their_one_code_by_every_door() {
    assert!(judge("envelopes.json").await + judge("documents.json").await >= 100);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_rules_refuse_gets_its_one_code_by_every_door() {
    assert!(judge("rules.json").await >= 80);
}
