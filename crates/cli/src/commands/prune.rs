//! `sealdesk prune`: drops old blocks of a stopped desk.

use sealdesk_node::Pruned;
use sealdesk_node::home::{Home, KEEP_BLOCKS_MIN};
use serde_json::json;

use crate::context::Context;
use crate::failure::Failure;
use crate::keep_blocks;
use crate::table::count;

/// Options of `prune`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "The desk must not be running; one that is started with --keep-blocks does this by itself as it runs. Tickets, \
    people, keys and what everyone can read stay, and receipts verify as before. What goes is the history of the old blocks: their \
    transactions, and what `watch` and the events under `read` tell of them. Their signed headers stay, and what is left is read through \
    afterwards."
)]
pub(crate) struct Args {
    /// How many of the newest blocks stay whole, at least 1000 [default: what keep_blocks in config.toml says]
    #[arg(long, value_name = "NUMBER", value_parser = keep_blocks::parse, env = "SEALDESK_KEEP_BLOCKS", hide_env_values = true)]
    keep_blocks: Option<u32>,
}

pub(super) fn run(context: &Context, args: &Args) -> Result<(), Failure> {
    let home = Home::new(context.home());
    let keep = args.keep_blocks.or(home.config()?.keep_blocks).filter(|keep| *keep > 0);
    let keep = keep.ok_or_else(|| {
        let hint = format!("name a number, as in `sealdesk prune --keep-blocks {KEEP_BLOCKS_MIN}`");
        Failure::usage("nothing says how many blocks stay", hint)
    })?;
    let pruned = sealdesk_node::prune(&home, keep.into())?;
    let Pruned { height, dropped, history_from, bytes_before, bytes_after, inspected } = pruned;
    let value = json!({
        "height": height,
        "dropped_blocks": dropped,
        "history_from": history_from,
        "bytes_before": bytes_before,
        "bytes_after": bytes_after,
        "headers": inspected.headers,
        "blocks": inspected.blocks,
        "transactions": inspected.transactions,
        "records": inspected.records,
    });
    context.output().answer(&value, || as_text(&pruned))
}

fn as_text(pruned: &Pruned) -> String {
    let Pruned { height, dropped, history_from, bytes_before, bytes_after, inspected } = pruned;
    let went = match dropped {
        0 => "Nothing was dropped".to_owned(),
        dropped => format!("{} dropped", count(*dropped, "block")),
    };
    let whole = inspected.blocks.saturating_sub(inspected.headers);
    let parts = [(inspected.headers, "header"), (whole, "block"), (inspected.records, "record")];
    let [headers, blocks, records] = parts.map(|(number, thing)| count(number, thing));
    format!(
        "{went}: the history begins with block {history_from} of {height}.\nThe data takes {} of the disk; before it was {}.\n\
         Read through afterwards: {headers} of dropped blocks, {blocks} and {records} are complete and consistent.",
        in_kilobytes(*bytes_after),
        in_kilobytes(*bytes_before)
    )
}

fn in_kilobytes(bytes: u64) -> String {
    format!("{} kB", bytes.div_ceil(1_000))
}
