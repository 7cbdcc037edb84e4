//! `sealdesk tx support resolve-ticket`.

use sealdesk_protocol::ids::TicketId;

use crate::parse;

use crate::commands::stacks;
use crate::commands::tx::{Memo, acting, done};
use crate::context::Context;
use crate::failure::Failure;

/// Options of `resolve-ticket`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Which ticket
    #[arg(value_name = "TKT", value_parser = parse::ticket)]
    ticket: TicketId,
    /// How it was solved. PUBLIC: everyone can read it, for ever; at most 128 bytes
    #[arg(long, value_name = "TEXT")]
    resolution: Option<String>,
    #[command(flatten)]
    memo: Memo,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    if context.is_on_stacks() {
        args.memo.refuse_on_stacks()?;
        parse::no_public_text(args.resolution.as_deref(), "--resolution")?;
        let text = format!("{} is resolved; an answer of its customer begins it again", args.ticket);
        return stacks::set_status(context, args.ticket, (stacks::Stand::Resolved, &text)).await;
    }
    let resolution = parse::public_text(args.resolution, "--resolution")?;
    let (desk, me) = acting(context, &args.memo).await?;
    let outcome = desk.resolve(&me, args.ticket, &resolution).await?;
    done(context, &outcome, || {
        format!("{} is resolved; an answer of its customer begins it again", args.ticket)
    })
}
