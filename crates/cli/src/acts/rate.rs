//! A customer says how well their ticket was resolved.

use sealdesk_protocol::ids::TicketId;

use crate::acting::{Memo, acting};
use crate::args::Ledger;
use crate::context::Context;
use crate::failure::Failure;
use crate::outcome::done;
use crate::parse::{self, Comment};

/// Options of `rate`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Once for each resolution, until the ticket cannot be reopened any more. A comment is sealed for the same readers as a reply."
)]
pub(crate) struct Args {
    /// Which ticket
    #[arg(value_name = "TKT", value_parser = parse::ticket)]
    ticket: TicketId,
    /// 1 to 5, 5 is best. PUBLIC: everyone can read it, for ever
    #[arg(value_name = "SCORE", value_parser = clap::value_parser!(u32).range(1..=5))]
    score: u32,
    #[command(flatten)]
    comment: Comment,
    #[command(flatten)]
    memo: Memo,
}

/// Does it, for whoever acts.
pub(crate) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    if context.ledger() == Ledger::Stacks {
        return Err(Failure::usage("a contract does not count ratings", "reply in the ticket instead"));
    }
    let comment = args.comment.read(context)?;
    let (desk, me) = acting(context, &args.memo).await?;
    let outcome = desk.rate(&me, args.ticket, args.score, comment.as_deref()).await?;
    done(context, &outcome, || format!("{} is rated {} of 5", args.ticket, args.score))
}
