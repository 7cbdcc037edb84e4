//! A snapshot of one ledger becomes the state of another: the same root, answers and future; and whatever is wrong with it, the
//! state of before stays.

use sealdesk_machine::RowKind;
use sealdesk_node::comet::App;
use sealdesk_node::comet::snapshots::format::{CHUNK_BYTES_MAX, Metadata, push_row, sha256};
use sealdesk_node::ledger::Ledger as _;
use sealdesk_store::testing::{CallKind, Fault, Faults};
use sealdesk_store::{Disk as _, KEY_BYTES_MAX};
use tendermint_proto::v0_38::abci::response_apply_snapshot_chunk::Result as Applied;
use tendermint_proto::v0_38::abci::response_offer_snapshot::Result as Offered;

use super::abci::block;
use super::syncing::{Maker, Offer, STATE, apply, decide, info, listed, load, offer, open, open_on, sync};

const INTERVAL: u64 = 10;

/// A ledger with some life, its snapshot in four chunks, and the disks of an empty node.
struct Scene {
    maker: Maker,
    offered: Offer,
    disks: Faults,
}

impl Scene {
    fn new(blocks: usize) -> Self {
        let mut maker = Maker::new(3, INTERVAL, blocks);
        let offered = maker.next_snapshot(INTERVAL).split(4);
        Self { maker, offered, disks: Faults::new(0) }
    }

    /// A node on those disks.
    fn node(&self) -> App {
        open(&self.disks, &self.maker.genesis, 0).unwrap()
    }

    /// Does something to an empty node that changes nothing: not the height, not the root, not a byte of the file.
    fn in_vain(&self, what: &str, attempt: impl FnOnce(&App)) {
        let app = self.node();
        let (info_before, before) = (info(&app), self.disks.bytes(STATE));
        attempt(&app);
        assert_eq!(info(&app), info_before, "{what}");
        assert!(self.disks.bytes(STATE) == before, "{what}: the file of the state has changed");
        assert_eq!(info_before.last_block_height, 0);
    }
}

#[test]
fn a_new_node_takes_a_snapshot_and_goes_on_as_the_one_that_made_it() {
    let mut scene = Scene::new(120);
    let app = scene.node();
    assert_eq!(sync(&app, &scene.offered), Ok(()));
    let (ours, theirs) = (info(&app), info(&scene.maker.app));
    assert_eq!(
        (ours.last_block_height, &ours.last_block_app_hash),
        (theirs.last_block_height, &theirs.last_block_app_hash)
    );
    // The gate shows it at once, and what is after it is told as by the other.
    assert_eq!(app.handle().view().tip().height, u64::try_from(ours.last_block_height).unwrap());
    // It is the state on the disk, also after the power was cut.
    drop(app);
    scene.disks.restart_after_power_cut();
    let app = scene.node();
    assert_eq!(info(&app), ours);
    assert!(app.inspect().unwrap() > 20);
    for _ in 0..50 {
        let (block, finalized) = scene.maker.step();
        let (again, _) = decide(&app, &block);
        assert_eq!(again, finalized, "root, results and events of block {}", block.height);
    }
}

#[test]
fn chunks_are_taken_in_any_order_and_twice() {
    let scene = Scene::new(30);
    for order in [vec![3, 2, 1, 0], vec![1, 1, 3, 0, 0, 3, 2], vec![0, 2, 3, 2, 1]] {
        let (disks, last) = (Faults::new(0), order.len() - 1);
        let app = open(&disks, &scene.maker.genesis, 0).unwrap();
        assert_eq!(offer(&app, &scene.offered), Offered::Accept);
        for (nth, index) in order.iter().enumerate() {
            let answer = apply(&app, *index, &scene.offered.chunks[*index]).unwrap();
            assert_eq!(answer.result(), Applied::Accept);
            assert_eq!(info(&app).last_block_height > 0, nth == last, "{order:?} after {nth}");
        }
        assert_eq!(info(&app).last_block_app_hash, scene.offered.app_hash);
    }
}

#[test]
fn a_chunk_of_other_bytes_is_asked_for_again_and_its_sender_no_more() {
    let scene = Scene::new(30);
    let app = scene.node();
    assert_eq!(offer(&app, &scene.offered), Offered::Accept);
    for (index, chunk) in scene.offered.chunks.iter().enumerate() {
        let other = &scene.offered.chunks[(index + 1) % 4];
        let mut wrong =
            vec![chunk[..chunk.len() - 1].to_vec(), [chunk, &[0][..]].concat(), other.to_vec(), vec![]];
        for at in (0..chunk.len()).step_by(61) {
            let mut changed = chunk.to_vec();
            changed[at] ^= 0x10;
            wrong.push(changed);
        }
        for wrong in wrong {
            let answer = apply(&app, index, &wrong).unwrap();
            assert_eq!(answer.result(), Applied::Retry);
            assert_eq!(answer.refetch_chunks, [u32::try_from(index).unwrap()]);
            assert_eq!(answer.reject_senders, ["a peer"]);
        }
        assert_eq!(info(&app).last_block_height, 0);
        assert_eq!(apply(&app, index, chunk).unwrap().result(), Applied::Accept);
    }
    assert_eq!(info(&app).last_block_app_hash, scene.offered.app_hash);
}

#[test]
fn without_one_of_its_chunks_a_snapshot_never_becomes_a_state() {
    let scene = Scene::new(30);
    for missing in 0..4 {
        scene.in_vain(&format!("without chunk {missing}"), |app| {
            assert_eq!(offer(app, &scene.offered), Offered::Accept);
            for _ in 0..2 {
                for index in (0..4).filter(|index| *index != missing) {
                    apply(app, index, &scene.offered.chunks[index]).unwrap();
                }
            }
        });
    }
}

#[test]
fn a_chunk_without_an_offer_begins_nothing() {
    let scene = Scene::new(30);
    scene.in_vain("no offer", |app| {
        let answer = apply(app, 0, &scene.offered.chunks[0]).unwrap();
        assert_eq!(answer.result(), Applied::RetrySnapshot);
    });
}

#[test]
fn whatever_byte_of_the_metadata_is_changed_the_state_of_before_stays() {
    let scene = Scene::new(30);
    let honest = scene.offered.snapshot.metadata.to_vec();
    for at in 0..honest.len() {
        let mut changed = honest.clone();
        changed[at] ^= 1 << (at % 8);
        // With the old hash it is another node's; with a new one it is a lie that has to be found out.
        let mut stale = scene.offered.clone();
        stale.snapshot.metadata = changed.clone().into();
        let lie = scene.offered.with_metadata(changed);
        scene.in_vain(&format!("byte {at} of the metadata"), |app| {
            assert_eq!(offer(app, &stale), Offered::RejectSender);
            assert!(sync(app, &lie).is_err(), "byte {at}");
        });
    }
}

#[test]
fn a_liar_whose_hashes_all_fit_is_found_out_by_the_root_or_by_the_records() {
    let scene = Scene::new(60);
    let (mut lies, bytes) = (0, scene.offered.chunks.iter().map(|chunk| chunk.len()).sum::<usize>());
    for place in (0..bytes).step_by(bytes / 120) {
        let mut chunks: Vec<Vec<u8>> = scene.offered.chunks.iter().map(|chunk| chunk.to_vec()).collect();
        let mut at = place;
        for chunk in &mut chunks {
            match chunk.get_mut(at) {
                Some(byte) => {
                    *byte ^= 1 << (place % 8);
                    break;
                }
                None => at -= chunk.len(),
            }
        }
        scene.in_vain(&format!("byte {place}"), |app| {
            let answer = sync(app, &scene.offered.with_chunks(chunks));
            assert_eq!(answer, Err(Some(Applied::RejectSnapshot)), "byte {place}");
        });
        lies += 1;
    }
    assert!(lies > 100);
    // Chunks in another order, one twice, one less: with metadata that says so.
    let whole: Vec<Vec<u8>> = scene.offered.chunks.iter().map(|chunk| chunk.to_vec()).collect();
    let pick = |order: &[usize]| order.iter().map(|index| whole[*index].clone()).collect::<Vec<_>>();
    for order in [&[1, 0, 2, 3][..], &[0, 1, 1, 2, 3], &[0, 1, 2], &[1, 2, 3], &[3]] {
        scene.in_vain(&format!("{order:?}"), |app| {
            let answer = sync(app, &scene.offered.with_chunks(pick(order)));
            assert_eq!(answer, Err(Some(Applied::RejectSnapshot)), "{order:?}");
        });
    }
}

#[test]
fn a_snapshot_of_another_height_chain_format_or_size_is_refused_at_the_door() {
    let scene = Scene::new(30);
    let honest = &scene.offered;
    let with = |change: &dyn Fn(&mut Metadata)| {
        let mut metadata = honest.metadata();
        change(&mut metadata);
        honest.with_metadata(metadata.encode())
    };
    let offered = |change: &dyn Fn(&mut Offer)| {
        let mut other = honest.clone();
        change(&mut other);
        other
    };
    let size = u32::try_from(CHUNK_BYTES_MAX).unwrap() + 1;
    let doors = [
        ("format", offered(&|offer| offer.snapshot.format = 2), Offered::RejectFormat),
        ("offered height", offered(&|offer| offer.snapshot.height += 1), Offered::RejectSender),
        ("height", with(&|metadata| metadata.height += 1), Offered::RejectSender),
        ("offered chunks", offered(&|offer| offer.snapshot.chunks += 1), Offered::RejectSender),
        ("chain", with(&|metadata| metadata.chain_id = "another-1".to_owned()), Offered::Reject),
        ("the light client's root", offered(&|offer| offer.app_hash = vec![7; 32].into()), Offered::Reject),
        ("size", with(&|metadata| metadata.chunks[0].size = size), Offered::RejectSender),
        ("none", offered(&|offer| offer.snapshot.metadata = vec![].into()), Offered::RejectSender),
    ];
    for (what, other, answer) in doors {
        scene.in_vain(what, |app| assert_eq!(offer(app, &other), answer, "{what}"));
    }
    for change in [
        |metadata: &mut Metadata| metadata.counts.records -= 1,
        |metadata: &mut Metadata| metadata.counts.grants += 1,
    ] {
        scene.in_vain("counts", |app| {
            assert_eq!(sync(app, &with(&change)), Err(Some(Applied::RejectSnapshot)));
        });
    }
}

#[test]
fn a_snapshot_that_does_not_fit_the_device_is_refused_before_a_byte_is_written() {
    let scene = Scene::new(30);
    let app = scene.node();
    scene.disks.inject(scene.disks.calls(), Fault::NoSpace);
    assert!(scene.disks.disk("other").set_len(1).is_err());
    assert_eq!(offer(&app, &scene.offered), Offered::Reject);
    scene.disks.free_space();
    assert_eq!(sync(&app, &scene.offered), Ok(()));
}

#[test]
fn only_a_ledger_that_has_executed_no_block_is_replaced() {
    let mut scene = Scene::new(30);
    let app = scene.node();
    assert_eq!(sync(&app, &scene.offered), Ok(()));
    // CometBFT may have died before it noted that: it begins again.
    assert_eq!(sync(&app, &scene.offered), Ok(()));
    let (next, _) = scene.maker.step();
    decide(&app, &next);
    assert_eq!(offer(&app, &scene.offered), Offered::Abort);
    assert_eq!(info(&app).last_block_app_hash, info(&scene.maker.app).last_block_app_hash);

    let app = open(&Faults::new(0), &scene.maker.genesis, 0).unwrap();
    decide(&app, &block(1, scene.maker.genesis.time().unwrap() * 1_000 + 1, &[]));
    assert_eq!(offer(&app, &scene.offered), Offered::Abort);
}

#[test]
fn a_row_that_no_store_takes_is_its_senders_fault_and_another_snapshot_is_tried() {
    let scene = Scene::new(30);
    let mut rows = scene.offered.rows();
    let last = rows.iter().rposition(|row| row.kind == RowKind::Record).unwrap();
    rows[last].key.extend([0; KEY_BYTES_MAX]);
    let (records, others) = rows.split_at(last + 1);
    let chunks = [records, others].map(|rows| {
        let mut chunk = Vec::new();
        rows.iter().for_each(|row| assert!(push_row(&mut chunk, row).unwrap()));
        chunk
    });
    scene.in_vain("a key that is too long", |app| {
        let answer = sync(app, &scene.offered.with_chunks(chunks.to_vec()));
        assert_eq!(answer, Err(Some(Applied::RejectSnapshot)));
    });
}

#[test]
fn a_snapshot_that_grows_beyond_the_room_it_was_taken_for_is_given_up() {
    let scene = Scene::new(30);
    let app = scene.node();
    assert_eq!(offer(&app, &scene.offered), Offered::Accept);
    assert_eq!(apply(&app, 0, &scene.offered.chunks[0]).unwrap().result(), Applied::Accept);
    scene.disks.inject(scene.disks.calls(), Fault::NoSpace);
    assert!(scene.disks.disk("other").set_len(1).is_err());
    let answer = apply(&app, 1, &scene.offered.chunks[1]).unwrap();
    assert_eq!(answer.result(), Applied::RejectSnapshot);
    scene.disks.free_space();
    assert_eq!(sync(&app, &scene.offered), Ok(()));
}

/// Calls that change a disk, by number.
fn changing(faults: &Faults, from: usize) -> Vec<u64> {
    let trace = faults.trace();
    let calls = trace.iter().enumerate().skip(from);
    let calls = calls.filter(|(_, call)| !matches!(call.kind, CallKind::Read | CallKind::Len));
    calls.map(|(nth, _)| nth as u64).collect()
}

#[test]
fn a_crash_at_any_call_of_a_restoration_leaves_the_state_of_before_or_the_new_one() {
    let scene = Scene::new(4);
    let offered = scene.offered.split(2);
    let attempt = |faults: &Faults| {
        let app = open(faults, &scene.maker.genesis, 0)?;
        let _ = offer(&app, &offered);
        // One chunk before its turn, so that it is put aside.
        for index in [1, 0] {
            let _ = apply(&app, index, &offered.chunks[index]);
        }
        Ok::<_, String>(info(&app))
    };
    let faults = Faults::new(0);
    drop(open(&faults, &scene.maker.genesis, 0).unwrap());
    let begun = faults.calls();
    let done = attempt(&faults).unwrap();
    assert_eq!(done.last_block_app_hash, offered.app_hash);
    let calls = changing(&faults, usize::try_from(begun).unwrap());
    assert!(calls.len() > 30, "{}", calls.len());
    let (mut olds, mut news) = (0, 0);
    for (nth, call) in calls.into_iter().enumerate() {
        for fault in
            [Fault::PowerCut, [Fault::ErrorBefore, Fault::ErrorAfter, Fault::Torn, Fault::NoSpace][nth % 4]]
        {
            let what = format!("call {call} {fault:?}");
            let faults = Faults::new(call);
            drop(open(&faults, &scene.maker.genesis, 0).unwrap());
            assert_eq!(faults.calls(), begun);
            faults.inject(call, fault);
            let _ = attempt(&faults);
            faults.free_space();
            match fault {
                Fault::PowerCut => faults.restart_after_power_cut(),
                _ => faults.restart_process(),
            }
            let app =
                open(&faults, &scene.maker.genesis, 0).unwrap_or_else(|error| panic!("{what}: {error}"));
            match info(&app).last_block_height {
                0 => olds += 1,
                height => {
                    assert_eq!((height, info(&app)), (done.last_block_height, done.clone()), "{what}");
                    news += 1;
                }
            }
            app.inspect().unwrap_or_else(|error| panic!("{what}: {error}"));
            assert_eq!(sync(&app, &offered), Ok(()), "{what}: tried again");
            assert_eq!(info(&app), done, "{what}");
        }
    }
    assert!(olds > 20 && news > 1, "{olds} {news}");
}

#[test]
fn a_crash_or_a_full_device_while_a_snapshot_is_made_harms_nobody() {
    let mut maker = Maker::new(3, 0, 6);
    let blocks: Vec<_> = (0..3).map(|_| maker.step()).collect();
    // The live state has disks of its own here, so that every fault is the snapshot's.
    let run = |shelf: &Faults| {
        let disks = Faults::new(0);
        let made = Maker::over((&disks, shelf), 3, 1, 6);
        for (block, finalized) in &blocks {
            assert_eq!(&decide(&made.app, block).0, finalized, "the ledger goes on");
        }
        (info(&made.app), disks)
    };
    let shelf = Faults::new(0);
    let (done, _) = run(&shelf);
    let calls = changing(&shelf, 0);
    assert!(calls.len() > 12, "{}", calls.len());
    let mut kept = 0;
    for (nth, call) in calls.into_iter().enumerate().step_by(5) {
        for fault in
            [Fault::PowerCut, [Fault::ErrorBefore, Fault::ErrorAfter, Fault::Torn, Fault::NoSpace][nth % 4]]
        {
            let shelf = Faults::new(call);
            shelf.inject(call, fault);
            let (ended, disks) = run(&shelf);
            assert_eq!(ended, done);
            shelf.free_space();
            match fault {
                Fault::PowerCut => shelf.restart_after_power_cut(),
                _ => shelf.restart_process(),
            }
            let app = open_on(&disks, &shelf, &maker.genesis, 0).unwrap();
            for snapshot in listed(&app) {
                let chunks: Vec<_> = (0..snapshot.chunks).map(|n| load(&app, snapshot.height, n)).collect();
                assert!(chunks.iter().all(|chunk| !chunk.is_empty()), "call {call} {fault:?}");
                kept += 1;
            }
        }
    }
    assert!(kept > 5, "{kept}");
}

#[test]
fn the_newest_two_are_kept_and_no_block_after_the_older_is_forgotten() {
    let mut maker = Maker::new(3, INTERVAL, 0);
    for _ in 0..4 {
        maker.step();
        maker.next_snapshot(INTERVAL);
    }
    let heights: Vec<u64> = listed(&maker.app).iter().map(|snapshot| snapshot.height).collect();
    let newest = maker.walk.desk.height;
    assert_eq!(heights, [newest, newest - INTERVAL]);
    let (time, tx) = maker.walk.plan();
    let (_, retained) = decide(&maker.app, &block(newest + 1, time * 1_000, &[tx]));
    assert_eq!(retained, i64::try_from(newest - INTERVAL).unwrap(), "who joins needs the blocks since");
    // After a restart they are still there, and what was half-made is not.
    let Maker { app, faults, genesis, .. } = maker;
    drop(app);
    faults.set_bytes("shelf/making.part", vec![1; 100]);
    faults.set_bytes("shelf/7-1.snapshot", vec![1; 100]);
    let app = open(&faults, &genesis, INTERVAL).unwrap();
    assert_eq!(listed(&app).iter().map(|snapshot| snapshot.height).collect::<Vec<_>>(), heights);
    assert!(faults.bytes("shelf/making.part").is_empty() && faults.bytes("shelf/7-1.snapshot").is_empty());
}

#[test]
fn a_chunk_that_is_damaged_on_the_disk_is_never_served() {
    let mut maker = Maker::new(3, INTERVAL, 0);
    let offered = maker.next_snapshot(INTERVAL);
    let height = offered.snapshot.height;
    let name = format!("shelf/{height}-1.snapshot");
    assert!(load(&maker.app, height, 1).is_empty() && load(&maker.app, height + 1, 0).is_empty());
    let mut bytes = maker.faults.bytes(&name);
    bytes[40] ^= 1;
    maker.faults.set_bytes(&name, bytes);
    assert!(load(&maker.app, height, 0).is_empty());
    let offers = listed(&maker.app);
    assert!(offers.iter().all(|snapshot| snapshot.height != height), "it is not offered any more");
}

#[test]
fn two_nodes_make_the_same_snapshot_and_its_bytes_do_not_change() {
    let mut one = Maker::new(3, INTERVAL, 40);
    let mut two = Maker::new(3, INTERVAL, 40);
    let (ours, theirs) = (one.next_snapshot(INTERVAL), two.next_snapshot(INTERVAL));
    assert_eq!(ours.snapshot, theirs.snapshot);
    assert_eq!(ours.snapshot.hash, sha256(&ours.snapshot.metadata).as_slice());
    let file = one.faults.bytes(&format!("shelf/{}-1.snapshot", ours.snapshot.height));
    let golden =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors/snapshots/desk.snapshot");
    if std::env::var_os("BLESS").is_some() {
        std::fs::create_dir_all(golden.parent().unwrap()).unwrap();
        std::fs::write(&golden, &file).unwrap();
        panic!("{} is written anew: say why in the commit, then run without BLESS", golden.display());
    }
    assert!(std::fs::read(&golden).unwrap() == file, "the format has changed: it needs another number");
    // And it still becomes a state.
    let app = open(&Faults::new(0), &one.genesis, 0).unwrap();
    assert_eq!(sync(&app, &ours), Ok(()));
}
