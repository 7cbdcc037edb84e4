//! Every limit at its edge, and one second or one unit beyond.

use sealdesk_protocol::envelope::Kind;
use sealdesk_protocol::messages::to_any;
use sealdesk_protocol::wire::virtengine::support::v1 as support;

use super::stage::{ACCEPTED, DAY, Stage, by, refused, unread};

const BOTH: [(&str, usize); 2] = [("ann", 0), ("cal", 0)];

fn keyed(name: &'static str, change: impl FnOnce(&mut support::Params)) -> Stage {
    let mut stage = Stage::new(name, change);
    for person in ["ann", "gus", "cal", "cem"] {
        stage.register(person, 0);
    }
    let message = super::people::role(&stage, "ann", "gus", "support_agent", true);
    stage.act("ann", vec![message]);
    stage.wait(100);
    stage
}

/// Time limits of creating and reopening.
pub fn often() -> Stage {
    let mut stage = keyed("often", |params| params.max_tickets_per_customer_per_day = 2);
    let message = stage.create("cal", &BOTH, 0);
    stage.act("cal", vec![message]);
    for (after, verdict) in [(0, refused("support", 12)), (59, refused("support", 12)), (60, ACCEPTED)] {
        let message = stage.create("cal", &BOTH, 0);
        stage.at(after, &format!("a ticket {after} s after the last"), by("cal", vec![message]), verdict);
    }
    let message = stage.create("cem", &[("ann", 0), ("cem", 0)], 0);
    stage.at(0, "a ticket of somebody else meanwhile", by("cem", vec![message]), ACCEPTED);
    let pair = vec![stage.create("cal", &BOTH, 0), stage.create("cal", &BOTH, 1)];
    stage.at(60, "two tickets at once", by("cal", pair), refused("support", 12));
    stage
}

pub fn daily() -> Stage {
    let mut stage = keyed("daily", |params| params.max_tickets_per_customer_per_day = 2);
    for wait in [0, 1_000] {
        stage.wait(wait);
        let message = stage.create("cal", &BOTH, 0);
        stage.act("cal", vec![message]);
    }
    let first = DAY - 1_000;
    for (after, verdict) in
        [(60, refused("support", 12)), (first - 1, refused("support", 12)), (first, ACCEPTED)]
    {
        let message = stage.create("cal", &BOTH, 0);
        stage.at(
            after,
            &format!("a third ticket {} s after the first", after + 1_000),
            by("cal", vec![message]),
            verdict,
        );
    }
    stage
}

/// Two open tickets are the most; the third one is closed.
pub fn full() -> Stage {
    let mut stage = keyed("full", |params| {
        params.max_open_tickets_per_customer = 2;
        params.ticket_cooldown_seconds = 0;
    });
    let message = stage.create("cal", &BOTH, 0);
    stage.act("cal", vec![message]);
    let message = stage.close("cal", 1, "");
    stage.act("cal", vec![message]);
    for _ in 0..2 {
        let message = stage.create("cal", &BOTH, 0);
        stage.act("cal", vec![message]);
    }
    let message = stage.create("cal", &BOTH, 0);
    stage.at(0, "a ticket more than may be open", by("cal", vec![message]), refused("support", 12));
    for who in ["cal", "ann"] {
        let message = stage.reopen(who, 1);
        stage.at(
            0,
            &format!("{who} reopens more than may be open"),
            by(who, vec![message]),
            refused("support", 12),
        );
    }
    let room = vec![stage.close("cal", 2, ""), stage.reopen("cal", 1)];
    stage.at(0, "one is closed, one reopened", by("cal", room), ACCEPTED);
    stage
}

/// Ticket 1 has four responses of at most five, ticket 2 five.
pub fn talkative() -> Stage {
    let mut stage = keyed("talkative", |params| {
        params.max_responses_per_ticket = 5;
        params.ticket_cooldown_seconds = 0;
    });
    for ticket in 1..=2 {
        let message = stage.create("cal", &BOTH, 0);
        stage.act("cal", vec![message]);
        for _ in 0..4 {
            let message = stage.respond("cal", ticket, &BOTH);
            stage.act("cal", vec![message]);
        }
    }
    let message = stage.note("ann", 2, &BOTH[..1]);
    stage.act("ann", vec![message]);
    for (ticket, staff) in [(1, ACCEPTED), (2, refused("support", 13))] {
        let message = stage.respond("cal", ticket, &BOTH);
        stage.at(
            0,
            &format!("the customer responds again to {ticket}"),
            by("cal", vec![message]),
            refused("support", 13),
        );
        let message = stage.respond("ann", ticket, &BOTH);
        stage.at(0, &format!("staff respond again to {ticket}"), by("ann", vec![message]), staff);
        let message = stage.note("ann", ticket, &BOTH[..1]);
        stage.at(0, &format!("staff note again on {ticket}"), by("ann", vec![message]), staff);
    }
    for (count, verdict) in [
        (4, ACCEPTED),
        (3, refused("support", 40)),
        (5, refused("support", 40)),
        (u32::MAX, refused("support", 40)),
    ] {
        let message = to_any(&support::MsgAssignTicket {
            sender: stage.text("ann"),
            ticket_id: super::stage::ticket_text(1),
            assign_to: stage.text("gus"),
            response_count: count,
            check_count: true,
            collaborators: Vec::new(),
        });
        stage.at(0, &format!("assigned as of {count} responses"), by("ann", vec![message]), verdict);
    }
    stage
}

/// Ticket 1 is resolved, ticket 2 closed, both just now.
pub fn over() -> Stage {
    let mut stage = keyed("over", |params| params.ticket_cooldown_seconds = 0);
    for _ in 0..2 {
        let message = stage.create("cal", &BOTH, 0);
        stage.act("cal", vec![message]);
    }
    let messages = vec![stage.assign("ann", 1, "ann"), stage.resolve("ann", 1), stage.close("ann", 2, "")];
    stage.act("ann", messages);
    let due = 7 * DAY;
    for (after, name, verdict) in [
        (due, "in the last second before it closes", ACCEPTED),
        (due + 1, "when it has closed by itself", refused("support", 8)),
    ] {
        let message = stage.respond("cal", 1, &BOTH);
        stage.at(after, &format!("a response {name}"), by("cal", vec![message]), verdict);
        let message = stage.note("ann", 1, &BOTH[..1]);
        stage.at(after, &format!("a note {name}"), by("ann", vec![message]), verdict);
        let message = stage.close("cal", 1, "");
        stage.at(after, &format!("a closing {name}"), by("cal", vec![message]), verdict);
        let message = stage.reopen("cal", 1);
        stage.at(after, &format!("a reopening {name}"), by("cal", vec![message]), ACCEPTED);
    }
    let window = 30 * DAY;
    for (after, verdict) in [
        (0, ACCEPTED),
        (window, ACCEPTED),
        (window + 1, refused("support", 16)),
        (4_000 * DAY, refused("support", 16)),
    ] {
        let message = stage.reopen("ann", 2);
        stage.at(after, &format!("reopened {after} s after it closed"), by("ann", vec![message]), verdict);
    }
    stage
}

/// A letter of the customer is exactly as long as the parameter allows, and names as many readers.
pub fn exact() -> Stage {
    let mut stage = keyed("exact", |_| {});
    let letter = |stage: &Stage, client_id: &str| {
        let place = stage.place(Kind::Ticket, "", "cal", 0);
        let mut letter = stage.long_letter(&place, "cal", &BOTH, 48 + 16_384);
        letter.client_id = client_id.to_owned();
        sealdesk_testkit::sealing::sign(letter, &place, &stage.key("cal", 0), None)
    };
    let bytes = prost::Message::encoded_len(&letter(&stage, "twelve bytes"));
    let mut params = sealdesk_protocol::params::Params::default().to_wire();
    params.max_envelope_bytes = u32::try_from(bytes).unwrap();
    params.max_recipients = 3;
    let message = support::MsgUpdateParams { authority: stage.text("ann"), params: Some(params) };
    stage.act("ann", vec![to_any(&message)]);
    for (name, client_id, verdict) in [
        ("an envelope as long as allowed", "twelve bytes", ACCEPTED),
        ("an envelope a byte longer", "thirteenbytes", refused("support", 11)),
    ] {
        let message = stage.create_with("cal", letter(&stage, client_id));
        stage.at(0, name, by("cal", vec![message]), verdict);
    }
    for n in 1..3 {
        stage.register("cal", n);
    }
    let readers = [("ann", 0), ("cal", 0), ("cal", 1), ("cal", 2)];
    for (count, verdict) in [(3, ACCEPTED), (4, refused("support", 11))] {
        let message = stage.create("cal", &readers[..count], 0);
        stage.at(0, &format!("{count} readers of at most 3"), by("cal", vec![message]), verdict);
    }
    let message = super::people::role(&stage, "ann", "abe", "administrator", true);
    stage.at(
        0,
        "a second administrator where letters name three",
        by("ann", vec![message]),
        refused("roles", 12),
    );
    stage
}

/// Every parameter at both ends of its range, and beyond.
pub fn parameters() -> Stage {
    type Set = fn(&mut support::Params, u32);
    let ranges: [(&str, Set, u32, u32); 10] = [
        ("max_tickets_per_customer_per_day", |p, v| p.max_tickets_per_customer_per_day = v, 1, 10_000),
        ("max_responses_per_ticket", |p, v| p.max_responses_per_ticket = v, 5, 10_000),
        ("ticket_cooldown_seconds", |p, v| p.ticket_cooldown_seconds = v, 0, 86_400),
        ("auto_close_after_days", |p, v| p.auto_close_after_days = v, 1, 3_650),
        ("max_open_tickets_per_customer", |p, v| p.max_open_tickets_per_customer = v, 1, 10_000),
        ("reopen_window_days", |p, v| p.reopen_window_days = v, 0, 3_650),
        ("max_envelope_bytes", |p, v| p.max_envelope_bytes = v, 16_384, 131_072),
        ("max_recipients", |p, v| p.max_recipients = v, 3, 128),
        ("max_attachment_bytes", |p, v| p.max_attachment_bytes = v, 0, 1 << 30),
        (
            "max_attachment_bytes_per_customer_per_day",
            |p, v| p.max_attachment_bytes_per_customer_per_day = v,
            0,
            1 << 30,
        ),
    ];
    let mut stage = keyed("parameters", |_| {});
    let mut set = |name: String, change: &dyn Fn(&mut support::Params), verdict| {
        let mut params = sealdesk_protocol::params::Params::default().to_wire();
        // Another value too, so that the default itself is a change.
        params.listed_customers = true;
        change(&mut params);
        let message = support::MsgUpdateParams { authority: stage.text("ann"), params: Some(params) };
        stage.at(0, &name, by("ann", vec![to_any(&message)]), verdict);
    };
    for (name, assign, least, most) in ranges {
        let outside = [least.checked_sub(1), Some(most + 1), Some(u32::MAX)];
        let values = [(least, true), (most, true)].into_iter();
        for (value, inside) in values.chain(outside.into_iter().flatten().map(|value| (value, false))) {
            let verdict = if inside { ACCEPTED } else { unread("support", 14) };
            set(format!("{name} = {value}"), &|params| assign(params, value), verdict);
        }
    }
    let names = |count: usize| (0..count).map(|n| format!("c{n}")).collect::<Vec<_>>();
    let lists: [(&str, Vec<String>, bool); 9] = [
        ("no category", names(0), false),
        ("one category", names(1), true),
        ("32 categories", names(32), true),
        ("33 categories", names(33), false),
        ("a category of 32 bytes", vec!["x".repeat(32)], true),
        ("a category of 33 bytes", vec!["x".repeat(33)], false),
        ("a category of no bytes", vec![String::new()], false),
        ("a category of every letter", vec!["abcdefghijklmnopqrstuvwxyz0189_-".to_owned()], true),
        ("a category with a homoglyph", vec!["b\u{456}lling".to_owned()], false),
    ];
    for (name, list, inside) in lists {
        let verdict = if inside { ACCEPTED } else { unread("support", 14) };
        set(name.to_owned(), &|params| params.allowed_categories = list.clone(), verdict);
    }
    stage
}
