//! `POST /erase/{ticket}`: an administrator has this node destroy the texts and files of a closed ticket. Nothing of it is on the ledger.

use axum::extract::{Path, Request, State};
use axum::response::Response;
use axum::routing::post;
use axum::{Json, Router, response::IntoResponse as _};
use http::uri::Authority;
use http::{StatusCode, header};
use sealdesk_machine::{EraseError, Erased};
use sealdesk_protocol::erasure::ErasureRequest;
use sealdesk_protocol::ids::{Address, TicketId};
use serde_json::{Value, json};

use crate::api::Api;
use crate::blobs::{Blobs, source_of};
use crate::http::names::{Origin, is_address, is_loopback};
use crate::http::problem;
use crate::ledger::EraseFailed;
use crate::signed_request::{now, signer};

#[derive(Clone)]
struct Erasing {
    api: Api,
    blobs: Blobs,
    public: Option<Origin>,
}

/// The route. `public` is what others call this node.
pub(crate) fn router(api: Api, blobs: Blobs, public: Option<Origin>) -> Router {
    Router::new().route("/erase/{ticket}", post(erase)).with_state(Erasing { api, blobs, public })
}

type Refused = (StatusCode, String);

/// Why a node by an address erases nothing for others.
const NO_NAME: &str = "an address may be another node's too, where the signature would be good as well: start the node with \
                       --public-url, and ask it by that name, or ask on its own machine";

async fn erase(State(state): State<Erasing>, Path(ticket): Path<String>, request: Request) -> Response {
    match state.run(&ticket, request).await {
        Ok(done) => Json(done).into_response(),
        Err((status, why)) => problem::response(status, &why),
    }
}

impl Erasing {
    async fn run(&self, ticket: &str, request: Request) -> Result<Value, Refused> {
        let ticket = TicketId::parse(ticket).map_err(|error| (StatusCode::BAD_REQUEST, error.to_string()))?;
        let source = source_of(&request);
        let node = host_of(&request);
        if !source.is_own() && !self.is_name_of_one(&node) {
            return Err((StatusCode::MISDIRECTED_REQUEST, NO_NAME.to_owned()));
        }
        let (blobs, headers) = (self.blobs.clone(), request.headers().clone());
        let work = move |api: &Api| {
            let machine = api.ledger().machine();
            let (ledger, identity) = (machine.chain_id(), machine.identity());
            let account =
                signer(machine, &headers, &ErasureRequest { ledger, identity, node: &node, ticket });
            let account = account.map_err(|why| (StatusCode::UNAUTHORIZED, why));
            Ok(account.and_then(|account| erase_here(api, &blobs, ticket, &account)))
        };
        let done = self.api.store_work(source, work).await;
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

    /// Whether a host names no other node too: addresses do, `127.0.0.1` on every machine and `10.0.0.1` in many networks, so that what was
    /// signed for one node would be good at another.
    fn is_name_of_one(&self, node: &str) -> bool {
        let Ok(authority) = node.parse::<Authority>() else { return false };
        let host = authority.host();
        let is_public = self.public.as_ref().is_some_and(|public| public.host().eq_ignore_ascii_case(host));
        is_public || !is_address(host) && !is_loopback(host)
    }
}

fn erase_here(
    api: &Api,
    blobs: &Blobs,
    ticket: TicketId,
    account: &Address,
) -> Result<(Erased, usize), Refused> {
    let erased =
        api.ledger().view().erase(ticket, account, now(), &|| api.ledger().is_closed()).map_err(|error| {
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

/// The host that is asked.
fn host_of(request: &Request) -> String {
    let header = || request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    request.uri().authority().map(Authority::as_str).or_else(header).unwrap_or_default().to_owned()
}
