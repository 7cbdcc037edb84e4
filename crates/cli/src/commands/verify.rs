//! `sealdesk verify FILE`: judges a receipt without a node.

use std::path::PathBuf;

use sealdesk_client::receipt::TicketReceipt;
use sealdesk_protocol::json;
use sealdesk_protocol::text;
use sealdesk_protocol::wire::virtengine::support::v1::ResponseHead;
use serde_json::{Value, json};

use crate::context::Context;
use crate::failure::Failure;
use crate::receipt_file::{self, WhomArgs};

/// Options of `verify`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Exits with 0 if the receipt proves its ticket, with 1 if it is of another ledger or was changed, \
    and with 2 if neither --genesis nor --trust says whose signature counts."
)]
pub(crate) struct Args {
    /// The receipt
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    whom: WhomArgs,
}

pub(super) fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let receipt = receipt_file::verified(&args.file, &args.whom)?;
    context.output().answer(&as_json(&receipt), || as_text(&receipt))?;
    receipt_file::say_whether_pinned(context, &receipt)
}

fn as_json(receipt: &TicketReceipt) -> Value {
    let verified = &receipt.verified;
    let responses: Vec<Value> = receipt.responses.iter().map(response_json).collect();
    let signers: Vec<Value> = verified
        .signers()
        .iter()
        .map(|signer| json!({ "public_key": json::bytes(&signer.public_key), "power": signer.power }))
        .collect();
    json!({
        "pinned": verified.is_pinned(),
        "chain_id": verified.chain_id().as_str(),
        "identity": receipt.identity.map(|identity| identity.to_string()),
        "height": verified.height(),
        "time": json::time(verified.time()),
        "app_hash": hex::encode_upper(verified.app_hash()),
        "validators_hash": hex::encode_upper(verified.validators_hash()),
        "handovers": verified.handovers(),
        "signers": signers,
        "ticket": json::Ticket::from(receipt.ticket.clone()),
        "payload_digest": hex::encode(&receipt.payload_digest),
        "responses": responses,
        "proves": receipt.proves(),
        "does_not_prove": receipt.does_not_prove(),
    })
}

fn response_json(head: &ResponseHead) -> Value {
    let response = head.response.clone().unwrap_or_default();
    json!({
        "response_index": response.response_index,
        "responder_address": response.responder_address,
        "is_agent": response.is_agent,
        "internal": response.internal,
        "created_at": json::time(response.created_at),
        "payload_digest": hex::encode(&head.payload_digest),
    })
}

fn as_text(receipt: &TicketReceipt) -> String {
    let verified = &receipt.verified;
    let verdict = if verified.is_pinned() { "Verified." } else { "Consistent in itself, but not pinned." };
    let mut lines = vec![verdict.to_owned(), String::new(), "What it proves:".to_owned()];
    lines.extend(receipt.proves().iter().map(|sentence| format!("  {}", text::line(sentence))));
    for head in &receipt.responses {
        let response = head.response.clone().unwrap_or_default();
        let kind = if response.internal { "note" } else { "response" };
        let (index, by) = (response.response_index, text::line(&response.responder_address));
        lines.push(format!("  {kind} {index} by {by}\n    digest {}", hex::encode(&head.payload_digest)));
    }
    lines.push("\nWho signed:".to_owned());
    lines.extend(verified.signers().iter().map(|signer| {
        format!("  ed25519 key {} with power {}", hex::encode(&signer.public_key), signer.power)
    }));
    lines.push("\nWhat it does not prove:".to_owned());
    lines.extend(receipt.does_not_prove().iter().map(|sentence| format!("  {sentence}")));
    lines.join("\n")
}
