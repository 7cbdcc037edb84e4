//! `sealdesk tx support grant-access`.

use sealdesk_client::messages::Granted;
use sealdesk_protocol::ids::TicketId;

use crate::access_report::{self, AccessReport};
use crate::acts::granted::{self, Marked};
use crate::args::Ledger;
use crate::commands::tx::{Memo, acting};
use crate::context::Context;
use crate::contract_call::Acting;
use crate::failure::Failure;
use crate::parse::{self, Person};

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
    match context.ledger() {
        Ledger::Native => args.memo.one_of_several(context, native(context, &args).await),
        Ledger::Stacks => on_stacks(context, &args).await,
    }
}

async fn native(context: &Context, args: &Args) -> Result<(), Failure> {
    let Args { ticket, person, marked, memo } = args;
    let (desk, me) = acting(context, memo).await?;
    let desk = marked.ask(context, desk);
    let reader = context.address(person)?;
    let mut progress = granted::progress(context, *ticket);
    let report = desk.grant_access_telling(&me, *ticket, &reader, &mut progress).await?;
    // What lacks is counted again from what the ledger proves: it is newer than what was left out when the grants were made.
    let Granted { outcomes, granted, unopened: _, no_room: _, doubtful, access, stopped } = report;
    context.say_left_out(&doubtful);
    let access = access_report::of_one(*ticket, access);
    let stopped = stopped.map(|error| Failure::from(error).to_string());
    let again = format!("sealdesk tx support grant-access {ticket} {person}");
    let of = ticket.to_string();
    let told = AccessReport {
        who: person,
        of: &of,
        access: &access,
        again: &again,
        stopped: stopped.as_deref(),
        refused: &[],
    };
    granted::answer(context, &outcomes, granted, &told, None).tell(context)
}

async fn on_stacks(context: &Context, args: &Args) -> Result<(), Failure> {
    let Args { ticket, person, marked: _, memo } = args;
    memo.refuse_on_stacks()?;
    let reader = context.principal(person)?;
    let mut acting = Acting::new(context)?;
    let granted = acting.call(async |desk, sender| desk.grant_access(sender, *ticket, &reader).await).await?;
    let (lacks, whole) = access_report::by_calls(person, &granted);
    let already = if granted.outcomes.is_empty() { "already" } else { "now" };
    granted::on_stacks(context, &granted, whole, || format!("{person} can read {ticket} {already}{lacks}"))
}
