//! `sealdesk stacks tx ID`.

use sealdesk_client::stacks::TxStatus;
use sealdesk_client::stacks::wire::contract::answer_of;
use sealdesk_client::stacks::wire::transaction::TxId;
use serde_json::json;

use crate::context::Context;
use crate::failure::Failure;
use crate::table;

/// Options of `tx`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The transaction's id
    #[arg(value_name = "ID", value_parser = id)]
    id: TxId,
}

fn id(text: &str) -> Result<TxId, String> {
    TxId::parse(text).ok_or_else(|| "an id has 64 hexadecimal digits, after 0x or not".to_owned())
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let (status, result, height) = match context.stacks_node()?.tx_status(args.id).await? {
        TxStatus::Unknown => ("unknown".to_owned(), String::new(), 0),
        TxStatus::Waits => ("waits for a block".to_owned(), String::new(), 0),
        TxStatus::Failed(status) => (status, String::new(), 0),
        TxStatus::Mined(mined) => match answer_of(&mined.result) {
            Ok(Err(refusal)) => (format!("refused: {refusal}"), mined.result.to_string(), mined.height),
            _ => ("done".to_owned(), mined.result.to_string(), mined.height),
        },
    };
    let value =
        json!({ "txhash": args.id.to_string(), "status": status, "result": result, "height": height });
    context.output().answer(&value, || {
        table::fields(&[
            ("transaction", format!("0x{}", args.id)),
            ("status", table::safe(&status)),
            ("result", result.clone()),
            ("height", if height == 0 { String::new() } else { height.to_string() }),
        ])
    })
}
