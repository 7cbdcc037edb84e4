//! How two tickets stand to each other.

use sealdesk_client::messages::NewLink;
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::ticket::LinkKind;

use crate::acting::{Memo, acting_openly};
use crate::args::Ledger;
use crate::context::Context;
use crate::failure::Failure;
use crate::outcome::done;
use crate::parse;

/// Options of `link`.
#[derive(Debug, clap::Args)]
#[command(after_help = "The records of both tickets show it, to everyone.")]
pub(crate) struct Args {
    /// The first ticket
    #[arg(value_name = "TKT", value_parser = parse::ticket)]
    ticket: TicketId,
    /// Kind of link: related, duplicate_of or follows_up
    #[arg(value_name = "KIND", value_parser = parse::link_kind)]
    kind: LinkKind,
    /// The other ticket
    #[arg(value_name = "OTHER", value_parser = parse::ticket)]
    other: TicketId,
    /// Remove the link
    #[arg(long)]
    remove: bool,
    #[command(flatten)]
    memo: Memo,
}

/// Does it, for whoever acts.
pub(crate) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let Args { ticket, kind, other, remove, memo } = args;
    if context.ledger() == Ledger::Stacks {
        return Err(Failure::usage("a contract cannot link tickets", "name the other ticket in a reply"));
    }
    let (desk, me) = acting_openly(context, &memo).await?;
    let link = NewLink { ticket, kind, other };
    let outcome = match remove {
        true => desk.unlink(me.author(), link).await?,
        false => desk.link(me.author(), link).await?,
    };
    let words = kind.name().replace('_', " ");
    done(context, &outcome, || match remove {
        true => format!("{ticket} is not {words} {other} any more"),
        false => format!("{ticket} is {words} {other}"),
    })
}
