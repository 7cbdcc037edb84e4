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
use crate::feed::{Cursor, EVENTS_PER_READ_MAX, Filter};

const TAG: &str = "events";
/// What a type is named by.
pub(super) const TYPE: &str =
    "Only events of this name, such as EventTicketCreated; can be named more than once.";
/// What a cursor means.
const CURSOR: &str = "Continues after it: `next_cursor` or `end_cursor` of the page before, or an event's own `cursor`; the beginning unless it is named.";

/// What a limit means.
const LIMIT: &str =
    "Events to answer with, 100 unless it is named. A page can have fewer, or none, before the last one.";

/// The routes of past events.
pub(super) fn routes() -> Vec<Route> {
    let schema = json!({
        "type": "object",
        "description": "A page of events; an empty `next_cursor` ends what has happened so far.",
        "properties": {
            "events": { "type": "array", "items": { "$ref": "#/components/schemas/Event" } },
            "next_cursor": { "type": "string" },
            "end_cursor": {
                "type": "string",
                "description": "Where the page ends, also the last one: what happens from there on is asked for with it.",
            },
        },
        "required": ["events", "next_cursor", "end_cursor"],
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
                .may("limit", Kind::Number { min: 1, max: EVENTS_PER_READ_MAX.into() }, LIMIT)
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
    let most = match asked.arguments.number("limit") {
        0 => EVENTS_PER_READ_MAX,
        most => most,
    };
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let page = rest.0.api.events_after(asked.source, after, filter, most).await?;
    let (source, bytes) = (asked.source, page.events.iter().map(prost::Message::encoded_len).sum());
    let write = move || {
        let events = page.events.iter().map(views::ledger_event).collect::<Result<Vec<Value>, _>>();
        let end = views::cursor(&page.end.encode());
        let next = if page.more { end.as_str() } else { "" };
        let events = events.map_err(|_| Problem::broken())?;
        let shown = json!({ "events": events, "next_cursor": next, "end_cursor": end });
        // The end moves with every block, and what it moved from still leads on.
        answer::json_of(&asked.headers, &shown, &(&shown["events"], next.is_empty()))
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
    asked.all("type").iter().map(|text| Event::full_name(text).map_err(Problem::invalid)).collect()
}

/// The ticket that a request names.
pub(super) fn ticket(asked: &Arguments) -> Result<Option<TicketId>, Problem> {
    let named = asked.named("ticket_id").map(TicketId::parse).transpose();
    named.map_err(|error| Problem::invalid(error.to_string()))
}
