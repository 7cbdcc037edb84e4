//! `sealdesk receipt TKT -o FILE`.

use std::path::PathBuf;

use sealdesk_client::receipt::TicketReceipt;
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::receipt::Trust;
use serde_json::json;

use crate::context::Context;
use crate::failure::{Failure, at};
use crate::output_file;
use crate::parse;

/// Options of `receipt`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "A receipt holds public data only. `sealdesk verify FILE` says what it proves; it needs no node."
)]
pub(crate) struct Args {
    /// Which ticket
    #[arg(value_name = "TKT", value_parser = parse::ticket)]
    ticket: TicketId,
    /// File to write
    #[arg(short = 'o', long = "out", value_name = "FILE")]
    out: PathBuf,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let desk = context.desk().await?;
    let bytes = desk.receipt(args.ticket).await?;
    // The desk has verified it already, against the pin; here only its height is wanted.
    let receipt =
        TicketReceipt::verify(&bytes, &Trust::Unpinned).map_err(|error| Failure::new(error.to_string()))?;
    output_file::put(&args.out, &bytes).map_err(|error| at(&args.out, &error))?;
    let (height, hash) = (receipt.verified.height(), hex::encode_upper(receipt.verified.validators_hash()));
    let value = json!({
        "ticket_id": args.ticket.to_string(),
        "file": args.out,
        "height": height,
        "validators_hash": hash,
    });
    context.output().answer(&value, || {
        format!("{} proves where {} stood at height {height}", context.shown(&args.out), args.ticket)
    })
}
