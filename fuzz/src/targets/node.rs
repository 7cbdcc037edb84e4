//! What a node reads besides transactions: its block log, its own files, and the places that subscribers name.

use std::fs;

use sealdesk_node::feed::{self, Cursor, Filter};
use sealdesk_node::home::Home;
use sealdesk_node::solo::LogRecord;
use sealdesk_node::validator::ValidatorKey;
use sealdesk_protocol::block::TxResult;
use sealdesk_protocol::ids::TicketId;

use super::block::block;
use super::files::{home, write};
use super::{choose, chosen};
use crate::desk::Desk;
use crate::{Outcome, Target};

pub(super) fn targets() -> Vec<Target> {
    let target = |name, run, seeds| Target { name, bytes_max: 512, run, seeds, contains_panics: false };
    vec![
        Target { bytes_max: 4_096, ..target("log_record", log_record, log_record_seeds) },
        target("feed_cursor", feed_cursor, feed_cursor_seeds),
        target("node_file", node_file, node_file_seeds),
    ]
}

fn log_record(data: &[u8]) -> Outcome {
    let decoded = LogRecord::decode(data);
    if let Ok(record) = &decoded {
        assert!(record.encode() == data, "what was read is written otherwise");
    }
    Outcome::from(&decoded)
}

fn log_record_seeds() -> Vec<Vec<u8>> {
    let results = [TxResult { code: 0, data: vec![1, 2] }];
    vec![LogRecord::new(block(None, [3; 32], vec![vec![7; 40]]), [4; 32], &results).encode()]
}

/// `filter ‖ cursor`: whoever follows from a place gets what lies behind it, in order, and comes to an end.
fn feed_cursor(data: &[u8]) -> Outcome {
    let Some((choice, bytes)) = choose(data, 3) else { return Outcome::Refused };
    let Some(cursor) = Cursor::decode(bytes) else { return Outcome::Refused };
    assert!(cursor.encode() == bytes, "what was read is written otherwise");
    let (desk, mut place) = (Desk::get(), cursor);
    let filter = Filter {
        types: (choice == 2)
            .then(|| "virtengine.support.v1.EventTicketCreated".to_owned())
            .into_iter()
            .collect(),
        ticket: (choice == 1).then(|| TicketId::new(1)).flatten(),
    };
    for _ in 0..3 {
        let stretch = feed::read(&desk.ledger.machine, &desk.snapshot(), place, &filter)
            .expect("a whole state can be read");
        let places: Vec<Cursor> =
            stretch.events.iter().filter_map(|event| Cursor::decode(&event.cursor)).collect();
        assert!(places.len() == stretch.events.len() && places.is_sorted(), "events are not in their order");
        assert!(places.iter().all(|event| *event > place), "an event comes twice");
        assert!(stretch.end >= place, "the feed goes backwards");
        if !stretch.more {
            return Outcome::Accepted;
        }
        place = stretch.end;
    }
    panic!("a feed of a few events has no end");
}

fn feed_cursor_seeds() -> Vec<Vec<u8>> {
    [Cursor::start(), Cursor::after_block(4), Cursor::after_block(u64::MAX)]
        .iter()
        .enumerate()
        .map(|(choice, cursor)| chosen(choice, &cursor.encode()))
        .collect()
}

/// `which ‖ file`: the validator's key, or the configuration.
fn node_file(data: &[u8]) -> Outcome {
    let Some((choice, file)) = choose(data, 2) else { return Outcome::Refused };
    let home = Home::new(home());
    if choice == 1 {
        write(&home.config_file(), file);
        return Outcome::from(&home.config());
    }
    write(&home.key_file(), file);
    let key = home.key();
    if let Ok(key) = &key {
        let text = String::from_utf8_lossy(file);
        let public = key.public_key().map(|byte| format!("{byte:02x}")).concat();
        assert!(text.contains(&public) || text.contains('\\'), "a file gives another key than it names");
    }
    Outcome::from(&key)
}

fn node_file_seeds() -> Vec<Vec<u8>> {
    let path = home().join("seed_key.json");
    let _ = fs::remove_file(&path);
    ValidatorKey::from_seed(&[9; 32]).write(&path).expect("there is room for temporary files");
    let key = fs::read(&path).expect("the key was kept");
    vec![
        chosen(0, &key),
        chosen(1, b"listen = \"127.0.0.1:9090\"\n"),
        chosen(1, b"listen = \"[::1]:0\" # here\n"),
    ]
}
