//! Deadlines, exactly and a second either side.

use super::*;

#[test]
fn bug_20_block_time_never_runs_backwards_and_stays_between_1970_and_9999() {
    let mut desk = Desk::new(&[&Person::new("admin")]);
    desk.pass_to(GENESIS_TIME + 100);
    desk.must(&Person::new("admin"), vec![register(&Person::new("admin"), 0)]);
    let begin = |height, time| {
        let mut state = State::new(desk.snapshot());
        desk.machine.begin(&mut state, &BlockContext { height, time })
    };
    for time in [desk.time - 1, desk.time - 3_600, 0, -1, i64::MIN, 253_402_300_800, i64::MAX] {
        assert!(begin(desk.height + 1, time).is_err(), "{time}");
    }
    assert!(begin(desk.height, desk.time + 1).is_err(), "the same height again");
    assert!(begin(desk.height + 1, desk.time).is_ok(), "an equal time");
    assert!(begin(desk.height + 1, 253_402_300_799).is_ok(), "the year 9999");
}

#[test]
fn bug_21_a_changed_parameter_closes_nothing_that_was_promised_longer() {
    let mut cast = cast();
    let number = cast.ticket();
    let (admin, agent) = (cast.admin.clone(), cast.agent.clone());
    let desk = &mut cast.desk;
    desk.must(&admin, vec![assign(&admin, number, &agent)]);
    let params = Params { auto_close_after_days: 3_650, ..Params::default() };
    desk.must(&admin, vec![update_params(&admin, &params)]);
    desk.must(&agent, vec![resolve(&agent, number)]);
    let resolved = desk.time;
    desk.must(&admin, vec![update_params(&admin, &Params { auto_close_after_days: 1, ..Params::default() })]);
    assert!(desk.pass_to(resolved + 3_650 * DAY_SECONDS).is_empty());
    assert_eq!(desk.pass_to(resolved + 3_650 * DAY_SECONDS + 1).len(), 1);
}

#[test]
fn bug_22_a_ticket_closes_by_itself_one_second_after_its_time_and_not_at_it() {
    let mut cast = cast();
    let number = cast.ticket();
    let (admin, agent) = (cast.admin.clone(), cast.agent.clone());
    cast.desk.must(&admin, vec![assign(&admin, number, &agent)]);
    cast.desk.must(&agent, vec![resolve(&agent, number)]);
    let due = cast.desk.time + 7 * DAY_SECONDS;
    assert_eq!(cast.desk.machine.next_auto_close(&cast.desk.snapshot()).unwrap(), Some(due + 1));
    assert!(cast.desk.pass_to(due - 1).is_empty());
    assert!(cast.desk.pass_to(due).is_empty());
    assert_eq!(cast.desk.pass_to(due + 1).len(), 1);
    let ticket = status_of(&cast.desk, number);
    assert_eq!((ticket.status, ticket.closed_at), (6, due + 1));
}

#[test]
fn bug_22_a_ticket_is_reopened_in_the_last_second_of_its_window_and_not_after() {
    for (late, expected) in [(-1, 0), (0, 0), (1, 16)] {
        let mut cast = cast();
        let number = cast.ticket();
        let customer = cast.customer.clone();
        cast.desk.must(&customer, vec![close(&customer, number)]);
        let until = cast.desk.time + 30 * DAY_SECONDS;
        let tx = cast.desk.tx(&customer, vec![reopen(&customer, number)]);
        assert_eq!(cast.desk.block_at(until + late, &tx).code, expected, "{late}");
    }
}

#[test]
fn bug_22_the_cooldown_ends_with_its_last_second() {
    for (early, expected) in [(-1, 12), (0, 0), (1, 0)] {
        let mut cast = cast();
        cast.ticket();
        let created = cast.desk.time;
        let message = create(&cast.desk, &cast.customer, &[&cast.admin, &cast.customer]);
        let tx = cast.desk.tx(&cast.customer, vec![message]);
        assert_eq!(cast.desk.block_at(created + 60 + early, &tx).code, expected, "{early}");
    }
}

#[test]
fn bug_22_a_creation_counts_for_a_day_and_not_a_second_longer() {
    for (late, expected) in [(-1, 12), (0, 0), (1, 0)] {
        let mut cast = cast();
        cast.ticket();
        let first = cast.desk.time;
        for _ in 0..4 {
            cast.ticket();
        }
        let message = create(&cast.desk, &cast.customer, &[&cast.admin, &cast.customer]);
        let tx = cast.desk.tx(&cast.customer, vec![message]);
        assert_eq!(cast.desk.block_at(first + DAY_SECONDS + late, &tx).code, expected, "{late}");
    }
}

#[test]
fn bug_22_a_key_creates_a_requirement_at_sixty_seconds_and_not_before() {
    for (age, expected) in [(59, 0), (60, 42), (61, 42)] {
        let Cast { mut desk, admin, customer, .. } = cast();
        let second = Person::new("second administrator");
        desk.must(&admin, vec![assign_role(&admin, &second, "administrator")]);
        desk.must(&second, vec![register(&second, 0)]);
        let registered = desk.time;
        let tx = desk.tx(&customer, vec![create(&desk, &customer, &[&admin, &customer])]);
        assert_eq!(desk.block_at(registered + age, &tx).code, expected, "{age}");
    }
}

#[test]
fn bug_22_a_revoked_key_is_allowed_for_sixty_seconds_and_not_longer() {
    for (age, expected) in [(59, 0), (60, 0), (61, 43)] {
        let Cast { mut desk, admin, customer, .. } = cast();
        let old = desk.must(&admin, vec![register(&admin, 1)]);
        assert_eq!(old.code, 0);
        desk.pass_to(desk.time + 100);
        desk.must(&admin, vec![revoke_key(&admin, admin.fingerprint(0))]);
        let revoked = desk.time;
        let place = Place {
            ticket_id: String::new(),
            kind: Kind::Ticket,
            sequence: desk.sequence(&customer),
            index: 0,
        };
        let readers = [admin.fingerprint(0), admin.fingerprint(1), customer.fingerprint(0)];
        let sealed = forge::signed(forge::unsigned(&readers, 1), &customer, 0, &place);
        let mut message = create_at(&desk, &customer, &[], 0);
        message.encrypted_payload = Some(sealed);
        let tx = desk.tx(&customer, vec![to_any(&message)]);
        assert_eq!(desk.block_at(revoked + age, &tx).code, expected, "{age}");
    }
}
