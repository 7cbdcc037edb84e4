//! `sealdesk tx support grant-access`.

use sealdesk_protocol::ids::TicketId;
use serde_json::json;

use crate::parse;

use crate::commands::stacks;
use crate::commands::tx::{Memo, acting, done};
use crate::context::Context;
use crate::failure::Failure;

/// Options of `grant-access`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Which ticket
    #[arg(value_name = "TKT", value_parser = parse::ticket)]
    ticket: TicketId,
    /// An administrator, the assignee, the customer or the ticket's provider
    #[arg(value_name = "ADDR|NAME")]
    person: String,
    #[command(flatten)]
    memo: Memo,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    if context.is_on_stacks() {
        args.memo.refuse_on_stacks()?;
        return stacks::grant_access(context, args.ticket, &args.person).await;
    }
    let (desk, me) = acting(context, &args.memo).await?;
    let person = context.address(&args.person)?;
    let granted = desk.grant_access(&me, args.ticket, &person).await?;
    let Some(outcome) = granted.outcomes.last() else {
        let value = json!({ "code": 0, "granted": 0 });
        return context
            .output()
            .answer(&value, || format!("{} can read {} already", args.person, args.ticket));
    };
    done(context, outcome, || match granted.unopened.len() {
        0 => format!("{} can read {} now", args.person, args.ticket),
        n => {
            format!("{} can read {} now, but for {n} messages that you cannot open", args.person, args.ticket)
        }
    })
}
