//! What happens, as it happens: server-sent events over the ledger's feed.
//!
//! Each event's id is its cursor, so that a browser that lost its connection names in `Last-Event-ID` where it was, and misses nothing.
//! The stream begins with an id of its own: whoever is cut off before the first event comes back to the same place. Places are those of
//! gRPC's `Follow`, and so is the end of a reader who does not read: the last event, `end`, says why.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use http::HeaderValue;
use sealdesk_protocol::wire::sealdesk::ledger::v1::{FollowRequest, LedgerEvent};
use sealdesk_protocol::{json as views, text};
use serde_json::json;
use tokio_stream::StreamExt as _;
use tonic::Status;

use super::problem::Problem;
use super::route::{Asked, Kind, Route};
use super::tickets::TICKET;
use super::{Rest, history};
use crate::api::latest::{EventText, Told};
use crate::feed::Cursor;

/// Where a reader who comes back says which event they saw last.
const LAST_EVENT_ID: &str = "last-event-id";
/// How often a comment is sent where nothing happens, so that no proxy takes the stream for dead.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// After how long a reader should come back.
const RETRY: Duration = Duration::from_secs(2);
/// The name of the last event of a stream that the node ends.
const END: &str = "end";

/// The route of the live stream.
pub(super) fn route() -> Route {
    let summary = "What happens on the ledger, as it happens: server-sent events";
    let mut route = Route::get("/api/v1/events", "events", "followEvents", summary)
        .may_repeat("type", Kind::Text, history::TYPE)
        .may("ticket_id", Kind::Text, TICKET)
        .may(
            "cursor",
            Kind::Cursor,
            "Continues after this event. The header Last-Event-ID says the same, and wins.",
        )
        .header(
            LAST_EVENT_ID,
            Kind::Cursor,
            "The id of the last event that was seen, as a browser sends it by itself.",
        )
        .may("from_start", Kind::Flag, "true: from the ledger's first event instead of from now.")
        .may("stop_at_end", Kind::Flag, "true: ends after the newest event instead of waiting for the next.")
        .by(|rest, asked| Box::pin(async move { follow(&rest, &asked).await }));
    route.answer.media_type = "text/event-stream";
    route.answer.schema = json!({ "type": "string" });
    route.answer.about = "Each event's `data` is an Event, its `id` the cursor; the last one, `end`, is a Problem that says why the node ends the stream.";
    route
}

async fn follow(rest: &Rest, asked: &Asked) -> Result<Response, Problem> {
    let api = &rest.0.api;
    let last = asked.headers.get(LAST_EVENT_ID).map(HeaderValue::to_str).transpose();
    let last = last.map_err(|_| Problem::invalid("Last-Event-ID is not a cursor of the feed"))?;
    let named = last.filter(|last| !last.is_empty()).or_else(|| asked.arguments.named("cursor"));
    let begin = match named {
        Some(text) => history::cursor(text)?,
        None if asked.arguments.flag("from_start") => Cursor::start(),
        None => api.newest(),
    };
    let request = FollowRequest {
        cursor: begin.encode(),
        types: history::types(&asked.arguments)?,
        ticket_id: history::ticket(&asked.arguments)?.map(|ticket| ticket.to_string()).unwrap_or_default(),
        from_start: false,
        stop_at_end: asked.arguments.flag("stop_at_end"),
    };
    let events = api.start_follower(request, asked.source).await?;
    let opening = Event::default().id(views::cursor(&begin.encode())).retry(RETRY);
    let events = tokio_stream::once(opening).chain(events.map(event)).map(Ok::<_, Infallible>);
    let mut response = Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)).into_response();
    // A proxy that gathers what it passes on would hold events back.
    response.headers_mut().insert("x-accel-buffering", HeaderValue::from_static("no"));
    Ok(response)
}

/// An event as it is sent; or why there are no more.
fn event(told: Result<Arc<Told>, Status>) -> Event {
    let text = told.as_deref().map(|told| told.text(written));
    match text {
        Ok(Some(text)) => Event::default().id(&text.id).data(&text.data),
        Ok(None) => end(Problem::broken()),
        Err(why) => end(Problem::from(why.clone())),
    }
}

/// The text of an event, for everyone who is told of it.
fn written(event: &LedgerEvent) -> Option<EventText> {
    let shown = views::ledger_event(event).ok()?;
    Some(EventText { id: views::cursor(&event.cursor), data: text::escaped_json(&shown.to_string()) })
}

/// The last event.
fn end(why: Problem) -> Event {
    let shown = why.to_json();
    let end = Event::default().event(END).data(text::escaped_json(&shown.to_string()));
    // Whoever asks for what this node does not have any more would ask for it again and again.
    shown["history_cursor"].as_str().map_or(end.clone(), |cursor| end.id(cursor))
}
