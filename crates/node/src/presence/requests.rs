//! `GET /presence`: whether this node has it. `PUT /presence/TICKET`: what somebody does there, on their account's signature; the answer is
//! what the others there signed.

use std::sync::PoisonError;

use axum::Json;
use axum::body::{Bytes, to_bytes};
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, StatusCode, header};
use sealdesk_machine::admission::Standing;
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::presence::{Others, PRESENCE_BODY_BYTES_MAX, PresenceFrame, Said};
use serde::Serialize;
use serde_json::json;
use tokio::time::Instant;

use super::frames::Frame;
use super::{Presence, Shared};
use crate::api::Api;
use crate::blobs::source_of;
use crate::http::{problem, retry};
use crate::signed_request::signed;

type Refused = (StatusCode, String);

/// Whether staff see each other here. Pages ask it first, so that nobody says anything to a node that would not have it.
pub(super) async fn get(State(presence): State<Presence>) -> Response {
    answer(&json!({ "enabled": presence.0.is_enabled }))
}

/// Takes what somebody does at a ticket, and says who else is there.
pub(super) async fn say(
    State(presence): State<Presence>,
    Path(ticket): Path<String>,
    request: Request,
) -> Response {
    let source = source_of(&request);
    if !presence.0.is_enabled {
        return problem::response(StatusCode::NOT_FOUND, "this node does not say who is viewing a ticket");
    }
    if let Err(wait) = presence.0.saying.count(source) {
        let why = "too much is said from this address of who is at a ticket: try again later";
        let why = retry::with_retry(tonic::Code::ResourceExhausted, why.to_owned(), wait.seconds());
        return problem::of_status(&why);
    }
    let Ok(ticket) = TicketId::parse(&ticket) else {
        return problem::response(StatusCode::BAD_REQUEST, "ticket ids look like TKT-00000001");
    };
    let (head, body) = request.into_parts();
    let body = match to_bytes(body, PRESENCE_BODY_BYTES_MAX).await {
        Ok(body) => body,
        Err(error) => match problem::of_unread(error) {
            Some(unread) => return unread,
            None => Bytes::new(),
        },
    };
    let Ok(said) = serde_json::from_slice::<Said>(&body) else {
        let why = "the body is {\"doing\": \"looking\"} or {\"doing\": \"writing\"}";
        return problem::response(StatusCode::BAD_REQUEST, why);
    };
    let shared = presence.clone();
    let work = move |api: &Api| Ok(shared.0.said(api, ticket, said, &head.headers));
    match presence.0.api.work(source, work).await {
        Ok(Ok(others)) => answer(&others),
        Ok(Err((status, why))) => problem::response(status, &why),
        Err(status) => problem::of_status(&status),
    }
}

fn answer(value: &impl Serialize) -> Response {
    ([(header::CACHE_CONTROL, "no-store")], Json(value)).into_response()
}

impl Shared {
    fn said(&self, api: &Api, ticket: TicketId, said: Said, headers: &HeaderMap) -> Result<Others, Refused> {
        let (machine, tip) = (api.ledger().machine(), api.ledger().tip());
        let Said { doing } = said;
        let frame = PresenceFrame { ledger: machine.chain_id(), identity: machine.identity(), ticket, doing };
        let signed = signed(machine, headers, &frame).map_err(|why| (StatusCode::UNAUTHORIZED, why))?;
        let standing = machine.standing(&tip.snapshot, &signed.account);
        let standing = standing.map_err(|error| (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))?;
        if standing != Standing::Staff {
            let why = "only support agents and administrators say that they are at a ticket, and hear of others there";
            return Err((StatusCode::FORBIDDEN, why.to_owned()));
        }
        let authorization = signed.to_header::<PresenceFrame<'_>>();
        let frame = Frame { ticket, account: signed.account, doing, authorization };
        let mut frames = self.frames.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(Others { others: frames.say(frame, Instant::now()) })
    }
}
