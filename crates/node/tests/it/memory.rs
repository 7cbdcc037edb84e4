//! What the page cache takes, measured by hand: `SEALDESK_MEASURE_MIB=128 cargo test -p sealdesk-node --test it memory -- --nocapture`
//! prints the resident memory of a state of the size of 8,000 tickets, once it was written and once it was read. Without that variable
//! the state is small, so that the test is quick.

#![allow(clippy::print_stdout, reason = "it measures")]

use sealdesk_protocol::state::{side, tree};
use sealdesk_store::{Durability, FileDisk, STATE_FILE, State, Store};

/// Tickets, unless `SEALDESK_MEASURE_TICKETS` says otherwise.
const TICKETS: u64 = 8_000;
const PER_BLOCK: u64 = 50;
/// What a ticket takes on the disk (docs/benchmarks.md), most of it outside of the tree.
const TICKET_BYTES: usize = 12_000;

fn resident_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.split_whitespace().next().unwrap().parse::<u64>().unwrap() / 1_024
}

#[test]
fn a_state_with_a_small_page_cache_is_written_and_read_whole() {
    let measured = std::env::var("SEALDESK_MEASURE_MIB").ok();
    let mib = measured.as_ref().map_or(1, |mib| mib.parse().unwrap());
    let asked = std::env::var("SEALDESK_MEASURE_TICKETS").map_or(TICKETS, |tickets| tickets.parse().unwrap());
    let tickets = if measured.is_some() { asked } else { 4 * PER_BLOCK };
    let dir = tempfile::tempdir().unwrap();
    let disk = FileDisk::open(dir.path(), STATE_FILE).unwrap();
    let store = Store::open_with(disk, mib << 20).unwrap();
    println!("{mib} MiB of cache, empty: {} MiB resident", resident_mib());
    let key = |number: u64| [side::ENVELOPES, &number.to_be_bytes()].concat();
    for version in 1..=tickets / PER_BLOCK {
        let mut state = State::new(store.latest());
        for number in (version - 1) * PER_BLOCK..version * PER_BLOCK {
            state.put([tree::TICKETS, &number.to_be_bytes()].concat(), vec![7; 300]);
            state.put_side(key(number), vec![7; TICKET_BYTES]);
        }
        let staged = store.prepare(version, state.into_changes()).unwrap();
        store.commit(staged, Durability::Synced).unwrap();
    }
    println!("{mib} MiB of cache, written: {} MiB resident", resident_mib());
    let latest = store.latest();
    for number in 0..tickets {
        assert_eq!(latest.get_side(&key(number)).unwrap(), Some(vec![7; TICKET_BYTES]));
    }
    println!("{mib} MiB of cache, read: {} MiB resident", resident_mib());
}
