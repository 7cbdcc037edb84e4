//! `sealdesk erase TKT`.

use sealdesk_client::overview::forget_subjects;
use sealdesk_protocol::ids::TicketId;
use serde_json::json;

use crate::args::Ledger;
use crate::context::Context;
use crate::failure::Failure;
use crate::parse;
use crate::prompt;
use crate::table::count;

/// Options of `erase`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "An administrator's act on one node, the one that --node names: the ledger does not change, proofs and receipts verify as \
    before, and `read` at that node says that the text was erased. Other nodes, backups, exports and what readers have saved keep theirs; so do \
    the node's own blocks until they are dropped (`sealdesk prune`; on a replicated ledger retain_blocks) and its snapshots until newer ones \
    replace them.\n\nExample: sealdesk erase 7 --from admin"
)]
pub(crate) struct Args {
    /// Which ticket; it must be closed
    #[arg(value_name = "TKT", value_parser = parse::ticket)]
    ticket: TicketId,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    if context.ledger() == Ledger::Stacks {
        return Err(Failure::usage("nothing on a contract can be erased", "ask a desk on its own ledger"));
    }
    let me = context.actor()?;
    let desk = context.desk().await?;
    let ticket = args.ticket;
    let question = format!(
        "Destroy every text and file of {ticket} on {}? Nothing brings them back there.",
        desk.node().address()
    );
    prompt::confirm(context.output(), context.settings().yes, &question)?;
    let erased = desk.erase(&me, ticket).await?;
    // What is gone there is not to be shown from here either.
    forget_subjects(context.home())?;
    let value = json!({
        "ticket_id": ticket.to_string(),
        "texts": erased.texts,
        "pieces": erased.pieces,
        "last_block": erased.last_block,
    });
    context.output().answer(&value, || {
        let what = match (erased.texts, erased.pieces) {
            (0, 0) => "had been erased on this node before".to_owned(),
            (texts, pieces) => format!(
                "is erased on this node: {} and {} of files are destroyed",
                count(u64::from(texts), "text"),
                count(pieces, "piece")
            ),
        };
        let blocks = match erased.last_block {
            0 => String::new(),
            block => format!(
                "\nThe node's blocks up to {block} hold the texts until they are dropped: `sealdesk prune` of a stopped desk, or --keep-blocks."
            ),
        };
        format!("{ticket} {what}. Its record, its history and its proofs stay.{blocks}\nBackups, exports, snapshots and other nodes keep theirs.")
    })
}
