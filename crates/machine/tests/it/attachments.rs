//! Files of messages over a desk's life: a day's bytes, and which pieces the ledger names.

use sealdesk_protocol::params::Params;
use sealdesk_protocol::wire::virtengine::support::v1::Attachment;
use sealdesk_testkit::files::{create_with, file, respond_with};
use sealdesk_testkit::scenario::{Cast, assign, cast, create_at, respond_wire, update_params};

const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;

fn params() -> Params {
    Params {
        max_attachment_bytes_per_customer_per_day: 3 << 20,
        ticket_cooldown_seconds: 0,
        ..Params::default()
    }
}

/// Begins on a full hour, so that a test can say when it ends.
fn stage() -> Cast {
    let mut cast = cast();
    cast.desk.must(&cast.admin, vec![update_params(&cast.admin, &params())]);
    cast.desk.pass_to(cast.desk.time + HOUR - cast.desk.time % HOUR);
    cast
}

fn hash(file: &Attachment, place: usize) -> [u8; 32] {
    file.blobs[place].as_slice().try_into().unwrap()
}

#[test]
fn a_customer_attaches_so_many_bytes_a_day_counted_by_the_hour() {
    let Cast { mut desk, admin, customer, .. } = stage();
    let begin = desk.time;
    let create = |desk: &_, size| {
        create_with(create_at(desk, &customer, &[&admin, &customer], 0), vec![file(size, 1)])
    };
    let respond = |desk: &_, size| {
        let message = respond_wire(desk, &customer, 1, &[&admin, &customer], false);
        respond_with(message, vec![file(size, 2)])
    };
    let at = |desk: &mut sealdesk_testkit::desk::Desk, time, message| {
        let tx = desk.tx(&customer, vec![message]);
        desk.block_at(time, &tx).code
    };
    let message = create(&desk, (2 << 20) - 1);
    assert_eq!(at(&mut desk, begin + HOUR - 1, message), 0, "two of three");
    let message = respond(&desk, 1 << 20);
    assert_eq!(at(&mut desk, begin + HOUR, message), 12, "its padding is too much");
    let message = respond(&desk, (1 << 20) - 1);
    assert_eq!(at(&mut desk, begin + HOUR, message), 0, "three of three");
    let message = respond(&desk, 1);
    assert_eq!(at(&mut desk, begin + HOUR + DAY - 1, message), 12, "the first hour still counts");
    let message = respond(&desk, (2 << 20) - 1);
    assert_eq!(at(&mut desk, begin + HOUR + DAY, message), 0, "the first hour is a day ago");
    let message = respond(&desk, 1);
    assert_eq!(at(&mut desk, begin + HOUR + DAY, message), 12);
    let message = respond(&desk, 4 << 20);
    assert_eq!(at(&mut desk, begin + 9 * DAY, message), 12, "more than a day allows at any time");
}

#[test]
fn staff_attach_without_a_daily_limit_and_a_desk_may_take_no_files_at_all() {
    let Cast { mut desk, admin, agent, customer } = stage();
    let message = create_at(&desk, &customer, &[&admin, &customer], 0);
    desk.must(&customer, vec![create_with(message, Vec::new())]);
    desk.must(&admin, vec![assign(&admin, 1, &agent)]);
    for seed in 0..3 {
        let message = respond_wire(&desk, &admin, 1, &[&admin, &customer], false);
        desk.must(&admin, vec![respond_with(message, vec![file(20 << 20, seed)])]);
    }
    // Files of just the size that is allowed, with their padding, and not a byte more.
    desk.must(&admin, vec![update_params(&admin, &Params { max_attachment_bytes: 4_096, ..params() })]);
    let message = respond_wire(&desk, &admin, 1, &[&admin, &customer], false);
    desk.must(&admin, vec![respond_with(message, vec![file(4_095, 7)])]);
    let message = respond_wire(&desk, &admin, 1, &[&admin, &customer], false);
    desk.refuse(&admin, vec![respond_with(message, vec![file(4_096, 8)])], "support", 63);
    let off = Params { max_attachment_bytes: 0, ..params() };
    desk.must(&admin, vec![update_params(&admin, &off)]);
    let message = respond_wire(&desk, &admin, 1, &[&admin, &customer], false);
    desk.refuse(&admin, vec![respond_with(message, vec![file(1, 9)])], "support", 64);
    let message = respond_wire(&desk, &admin, 1, &[&admin, &customer], false);
    desk.must(&admin, vec![respond_with(message, Vec::new())]);
}

#[test]
fn the_ledger_says_which_pieces_it_names_and_a_refused_message_names_none() {
    let Cast { mut desk, admin, customer, .. } = stage();
    let (kept, refused) = (file((2 << 20) - 1, 1), file(2 << 20, 2));
    let message = create_at(&desk, &customer, &[&admin, &customer], 0);
    desk.must(&customer, vec![create_with(message, vec![kept.clone()])]);
    let message = respond_wire(&desk, &customer, 1, &[&admin, &customer], false);
    desk.refuse(&customer, vec![respond_with(message, vec![refused.clone()])], "support", 12);
    let names = |hash: [u8; 32]| desk.machine.names_blob(&desk.snapshot(), &hash).unwrap();
    assert!(names(hash(&kept, 0)) && names(hash(&kept, 1)));
    assert!(!names(hash(&refused, 0)) && !names([0; 32]));
    let mut all = vec![hash(&kept, 0), hash(&kept, 1)];
    all.sort_unstable();
    let page = |after, limit| desk.machine.blobs(&desk.snapshot(), after, limit).unwrap();
    assert_eq!(page(None, 10), all);
    assert_eq!(page(None, 1), all[..1]);
    assert_eq!(page(Some(all[0]), 10), all[1..]);
    assert_eq!(page(Some(all[1]), 10), Vec::<[u8; 32]>::new());
}
