//! What is read of the records of a ticket before anything is counted, and from which receipts.

use sealdesk_client::receipt::TicketReceipt;
use sealdesk_client::sla::{History, Message, SlaError};
use sealdesk_protocol::envelope::Kind;
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::receipt::Trust;
use sealdesk_protocol::state::tree;
use sealdesk_protocol::ticket::{LinkKind, Priority, Status};
use sealdesk_protocol::wire::sealdesk::ledger::v1::ProofRequest;
use sealdesk_protocol::wire::virtengine::support::v1::{
    EnvelopeContext, SupportTicket, TicketHead, TicketLink, TicketResponse, TicketStep,
};

use crate::adversary::ticket;
use crate::world::{NOW, Shared, people, read, write};

fn step(at: i64, status: Status) -> TicketStep {
    TicketStep { at, status: status.to_wire(), priority: Priority::Normal.to_wire() }
}

/// A ticket that was written at 100, and became this at 200.
fn record(status: Status) -> SupportTicket {
    SupportTicket {
        created_at: 100,
        status: status.to_wire(),
        category: "technical".to_owned(),
        steps: vec![step(100, Status::Open), step(200, status)],
        ..SupportTicket::default()
    }
}

fn response(at: i64, kind: Kind, internal: bool, is_agent: bool) -> TicketResponse {
    let context = EnvelopeContext { kind: kind.number().into(), ..EnvelopeContext::default() };
    TicketResponse {
        created_at: at,
        internal,
        is_agent,
        payload_context: Some(context),
        ..TicketResponse::default()
    }
}

fn history(ticket: &SupportTicket, responses: &[TicketResponse]) -> Result<History, SlaError> {
    History::of(TicketId::new(1).unwrap(), ticket, responses)
}

#[test]
fn neither_a_note_nor_a_comment_on_a_rating_is_a_response() {
    let responses = [
        response(110, Kind::Note, true, true),
        response(120, Kind::Response, false, true),
        response(130, Kind::Response, false, false),
        response(140, Kind::Rating, false, false),
    ];
    let messages = history(&record(Status::Open), &responses).unwrap().messages;
    let expected = [Message { at: 120, by_staff: true }, Message { at: 130, by_staff: false }];
    assert_eq!(messages, expected);
}

#[test]
fn merged_is_what_was_closed_as_a_duplicate_without_a_resolution() {
    let link = |kind: LinkKind| TicketLink { kind: kind.to_wire(), ticket_id: "TKT-00000002".to_owned() };
    let merged = |status, resolved_at, links: &[LinkKind]| {
        let links = links.iter().map(|kind| link(*kind)).collect();
        history(&SupportTicket { resolved_at, links, ..record(status) }, &[]).unwrap().merged
    };
    assert!(merged(Status::Closed, 0, &[LinkKind::Related, LinkKind::DuplicateOf]));
    assert!(!merged(Status::Closed, 150, &[LinkKind::DuplicateOf]), "it was resolved before");
    assert!(!merged(Status::Open, 0, &[LinkKind::DuplicateOf]));
    assert!(!merged(Status::Closed, 0, &[LinkKind::DuplicatedBy]), "it is the one that stays");
    assert!(!merged(Status::Closed, 0, &[]));
}

#[test]
fn nothing_is_counted_of_a_ticket_whose_beginning_is_not_known() {
    let whole = record(Status::Resolved);
    assert!(history(&whole, &[]).is_ok());
    let dropped = SupportTicket { steps_dropped: 1, ..whole.clone() };
    assert!(matches!(history(&dropped, &[]), Err(SlaError::Forgotten { dropped: 1, .. })));
    let later = SupportTicket { created_at: 99, ..whole.clone() };
    let none = SupportTicket { steps: Vec::new(), ..whole.clone() };
    let turned = SupportTicket { steps: vec![step(100, Status::Open), step(90, Status::Closed)], ..whole };
    for unknown in [later, none, turned] {
        assert!(matches!(history(&unknown, &[]), Err(SlaError::Unknown(_))));
    }
}

#[tokio::test(start_paused = true)]
async fn a_receipt_without_what_the_desk_published_promises_nothing_and_says_so() {
    let shared = Shared::new();
    let desk = shared.desk().await;
    let id = desk.create_ticket(&people().customer, &ticket()).await.unwrap().ticket_id.unwrap();
    shared.lock().change(|state| {
        let mut head: TicketHead = read(state, &tree::ticket(id));
        let ticket = head.ticket.as_mut().unwrap();
        ticket.steps = vec![step(NOW, Status::Open)];
        write(state, &tree::ticket(id), &head);
    });
    let verified = |bytes: &[u8]| TicketReceipt::verify(bytes, &Trust::Unpinned).unwrap();
    let whole = verified(&desk.receipt(id).await.unwrap()).service_levels().unwrap();
    assert!(whole.targets.is_empty() && whole.problems.is_empty(), "nothing was published");
    // As programs asked for one before there were service levels.
    let request = ProofRequest { ticket_id: id.to_string(), ..ProofRequest::default() };
    let older = verified(&shared.node().proof(request).await.unwrap()).service_levels();
    assert_eq!(older, Err(SlaError::NotCarried));
}
