//! A backup while 64 people write: of one height, whole, and with all that was acknowledged before it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use sealdesk_client::actor::{Actor, PhraseLength};
use sealdesk_client::desk::Desk;
use sealdesk_client::keyring::{Backend, Keyring};
use sealdesk_client::messages::{NewResponse, NewTicket};
use sealdesk_client::node::{Node, Reach};
use sealdesk_client::trust::Trust;

use super::desk;
use crate::desk::{PATIENCE, wait_until};

const WRITERS: usize = 64;
/// Backups that are made beside them.
const BACKUPS: usize = 3;

#[derive(Default)]
struct All {
    stop: AtomicBool,
    /// Tickets and answers that the ledger acknowledged.
    acknowledged: AtomicU64,
    /// Those that were sent.
    sent: AtomicU64,
}

impl All {
    fn acknowledged(&self) -> u64 {
        self.acknowledged.load(Ordering::SeqCst)
    }

    fn sending(&self) {
        self.sent.fetch_add(1, Ordering::SeqCst);
    }

    fn done(&self) {
        self.acknowledged.fetch_add(1, Ordering::SeqCst);
    }
}

async fn write(url: String, me: Actor, all: Arc<All>) {
    let desk =
        Desk::open(Node::connect_by(&Reach::of_machine(), &url, PATIENCE).await.unwrap(), Trust::FirstUse)
            .await
            .unwrap();
    all.sending();
    let ticket =
        desk.create_ticket(&me, &NewTicket::new("other", "load", "load")).await.unwrap().ticket_id.unwrap();
    all.done();
    while !all.stop.load(Ordering::SeqCst) {
        all.sending();
        desk.respond(&me, ticket, &NewResponse::new("more")).await.unwrap();
        all.done();
    }
}

#[test]
fn a_backup_beside_64_writers_is_of_one_height_and_misses_nothing() {
    let mut desk = desk();
    let params = ["--ticket-cooldown-seconds", "0", "--max-responses-per-ticket", "10000"];
    desk.ask(&[&["tx", "support", "update-params", "--from", "admin"], &params[..]].concat());
    let url = std::fs::read_to_string(desk.home().join(".sealdesk/node.address")).unwrap().trim().to_owned();
    let (keys, all) = (tempfile::tempdir().unwrap(), Arc::<All>::default());
    let keyring = Keyring::open(keys.path(), Backend::Test).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let name = format!("writer{writer}");
            keyring.add(&name, b"", PhraseLength::Twelve, &mut getrandom::SysRng).unwrap();
            let me = keyring.unlock(&name, b"").unwrap();
            runtime.spawn(write(url.clone(), me, all.clone()))
        })
        .collect();
    let writers_number = u64::try_from(WRITERS).unwrap();
    wait_until("everybody to write", || all.acknowledged() > 2 * writers_number);
    let (mut before, mut height) = (0, 0);
    for _ in 0..BACKUPS {
        before = all.acknowledged();
        let made = desk.ask(&["backup", "desk.backup"]);
        assert!(made["height"].as_u64().unwrap() > height, "{made}");
        height = made["height"].as_u64().unwrap();
        wait_until("people to write on", || all.acknowledged() > before + writers_number);
    }
    all.stop.store(true, Ordering::SeqCst);
    for writer in writers {
        runtime.block_on(writer).unwrap();
    }
    desk.stop_node();
    let restored = desk.ask(&["restore", "desk.backup", "--home", "new"]);
    assert_eq!(restored["tickets"].as_u64(), Some(writers_number + 1));
    assert_eq!(desk.ask(&["doctor", "--home", "new"])["ok"], true);
    desk.ask(&["export", "--home", "new", "-o", "new.json"]);
    let genesis: serde_json::Value =
        serde_json::from_slice(&std::fs::read(desk.home().join("new.json")).unwrap()).unwrap();
    let answers = |ticket: &serde_json::Value| ticket["responses"].as_array().map_or(0, Vec::len);
    let tickets = genesis["app_state"]["tickets"].as_array().unwrap();
    // Alice's ticket is not of the writers.
    let found: usize = tickets.iter().map(|ticket| 1 + answers(ticket)).sum::<usize>() - 1;
    let found = u64::try_from(found).unwrap();
    assert!(
        before <= found && found <= all.sent.load(Ordering::SeqCst),
        "{before} acknowledged, {found} found"
    );
}
