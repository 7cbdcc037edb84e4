//! `sealdesk query tx HASH`.

use sealdesk_client::node::TxResult;
use sealdesk_protocol::json;
use sealdesk_protocol::tx::TxHash;

use crate::context::Context;
use crate::failure::Failure;
use crate::table;

/// Options of `tx`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "This is the node's word, and not proven. `sealdesk read` and `sealdesk receipt` show what is proven."
)]
pub(crate) struct Args {
    /// Its hash, as every command that writes gives it as `txhash` with --output json
    #[arg(value_name = "HASH", value_parser = parse)]
    hash: TxHash,
}

fn parse(text: &str) -> Result<TxHash, String> {
    let digits = text.trim().trim_start_matches("0x");
    TxHash::parse(digits).ok_or_else(|| "a transaction's hash has 64 hex digits".to_owned())
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let desk = context.desk().await?;
    let Some(result) = desk.node().get_tx(args.hash).await? else {
        return Err(Failure::hinted(
            format!("no block of this node's ledger holds transaction {}", args.hash),
            "it may still wait for its block, have expired, or be in another ledger; ask again in ten minutes",
        ));
    };
    context.say_told("what became of it; `sealdesk read` and `sealdesk receipt` show what the ledger proves");
    context.output().answer(&view(args.hash, &result), || as_text(args.hash, &result))
}

fn view(hash: TxHash, result: &TxResult) -> json::Transaction {
    let TxResult { height, code, codespace, log, data, timestamp, retry_after: _ } = result.clone();
    let shown = json::Transaction {
        code,
        codespace,
        height: i64::try_from(height).unwrap_or(i64::MAX),
        raw_log: log,
        response_index: None,
        ticket_id: None,
        timestamp,
        txhash: hash.to_string(),
    };
    shown.with_made(&data)
}

fn as_text(hash: TxHash, result: &TxResult) -> String {
    let TxResult { height, code, codespace, log, data: _, timestamp, retry_after: _ } = result;
    let became = match code {
        0 => "carried out".to_owned(),
        code => format!("refused: {log} (codespace {codespace}, code {code})"),
    };
    table::fields(&[
        ("transaction", hash.to_string()),
        ("became", became),
        ("in block", height.to_string()),
        ("at", timestamp.clone()),
    ])
}
