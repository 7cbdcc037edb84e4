//! The ledger itself: where it stands, who makes its blocks, and what can be proven of it.

use axum::response::Response;
use http::{HeaderValue, header};
use prost::Message as _;
use sealdesk_protocol::json::{self, Shape as _};
use sealdesk_protocol::wire::sealdesk::ledger::v1 as wire;
use serde_json::json;

use super::problem::Problem;
use super::route::{Asked, Kind, Route};
use super::tickets::TICKET;
use super::{Rest, answer, written};

const TAG: &str = "ledger";
/// The media type of a receipt.
const RECEIPT: &str = "application/octet-stream";
const PROOF: &str = "/sealdesk.ledger.v1.Ledger/Proof";

/// The routes of the ledger.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/api/v1/status", TAG, "getStatus", "Where the ledger stands, by this node's word")
            .answers(json::LedgerStatus::shape())
            .by_method(
                "/sealdesk.ledger.v1.Ledger/Status",
                |_| Ok(wire::StatusRequest {}),
                |found: wire::StatusResponse, _| Ok(json::LedgerStatus::from(found)),
            ),
        Route::get("/api/v1/validators", TAG, "listValidators", "Who makes the blocks, and who is proposed to")
            .answers(json::Validators::shape())
            .by_method(
                "/sealdesk.ledger.v1.Query/Validators",
                |_| Ok(wire::QueryValidatorsRequest {}),
                |found: wire::QueryValidatorsResponse, _| Ok(json::Validators::from(found)),
            ),
        receipt("/api/v1/tickets/{ticket_id}/receipt", "getTicketReceipt", "A ticket with its responses, proven: what `sealdesk verify` reads")
            .of("ticket_id", Kind::Text, TICKET),
        receipt("/api/v1/receipt", "getReceipt", "Records of the state, proven, by their keys")
            .may_repeat("state_key", Kind::Text, "A record's key in hexadecimal digits (docs/state.md)."),
    ]
    .into_iter()
    .map(|route| match route.answer.media_type {
        RECEIPT => route
            .may("height", Kind::Number { min: 0, max: i64::MAX.unsigned_abs() }, "A block whose state is proven; the newest unless it is named.")
            .may("trusted_validators", Kind::Text, "The hash of the validators that the asker trusts, in hexadecimal digits: handovers lead from them."),
        _ => route,
    })
    .collect()
}

fn receipt(path: &str, id: &str, summary: &str) -> Route {
    let mut route =
        Route::get(path, TAG, id, summary).calls(&[PROOF]).by(|rest, asked| Box::pin(prove(rest, asked)));
    route.answer.media_type = RECEIPT;
    route.answer.schema = json!({});
    route.answer.about = "A receipt: docs/receipt.md has its bytes.";
    route
}

async fn prove(rest: Rest, asked: Asked) -> Result<Response, Problem> {
    let hex = |name: &str, text: &str| {
        hex::decode(text).map_err(|_| Problem::invalid(format!("'{name}' is written in hexadecimal digits")))
    };
    let keys = asked.arguments.all("state_key").iter().map(|key| hex("state_key", key));
    let ticket_id = asked.arguments.text("ticket_id");
    let height = asked.arguments.named("height").and_then(|height| height.parse().ok()).unwrap_or(0);
    let request = wire::ProofRequest {
        at_least: 0,
        ticket_id: ticket_id.clone(),
        height,
        state_keys: keys.collect::<Result<_, _>>()?,
        trusted_validators: hex("trusted_validators", &asked.arguments.text("trusted_validators"))?,
    };
    let found = rest.call(PROOF, &asked, request.encode_to_vec()).await?;
    let (source, bytes) = (asked.source, found.len());
    let write = move || {
        let found = wire::ProofResponse::decode(found).map_err(|_| Problem::broken())?;
        Ok(answer::tagged(&asked.headers, RECEIPT, found.receipt))
    };
    let mut response = written(&rest, source, bytes, write).await?;
    // A ticket that was proven has a plain id.
    let name = if ticket_id.is_empty() { "records" } else { &ticket_id };
    if let Ok(saved) = HeaderValue::from_str(&format!("attachment; filename=\"{name}.receipt\"")) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, saved);
    }
    Ok(response)
}
