//! The desk's contract as docs/spec/clarity.md has it: names, arguments, answers, events, refusals.

use sealdesk_stacks::address::Address;
use sealdesk_stacks::contract::{
    Answer, AnswerError, Comment, Event, Happening, Page, PersonChange, Priority, Question, Refusal,
    RegisteredKey, Request, RequestError, Status, Ticket, answer_of, payload_hash,
};
use sealdesk_stacks::principal::{ContractId, Principal};
use sealdesk_stacks::value::{Kind, Value};

fn alice() -> Principal {
    Address::parse("ST1PQHQKV0RJXZFY1DGX8MNSNYVE3VGZJSRTPGZGM").unwrap().into()
}

fn uint(number: u64) -> Value {
    Value::uint(number)
}

fn some(value: Value) -> Value {
    Value::new(Kind::Some(Box::new(value))).unwrap()
}

fn none() -> Value {
    Value::new(Kind::None).unwrap()
}

fn buffer(bytes: &[u8]) -> Value {
    Value::buffer(bytes).unwrap()
}

/// A tuple with one field replaced, removed (`None`) or added.
fn with(fields: &[(&'static str, Value)], name: &'static str, value: Option<Value>) -> Value {
    let others = fields.iter().filter(|(other, _)| *other != name).cloned();
    Value::tuple(others.chain(value.map(|value| (name, value)))).unwrap()
}

/// Every request, with the call that docs/spec/clarity.md writes for it.
fn requests() -> Vec<(Request, &'static str)> {
    let payload = vec![0xaa, 0xbb];
    vec![
        (
            Request::CreateTicket {
                category: "billing".into(),
                priority: Priority::High,
                payload: payload.clone(),
            },
            "create-ticket \"billing\" u3 0xd798d1fac6bd4bb1c11f50312760351013379a0ab6f0a8c0af8a506b96b2525a 0xaabb",
        ),
        (
            Request::AddComment { ticket: 7, payload, internal: true },
            "add-comment u7 0xd798d1fac6bd4bb1c11f50312760351013379a0ab6f0a8c0af8a506b96b2525a 0xaabb true",
        ),
        (Request::UpdateTicketStatus { ticket: 7, status: Status::Resolved }, "update-ticket-status u7 u5"),
        (
            Request::AssignTicket { ticket: 7, agent: alice() },
            "assign-ticket u7 'ST1PQHQKV0RJXZFY1DGX8MNSNYVE3VGZJSRTPGZGM",
        ),
        (Request::GrantAccess { ticket: 7, grants: vec![1] }, "grant-access u7 0x01"),
        (Request::SetTicketPriority { ticket: 7, priority: Priority::Low }, "set-ticket-priority u7 u1"),
        (Request::CloseExpiredTicket { ticket: 7 }, "close-expired-ticket u7"),
        (Request::RevokeKey { version: 2 }, "revoke-key u2"),
        (Request::AddStaffMember(alice()), "add-staff-member 'ST1PQHQKV0RJXZFY1DGX8MNSNYVE3VGZJSRTPGZGM"),
        (
            Request::RemoveStaffMember(alice()),
            "remove-staff-member 'ST1PQHQKV0RJXZFY1DGX8MNSNYVE3VGZJSRTPGZGM",
        ),
        (Request::AddAdministrator(alice()), "add-administrator 'ST1PQHQKV0RJXZFY1DGX8MNSNYVE3VGZJSRTPGZGM"),
        (
            Request::RemoveAdministrator(alice()),
            "remove-administrator 'ST1PQHQKV0RJXZFY1DGX8MNSNYVE3VGZJSRTPGZGM",
        ),
        (Request::ProposeOwner(alice()), "propose-owner 'ST1PQHQKV0RJXZFY1DGX8MNSNYVE3VGZJSRTPGZGM"),
        (Request::AcceptOwner, "accept-owner"),
    ]
}

fn written(function: &str, arguments: &[Value]) -> String {
    arguments.iter().fold(function.to_owned(), |text, argument| format!("{text} {argument}"))
}

#[test]
fn every_request_is_the_call_that_the_interface_names() {
    let contract = ContractId::parse("ST1PQHQKV0RJXZFY1DGX8MNSNYVE3VGZJSRTPGZGM.ticket-system").unwrap();
    for (request, expected) in requests() {
        let call = request.to_call(&contract).unwrap();
        assert_eq!(written(call.function.as_str(), &call.arguments), expected);
    }
    let key = Request::RegisterKey { public_key: [1; 32], signing_key: [2; 32], proof: [3; 64] };
    let lengths: Vec<_> = key.arguments().unwrap().iter().map(Value::encoded_len).collect();
    assert_eq!((key.function(), lengths), ("register-key", vec![37, 37, 69]));
}

#[test]
fn a_request_that_the_contract_must_refuse_is_not_made() {
    let create = |category: &str, payload| Request::CreateTicket {
        category: category.into(),
        priority: Priority::Low,
        payload,
    };
    assert!(create("billing", vec![0; 4_096]).arguments().is_ok());
    for bytes in [0, 4_097] {
        let refused = create("billing", vec![0; bytes]).arguments();
        assert_eq!(refused, Err(RequestError::Length { what: "a payload", bytes }));
    }
    for category in ["", "a".repeat(33).as_str(), "b\u{fc}ro"] {
        assert_eq!(create(category, vec![1]).arguments(), Err(RequestError::Category), "{category}");
    }
    assert!(Request::GrantAccess { ticket: 1, grants: vec![] }.arguments().is_err());
}

#[test]
fn every_question_is_the_call_that_the_interface_names() {
    let who = "'ST1PQHQKV0RJXZFY1DGX8MNSNYVE3VGZJSRTPGZGM";
    let questions = [
        (Question::Ticket(7), "get-ticket u7".to_owned()),
        (
            Question::TicketsByOwner { owner: alice(), offset: 20 },
            format!("get-tickets-by-owner-page {who} u20"),
        ),
        (Question::Comment { ticket: 7, index: 0 }, "get-ticket-comment u7 u0".to_owned()),
        (Question::TicketCount, "get-ticket-count".to_owned()),
        (Question::CanManage { ticket: 7, user: alice() }, format!("can-manage-ticket u7 {who}")),
        (Question::IsStaff(alice()), format!("is-staff {who}")),
        (Question::IsAdministrator(alice()), format!("is-administrator {who}")),
        (Question::Key { address: alice(), version: 1 }, format!("get-key {who} u1")),
        (Question::KeyCount(alice()), format!("get-key-count {who}")),
    ];
    for (question, expected) in questions {
        assert_eq!(written(question.function(), &question.arguments()), expected);
    }
}

fn ticket_fields() -> Vec<(&'static str, Value)> {
    vec![
        ("owner", Value::principal(alice())),
        ("assignee", none()),
        ("category", Value::ascii("billing").unwrap()),
        ("priority", uint(2)),
        ("status", uint(5)),
        ("payload-hash", buffer(&[9; 32])),
        ("comment-count", uint(3)),
        ("created-at", uint(10)),
        ("updated-at", uint(12)),
        ("resolved-at", some(uint(12))),
        ("closed-at", none()),
    ]
}

#[test]
fn a_ticket_is_read_field_by_field() {
    let ticket = Answer(some(Value::tuple(ticket_fields()).unwrap())).ticket().unwrap();
    let expected = Ticket {
        owner: alice(),
        assignee: None,
        category: "billing".into(),
        priority: Priority::Normal,
        status: Status::Resolved,
        payload_hash: [9; 32],
        comment_count: 3,
        created_at: 10,
        updated_at: 12,
        resolved_at: Some(12),
        closed_at: None,
    };
    assert_eq!(ticket, Some(expected));
    assert_eq!(Answer(none()).ticket(), Ok(None));
}

#[test]
fn an_answer_of_another_shape_is_refused_and_named() {
    let refused = |name, value| Answer(some(with(&ticket_fields(), name, value))).ticket().unwrap_err();
    for (name, _) in ticket_fields() {
        assert_eq!(refused(name, None), AnswerError::Missing(name));
        let wrong = refused(name, Some(Value::bool(true)));
        assert!(matches!(wrong, AnswerError::Unexpected { what, .. } if what == name), "{wrong:?}");
    }
    assert!(matches!(refused("status", Some(uint(7))), AnswerError::Unexpected { what: "status", .. }));
    assert!(matches!(refused("priority", Some(uint(0))), AnswerError::Unexpected { what: "priority", .. }));
    assert!(matches!(refused("payload-hash", Some(buffer(&[9; 31]))), AnswerError::Unexpected { .. }));
    let huge = Value::uint(u128::MAX);
    assert!(matches!(refused("created-at", Some(huge)), AnswerError::Unexpected { what: "created-at", .. }));
    assert!(matches!(refused("extra", Some(uint(1))), AnswerError::Unknown(_)));
    assert!(Answer(Value::tuple(ticket_fields()).unwrap()).ticket().is_err(), "not an optional");
    assert!(Answer(some(uint(1))).ticket().is_err(), "not a tuple");
}

#[test]
fn comments_keys_pages_counts_and_truths_are_read() {
    let comment = Value::tuple([
        ("author", Value::principal(alice())),
        ("is-staff", Value::bool(true)),
        ("internal", Value::bool(false)),
        ("payload-hash", buffer(&[1; 32])),
        ("created-at", uint(4)),
    ]);
    let expected =
        Comment { author: alice(), is_staff: true, internal: false, payload_hash: [1; 32], created_at: 4 };
    assert_eq!(Answer(some(comment.unwrap())).comment(), Ok(Some(expected)));
    let key = Value::tuple([
        ("public-key", buffer(&[1; 32])),
        ("signing-key", buffer(&[2; 32])),
        ("proof", buffer(&[3; 64])),
        ("registered-at", uint(4)),
        ("revoked-at", some(uint(5))),
    ]);
    let expected = RegisteredKey {
        public_key: [1; 32],
        signing_key: [2; 32],
        proof: [3; 64],
        registered_at: 4,
        revoked_at: Some(5),
    };
    assert_eq!(Answer(some(key.unwrap())).key(), Ok(Some(expected)));
    let ids = |count: u64| Value::new(Kind::List((1..=count).map(uint).collect())).unwrap();
    let page = |count| Answer(Value::tuple([("total", uint(41)), ("ids", ids(count))]).unwrap()).page();
    assert_eq!(page(2), Ok(Page { total: 41, ids: vec![1, 2] }));
    assert!(page(20).is_ok() && page(21).is_err());
    assert_eq!(Answer(uint(3)).count(), Ok(3));
    assert_eq!(Answer(Value::bool(true)).truth(), Ok(true));
    assert!(Answer(uint(1)).truth().is_err() && Answer(Value::bool(true)).count().is_err());
}

#[test]
fn a_result_is_a_number_or_nothing_or_a_refusal_in_words() {
    let response = |ok: bool, value| {
        Value::new(if ok { Kind::Ok(Box::new(value)) } else { Kind::Err(Box::new(value)) }).unwrap()
    };
    assert_eq!(answer_of(&response(true, uint(8))), Ok(Ok(Some(8))));
    assert_eq!(answer_of(&response(true, Value::bool(true))), Ok(Ok(None)));
    for (number, refusal) in (100..=116).zip(Refusal::ALL) {
        assert_eq!(answer_of(&response(false, uint(number))), Ok(Err(refusal)));
        assert_eq!(refusal.number(), number);
        assert!(refusal.to_string().ends_with(&format!("(u{number})")), "{refusal}");
    }
    for number in [0, 1, 99, 117, u64::MAX] {
        assert_eq!(Refusal::from_number(number), Refusal::Other(number));
        assert_eq!(Refusal::from_number(number).number(), number);
    }
    assert!(answer_of(&uint(1)).is_err() && answer_of(&response(true, Value::bool(false))).is_err());
}

/// The fields that every event has, and these.
fn event(name: &str, fields: Vec<(&'static str, Value)>) -> Vec<(&'static str, Value)> {
    let all = [("event", Value::ascii(name).unwrap()), ("v", uint(1)), ("at", uint(77))];
    all.into_iter().chain(fields).collect()
}

/// An event as the contract prints it, and what it says.
type Printed = (Vec<(&'static str, Value)>, Happening);

fn who() -> Value {
    Value::principal(alice())
}

fn ticket() -> (&'static str, Value) {
    ("ticket-id", uint(7))
}

/// The events that carry what was sealed.
fn sealed_events() -> [Printed; 3] {
    let payload = || vec![("payload-hash", buffer(&[1; 32])), ("payload", buffer(b"sealed"))];
    let created =
        [ticket(), ("owner", who()), ("category", Value::ascii("other").unwrap()), ("priority", uint(4))];
    let commented = [
        ticket(),
        ("index", uint(2)),
        ("author", who()),
        ("is-staff", Value::bool(false)),
        ("internal", Value::bool(false)),
    ];
    [
        (
            event("ticket-created", created.into_iter().chain(payload()).collect()),
            Happening::TicketCreated {
                ticket: 7,
                owner: alice(),
                category: "other".into(),
                priority: Priority::Urgent,
                payload_hash: [1; 32],
                payload: b"sealed".to_vec(),
            },
        ),
        (
            event("ticket-commented", commented.into_iter().chain(payload()).collect()),
            Happening::TicketCommented {
                ticket: 7,
                index: 2,
                author: alice(),
                is_staff: false,
                internal: false,
                payload_hash: [1; 32],
                payload: b"sealed".to_vec(),
            },
        ),
        (
            event("access-granted", vec![ticket(), ("by", who()), ("grants", buffer(b"g"))]),
            Happening::AccessGranted { ticket: 7, by: alice(), grants: b"g".to_vec() },
        ),
    ]
}

/// Every event that the contract prints, and what it says.
fn events() -> Vec<Printed> {
    let change = |from, to| vec![ticket(), ("from", uint(from)), ("to", uint(to)), ("by", who())];
    let key =
        [("public-key", buffer(&[1; 32])), ("signing-key", buffer(&[2; 32])), ("proof", buffer(&[3; 64]))];
    let version = || [("address", who()), ("version", uint(3))];
    let mut all = vec![
        (
            event("ticket-assigned", vec![ticket(), ("assignee", who()), ("by", who())]),
            Happening::TicketAssigned { ticket: 7, assignee: alice(), by: alice() },
        ),
        (
            event("ticket-status-changed", change(1, 6)),
            Happening::StatusChanged { ticket: 7, from: Status::Open, to: Status::Closed, by: alice() },
        ),
        (
            event("ticket-priority-changed", change(1, 4)),
            Happening::PriorityChanged { ticket: 7, from: Priority::Low, to: Priority::Urgent, by: alice() },
        ),
        (
            event("key-registered", version().into_iter().chain(key).collect()),
            Happening::KeyRegistered {
                address: alice(),
                version: 3,
                public_key: [1; 32],
                signing_key: [2; 32],
                proof: [3; 64],
            },
        ),
        (event("key-revoked", version().into()), Happening::KeyRevoked { address: alice(), version: 3 }),
    ];
    all.extend(sealed_events());
    all.extend(PersonChange::ALL.map(|change| {
        let fields = event(change.name(), vec![("address", who()), ("by", who())]);
        (fields, Happening::Person { change, address: alice(), by: alice() })
    }));
    all
}

#[test]
fn every_event_is_read_field_by_field() {
    for (fields, what) in events() {
        let read = Event::read(Value::tuple(fields).unwrap());
        assert_eq!(read, Ok(Event { at: 77, what }));
    }
}

#[test]
fn what_no_call_can_carry_is_in_no_event_and_no_ticket() {
    let (mut long, mut wordy) = (0, 0);
    for (fields, _) in events() {
        for name in ["payload", "grants"] {
            if fields.iter().any(|(field, _)| *field == name) {
                assert!(Event::read(with(&fields, name, Some(buffer(&[0; 4_096])))).is_ok());
                assert!(Event::read(with(&fields, name, Some(buffer(&[0; 4_097])))).is_err());
                long += 1;
            }
        }
        if fields.iter().any(|(field, _)| *field == "category") {
            let category = Value::ascii(&"x".repeat(33)).unwrap();
            assert!(Event::read(with(&fields, "category", Some(category))).is_err());
            wordy += 1;
        }
    }
    assert_eq!((long, wordy), (3, 1), "each of them was tried");
}

#[test]
fn an_event_with_a_field_more_or_less_or_of_another_version_is_refused() {
    for (fields, _) in events() {
        for (name, _) in &fields {
            assert_eq!(Event::read(with(&fields, name, None)), Err(AnswerError::Missing(name)));
        }
        assert!(matches!(Event::read(with(&fields, "more", Some(uint(1)))), Err(AnswerError::Unknown(_))));
        assert!(Event::read(with(&fields, "v", Some(uint(2)))).is_err());
    }
    let unknown = Value::tuple(event("ticket-burned", vec![])).unwrap();
    assert_eq!(Event::read(unknown), Err(AnswerError::UnknownEvent("ticket-burned".into())));
}

#[test]
fn the_contract_stores_sha_256_of_a_payload() {
    assert_eq!(
        hex::encode(payload_hash(b"abc")),
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    );
}
