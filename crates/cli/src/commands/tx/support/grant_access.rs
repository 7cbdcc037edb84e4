//! `sealdesk tx support grant-access`.

use sealdesk_protocol::ids::TicketId;

use super::granted::{self, Marked, but_for};
use crate::args::Ledger;
use crate::commands::tx::{Memo, acting, all_done};
use crate::context::Context;
use crate::contract_call::Acting;
use crate::failure::Failure;
use crate::parse::{self, Person};
use crate::table::count;

/// Options of `grant-access`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Which ticket
    #[arg(value_name = "TKT", value_parser = parse::ticket)]
    ticket: TicketId,
    /// An administrator, the assignee, the customer or the ticket's provider
    #[arg(value_name = "ADDR|NAME")]
    person: Person,
    #[command(flatten)]
    marked: Marked,
    #[command(flatten)]
    memo: Memo,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let Args { ticket, person, .. } = &args;
    let said = |nothing_to_do: bool, unopened: usize| match (nothing_to_do, unopened) {
        (true, 0) => format!("{person} can read {ticket} already"),
        (_, 0) => format!("{person} can read {ticket} now"),
        (_, n) => {
            format!("{person} can read {ticket} now, but for {} that you cannot open", count(n, "message"))
        }
    };
    match context.ledger() {
        Ledger::Native => {
            let (desk, me) = acting(context, &args.memo).await?;
            let desk = args.marked.ask(context, desk);
            let reader = context.address(person)?;
            let mut progress = granted::progress(context, *ticket);
            let granted = desk.grant_access_telling(&me, *ticket, &reader, &mut progress).await?;
            context.say_left_out(&granted.doubtful);
            let (unopened, left_out) = (granted.unopened.len(), granted.doubtful.len());
            match granted.outcomes.is_empty() {
                true if left_out > 0 => granted::nothing(context, || {
                    format!("nothing of {ticket} was granted{}", but_for(left_out))
                }),
                true => granted::nothing(context, || said(true, unopened)),
                false => all_done(context, &granted.outcomes, || said(false, unopened) + &but_for(left_out)),
            }
        }
        Ledger::Stacks => {
            args.memo.refuse_on_stacks()?;
            let reader = context.principal(person)?;
            let mut acting = Acting::new(context)?;
            let granted =
                acting.call(async |desk, sender| desk.grant_access(sender, *ticket, &reader).await).await?;
            let text = || said(granted.outcomes.is_empty(), granted.unopened.len());
            granted::on_stacks(context, &granted, text)
        }
    }
}
