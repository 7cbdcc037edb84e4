//! `sealdesk verify FILE`: judges a receipt without a node.

use std::path::PathBuf;

use sealdesk_client::receipt::{TicketReceipt, TicketReceiptError};
use sealdesk_protocol::block::Hash;
use sealdesk_protocol::genesis::{Genesis, validators_of};
use sealdesk_protocol::identity::Identity;
use sealdesk_protocol::ids::ChainId;
use sealdesk_protocol::json;
use sealdesk_protocol::receipt::{RECEIPT_BYTES_MAX, ReceiptError, Trust};
use sealdesk_protocol::text;
use sealdesk_protocol::wire::virtengine::support::v1::ResponseHead;
use serde_json::{Value, json};

use crate::context::Context;
use crate::failure::{Failure, at};

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
    /// Genesis file of the ledger that you trust
    #[arg(long, value_name = "FILE", conflicts_with = "trust")]
    genesis: Option<PathBuf>,
    /// Hash of the validators that you trust, 64 hex digits
    #[arg(long, value_name = "VALIDATORS_HASH", value_parser = hash)]
    trust: Option<[u8; 32]>,
}

fn hash(text: &str) -> Result<[u8; 32], String> {
    let mut hash = [0; 32];
    hex::decode_to_slice(text, &mut hash).map_err(|_| "a validators' hash has 64 hex digits".to_owned())?;
    Ok(hash)
}

pub(super) fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let bytes = read(&args.file)?;
    let Whom { trust, identity } = whom(&args)?;
    let receipt = TicketReceipt::verify(&bytes, &trust).map_err(|error| {
        let hint = match error {
            TicketReceiptError::Receipt(ReceiptError::OtherValidators { .. }) => {
                "if the ledger's validators changed, a new receipt leads from the genesis's on; or --trust the hash of a set on its way"
            }
            _ => "this file proves nothing; ask whoever gave it to you for the original",
        };
        Failure::hinted(error.to_string(), hint)
    })?;
    if let (Some(wanted), Some(found)) = (identity, receipt.identity.filter(|found| Some(*found) != identity))
    {
        let name = receipt.verified.chain_id();
        return Err(Failure::hinted(
            format!(
                "the receipt is of another {name}: its identity is {found}, and that genesis begins {wanted}"
            ),
            "name the genesis.json of that ledger; an export of it, or what was made of one, is another ledger",
        ));
    }
    context.output().answer(&as_json(&receipt), || as_text(&receipt))?;
    if receipt.verified.is_pinned() {
        return Ok(());
    }
    context.output().note("not pinned: nothing says that these validators are the ones you mean");
    context.output().note("hint: add --genesis FILE, or --trust with a hash that you got in another way");
    Err(Failure::Quiet(2))
}

fn read(file: &std::path::Path) -> Result<Vec<u8>, Failure> {
    let length = std::fs::metadata(file).map_err(|error| at(file, &error))?.len();
    let why = match usize::try_from(length) {
        Ok(0) => "the file is empty",
        Ok(1..=RECEIPT_BYTES_MAX) => return std::fs::read(file).map_err(|error| at(file, &error)),
        _ => "the file is longer than any receipt",
    };
    Err(Failure::hinted(format!("{}: {why}", file.display()), "name a file that `sealdesk receipt` wrote"))
}

/// Whose signature counts, and the ledger that is meant.
struct Whom {
    trust: Trust,
    identity: Option<Identity>,
}

fn whom(args: &Args) -> Result<Whom, Failure> {
    if let Some(path) = &args.genesis {
        let text = std::fs::read(path).map_err(|error| at(path, &error))?;
        return of_genesis(&text).map_err(|why| {
            Failure::usage(
                format!("{}: {why}", path.display()),
                "name the genesis.json of the ledger you trust",
            )
        });
    }
    let pinned = |validators_hash| Trust::Pinned { validators_hash, chain_id: None };
    Ok(Whom { trust: args.trust.map_or(Trust::Unpinned, pinned), identity: None })
}

/// The validators that a genesis names, its chain, and its identity.
fn of_genesis(text: &[u8]) -> Result<Whom, String> {
    let genesis = Genesis::from_json(text).map_err(|error| error.to_string())?;
    let validators = validators_of(&genesis).map_err(|error| error.to_string())?;
    let Hash::Sha256(validators_hash) = validators.hash() else {
        return Err("it does not name any validators".to_owned());
    };
    let identity = genesis.identity().map_err(|error| error.to_string())?;
    let chain_id = ChainId::parse(&genesis.chain_id).map_err(|error| error.to_string())?;
    let trust = Trust::Pinned { validators_hash, chain_id: Some(chain_id) };
    Ok(Whom { trust, identity: Some(identity) })
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
