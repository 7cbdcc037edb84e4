//! What has happened, as pages: of the whole ledger, and of one ticket.

use axum::response::Response;
use sealdesk_protocol::events::Event;
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::json as views;
use serde_json::{Value, json};

use super::arguments::Arguments;
use super::problem::Problem;
use super::route::{Asked, Kind, Route};
use super::tickets::TICKET;
use super::{Rest, answer, written};
use crate::feed::{Cursor, Filter};

const TAG: &str = "events";
/// What a type is named by.
pub(super) const TYPE: &str =
    "Only events of this name, such as EventTicketCreated; can be named more than once.";
/// What a cursor means.
const CURSOR: &str = "Continues after it: `next_cursor` of the page before, or an event's own `cursor`; the beginning unless it is named.";

/// The routes of past events.
pub(super) fn routes() -> Vec<Route> {
    let schema = json!({
        "type": "object",
        "description": "A page of events; an empty cursor ends what has happened so far.",
        "properties": {
            "events": { "type": "array", "items": { "$ref": "#/components/schemas/Event" } },
            "next_cursor": { "type": "string" },
        },
        "required": ["events", "next_cursor"],
        "additionalProperties": false,
    });
    let all =
        Route::get("/api/v1/history", TAG, "listEvents", "What has happened on the ledger, oldest first");
    let of_ticket = Route::get(
        "/api/v1/tickets/{ticket_id}/events",
        TAG,
        "listTicketEvents",
        "What has happened to a ticket, oldest first",
    );
    [all, of_ticket.of("ticket_id", Kind::Text, TICKET)]
        .map(|route| {
            route
                .may_repeat("type", Kind::Text, TYPE)
                .may("cursor", Kind::Cursor, CURSOR)
                .answers(schema.clone())
                .by(|rest, asked| Box::pin(page(rest, asked)))
        })
        .into()
}

async fn page(rest: Rest, asked: Asked) -> Result<Response, Problem> {
    let filter = Filter { types: types(&asked.arguments)?, ticket: ticket(&asked.arguments)? };
    let after = match asked.arguments.named("cursor") {
        None => Cursor::start(),
        Some(text) => cursor(text)?,
    };
    let page = rest.0.api.events_after(asked.source, after, filter).await?;
    let (source, bytes) = (asked.source, page.events.iter().map(prost::Message::encoded_len).sum());
    let write = move || {
        let events = page.events.iter().map(views::ledger_event).collect::<Result<Vec<Value>, _>>();
        let next = if page.more { views::cursor(&page.end.encode()) } else { String::new() };
        let events = events.map_err(|_| Problem::broken())?;
        answer::json(&asked.headers, &json!({ "events": events, "next_cursor": next }))
    };
    written(&rest, source, bytes, write).await
}

/// The place that a cursor names.
pub(super) fn cursor(text: &str) -> Result<Cursor, Problem> {
    let bytes = views::read_cursor(text);
    bytes.and_then(|bytes| Cursor::decode(&bytes)).ok_or_else(|| {
        Problem::invalid("this is not a cursor of the feed: copy one from an earlier event, or leave it out")
    })
}

/// The full names of the event types that a request names.
pub(super) fn types(asked: &Arguments) -> Result<Vec<String>, Problem> {
    let known = Event::type_names();
    let full = |text: &String| {
        let found = known.iter().find(|name| *name == text || name.rsplit('.').next() == Some(text.as_str()));
        found.cloned().ok_or_else(|| {
            let short: Vec<&str> = known.iter().filter_map(|name| name.rsplit('.').next()).collect();
            Problem::invalid(format!("events are {}", short.join(", ")))
        })
    };
    asked.all("type").iter().map(full).collect()
}

/// The ticket that a request names.
pub(super) fn ticket(asked: &Arguments) -> Result<Option<TicketId>, Problem> {
    let named = asked.named("ticket_id").map(TicketId::parse).transpose();
    named.map_err(|error| Problem::invalid(error.to_string()))
}
