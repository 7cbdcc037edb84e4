//! `sealdesk tx support assign-ticket`.

use sealdesk_protocol::ids::TicketId;

use super::granted::{self, Marked, but_for};
use crate::args::Ledger;
use crate::commands::tx::{Memo, acting, all_done};
use crate::context::Context;
use crate::contract_call::Acting;
use crate::failure::Failure;
use crate::parse::{self, Person};
use crate::table::count;

/// Options of `assign-ticket`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Which ticket
    #[arg(value_name = "TKT", value_parser = parse::ticket)]
    ticket: TicketId,
    /// The agent or administrator who gets it
    #[arg(value_name = "ADDR|NAME")]
    person: Person,
    #[command(flatten)]
    marked: Marked,
    #[command(flatten)]
    memo: Memo,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    match context.ledger() {
        Ledger::Native => {
            let (desk, me) = acting(context, &args.memo).await?;
            let desk = args.marked.ask(context, desk);
            let agent = context.address(&args.person)?;
            let mut progress = granted::progress(context, args.ticket);
            let assigned = desk.assign_telling(&me, args.ticket, &agent, &mut progress).await?;
            context.say_left_out(&assigned.doubtful);
            let (unopened, left_out) = (assigned.unopened.len(), assigned.doubtful.len());
            let text = || said(&args, assigned.agent_has_no_key, unopened, left_out);
            // The rest of the grants came after the assignment, whose transaction is the one that is named.
            let outcomes: Vec<_> = assigned.later.into_iter().chain([assigned.outcome]).collect();
            all_done(context, &outcomes, text)
        }
        Ledger::Stacks => {
            args.memo.refuse_on_stacks()?;
            let agent = context.principal(&args.person)?;
            let mut acting = Acting::new(context)?;
            let granted =
                acting.call(async |desk, sender| desk.assign(sender, args.ticket, &agent).await).await?;
            granted::on_stacks(context, &granted, || {
                said(&args, granted.has_no_key, granted.unopened.len(), 0)
            })
        }
    }
}

fn said(args: &Args, agent_has_no_key: bool, unopened: usize, left_out: usize) -> String {
    let Args { ticket, person, .. } = args;
    match (agent_has_no_key, unopened) {
        (true, _) => format!(
            "{ticket} is assigned to {person}, who has published no key yet and cannot read it.\n\
             Once they have (`sealdesk keys register`), let them in: `sealdesk tx support grant-access {ticket} {person}`"
        ),
        (false, 0) if left_out > 0 => {
            format!("{ticket} is assigned to {person}, who can read the rest of it now{}", but_for(left_out))
        }
        (false, 0) => format!("{ticket} is assigned to {person}, who can read all of it now"),
        (false, n) => {
            format!("{ticket} is assigned to {person}; neither you nor they can open {}", count(n, "message"))
        }
    }
}
