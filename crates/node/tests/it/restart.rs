//! What a restart finds: the same hashes at any height, and no ledger but its own.

use std::sync::Arc;

use super::desk::{Memory, clock, execute, genesis, open, root, settle, submit, validator};
use sealdesk_node::clock::ManualClock;
use sealdesk_node::solo::{Setup, Solo, SoloError};
use sealdesk_node::validator::ValidatorKey;
use sealdesk_protocol::genesis::GenesisValidator;
use sealdesk_testkit::people::Person;

/// Runs some blocks of every kind and gives the root after each height.
fn history(solo: &mut Solo, clock: &ManualClock, memory: &Memory) -> Vec<(u64, String, Memory)> {
    let (admin, customer) = (Person::number(0), Person::number(9));
    let mut seen = vec![(solo.height(), root(solo), memory.copy())];
    for n in 0..5u16 {
        submit(solo, &admin.appoint(u64::from(n), &Person::number(n + 1))).unwrap();
        submit(solo, &customer.attempt(u64::from(n), &customer)).unwrap();
        while solo.make_block().unwrap().is_some() {
            clock.advance(150);
            seen.push((solo.height(), root(solo), memory.copy()));
        }
    }
    seen
}

#[test]
fn the_app_hash_is_the_same_after_a_restart_and_a_full_replay_at_any_height() {
    let (memory, clock) = (Memory::default(), clock());
    let mut solo = open(memory.disks(), &clock).unwrap();
    for (height, root_then, copy) in history(&mut solo, &clock, &memory) {
        for disks in [copy.copy(), copy.without_state()] {
            let reopened = open(disks.disks(), &clock).unwrap();
            assert_eq!((reopened.height(), root(&reopened)), (height, root_then.clone()));
        }
    }
}

#[test]
fn the_proof_form_that_clients_check_is_the_tree_s_own() {
    assert_eq!(sealdesk_protocol::proof::proof_spec(), jmt::ics23_spec());
}

#[test]
fn every_record_of_the_ledger_has_a_proof_that_clients_accept() {
    let (memory, clock) = (Memory::default(), clock());
    let mut solo = open(memory.disks(), &clock).unwrap();
    execute(&mut solo, &clock, &Person::number(0).appoint(0, &Person::number(1)));
    let snapshot = solo.handle().view().tip().snapshot.clone();
    let mut proven = 0;
    for entry in snapshot.scan(&sealdesk_store::KeyRange::all()).unwrap() {
        let (key, record) = entry.unwrap();
        let proof = snapshot.prove(&key).unwrap().proof;
        sealdesk_protocol::proof::verify(&snapshot.root(), &key, Some(&record), &proof).unwrap();
        let missing = [key.as_slice(), b"?"].concat();
        let absence = snapshot.prove(&missing).unwrap().proof;
        sealdesk_protocol::proof::verify(&snapshot.root(), &missing, None, &absence).unwrap();
        proven += 1;
    }
    assert!(proven > 4, "{proven}");
}

#[test]
fn a_restarted_ledger_goes_on_as_one_that_was_never_stopped() {
    let admin = Person::number(0);
    let txs: Vec<Vec<u8>> = (0..4u16).map(|n| admin.appoint(n.into(), &Person::number(n + 1))).collect();
    let run = |restarts: bool| {
        let (memory, clock) = (Memory::default(), clock());
        let mut solo = open(memory.disks(), &clock).unwrap();
        for tx in &txs {
            execute(&mut solo, &clock, tx);
            if restarts {
                drop(solo);
                solo = open(memory.disks(), &clock).unwrap();
            }
        }
        settle(&mut solo, &clock);
        let tip = solo.handle().view().tip();
        (tip.height, tip.signed_header().unwrap().header().hash(), root(&solo))
    };
    assert_eq!(run(false), run(true));
}

#[test]
fn a_log_that_leads_elsewhere_stops_the_start_with_a_clear_error() {
    let (memory, clock) = (Memory::default(), clock());
    let mut solo = open(memory.disks(), &clock).unwrap();
    execute(&mut solo, &clock, &Person::number(0).appoint(0, &Person::number(1)));
    drop(solo);
    // Another first administrator makes another genesis under the same name.
    let mut other = genesis();
    other.app_state.members[0].address = Person::number(5).address.to_string();
    let setup = Setup {
        disks: memory.without_state().disks(),
        genesis: other,
        key: validator(),
        clock: Arc::new(clock.clone()),
    };
    let error = Solo::open(setup).unwrap_err();
    assert!(matches!(error, SoloError::Replay { height: 1, .. }), "{error}");
}

#[test]
fn the_data_of_another_ledger_is_refused() {
    let (memory, clock) = (Memory::default(), clock());
    drop(open(memory.disks(), &clock).unwrap());
    let mut other = genesis();
    other.chain_id = "desk-ffffffffffffffff".to_owned();
    for memory in [memory.copy(), memory.without_state()] {
        let genesis = other.clone();
        let setup =
            Setup { disks: memory.disks(), genesis, key: validator(), clock: Arc::new(clock.clone()) };
        assert!(matches!(Solo::open(setup), Err(SoloError::OtherLedger { .. })));
    }
}

#[test]
fn a_node_whose_key_the_genesis_does_not_name_makes_no_blocks() {
    let key = ValidatorKey::from_seed(&[1; 32]);
    let disks = Memory::default().disks();
    let setup = Setup { disks, genesis: genesis(), key, clock: Arc::new(clock()) };
    assert!(matches!(Solo::open(setup), Err(SoloError::OtherValidator)));
    let mut two = genesis();
    two.validators.push(GenesisValidator::new(&ValidatorKey::from_seed(&[2; 32]).public_key(), 10, "other"));
    let disks = Memory::default().disks();
    let setup = Setup { disks, genesis: two, key: validator(), clock: Arc::new(clock()) };
    assert!(matches!(Solo::open(setup), Err(SoloError::OtherValidator)));
}

#[test]
fn an_older_copy_of_the_blocks_is_not_continued_so_that_no_height_is_signed_twice() {
    let (memory, clock) = (Memory::default(), clock());
    let mut solo = open(memory.disks(), &clock).unwrap();
    let admin = Person::number(0);
    execute(&mut solo, &clock, &admin.appoint(0, &Person::number(1)));
    let older = memory.copy();
    execute(&mut solo, &clock, &admin.appoint(1, &Person::number(2)));
    drop(solo);
    let restored = memory.restore_blocks_from(&older);
    let error = open(restored.disks(), &clock).unwrap_err();
    let SoloError::OlderCopy { log, .. } = &error else { panic!("{error}") };
    assert!(error.is_older_copy());
    // What is there can be read, so that another ledger continues it, and that changes nothing.
    let copy = Solo::read_older_copy(restored.disks(), genesis()).unwrap();
    let name = sealdesk_protocol::ids::ChainId::parse("desk-next").unwrap();
    let export = copy.machine.export(&copy.snapshot, Some(&name)).unwrap();
    assert_eq!(export.app_state.continues.unwrap().height, *log);
    drop(copy);
    assert!(open(restored.disks(), &clock).unwrap_err().is_older_copy());
    let nothing = Solo::read_older_copy(Memory::default().disks(), genesis());
    assert!(matches!(nothing, Err(SoloError::OlderCopy { log: 0, .. })));

    // The older copy with its own note is another machine's life; its blocks are not taken for this one's.
    let mut other = open(older.disks(), &clock).unwrap();
    execute(&mut other, &clock, &admin.suspend(1, &Person::number(1)));
    execute(&mut other, &clock, &admin.suspend(2, &Person::number(2)));
    drop(other);
    let mixed = memory.restore_blocks_from(&older);
    let error = open(mixed.disks(), &clock).unwrap_err();
    assert!(matches!(error, SoloError::OtherHistory { .. }), "{error}");
}

#[test]
fn a_state_that_is_ahead_of_the_log_is_refused() {
    let (memory, clock) = (Memory::default(), clock());
    let mut solo = open(memory.disks(), &clock).unwrap();
    let older = memory.copy();
    execute(&mut solo, &clock, &Person::number(0).appoint(0, &Person::number(1)));
    solo.sync().unwrap();
    drop(solo);
    let mixed = memory.with_log_of(&older);
    let error = open(mixed.disks(), &clock).unwrap_err();
    assert!(matches!(error, SoloError::StateAhead { .. }), "{error}");
}
