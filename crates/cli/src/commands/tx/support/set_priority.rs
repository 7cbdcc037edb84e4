//! `sealdesk tx support set-priority`.

use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::ticket::Priority;

use crate::parse;

use crate::commands::stacks;
use crate::commands::tx::{Memo, acting, done};
use crate::context::Context;
use crate::failure::Failure;

/// Options of `set-priority`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Which ticket
    #[arg(value_name = "TKT", value_parser = parse::ticket)]
    ticket: TicketId,
    /// low, normal, high or urgent
    #[arg(value_name = "PRIORITY", value_parser = parse::priority)]
    priority: Priority,
    /// Why. PUBLIC: everyone can read it, for ever; at most 128 bytes
    #[arg(long, value_name = "TEXT", default_value = "")]
    reason: String,
    #[command(flatten)]
    memo: Memo,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    if context.is_on_stacks() {
        args.memo.refuse_on_stacks()?;
        parse::no_public_text(Some(args.reason.as_str()).filter(|reason| !reason.is_empty()), "--reason")?;
        return stacks::set_priority(context, args.ticket, args.priority).await;
    }
    let (desk, me) = acting(context, &args.memo).await?;
    let outcome = desk.set_priority(&me, args.ticket, args.priority, &args.reason).await?;
    done(context, &outcome, || format!("{} has priority {} now", args.ticket, args.priority))
}
