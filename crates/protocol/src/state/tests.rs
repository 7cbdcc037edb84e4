//! No key of a record changes without notice.

use super::*;
use crate::ids::Prefix;
use crate::ticket::{Priority, QueuePlace, Status, Turn};
use crate::tx::TxHash;
use crate::tx_index::Term;

#[test]
fn a_piece_of_a_file_stands_under_its_hash_and_its_message() {
    let key = side::blob(&[b'a'; 32], TicketId::new(258).unwrap(), GrantTarget::Response(0));
    let expected = format!("blob/{}\\0\\0\\0\\0\\0\\0\\x01\\x02\\0\\0\\0\\x01", "a".repeat(32));
    assert_eq!(key.escape_ascii().to_string().replace("\\x00", "\\0"), expected);
}

#[test]
fn the_key_of_an_import_does_not_change_without_notice() {
    let key = tree::import(&ImportSource::parse("old-desk", "A/7").unwrap());
    assert_eq!(key, b"support/imports/old-desk/A/7");
}

#[test]
fn no_key_changes_without_notice() {
    let text = "virtengine19rl4cm2hmr8afy4kldpxz3fka4jguq0a6mvv5p";
    let address = Address::parse(&Prefix::parse("virtengine").unwrap(), text).unwrap();
    let id = TicketId::new(258).unwrap();
    let keys: Vec<(Vec<u8>, String)> = vec![
        (tree::ticket(id), "support/tickets/\\0\\0\\0\\0\\0\\0\\x01\\x02".into()),
        (tree::response(id, 1), "support/responses/\\0\\0\\0\\0\\0\\0\\x01\\x02\\0\\0\\0\\x01".into()),
        (tree::customer(&address), format!("support/customers/{text}")),
        (tree::RATINGS.to_vec(), "support/ratings".into()),
        (tree::ratings_of(&address), format!("support/ratings/{text}")),
        (
            tree::auto_close(3, id),
            "support/due/\\0\\0\\0\\0\\0\\0\\0\\x03\\0\\0\\0\\0\\0\\0\\x01\\x02".into(),
        ),
        (tree::account(&address), format!("auth/accounts/{text}")),
        (tree::member(&address), format!("roles/members/{text}")),
        (tree::keys(&address), format!("encryption/keys/{text}")),
        (tree::CHAIN.to_vec(), "ledger/chain".into()),
        (tree::VALIDATORS.to_vec(), "ledger/validators".into()),
        (tree::validators_since(258), "ledger/validators/\\0\\0\\0\\0\\0\\0\\x01\\x02".into()),
        (tree::VALIDATOR_PROPOSALS.to_vec(), "ledger/validator_proposals".into()),
        (tree::PARAMS.to_vec(), "support/params".into()),
        (tree::TICKET_COUNT.to_vec(), "support/ticket_count".into()),
        (tree::ADMINISTRATORS.to_vec(), "roles/administrators".into()),
        (side::envelope(id, GrantTarget::Ticket), "envelope/\\0\\0\\0\\0\\0\\0\\x01\\x02\\0\\0\\0\\0".into()),
        (
            side::grants(id, GrantTarget::Response(0)),
            "grants/\\0\\0\\0\\0\\0\\0\\x01\\x02\\0\\0\\0\\x01".into(),
        ),
        (side::content(id, GrantTarget::Ticket), "content/\\0\\0\\0\\0\\0\\0\\x01\\x02\\0\\0\\0\\0".into()),
        (side::auto_close_time(id), "due_time/\\0\\0\\0\\0\\0\\0\\x01\\x02".into()),
        (side::LAST_CHANGE.to_vec(), "ledger/last_change".into()),
        (side::GENESIS.to_vec(), "ledger/genesis".into()),
        (side::HISTORY_START.to_vec(), "ledger/history_start".into()),
        (side::PENDING_PARAMS.to_vec(), "support/pending_params".into()),
        (side::VALIDATORS_BEFORE.to_vec(), "ledger/validators_before".into()),
        (side::tx(TxHash([b'a'; 32])), format!("tx/{}", "a".repeat(32))),
        (side::event(1, 2), "event/\\0\\0\\0\\0\\0\\0\\0\\x01\\0\\0\\0\\x02".into()),
        (
            side::ticket_event(id, 1, 2),
            "ticket_event/\\0\\0\\0\\0\\0\\0\\x01\\x02\\0\\0\\0\\0\\0\\0\\0\\x01\\0\\0\\0\\x02".into(),
        ),
        (
            side::TicketList::Customer(&address, None).key(id),
            format!("tickets/customer/{text}/all/\\0\\0\\0\\0\\0\\0\\x01\\x02"),
        ),
        (
            side::TicketList::Agent(&address, Some(Status::InProgress)).key(id),
            format!("tickets/agent/{text}/in_progress/\\0\\0\\0\\0\\0\\0\\x01\\x02"),
        ),
        (side::TicketList::Provider(&address, None).prefix(), format!("tickets/provider/{text}/all/")),
        (side::TicketList::Status(Status::Open).prefix(), "tickets/status/open/".into()),
        (side::TicketList::Open(Priority::High).prefix(), "tickets/open/high/".into()),
        (side::ticket_count(Status::InProgress), "ticket_count/in_progress".into()),
        (side::fingerprint("ab", &address, 1), format!("key/ab/{text}/\\0\\0\\0\\x01")),
        (side::keys_in_use(&address), format!("keys_in_use/{text}")),
        (side::key_ids(&address), format!("key_ids/{text}")),
        (side::role_member("administrator", &address), format!("role/administrator/{text}")),
    ];
    for (key, expected) in keys {
        assert_eq!(key.escape_ascii().to_string().replace("\\x00", "\\0"), expected);
    }
}

#[test]
fn no_key_of_a_queue_changes_without_notice() {
    let text = "virtengine19rl4cm2hmr8afy4kldpxz3fka4jguq0a6mvv5p";
    let address = Address::parse(&Prefix::parse("virtengine").unwrap(), text).unwrap();
    let id = TicketId::new(258).unwrap();
    let shown = |queue: side::Queue<'_>, turn, priority, since| {
        let key = queue.key(QueuePlace { turn, priority, since }, id);
        assert_eq!(key.len(), queue.prefix().len() + side::QUEUE_REST_BYTES);
        key.escape_ascii().to_string().replace("\\x00", "\\0")
    };
    let number = "\\0\\0\\0\\0\\0\\0\\x01\\x02";
    let agent = shown(side::Queue::Agent(&address), Turn::Desk, Priority::Normal, 3);
    let place = format!("\\x01\\x02\\0\\0\\0\\0\\0\\0\\0\\x03{number}");
    assert_eq!(agent, format!("tickets/queue/agent/{text}/{place}"));
    let aside = shown(side::Queue::Unassigned, Turn::Aside, Priority::Low, 258);
    assert_eq!(aside, format!("tickets/queue/unassigned/\\x03\\0{number}{number}"));
    let customer = shown(side::Queue::Customer(&address), Turn::Customer, Priority::Low, 258);
    assert_eq!(customer, format!("tickets/queue/customer/{text}/\\x02\\x03{number}{number}"));
    let assigned = shown(side::Queue::Assigned, Turn::Desk, Priority::Urgent, 258);
    assert_eq!(assigned, format!("tickets/queue/assigned/\\x01\\0{number}{number}"));
    assert_eq!(side::QUEUES_BEGUN, b"queues_begun");
}

#[test]
fn the_key_of_an_appointed_agent_says_who_appointed_them_and_when() {
    let text = "virtengine19rl4cm2hmr8afy4kldpxz3fka4jguq0a6mvv5p";
    let address = Address::parse(&Prefix::parse("virtengine").unwrap(), text).unwrap();
    let key = side::appointed_agent(&address, "a", 258).escape_ascii().to_string();
    assert_eq!(key, format!("appointed/{text}/a/{}\\x01\\x02", "\\x00".repeat(6)));
    for position in [0, 258, u64::from_be_bytes(*b"/a/b/c/d"), u64::MAX] {
        let key = side::appointed_agent(&address, "someone", position);
        assert_eq!(side::appointment(&key), Some((address.as_str(), "someone", position)));
    }
    for key in [&b"appointed/"[..], b"appointed/a/12345678", b"role/a/b/12345678"] {
        assert_eq!(side::appointment(key), None);
    }
}

#[test]
fn no_key_of_an_erased_text_changes_without_notice() {
    let id = TicketId::new(258).unwrap();
    let number = "\\x00".repeat(6) + "\\x01\\x02";
    let (erased, erasure) = (side::erased(id, GrantTarget::Response(0)), side::erasure(id));
    let target = "\\x00".repeat(3) + "\\x01";
    assert_eq!(erased.escape_ascii().to_string(), format!("erased/{number}{target}"));
    assert_eq!(side::erased_place(&erased), Some((id, GrantTarget::Response(0))));
    assert_eq!(side::erased_place(&erased[..18]), None);
    assert_eq!(erasure.escape_ascii().to_string(), format!("erasure/{number}"));
}

#[test]
fn no_key_of_the_index_of_transactions_changes_without_notice() {
    let place = "\\x00".repeat(7) + "\\x01" + &"\\x00".repeat(3) + "\\x02";
    let (at, term) = (side::tx_at(1, 2), side::tx_term(Term([b'a'; 16]), 1, 2));
    assert_eq!(at.escape_ascii().to_string(), format!("tx_at/{place}"));
    assert_eq!(term.escape_ascii().to_string(), format!("tx_term/{}{place}", "a".repeat(16)));
}

#[test]
fn no_key_of_a_document_changes_without_notice() {
    let text = "virtengine19rl4cm2hmr8afy4kldpxz3fka4jguq0a6mvv5p";
    let address = Address::parse(&Prefix::parse("virtengine").unwrap(), text).unwrap();
    let named = |text: &str| crate::document::DocumentName::parse(text).unwrap();
    let own = DocumentPlace { shelf: Shelf::Own(address.clone()), name: named("read-marks") };
    let staff = DocumentPlace { shelf: Shelf::Staff, name: named("replies") };
    let keys: Vec<(Vec<u8>, String)> = vec![
        (tree::document(&own), format!("support/documents/own/{text}/read-marks")),
        (tree::document(&staff), "support/documents/staff/replies".into()),
        (tree::documents_on(&staff.shelf), "support/documents/staff/".into()),
        (tree::shelf(&own.shelf), format!("support/shelves/own/{text}")),
        (tree::shelf(&Shelf::Public), "support/shelves/public".into()),
        (tree::document_writer(&address), format!("support/document_writers/{text}")),
        (tree::published(&named("sla")), "support/published/sla".into()),
        (
            tree::published_body(&named("sla"), 258),
            "support/published/sla/\\x00\\x00\\x00\\x00\\x00\\x00\\x01\\x02".into(),
        ),
        (side::document(&own), format!("document/own/{text}/read-marks")),
    ];
    for (key, expected) in keys {
        assert_eq!(key.escape_ascii().to_string(), expected);
    }
}
