//! `sealdesk tx broadcast`.

use std::path::PathBuf;

use sealdesk_protocol::tx::json::to_json;

use crate::commands::tx::{done, of_vote};
use crate::context::Context;
use crate::failure::Failure;
use crate::tx_file;
use crate::tx_text;

/// Options of `tx broadcast`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "The ledger takes a transaction once: sending the same file again changes nothing, and says what came of it the first time.\n\n\
        Example:\n  sealdesk tx broadcast signed.json"
)]
pub(crate) struct Args {
    /// File with the signed transaction; `-` reads standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let tx = tx_file::read(context, &args.file)?;
    let json = to_json(&tx).map_err(|error| Failure::new(error.to_string()))?;
    let desk = context.desk().await?;
    context.agree(&desk)?;
    let outcome = desk.broadcast(&tx).await?;
    done(context, &outcome, || match outcome.ticket_id {
        Some(ticket) => format!("{ticket} is written"),
        None => of_vote(&outcome, &format!("the ledger has done it: {}", tx_text::summary(context, &json))),
    })
}
