//! `POST /erase/{ticket}`: an administrator has this node destroy the texts and files of a closed ticket. Nothing of it is on the ledger.

use std::time::{SystemTime, UNIX_EPOCH};

use axum::extract::{Path, Request, State};
use axum::response::Response;
use axum::routing::post;
use axum::{Json, Router, response::IntoResponse as _};
use http::{StatusCode, header};
use sealdesk_machine::{EraseError, Erased, Machine};
use sealdesk_protocol::erasure::{ERASURE_SCHEME, ErasureRequest};
use sealdesk_protocol::ids::{Address, TicketId};
use sealdesk_protocol::upload::SignedUpload;
use serde_json::{Value, json};

use crate::api::Api;
use crate::blobs::{Blobs, source_of};
use crate::http::problem;
use crate::ledger::EraseFailed;

#[derive(Clone)]
struct Erasing {
    api: Api,
    blobs: Blobs,
}

/// The route.
pub(crate) fn router(api: Api, blobs: Blobs) -> Router {
    Router::new().route("/erase/{ticket}", post(erase)).with_state(Erasing { api, blobs })
}

type Refused = (StatusCode, String);

async fn erase(State(state): State<Erasing>, Path(ticket): Path<String>, request: Request) -> Response {
    match state.run(&ticket, request).await {
        Ok(done) => Json(done).into_response(),
        Err((status, why)) => problem::response(status, &why),
    }
}

impl Erasing {
    async fn run(&self, ticket: &str, request: Request) -> Result<Value, Refused> {
        let ticket = TicketId::parse(ticket).map_err(|error| (StatusCode::BAD_REQUEST, error.to_string()))?;
        let account = judge(self.api.ledger().machine(), ticket, &request)?;
        let source = source_of(&request);
        let blobs = self.blobs.clone();
        let work = move |api: &Api| Ok(erase_here(api, &blobs, ticket, &account));
        let done = self.api.work(source, work).await;
        let (erased, pieces) =
            done.map_err(|status| (problem::http_status(status.code()), status.message().to_owned()))??;
        tracing::info!("{ticket} is erased here: {} texts, {pieces} pieces of files", erased.texts);
        Ok(json!({
            "ticket_id": ticket.to_string(),
            "texts": erased.texts,
            "pieces": pieces,
            "last_block": erased.last_block,
        }))
    }
}

fn erase_here(
    api: &Api,
    blobs: &Blobs,
    ticket: TicketId,
    account: &Address,
) -> Result<(Erased, usize), Refused> {
    let erased = api.ledger().view().erase(ticket, account, now()).map_err(|error| {
        let status = match &error {
            EraseFailed::Refused(EraseError::NotFound(_)) => StatusCode::NOT_FOUND,
            EraseFailed::Refused(EraseError::NotClosed { .. }) => StatusCode::CONFLICT,
            EraseFailed::Refused(EraseError::NotAdministrator) => StatusCode::FORBIDDEN,
            EraseFailed::Busy => StatusCode::SERVICE_UNAVAILABLE,
            EraseFailed::Refused(EraseError::Fatal(_)) | EraseFailed::Store(_) => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
        };
        (status, error.to_string())
    })?;
    let pieces = blobs.destroy(&erased.blobs).map_err(|error| {
        tracing::error!("a piece of an erased file cannot be removed: {error}");
        let why = "the texts are erased, but a piece of a file cannot be removed: the node's log says why; ask again then";
        (StatusCode::INTERNAL_SERVER_ERROR, why.to_owned())
    })?;
    Ok((erased, pieces))
}

/// Whose signature asks for it.
fn judge(machine: &Machine, ticket: TicketId, request: &Request) -> Result<Address, Refused> {
    let unsigned = |why: &str| (StatusCode::UNAUTHORIZED, why.to_owned());
    let text = |name| request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let signed = SignedUpload::parse_as(ERASURE_SCHEME, machine.prefix(), text(header::AUTHORIZATION));
    let signed = signed.map_err(|error| unsigned(&error.to_string()))?;
    if !signed.is_fresh(now()) {
        return Err(unsigned(
            "the signature is older than an hour, or of a time to come: set the clock right, and sign again",
        ));
    }
    let node = request.uri().authority().map_or_else(|| text(header::HOST), |authority| authority.as_str());
    let asked = ErasureRequest { ledger: machine.chain_id(), identity: machine.identity(), node, ticket };
    asked
        .verify(&signed)
        .map_err(|_| unsigned("the signature is not the account's over this ticket at this node"))?;
    Ok(signed.account)
}

fn now() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    i64::try_from(now).unwrap_or(i64::MAX)
}
