//! `sealdesk verify FILE`: judges a receipt without a node.

use std::path::PathBuf;

use sealdesk_client::disclosure::ProvenMessage;
use sealdesk_client::receipt::{TicketReceipt, came};
use sealdesk_protocol::codes::Moment;
use sealdesk_protocol::json;
use sealdesk_protocol::wire::virtengine::support::v1::ResponseHead;
use serde_json::{Value, json};

use crate::context::Context;
use crate::disclosed;
use crate::failure::Failure;
use crate::receipt_file::{self, WhomArgs};
use crate::table::Lines;

/// Options of `verify`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Exits with 0 if the receipt proves its ticket, with 1 if it is of another ledger or was changed, or the disclosure is not of it, \
    and with 2 if neither --genesis nor --trust says whose signature counts. For example:\n  \
    sealdesk verify ticket.receipt --genesis genesis.json --disclosure answer.json"
)]
pub(crate) struct Args {
    /// The receipt
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// A message that `sealdesk disclose` wrote, to be matched against the receipt
    #[arg(long, value_name = "FILE")]
    disclosure: Option<PathBuf>,
    #[command(flatten)]
    whom: WhomArgs,
}

pub(super) fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let receipt = receipt_file::verified(context, &args.file, &args.whom)?;
    let message = args.disclosure.map(|file| disclosed::matched(context, &receipt, &file)).transpose()?;
    let mut value = as_json(&receipt);
    if let Some(message) = &message {
        value["disclosure"] = disclosed::as_json(message);
    }
    context.output().answer(&value, || as_text(context, &receipt, message.as_ref()))?;
    receipt_file::say_whether_pinned(context, &receipt)
}

fn as_json(receipt: &TicketReceipt) -> Value {
    let verified = &receipt.verified;
    let when = |at: i64| Moment(at).to_string();
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
        "proves": receipt.proves(&when),
        "does_not_prove": receipt.does_not_prove(&when),
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

fn as_text(context: &Context, receipt: &TicketReceipt, message: Option<&ProvenMessage>) -> String {
    let (verified, zone) = (&receipt.verified, context.zone());
    let when = |at: i64| zone.alone(at);
    let verdict = if verified.is_pinned() { "Verified." } else { "Consistent in itself, but not pinned." };
    let mut lines = Lines::new(None);
    lines.line(verdict);
    lines.blank();
    lines.line("What it proves:");
    receipt.proves(&when).iter().for_each(|sentence| lines.item(sentence));
    for head in &receipt.responses {
        let response = head.response.clone().unwrap_or_default();
        let kind = if response.internal { "note" } else { "response" };
        let (index, by) = (response.response_index, &response.responder_address);
        let came = came(response.payload_context.as_ref(), response.created_at, &when);
        lines.item(&format!("{kind} {index} by {by}, {came}"));
        lines.item(&format!("  digest {}", hex::encode(&head.payload_digest)));
    }
    lines.blank();
    lines.line("Who signed:");
    for signer in verified.signers() {
        lines.item(&format!("ed25519 key {} with power {}", hex::encode(&signer.public_key), signer.power));
    }
    lines.blank();
    lines.line("What it does not prove:");
    receipt.does_not_prove(&when).iter().for_each(|sentence| lines.item(sentence));
    if let Some(message) = message {
        disclosed::add_to(&mut lines, message, &when);
    }
    lines.text()
}
