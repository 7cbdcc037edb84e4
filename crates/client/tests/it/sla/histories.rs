//! What happened to a ticket, and what follows for each target. Times are minutes from a Monday, nine o'clock in Berlin.

use sealdesk_client::sla::{Documents, History, Message, Problem, Target, Version, count, versions_needed};
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::ticket::Status::{Assigned, Closed, InProgress, Open, PendingCustomer, Resolved};
use sealdesk_protocol::ticket::{Priority, Status, Step};

use super::{HOURS, LEVELS, published, versions};

/// 2026-03-02 09:00 in Berlin.
const MONDAY: i64 = 1_772_438_400;
const TUESDAY: i64 = 1_440;
const WEDNESDAY: i64 = 2_880;

#[derive(Clone, Copy)]
enum Event {
    Is(Status),
    Becomes(Priority),
    Staff,
    Customer,
}
use Event::{Becomes, Customer, Is, Staff};

fn at(minute: i64) -> i64 {
    MONDAY + minute * 60
}

fn history(created: i64, priority: Priority, events: &[(i64, Event)]) -> History {
    let mut steps = vec![Step { at: at(created), status: Open, priority }];
    let mut messages = Vec::new();
    for (minute, event) in events {
        let last = *steps.last().unwrap();
        match event {
            Is(status) => steps.push(Step { at: at(*minute), status: *status, ..last }),
            Becomes(priority) => steps.push(Step { at: at(*minute), priority: *priority, ..last }),
            Staff => messages.push(Message { at: at(*minute), by_staff: true }),
            Customer => messages.push(Message { at: at(*minute), by_staff: false }),
        }
    }
    History {
        ticket: TicketId::new(1).unwrap(),
        created_at: at(created),
        category: "technical".to_owned(),
        imported: false,
        merged: false,
        steps,
        messages,
    }
}

/// A target in a line, with times as minutes.
fn line(target: &Target) -> String {
    let minute = |time: Option<i64>| time.map_or("-".to_owned(), |time| ((time - MONDAY) / 60).to_string());
    format!(
        "{} {} {} due {} ended {} used {}",
        target.kind.name(),
        target.number,
        target.state.name(),
        minute(target.due_at),
        minute(target.ended_at),
        target.used_seconds / 60
    )
}

fn told(history: &History, documents: &Documents, now: i64) -> Vec<String> {
    let report = count(history, documents, at(now));
    assert!(report.problems.is_empty(), "{:?}", report.problems);
    report.targets.iter().map(line).collect()
}

struct Case {
    name: &'static str,
    history: History,
    now: i64,
    told: &'static [&'static str],
}

fn case(name: &'static str, history: History, now: i64, told: &'static [&'static str]) -> Case {
    Case { name, history, now, told }
}

fn in_time_and_late() -> Vec<Case> {
    let normal = |events: &[(i64, Event)]| history(0, Priority::Normal, events);
    vec![
        case(
            "answered and resolved in time",
            normal(&[(30, Is(Assigned)), (60, Staff), (60, Is(InProgress)), (300, Is(Resolved))]),
            400,
            &["first_response 1 met due 240 ended 60 used 60", "resolution 1 met due 480 ended 300 used 300"],
        ),
        case(
            "over night nothing counts",
            history(360, Priority::Normal, &[]),
            TUESDAY + 30,
            &["first_response 1 due due 1560 ended - used 150", "resolution 1 due due 1800 ended - used 150"],
        ),
        case(
            "answered late",
            normal(&[(300, Staff), (300, Is(InProgress))]),
            400,
            &[
                "first_response 1 breached due 240 ended 300 used 300",
                "resolution 1 due due 480 ended - used 400",
            ],
        ),
        case(
            "answered in the last second",
            normal(&[(240, Staff), (240, Is(InProgress))]),
            240,
            &["first_response 1 met due 240 ended 240 used 240", "resolution 1 due due 480 ended - used 240"],
        ),
        case(
            "nobody answered yet in the last second",
            normal(&[]),
            240,
            &["first_response 1 due due 240 ended - used 240", "resolution 1 due due 480 ended - used 240"],
        ),
        case(
            "late over night: the hour of closing is when it was due",
            history(240, Priority::Normal, &[]),
            TUESDAY,
            &[
                "first_response 1 breached due 480 ended - used 240",
                "resolution 1 due due 1680 ended - used 240",
            ],
        ),
        case(
            "questions after the first answer, two of them at once",
            normal(&[
                (60, Staff),
                (60, Is(InProgress)),
                (70, Customer),
                (80, Customer),
                (100, Staff),
                (110, Customer),
            ]),
            120,
            &[
                "first_response 1 met due 240 ended 60 used 60",
                "next_response 1 met due 190 ended 100 used 30",
                "next_response 2 due due 230 ended - used 10",
                "resolution 1 due due 480 ended - used 120",
            ],
        ),
    ]
}

fn waiting_and_coming_back() -> Vec<Case> {
    let normal = |events: &[(i64, Event)]| history(0, Priority::Normal, events);
    let asked = [(60, Staff), (60, Is(InProgress)), (120, Is(PendingCustomer))];
    let answered = [&asked[..], &[(1_500, Customer), (1_500, Is(InProgress))]].concat();
    vec![
        case(
            "waits for the customer",
            normal(&asked),
            2_000,
            &["first_response 1 met due 240 ended 60 used 60", "resolution 1 paused due - ended - used 120"],
        ),
        case(
            "the customer answers",
            normal(&answered),
            1_530,
            &[
                "first_response 1 met due 240 ended 60 used 60",
                "next_response 1 due due 1620 ended - used 30",
                "resolution 1 due due 1860 ended - used 150",
            ],
        ),
        case(
            "reopened: the clock goes on",
            normal(&[(60, Staff), (60, Is(InProgress)), (120, Is(Resolved)), (WEDNESDAY, Is(Open))]),
            WEDNESDAY + 60,
            &["first_response 1 met due 240 ended 60 used 60", "resolution 1 due due 3240 ended - used 180"],
        ),
        case(
            "the customer does not take it for resolved",
            normal(&[
                (60, Staff),
                (60, Is(InProgress)),
                (120, Is(Resolved)),
                (TUESDAY, Customer),
                (TUESDAY, Is(InProgress)),
            ]),
            TUESDAY,
            &[
                "first_response 1 met due 240 ended 60 used 60",
                "next_response 1 due due 1560 ended - used 0",
                "resolution 1 due due 1800 ended - used 120",
            ],
        ),
        case(
            "resolved again, too late",
            normal(&[(10, Staff), (10, Is(Resolved)), (20, Is(Open)), (TUESDAY + 30, Is(Resolved))]),
            TUESDAY + 40,
            &[
                "first_response 1 met due 240 ended 10 used 10",
                "resolution 1 breached due 1450 ended 1470 used 500",
            ],
        ),
        case(
            "closed after it was resolved: that counts from the resolution",
            normal(&[(10, Staff), (20, Is(Resolved)), (WEDNESDAY, Is(Closed))]),
            WEDNESDAY + 10,
            &["first_response 1 met due 240 ended 10 used 10", "resolution 1 met due 480 ended 20 used 20"],
        ),
    ]
}

fn over_without_an_answer() -> Vec<Case> {
    let closed = |minute| history(0, Priority::Normal, &[(minute, Is(Closed))]);
    let mut merged = closed(100);
    merged.merged = true;
    let mut imported = history(0, Priority::Normal, &[(0, Customer), (0, Staff), (30, Customer)]);
    imported.imported = true;
    let mut over = history(0, Priority::Normal, &[(0, Customer), (0, Staff)]);
    (over.imported, over.steps[0].status) = (true, Closed);
    vec![
        case(
            "closed by the customer",
            closed(100),
            200,
            &[
                "first_response 1 ended due - ended 100 used 100",
                "resolution 1 met due 480 ended 100 used 100",
            ],
        ),
        case(
            "closed when it was late already",
            closed(300),
            400,
            &[
                "first_response 1 breached due 240 ended 300 used 300",
                "resolution 1 met due 480 ended 300 used 300",
            ],
        ),
        case(
            "merged into another",
            merged,
            200,
            &[
                "first_response 1 ended due - ended 100 used 100",
                "resolution 1 ended due 480 ended 100 used 100",
            ],
        ),
        case(
            "imported: what was before is not counted",
            imported,
            60,
            &["next_response 1 due due 150 ended - used 30", "resolution 1 due due 480 ended - used 60"],
        ),
        case("imported closed", over, 60, &[]),
    ]
}

fn another_priority_in_the_middle() -> Vec<Case> {
    vec![
        case(
            "raised: what was used stays used, and the new target counts at once",
            history(0, Priority::Normal, &[(120, Becomes(Priority::Urgent))]),
            130,
            &[
                "first_response 1 breached due 120 ended - used 130",
                "resolution 1 due due 240 ended - used 130",
            ],
        ),
        case(
            "lowered: what was late stays late",
            history(0, Priority::Urgent, &[(90, Becomes(Priority::Normal))]),
            100,
            &[
                "first_response 1 breached due 60 ended - used 100",
                "resolution 1 due due 480 ended - used 100",
            ],
        ),
        case(
            "raised while it waits: nothing counts until the customer answers",
            history(
                0,
                Priority::Normal,
                &[
                    (10, Staff),
                    (10, Is(InProgress)),
                    (20, Is(PendingCustomer)),
                    (30, Becomes(Priority::Urgent)),
                ],
            ),
            600,
            &["first_response 1 met due 240 ended 10 used 10", "resolution 1 paused due - ended - used 20"],
        ),
        case(
            "urgent at night: all hours count",
            history(600, Priority::Urgent, &[]),
            630,
            &["first_response 1 due due 660 ended - used 30", "resolution 1 due due 840 ended - used 30"],
        ),
        case(
            "assigned again and again: nothing changes",
            history(0, Priority::Normal, &[(10, Is(Assigned)), (20, Is(InProgress)), (30, Is(Assigned))]),
            40,
            &["first_response 1 due due 240 ended - used 40", "resolution 1 due due 480 ended - used 40"],
        ),
    ]
}

#[test]
fn what_happened_to_a_ticket_says_what_became_of_its_targets() {
    let documents = published(at(-100));
    let cases = [
        in_time_and_late(),
        waiting_and_coming_back(),
        over_without_an_answer(),
        another_priority_in_the_middle(),
    ];
    for Case { name, history, now, told: expected } in cases.into_iter().flatten() {
        assert_eq!(told(&history, &documents, now), expected, "{name}");
    }
}

#[test]
fn a_row_that_promises_less_is_the_first_that_fits() {
    let mut ticket = history(0, Priority::Normal, &[]);
    ticket.category = "provider".to_owned();
    assert_eq!(told(&ticket, &published(0), 10), ["resolution 1 due due 60 ended - used 10"]);
    assert!(told(&ticket, &Documents::default(), 10).is_empty(), "nothing is published");
}

#[test]
fn the_version_counts_that_stood_there_when_a_clock_began() {
    let strict = LEVELS.replace("\"2h\"", "\"1h\"").replace("\"4h\"", "\"1h\"");
    let mut documents = published(at(0));
    documents.sla =
        versions(&[(at(0), Some(LEVELS)), (at(50), Some(&strict)), (at(200), None), (at(400), Some(LEVELS))]);
    let events =
        [(60, Staff), (60, Is(InProgress)), (70, Customer), (100, Staff), (210, Customer), (220, Staff)];
    let history = history(0, Priority::Normal, &events);
    let report = count(&history, &documents, at(300));
    let seen: Vec<_> = report.targets.iter().map(|t| (t.kind.name(), t.number, t.sla_version)).collect();
    assert_eq!(seen, [("first_response", 1, 1), ("next_response", 1, 2), ("resolution", 1, 1)]);
    assert_eq!(report.targets[1].allowed_seconds, 3_600);
    let needed: Vec<_> = versions_needed(&history, &documents).into_iter().collect();
    assert_eq!(needed, [("office-hours", 1), ("sla", 1), ("sla", 2)]);
}

#[test]
fn a_promise_that_cannot_be_counted_is_named_and_no_number_is_made_up() {
    let ticket = history(0, Priority::Normal, &[]);
    let problems = |documents: &Documents| {
        let report = count(&ticket, documents, at(10));
        assert_eq!(report.targets, []);
        report.problems.into_iter().collect::<Vec<_>>()
    };
    let mut no_hours = published(at(0));
    no_hours.office_hours = versions(&[(at(1), Some(HOURS))]);
    assert_eq!(problems(&no_hours), [Problem::NoOfficeHours { version: 1 }]);
    let mut lost = published(at(0));
    lost.sla.bodies.clear();
    assert_eq!(problems(&lost), [Problem::NotCarried { document: "sla", version: 1 }]);
    let mut dropped = published(at(1));
    dropped.sla.dropped = true;
    assert_eq!(problems(&dropped), [Problem::NotKept { document: "sla" }]);
    let mut wrong = published(at(0));
    wrong.sla = versions(&[(at(0), Some("{\"schema\": 2}"))]);
    let told = problems(&wrong);
    assert!(matches!(&told[..], [Problem::Unreadable { version: 1, .. }]), "{told:?}");
    let urgent = history(0, Priority::Urgent, &[]);
    let report = count(&urgent, &no_hours, at(10));
    assert_eq!((report.targets.len(), report.problems.len()), (2, 0), "all hours need no office");
}

#[test]
fn a_document_that_was_written_in_the_second_of_a_ticket_counts_for_it() {
    let ticket = history(0, Priority::Normal, &[]);
    assert_eq!(count(&ticket, &published(at(0)), at(1)).targets.len(), 2);
    assert_eq!(count(&ticket, &published(at(0) + 1), at(1)).targets.len(), 0);
    let mut twice = published(at(0));
    twice.sla.versions.push(Version { version: 2, since: at(0), removed: true });
    assert_eq!(count(&ticket, &twice, at(1)).targets.len(), 0, "the last one of that second stands");
}
