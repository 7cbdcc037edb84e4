//! Old blocks of a desk are dropped by the real program: what people read and hold stays, and what went is said.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::desk::session::Session;
use sealdesk_node::clock::ManualClock;
use sealdesk_node::home::Home;
use sealdesk_node::solo::{Setup, Solo, file_disks};
use sealdesk_testkit::people::Person;
use sealdesk_testkit::transaction::{Draft, attempt};

/// Fewest blocks that may be kept.
const KEPT: u64 = 1_000;

/// Blocks of a stopped desk, made faster than the program would: of somebody who tries what is refused.
fn fill(home: PathBuf, txs: u64) -> u64 {
    let home = Home::new(home);
    let (disks, genesis) = (file_disks(&home).unwrap(), home.genesis().unwrap());
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
    let clock = ManualClock::at(i64::try_from(now).unwrap());
    let (chain, key) = (genesis.chain_id.clone(), home.key().unwrap());
    let mut solo = Solo::open(Setup { disks, genesis, key, clock: Arc::new(clock.clone()) }).unwrap();
    let (stranger, admin) = (Person::number(77), Person::number(0));
    for sequence in 0..txs {
        let tx =
            Draft::new(&chain, vec![attempt(&stranger, &admin)], &[(&stranger, sequence)]).sign(&[&stranger]);
        solo.handle().submit(&tx, None).unwrap();
        clock.advance(1);
        while solo.make_block().unwrap().is_some() {}
    }
    solo.sync().unwrap();
    solo.height()
}

#[test]
fn a_pruned_desk_reads_its_tickets_and_verifies_its_receipts_and_says_what_it_lost() {
    let mut desk = Session::start();
    desk.key("alice");
    let create = ["tx", "support", "create-ticket", "--category", "other", "--from", "alice"];
    desk.ask(&[&create[..], &["--subject", "It burns", "--message", "Since this morning."]].concat());
    desk.ask(&["tx", "support", "respond", "1", "--from", "admin", "--message", "We are coming."]);
    let messages = |desk: &Session| desk.ask(&["read", "1", "--from", "alice"])["messages"].clone();
    let before = messages(&desk);
    assert_eq!(before.as_array().unwrap().len(), 2);
    let receipt = desk.home().join("old.receipt");
    desk.ask(&["receipt", "1", "-o", receipt.to_str().unwrap()]);
    let running = desk.run(&["prune", "--keep-blocks", "1000"]);
    assert_eq!(running.status.code(), Some(1), "{}", String::from_utf8_lossy(&running.stdout));
    desk.stop_node();
    for (args, what) in
        [(&["prune"][..], "--keep-blocks 1000"), (&["prune", "--keep-blocks", "999"], "at least 1000")]
    {
        let refused = desk.command(args).output().unwrap();
        let told = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(refused.status.code() == Some(2) && told.contains(what), "{args:?}: {told}");
    }

    let height = fill(desk.home().join(".sealdesk"), 800);
    let pruned = desk.ask(&["prune", "--keep-blocks", "1000"]);
    println!("{pruned}");
    let number = |name: &str| pruned[name].as_u64().unwrap();
    assert_eq!((number("height"), number("dropped_blocks")), (height, height - KEPT));
    assert_eq!((number("history_from"), number("headers")), (height - KEPT + 1, height - KEPT));
    assert!(number("bytes_after") < number("bytes_before"), "{pruned}");
    let shown = desk.command(&["prune", "--keep-blocks", "1000"]).output().unwrap();
    let shown = String::from_utf8(shown.stdout).unwrap();
    assert!(shown.starts_with("Nothing was dropped: the history begins with block "), "{shown}");
    let doctor = desk.ask(&["doctor"]);
    assert!(doctor.to_string().contains("only the signed headers are kept"), "{doctor}");

    desk.start_node("127.0.0.1:0");
    assert_eq!(desk.ask(&["status"])["history_from"].as_u64().unwrap(), number("history_from"));
    assert_eq!(messages(&desk), before);
    assert!(desk.ask(&["inbox", "--from", "admin"]).to_string().contains("TKT-00000001"));
    let genesis = desk.home().join(".sealdesk/genesis.json");
    let verify =
        |file: &Path| desk.ask(&["verify", file.to_str().unwrap(), "--genesis", genesis.to_str().unwrap()]);
    verify(&receipt);
    let newer = desk.home().join("new.receipt");
    desk.ask(&["receipt", "1", "-o", newer.to_str().unwrap()]);
    verify(&newer);
    desk.ask(&["tx", "support", "respond", "1", "--from", "alice", "--message", "Thank you."]);
    assert_eq!(messages(&desk).as_array().unwrap().len(), 3);
    let read = desk.command(&["read", "1", "--from", "alice"]).output().unwrap();
    let read = String::from_utf8(read.stdout).unwrap();
    let lost = format!("what happened before height {} is not on this node", number("history_from"));
    assert!(read.contains(&lost), "{read}");
    desk.stop_node();
    assert_eq!(desk.ask(&["export", "-o", "all.json"])["tickets"], 1);
}
