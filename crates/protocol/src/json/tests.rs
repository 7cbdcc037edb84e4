use serde_json::{Value, json};

use super::*;

fn shown<T: Serialize>(value: &T) -> Value {
    serde_json::to_value(value).unwrap()
}

#[test]
fn a_record_time_is_rfc_3339_or_null() {
    assert_eq!(time(1_706_620_800).as_deref(), Some("2024-01-30T13:20:00Z"));
    assert_eq!(time(253_402_300_799).as_deref(), Some("9999-12-31T23:59:59Z"));
    assert_eq!(time(0), None);
}

#[test]
fn a_ticket_is_shown_with_the_reference_documents_names() {
    let wire = support::SupportTicket {
        ticket_id: "TKT-00000001".into(),
        status: support::TicketStatus::InProgress as i32,
        priority: support::TicketPriority::High as i32,
        response_count: 2,
        created_at: 1_706_620_800,
        resource_ref: Some(support::ResourceReference { r#type: "lease".into(), ..Default::default() }),
        encrypted_payload: Some(encryption::MultiRecipientEnvelope {
            recipient_mode: encryption::RecipientMode::Specific as i32,
            payload_nonce: vec![0xfb, 0xff],
            ..Default::default()
        }),
        ..Default::default()
    };
    let ticket = shown(&Ticket::from(wire));
    assert_eq!(ticket["status"], "in_progress");
    assert_eq!(ticket["priority"], "high");
    assert_eq!(ticket["created_at"], "2024-01-30T13:20:00Z");
    assert_eq!(ticket["closed_at"], Value::Null);
    assert_eq!(ticket["response_count"], 2);
    assert_eq!(ticket["resource_ref"]["type"], "lease");
    assert_eq!(ticket["encrypted_payload"]["payload_nonce"], "+/8=");
    assert_eq!(ticket["encrypted_payload"]["recipient_mode"], "specific");
}

#[test]
fn an_event_has_plain_numbers_where_cosmos_quotes_them() {
    let created = Event::TicketCreated(support::EventTicketCreated {
        ticket_id: "TKT-00000001".into(),
        customer: "virtengine1x".into(),
        category: "12345".into(),
        priority: "normal".into(),
        block_height: 12_345,
        timestamp: 1_706_620_800,
        ..Default::default()
    });
    let expected = json!({
        "type": "virtengine.support.v1.EventTicketCreated",
        "ticket_id": "TKT-00000001",
        "customer": "virtengine1x",
        "provider": "",
        "category": "12345",
        "priority": "normal",
        "block_height": 12_345,
        "timestamp": 1_706_620_800,
    });
    assert_eq!(event(&created), expected);
}

#[test]
fn every_status_role_and_state_has_its_short_name() {
    for state in Status::ALL {
        assert_eq!(status(state.to_wire()), state.name());
    }
    for assignable in AssignableRole::ALL {
        assert_eq!(role(assignable.to_wire()), assignable.name());
    }
    assert_eq!((status(0), role(0), account_state(0)), ("", "", "active"));
    assert_eq!(account_state(AccountState::Suspended.to_wire()), "suspended");
}
