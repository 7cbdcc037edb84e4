//! `sealdesk tx support start-work`.

use sealdesk_protocol::ids::TicketId;

use crate::parse;

use crate::commands::stacks;
use crate::commands::tx::{Memo, acting, done};
use crate::context::Context;
use crate::failure::Failure;

/// Options of `start-work`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Which ticket
    #[arg(value_name = "TKT", value_parser = parse::ticket)]
    ticket: TicketId,
    #[command(flatten)]
    memo: Memo,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    if context.is_on_stacks() {
        args.memo.refuse_on_stacks()?;
        let text = format!("work on {} has begun", args.ticket);
        return stacks::set_status(context, args.ticket, (stacks::Stand::InProgress, &text)).await;
    }
    let (desk, me) = acting(context, &args.memo).await?;
    let outcome = desk.start_work(&me, args.ticket).await?;
    done(context, &outcome, || format!("work on {} has begun", args.ticket))
}
