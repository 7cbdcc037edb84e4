//! `sealdesk tx support close-ticket`.

use sealdesk_protocol::ids::TicketId;

use crate::parse;

use crate::commands::stacks;
use crate::commands::tx::{Memo, acting, done};
use crate::context::Context;
use crate::failure::Failure;

/// Options of `close-ticket`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Which ticket
    #[arg(value_name = "TKT", value_parser = parse::ticket)]
    ticket: TicketId,
    /// Why. PUBLIC: everyone can read it, for ever; at most 128 bytes
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    #[command(flatten)]
    memo: Memo,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    if context.is_on_stacks() {
        args.memo.refuse_on_stacks()?;
        parse::no_public_text(args.reason.as_deref(), "--reason")?;
        let text = format!("{} is closed", args.ticket);
        return stacks::set_status(context, args.ticket, (stacks::Stand::Closed, &text)).await;
    }
    let reason = parse::public_text(args.reason, "--reason")?;
    let (desk, me) = acting(context, &args.memo).await?;
    let outcome = desk.close(&me, args.ticket, &reason).await?;
    done(context, &outcome, || format!("{} is closed", args.ticket))
}
