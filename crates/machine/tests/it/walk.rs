//! A random walk over a desk. At every so many steps, what can be made anew from the tree is made anew: the lists that
//! queries page through, and a copy of the whole ledger from its own export.

use sealdesk_protocol::genesis::Genesis;
use sealdesk_protocol::ids::ChainId;
use sealdesk_protocol::state::side::{self, TicketList};
use sealdesk_protocol::ticket::Status;
use sealdesk_store::{Durability, KeyRange, State};
use sealdesk_testkit::desk::Desk;
use sealdesk_testkit::walking::Walk;

const STEPS: usize = 700;

fn lists_made_anew_from_the_tree_equal_the_live_ones(walk: &Walk) {
    let all = |state: &State| -> Vec<(Vec<u8>, Vec<u8>)> {
        let lists = [
            side::TICKET_LISTS,
            side::TICKET_COUNTS,
            side::ROLES,
            side::FINGERPRINTS,
            side::BLOBS,
            side::AUTO_CLOSE_TIMES,
        ];
        let list = |list: &[u8]| -> Vec<_> {
            state.scan_side(&KeyRange::prefix(list)).unwrap().map(Result::unwrap).collect()
        };
        lists.into_iter().flat_map(list).collect()
    };
    let live = State::new(walk.desk.snapshot());
    let mut again = live.clone();
    sealdesk_machine::rebuild_indexes(&mut again, walk.desk.machine.prefix()).unwrap();
    assert!(!all(&live).is_empty());
    assert_eq!(all(&again), all(&live));
}

fn the_counts_say_how_long_the_lists_are(walk: &Walk) {
    let snapshot = walk.desk.snapshot();
    let counts = walk.desk.machine.ticket_counts(&snapshot).unwrap();
    let listed = |status| snapshot.scan_side(&KeyRange::prefix(&TicketList::Status(status).prefix()));
    let lengths = Status::ALL.map(|status| (status, listed(status).unwrap().count() as u64));
    assert_eq!(counts, lengths);
    let created = walk.desk.ticket_count();
    assert_eq!(counts.iter().map(|(_, count)| count).sum::<u64>(), created);
}

fn an_export_is_imported_and_exported_the_same(walk: &Walk) {
    let chain = ChainId::parse("copy-1").unwrap();
    let export = walk.desk.machine.export(&walk.desk.snapshot(), Some(&chain)).unwrap().to_json().unwrap();
    let copy = Desk::from_genesis(&Genesis::from_json(&export).unwrap());
    let again = copy.machine.export(&copy.snapshot(), None).unwrap().to_json().unwrap();
    assert!(export == again, "byte for byte");
    let counts = |desk: &Desk| desk.machine.ticket_counts(&desk.snapshot()).unwrap();
    assert_eq!(counts(&copy), counts(&walk.desk));
}

#[test]
fn a_ledger_begun_before_tickets_were_counted_has_no_counts_rather_than_wrong_ones() {
    let mut walk = Walk::new(7);
    let mut state = walk.desk.state();
    Status::ALL.into_iter().for_each(|status| state.delete_side(side::ticket_count(status)));
    walk.desk.height += 1;
    let staged = walk.desk.store.prepare(walk.desk.height + 1, state.into_changes()).unwrap();
    walk.desk.store.commit(staged, Durability::Deferred).unwrap();
    for _ in 0..50 {
        walk.step();
    }
    assert!(walk.desk.ticket_count() > 0);
    assert_eq!(walk.desk.machine.ticket_counts(&walk.desk.snapshot()).unwrap(), []);
}

#[test]
fn lists_and_copies_made_anew_from_the_tree_equal_the_live_ledger_on_a_walk() {
    for seed in [5, 6] {
        println!("seed {seed}");
        let mut walk = Walk::new(seed);
        let mut taken = 0;
        for step in 1..=STEPS {
            taken += usize::from(walk.step() == 0);
            if step % 100 == 0 {
                lists_made_anew_from_the_tree_equal_the_live_ones(&walk);
                the_counts_say_how_long_the_lists_are(&walk);
                an_export_is_imported_and_exported_the_same(&walk);
            }
        }
        assert!(taken > STEPS / 3, "only {taken} of {STEPS} were taken");
    }
}
