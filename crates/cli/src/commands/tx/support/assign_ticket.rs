//! `sealdesk tx support assign-ticket`.

use sealdesk_protocol::ids::TicketId;

use crate::parse;

use crate::commands::stacks;
use crate::commands::tx::{Memo, acting, done};
use crate::context::Context;
use crate::failure::Failure;

/// Options of `assign-ticket`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Which ticket
    #[arg(value_name = "TKT", value_parser = parse::ticket)]
    ticket: TicketId,
    /// The agent or administrator who gets it
    #[arg(value_name = "ADDR|NAME")]
    person: String,
    #[command(flatten)]
    memo: Memo,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    if context.is_on_stacks() {
        args.memo.refuse_on_stacks()?;
        return stacks::assign(context, args.ticket, &args.person).await;
    }
    let (desk, me) = acting(context, &args.memo).await?;
    let agent = context.address(&args.person)?;
    let assigned = desk.assign(&me, args.ticket, &agent).await?;
    done(context, &assigned.outcome, || {
        let (ticket, person) = (args.ticket, &args.person);
        match (assigned.agent_has_no_key, assigned.unopened.len()) {
            (true, _) => format!(
                "{ticket} is assigned to {person}, who has published no key yet and cannot read it.\n\
                 Once he has (`sealdesk keys register`), let him in: `sealdesk tx support grant-access {ticket} {person}`"
            ),
            (false, 0) => format!("{ticket} is assigned to {person}, who can read all of it now"),
            (false, n) => format!(
                "{ticket} is assigned to {person}; {n} messages could not be opened by you, nor by him"
            ),
        }
    })
}
